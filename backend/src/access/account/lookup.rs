//! Personal data of an account, by its id.

use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::state::AppState;

/// Name of an account's holder; empty if there is no such account.
pub(crate) async fn person_name(app: &AppState, tx: &mut Tx, account: Uuid) -> Result<String, DbError> {
    Ok(find_person(app, tx, account).await?.map_or_else(String::new, |p| p.name))
}

/// Personal data of an account.
pub(crate) async fn find_person(app: &AppState, tx: &mut Tx, account: Uuid) -> Result<Option<Person>, DbError> {
    let Some(row) = db::account::by_id(tx, account).await? else {
        return Ok(None);
    };
    Ok(unseal_person(app, account, &row.person_sealed))
}

/// Unseals the personal data of an account; `None` if it cannot be read.
pub(crate) fn unseal_person(app: &AppState, account: Uuid, sealed: &[u8]) -> Option<Person> {
    app.keys.unseal_json(SealContext::new(Person::COLUMN, account), sealed).ok()
}
