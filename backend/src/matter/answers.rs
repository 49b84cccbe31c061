//! The stored answers of a matter: each revision is sealed by itself.

use chrono::{DateTime, Utc};
use domain::engine::form::{Answers, Form};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::upgrade::upgrade_records;

/// The column that sealed answers are bound to.
pub(crate) const ANSWERS: &str = "matter_answers.answers_sealed";

/// The context of one revision of the answers, so that none can be put in the place of another.
fn answers_context(matter: Uuid, revision: i64) -> SealContext {
    SealContext::numbered(ANSWERS, matter, revision)
}

/// Seals answers as one revision of a matter.
pub(crate) fn seal_answers(keys: &Keys, matter: Uuid, revision: i64, answers: &Answers) -> Vec<u8> {
    keys.seal_json(answers_context(matter, revision), answers)
}

/// Unseals one revision of the answers of a matter.
///
/// # Errors
/// [`DbError::Unreadable`] for the answers of another revision or matter.
pub(crate) fn unseal_answers<T: DeserializeOwned>(keys: &Keys, matter: Uuid, revision: i64, sealed: &[u8]) -> Result<T, DbError> {
    let unsealed = keys.unseal_json(answers_context(matter, revision), sealed);
    // Earlier releases bound answers to the matter only.
    let unsealed = unsealed.or_else(|_| keys.unseal_json(SealContext::new(ANSWERS, matter), sealed));
    unsealed.map_err(|_| DbError::Unreadable(ANSWERS.into()))
}

/// The answers of one revision, upgraded to the present version of the form, and when they were saved. Revision 0 is the empty form.
pub(crate) async fn answers_at(
    tx: &mut Tx,
    keys: &Keys,
    form: &Form,
    id: Uuid,
    revision: i64,
) -> Result<(Answers, DateTime<Utc>), DbError> {
    match db::matter::answers_at(tx, id, revision).await? {
        Some((sealed, at)) => {
            let mut answers = unseal_answers(keys, id, revision, &sealed)?;
            (form.upgrade)(&mut answers);
            for (list, records) in &mut answers.records {
                upgrade_records(tx, list, records).await?;
            }
            Ok((answers, at))
        }
        None => Ok((Answers::default(), DateTime::default())),
    }
}
