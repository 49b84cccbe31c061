//! Patches of devices and their replies.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// What is stored of the reply to a patch.
#[derive(sqlx::FromRow)]
pub struct StoredReply {
    /// The revision that the device knows since then; `None` if the whole reply is stored.
    pub revision: Option<i64>,
    /// The questions of the patch, sealed; empty if there were none.
    pub answer_sealed: Vec<u8>,
}

/// The stored reply to a patch; `None` if the patch is unknown.
pub async fn reply_by_key(tx: &mut Tx, matter: Uuid, device: Uuid, seq: i64) -> Result<Option<StoredReply>, DbError> {
    fetch_optional!(
        tx,
        StoredReply,
        "select revision, answer_sealed from draft_patch where matter_id = $1 and device = $2 and seq = $3",
        matter,
        device,
        seq
    )
}

/// Inserts the reply to a patch.
pub async fn insert(
    tx: &mut Tx,
    matter: Uuid,
    device: Uuid,
    seq: i64,
    revision: i64,
    questions_sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into draft_patch (matter_id, device, seq, revision, answer_sealed, at) values ($1, $2, $3, $4, $5, $6)",
        matter,
        device,
        seq,
        revision,
        questions_sealed,
        now
    )
}

/// Empties the stored questions of a device's patches up to `seq`. Such a patch still counts as applied.
pub async fn drop_questions_before(tx: &mut Tx, matter: Uuid, device: Uuid, seq: i64) -> Result<u64, DbError> {
    execute!(
        tx,
        "update draft_patch set answer_sealed = $4, revision = coalesce(revision, 0)
         where matter_id = $1 and device = $2 and seq <= $3 and length(answer_sealed) > 0",
        matter,
        device,
        seq,
        Vec::<u8>::new()
    )
}

/// Size of the stored replies of a matter, in bytes.
#[cfg(test)]
pub async fn stored_bytes(tx: &mut Tx, matter: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select cast(coalesce(sum(length(answer_sealed)), 0) as bigint) from draft_patch where matter_id = $1",
        matter
    )?;
    Ok(row.map_or(0, |(bytes,)| bytes))
}
