//! SQL of 基本信息库.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// Records of one list that are read, newest first.
pub const MOST: usize = 200;

/// A record a person keeps.
#[derive(sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// The list it belongs to: `education`, `work` …
    pub list: String,
    /// The record, sealed.
    pub record_sealed: Vec<u8>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A person's records of one list.
pub async fn of_owner(tx: &mut Tx, owner: Uuid, list: &str) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "select id, owner_id, list, record_sealed, updated_at from library_record where owner_id = $1 and list = $2 order by updated_at desc limit 200",
        owner,
        list
    )
}

/// Keeps a record, or its newer text. None is touched when the id is that of another person's record, or of another list.
pub async fn put(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
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

/// Removes a record of a person.
pub async fn delete(tx: &mut Tx, owner: Uuid, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from library_record where owner_id = $1 and id = $2", owner, id)
}
