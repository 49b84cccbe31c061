//! SQL of 基本信息库.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Maximum records of one list, newest first.
pub const LIST_LIMIT: usize = 200;

/// A record of 基本信息库.
#[derive(Clone, sqlx::FromRow)]
pub struct LibraryRow {
    /// Row id.
    pub id: Uuid,
    /// Owner.
    pub owner_id: Uuid,
    /// The list it belongs to: `education`, `work` …
    pub list: String,
    /// The record, sealed.
    pub record_sealed: Vec<u8>,
    /// Time of the last change.
    pub updated_at: DateTime<Utc>,
}

/// A person's records of all lists, up to two thousand.
pub async fn list_all_of_owner(tx: &mut Tx, owner: Uuid) -> Result<Vec<LibraryRow>, DbError> {
    fetch_all!(
        tx,
        LibraryRow,
        "select id, owner_id, list, record_sealed, updated_at from library_record where owner_id = $1 order by list, updated_at desc",
        owner
    )
}

/// A person's records of one list.
pub async fn list_of_owner(tx: &mut Tx, owner: Uuid, list: &str) -> Result<Vec<LibraryRow>, DbError> {
    fetch_all!(
        tx,
        LibraryRow,
        "select id, owner_id, list, record_sealed, updated_at from library_record where owner_id = $1 and list = $2 order by updated_at desc",
        owner,
        list
    )
}

/// A record of an owner.
pub async fn by_id(tx: &mut Tx, owner: Uuid, id: Uuid) -> Result<Option<LibraryRow>, DbError> {
    fetch_optional!(
        tx,
        LibraryRow,
        "select id, owner_id, list, record_sealed, updated_at from library_record where owner_id = $1 and id = $2",
        owner,
        id
    )
}

/// Inserts or updates a record. An id of another account's record or of another list is unchanged.
pub async fn upsert(tx: &mut Tx, row: &LibraryRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into library_record (id, owner_id, list, record_sealed, updated_at) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set record_sealed = excluded.record_sealed, updated_at = excluded.updated_at where library_record.owner_id = excluded.owner_id and library_record.list = excluded.list",
        row.id,
        row.owner_id,
        &row.list,
        &row.record_sealed,
        row.updated_at
    )
}

/// Deletes a record of an owner.
pub async fn delete(tx: &mut Tx, owner: Uuid, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from library_record where owner_id = $1 and id = $2", owner, id)
}
