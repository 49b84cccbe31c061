//! SQL of files.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A stored file.
#[derive(Clone, sqlx::FromRow)]
pub struct FileRow {
    /// Row id.
    pub id: Uuid,
    /// Owner.
    pub owner_id: Uuid,
    /// Original name, sealed.
    pub name_sealed: Vec<u8>,
    /// Digest of the content; the name in the file store. Keyed, but for files of earlier releases.
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

/// Total size of the files of an account, in bytes.
pub async fn total_size(tx: &mut Tx, owner: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select cast(coalesce(sum(size), 0) as bigint) from file where owner_id = $1", owner)?;
    Ok(row.map_or(0, |(size,)| size))
}

/// Has the files of an account checked for references at this time, unless a check is due already.
pub async fn plan_sweep(tx: &mut Tx, account: Uuid, due_at: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "insert into file_sweep (account_id, due_at) values ($1, $2) on conflict (account_id) do nothing", account, due_at)
}

/// Accounts whose check is due, longest first.
pub async fn list_due_sweeps(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(tx, (Uuid,), "select account_id from file_sweep where due_at <= $1 order by due_at limit $2", now, limit)?;
    Ok(rows.into_iter().map(|(account,)| account).collect())
}

/// Removes the planned check of an account.
pub async fn end_sweep(tx: &mut Tx, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from file_sweep where account_id = $1", account)
}

/// Ids of the files of an account that were uploaded before a time.
pub async fn list_before(tx: &mut Tx, owner: Uuid, before: DateTime<Utc>) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(tx, (Uuid,), "select id from file where owner_id = $1 and created_at < $2", owner, before)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Deletes the row of a file.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from file where id = $1", id)
}

/// Sealed content of an account that can refer to files: the id for its seal, and the bytes.
pub type SealedContent = (Uuid, Vec<u8>);

/// All stored answers that can refer to files of an account: matter, revision, and the sealed bytes. They are those of the matters that it
/// began, and of those that belong to an institution whose user it is or was.
pub async fn list_answers(tx: &mut Tx, owner: Uuid) -> Result<Vec<(Uuid, i64, Vec<u8>)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, i64, Vec<u8>),
        "select a.matter_id, a.revision, a.answers_sealed from matter_answers a join matter m on m.id = a.matter_id where m.owner_id = $1
         union all select a.matter_id, a.revision, a.answers_sealed from matter_answers a join matter m on m.id = a.matter_id
         where m.owner_id <> $1 and m.owner_institution_id in (select institution_id from membership where account_id = $1 and role = 'user')",
        owner
    )
}

/// All records of an account in 基本信息库.
pub async fn list_library(tx: &mut Tx, owner: Uuid) -> Result<Vec<SealedContent>, DbError> {
    fetch_all!(tx, SealedContent, "select id, record_sealed from library_record where owner_id = $1", owner)
}

/// All vouchers of an account.
pub async fn list_vouchers(tx: &mut Tx, account: Uuid) -> Result<Vec<SealedContent>, DbError> {
    fetch_all!(
        tx,
        SealedContent,
        "select id, voucher_sealed from payment_order where account_id = $1 and voucher_sealed is not null",
        account
    )
}

/// All form drafts of an account.
pub async fn list_form_drafts(tx: &mut Tx, account: Uuid) -> Result<Vec<SealedContent>, DbError> {
    fetch_all!(tx, SealedContent, "select id, values_sealed from form_draft where account_id = $1 and values_sealed is not null", account)
}

/// Whether an account saved answers, a record, a form draft or a voucher since a time.
pub async fn has_saved_since(tx: &mut Tx, account: Uuid, since: DateTime<Utc>) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select cast(1 as bigint) where exists (select 1 from matter where owner_id = $1 and updated_at >= $2)
         or exists (select 1 from matter where updated_at >= $2 and owner_institution_id in (
             select institution_id from membership where account_id = $1 and role = 'user'))
         or exists (select 1 from library_record where owner_id = $1 and updated_at >= $2)
         or exists (select 1 from form_draft where account_id = $1 and saved_at >= $2)
         or exists (select 1 from payment_order where account_id = $1 and created_at >= $2)",
        account,
        since
    )?;
    Ok(row.is_some())
}

/// Those of the digests between two bounds that a file has.
pub async fn list_digests(tx: &mut Tx, from: &[u8], to: &[u8]) -> Result<Vec<Vec<u8>>, DbError> {
    let rows = fetch_all!(tx, (Vec<u8>,), "select distinct sha256 from file where sha256 >= $1 and sha256 <= $2", from, to)?;
    Ok(rows.into_iter().map(|(digest,)| digest).collect())
}

/// Number of all files.
#[cfg(test)]
pub async fn count(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(fetch_optional!(tx, (i64,), "select count(*) from file")?.map_or(0, |(count,)| count))
}
