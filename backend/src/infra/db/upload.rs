//! SQL of uploads in pieces.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An upload.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id; the file's, once it is attached.
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// The matter.
    pub matter_id: Uuid,
    /// The answer it belongs to, as a path.
    pub path: String,
    /// Name of the file, sealed.
    pub name_sealed: Vec<u8>,
    /// Bytes of the file.
    pub size: i64,
    /// Bytes that are there.
    pub received: i64,
    /// Names of the pieces that are there, in order, with spaces between.
    pub pieces: String,
    /// Why it was not taken in the end.
    pub refused: Option<String>,
    /// When it was attached.
    pub done_at: Option<DateTime<Utc>>,
    /// When it was begun, or its last piece came.
    pub touched_at: DateTime<Utc>,
}

/// Begins an upload; says whether its id was new.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<bool, DbError> {
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
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from upload where id = $1", id)
}

/// How many uploads of an account are under way, and their bytes.
pub async fn under_way(tx: &mut Tx, account: Uuid) -> Result<(i64, i64), DbError> {
    let row = fetch_optional!(
        tx,
        (i64, i64),
        "select count(*), cast(coalesce(sum(size), 0) as bigint) from upload
         where account_id = $1 and done_at is null and refused is null",
        account
    )?;
    Ok(row.unwrap_or_default())
}

/// Counts a piece that is on the disk. False if another one was counted since `from`.
pub async fn received(tx: &mut Tx, id: Uuid, from: i64, to: i64, pieces: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
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

/// Ends an upload that was attached. False if it ended before.
pub async fn done(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = execute!(tx, "update upload set done_at = $2, pieces = '' where id = $1 and done_at is null and refused is null", id, now)?;
    Ok(rows == 1)
}

/// Ends an upload that was not taken, and says why.
pub async fn refuse(tx: &mut Tx, id: Uuid, why: &str) -> Result<u64, DbError> {
    execute!(tx, "update upload set refused = $2, pieces = '' where id = $1 and done_at is null and refused is null", id, why)
}

/// Forgets an upload of an account.
pub async fn delete(tx: &mut Tx, id: Uuid, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from upload where id = $1 and account_id = $2", id, account)
}

/// Forgets the uploads nobody went on with.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from upload where touched_at < $1", before)
}

/// The uploads whose pieces are still needed.
pub async fn held(tx: &mut Tx) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(tx, (Uuid,), "select id from upload where done_at is null and refused is null")?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
