//! SQL of files.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// A stored file.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
    /// Name it came with, sealed.
    pub name_sealed: Vec<u8>,
    /// SHA-256 of its bytes; its place in the store.
    pub sha256: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// Media type found by content.
    pub mime: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// Adds a file.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into file (id, owner_id, name_sealed, sha256, size, mime, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        row.id,
        row.owner_id,
        &row.name_sealed,
        &row.sha256,
        row.size,
        &row.mime,
        row.created_at
    )
}

/// One file.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from file where id = $1", id)
}
