//! The audit trail: who did what to whom, each row sealed to the one before it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{self, DbError, Tx};
use crate::secret::sha256;

/// Adds a row, in the transaction of what it records. `target` names a thing by id, never a person by name.
pub async fn audit(tx: &mut Tx, actor: Option<Uuid>, action: &str, target: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let (last, previous) = db::message::last_audit(tx).await?.unwrap_or((0, Vec::new()));
    let seq = last + 1;
    let actor_text = actor.map_or_else(String::new, |a| a.to_string());
    let text = format!("{seq}\n{}\n{actor_text}\n{action}\n{target}\n", now.timestamp_micros());
    let mut bytes = previous.clone();
    bytes.extend_from_slice(text.as_bytes());
    db::message::insert_audit(tx, seq, now, actor, action, target, &previous, &sha256(&bytes)).await?;
    Ok(())
}
