//! SQL of files.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// A stored file.
#[derive(Clone, sqlx::FromRow)]
pub struct FileRow {
    /// Row id.
    pub id: Uuid,
    /// Owner.
    pub owner_id: Uuid,
    /// Original name, sealed.
    pub name_sealed: Vec<u8>,
    /// SHA-256 of the content; the key in the file store.
    pub sha256: Vec<u8>,
    /// Size in bytes.
    pub size: i64,
    /// Media type found by content.
    pub mime: String,
    /// Time of the upload.
    pub created_at: DateTime<Utc>,
}

/// Inserts a file.
pub async fn insert(tx: &mut Tx, row: &FileRow) -> Result<u64, DbError> {
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
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<FileRow>, DbError> {
    fetch_optional!(tx, FileRow, "select * from file where id = $1", id)
}
