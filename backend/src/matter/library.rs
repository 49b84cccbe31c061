//! 基本信息库, as the rules of a matter read it.

use domain::engine::form::Record;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::upgrade::upgrade_records;

/// Column with a sealed record.
pub(crate) const RECORD_COLUMN: &str = "library_record.record_sealed";

/// The records of an account in one list.
pub(crate) async fn read_records(tx: &mut Tx, keys: &Keys, owner: Uuid, list: &str) -> Result<Vec<Record>, DbError> {
    let rows = db::library::list_of_owner(tx, owner, list).await?;
    let mut records: Vec<Record> = rows.iter().map(|row| unseal_record(keys, row)).collect::<Result<_, _>>()?;
    upgrade_records(tx, list, &mut records).await?;
    Ok(records)
}

/// A record as it is stored.
pub(crate) fn unseal_record(keys: &Keys, row: &db::library::LibraryRow) -> Result<Record, DbError> {
    let record = keys.unseal_json(SealContext::new(RECORD_COLUMN, row.id), &row.record_sealed);
    record.map_err(|_| DbError::Unreadable(RECORD_COLUMN.into()))
}
