//! SQL that gives the records of one account to another.

use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute};

/// Gives everything that `from` owns to `into`: matters, certificates, scores that `into` does not have, payments, files, records, messages.
///
/// # Errors
/// [`DbError::Unique`] if both hold a valid certificate of the same domain and grade.
pub async fn move_records(tx: &mut Tx, from: Uuid, into: Uuid) -> Result<(), DbError> {
    execute!(tx, "update certificate set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update matter set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(
        tx,
        "update score set account_id = $2 where account_id = $1
         and not exists (select 1 from score other where other.account_id = $2 and other.subject = score.subject and other.session = score.session)",
        from,
        into
    )?;
    execute!(tx, "update charge set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update payment_order set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update transfer set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update identity_change set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update file set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(tx, "update library_record set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(
        tx,
        "update form_draft set account_id = $2 where account_id = $1 and not exists
         (select 1 from form_draft other where other.account_id = $2 and other.form = form_draft.form and other.part = form_draft.part
          and other.subject_id = form_draft.subject_id and other.state = form_draft.state)",
        from,
        into
    )?;
    execute!(tx, "update discarded_draft set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(tx, "update message set account_id = $2 where account_id = $1", from, into)?;
    Ok(())
}
