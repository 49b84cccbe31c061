//! SQL of what open matters claim: one matter for each key.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// An open matter that holds a key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeyHolder {
    /// The matter.
    pub matter_id: Uuid,
    /// The account that began it.
    pub owner_id: Uuid,
    /// The institution that it belongs to.
    pub owner_institution_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// When it was closed; a closed matter gives its keys up.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Claims a key for a matter; returns the open matter that has it, if it is another one. Waits for a concurrent claim to be decided.
pub async fn claim(tx: &mut Tx, key: &str, matter: Uuid) -> Result<Option<KeyHolder>, DbError> {
    if execute!(tx, "insert into matter_key (key, matter_id) values ($1, $2) on conflict (key) do nothing", key, matter)? == 1 {
        return Ok(None);
    }
    match holder(tx, key).await? {
        Some(holder) if holder.matter_id == matter => Ok(None),
        Some(holder) if holder.closed_at.is_none() => Ok(Some(holder)),
        // Closed by a server of an earlier release, which knows no keys.
        Some(holder) => match replace(tx, key, holder.matter_id, matter).await? {
            1 => Ok(None),
            _ => Err(tx.give_way()),
        },
        None => Err(tx.give_way()),
    }
}

/// The matter that holds a key.
pub async fn holder(tx: &mut Tx, key: &str) -> Result<Option<KeyHolder>, DbError> {
    fetch_optional!(
        tx,
        KeyHolder,
        "select m.id as matter_id, m.owner_id, m.owner_institution_id, m.title, m.closed_at from matter_key k join matter m on m.id = k.matter_id where k.key = $1",
        key
    )
}

async fn replace(tx: &mut Tx, key: &str, from: Uuid, to: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update matter_key set matter_id = $3 where key = $1 and matter_id = $2", key, from, to)
}

/// Gives up the keys of a matter.
pub async fn release(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_key where matter_id = $1", matter)
}
