//! Patches of devices and their replies.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// The sealed reply to a patch; `None` if the patch is unknown.
pub async fn answer_by_key(tx: &mut Tx, matter: Uuid, device: Uuid, seq: i64) -> Result<Option<(Vec<u8>,)>, DbError> {
    fetch_optional!(
        tx,
        (Vec<u8>,),
        "select answer_sealed from draft_patch where matter_id = $1 and device = $2 and seq = $3",
        matter,
        device,
        seq
    )
}

/// Inserts the reply to a patch.
pub async fn insert(tx: &mut Tx, matter: Uuid, device: Uuid, seq: i64, sealed: &[u8], now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into draft_patch (matter_id, device, seq, answer_sealed, at) values ($1, $2, $3, $4, $5)",
        matter,
        device,
        seq,
        sealed,
        now
    )
}

/// Deletes replies older than `before`.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from draft_patch where at < $1", before)
}
