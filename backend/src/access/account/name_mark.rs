//! Keyed fingerprints of names, by which people are searched without their names standing in the database.

use domain::base::identity::fold_name;
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db::account::AccountRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::state::AppState;

/// Fewest characters of a name that are searched for: the mark of one would tell the surname by how often it occurs.
pub const SEARCHED_FROM: usize = 2;
/// Most characters of a name that a search distinguishes.
const SEARCHED_TO: usize = 12;
/// Accounts whose names are marked in one transaction.
const BATCH: i64 = 200;

/// The mark of the beginning of a name as it is searched for, in any spelling; `None` without a text. A text that is too short finds only names
/// that are as short.
pub fn searched_mark(keys: &Keys, text: &str) -> Option<Vec<u8>> {
    let folded: Vec<char> = fold_name(text).chars().take(SEARCHED_TO).collect();
    (!text.is_empty()).then(|| mark(keys, &folded))
}

/// The marks of every beginning of a name; of a shorter name, one of the whole.
fn marks(keys: &Keys, name: &str) -> Vec<Vec<u8>> {
    let folded: Vec<char> = fold_name(name).chars().take(SEARCHED_TO).collect();
    if folded.len() < SEARCHED_FROM {
        return vec![mark(keys, &folded)];
    }
    (SEARCHED_FROM..=folded.len()).filter_map(|length| folded.get(..length)).map(|beginning| mark(keys, beginning)).collect()
}

fn mark(keys: &Keys, folded: &[char]) -> Vec<u8> {
    keys.mac(&[b"account.name", folded.iter().collect::<String>().as_bytes()])
}

/// Replaces the marks of the name of an account.
pub(crate) async fn store_name_marks(tx: &mut Tx, keys: &Keys, account: Uuid, name: &str) -> Result<(), DbError> {
    db::search::replace_name_marks(tx, account, &marks(keys, name)).await
}

/// Marks the names of accounts of earlier releases.
///
/// # Errors
/// The database. What is done stays done.
pub async fn mark_all_names(app: &AppState) -> Result<(), DbError> {
    while mark_names(app).await? > 0 {}
    Ok(())
}

/// Marks the names of a batch of accounts; returns how many.
async fn mark_names(app: &AppState) -> Result<usize, DbError> {
    if db::search::list_without_mark(&mut app.db.read().await?, 1).await?.is_empty() {
        return Ok(0);
    }
    let keys = app.keys.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let rows = db::search::list_without_mark(tx, BATCH).await?;
                for row in &rows {
                    let marks = name_of(&keys, row).map_or_else(|| vec![Vec::new()], |name| marks(&keys, &name));
                    db::search::replace_name_marks(tx, row.id, &marks).await?;
                }
                Ok(rows.len())
            })
        })
        .await
}

fn name_of(keys: &Keys, row: &AccountRow) -> Option<String> {
    let person: Person = keys.unseal_json(SealContext::new(Person::COLUMN, row.id), &row.person_sealed).ok()?;
    Some(person.name)
}
