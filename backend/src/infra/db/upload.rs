//! SQL of resumable uploads.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An upload.
#[derive(Clone, sqlx::FromRow)]
pub struct UploadRow {
    /// Id of the upload, later of the file.
    pub id: Uuid,
    /// Owner.
    pub account_id: Uuid,
    /// The matter.
    pub matter_id: Uuid,
    /// Path of the answer.
    pub path: String,
    /// Name of the file, sealed.
    pub name_sealed: Vec<u8>,
    /// Size of the file in bytes.
    pub size: i64,
    /// Bytes received.
    pub received: i64,
    /// Names of the received chunks, in order, separated by spaces.
    pub pieces: String,
    /// Reason of the refusal.
    pub refused: Option<String>,
    /// Time of the attachment.
    pub done_at: Option<DateTime<Utc>>,
    /// Time of the beginning or of the last chunk.
    pub touched_at: DateTime<Utc>,
}

/// Inserts an upload; returns whether its id was new.
pub async fn insert(tx: &mut Tx, row: &UploadRow) -> Result<bool, DbError> {
    let rows = execute!(
        tx,
        "insert into upload (id, account_id, matter_id, path, name_sealed, size, received, pieces, done_at, touched_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
        row.id,
        row.account_id,
        row.matter_id,
        &row.path,
        &row.name_sealed,
        row.size,
        row.received,
        &row.pieces,
        row.done_at,
        row.touched_at
    )?;
    Ok(rows == 1)
}

/// One upload.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<UploadRow>, DbError> {
    fetch_optional!(tx, UploadRow, "select * from upload where id = $1", id)
}

/// Number and total size of the open uploads of an account.
pub async fn open_totals(tx: &mut Tx, account: Uuid) -> Result<(i64, i64), DbError> {
    let row = fetch_optional!(
        tx,
        (i64, i64),
        "select count(*), cast(coalesce(sum(size), 0) as bigint) from upload
         where account_id = $1 and done_at is null and refused is null",
        account
    )?;
    Ok(row.unwrap_or_default())
}

/// Records a stored chunk; returns false if another one was recorded at `from`.
pub async fn set_received(tx: &mut Tx, id: Uuid, from: i64, to: i64, pieces: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = execute!(
        tx,
        "update upload set received = $3, pieces = $4, touched_at = $5
         where id = $1 and received = $2 and done_at is null and refused is null",
        id,
        from,
        to,
        pieces,
        now
    )?;
    Ok(rows == 1)
}

/// Marks an upload as attached; returns false if it had ended before.
pub async fn set_done(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = execute!(tx, "update upload set done_at = $2, pieces = '' where id = $1 and done_at is null and refused is null", id, now)?;
    Ok(rows == 1)
}

/// Marks an upload as refused, with the reason.
pub async fn set_refused(tx: &mut Tx, id: Uuid, why: &str) -> Result<u64, DbError> {
    execute!(tx, "update upload set refused = $2, pieces = '' where id = $1 and done_at is null and refused is null", id, why)
}

/// Deletes an upload of an account.
pub async fn delete(tx: &mut Tx, id: Uuid, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from upload where id = $1 and account_id = $2", id, account)
}

/// Deletes uploads without progress since `before`.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from upload where touched_at < $1", before)
}

/// Ids of the uploads whose chunks are still needed.
pub async fn list_open(tx: &mut Tx) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(tx, (Uuid,), "select id from upload where done_at is null and refused is null")?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
