//! Computing the fingerprints of identities anew, after a new key for them was added.
//!
//! It can be cut off and begun again at any time. Servers go on meanwhile: they look for an account under every key, the oldest first, and an
//! account moves only from an older key to the newest one.

use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::fingerprints::person_update;
use crate::infra::db::account::{AccountRow, PersonUpdate};
use crate::infra::db::{self, DbError};
use crate::infra::secret::SealContext;
use crate::state::AppState;

/// Accounts changed in one transaction.
const BATCH: i64 = 200;

/// What was computed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refingerprinted {
    /// Accounts.
    pub accounts: u64,
    /// Accounts whose personal data none of the keys opens. They are left as they are.
    pub unreadable: u64,
}

/// Computes the fingerprints of every account with the newest key.
///
/// # Errors
/// The database. What is done stays done.
pub async fn refingerprint_all(app: &AppState) -> Result<Refingerprinted, DbError> {
    let mut done = Refingerprinted::default();
    loop {
        let pass = refingerprint_once(app).await?;
        done.accounts += pass.changed;
        done.unreadable = pass.unreadable;
        // An account that a server changed between reading and writing is left to the next pass.
        if pass.changed + pass.skipped == 0 {
            return Ok(done);
        }
    }
}

#[derive(Default)]
struct Pass {
    changed: u64,
    skipped: u64,
    unreadable: u64,
}

async fn refingerprint_once(app: &AppState) -> Result<Pass, DbError> {
    let (mut pass, mut after) = (Pass::default(), Uuid::nil());
    loop {
        let rows = {
            let mut tx = app.db.read().await?;
            db::account::list_after(&mut tx, after, BATCH).await?
        };
        let Some(last) = rows.last() else { return Ok(pass) };
        after = last.id;
        let mut outdated = Vec::new();
        for row in rows {
            match update_of(app, &row) {
                Some(update) if is_current(&row, &update) => {}
                Some(update) => outdated.push((row, update)),
                None => pass.unreadable += 1,
            }
        }
        if outdated.is_empty() {
            continue;
        }
        let total = u64::try_from(outdated.len()).unwrap_or(0);
        let changed = app
            .db
            .write::<_, DbError, _>(move |tx| {
                Box::pin(async move {
                    let mut changed = 0;
                    for (row, update) in &outdated {
                        changed += u64::from(db::account::set_person(tx, row, update).await?);
                    }
                    Ok(changed)
                })
            })
            .await?;
        pass.changed += changed;
        pass.skipped += total - changed;
    }
}

fn is_current(row: &AccountRow, update: &PersonUpdate) -> bool {
    (&update.document_fingerprint, &update.mobile_fingerprint, &update.email_fingerprint)
        == (&row.document_fingerprint, &row.mobile_fingerprint, &row.email_fingerprint)
}

/// The row under the newest key; `None` if its personal data cannot be opened.
fn update_of(app: &AppState, row: &AccountRow) -> Option<PersonUpdate> {
    let person: Person = app.keys.unseal_json(SealContext::new(Person::COLUMN, row.id), &row.person_sealed).ok()?;
    Some(person_update(&app.keys, row, &person, row.person_sealed.clone(), row.email_verified_at))
}

#[cfg(test)]
mod tests;
