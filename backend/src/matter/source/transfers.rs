//! Transfers of the applicant from one institution to another.

use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};

/// Reads the day of the last transfer.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    contents.record.transferred_on = db::transfer::last_effective_on(tx, request.account).await?;
    Ok(())
}
