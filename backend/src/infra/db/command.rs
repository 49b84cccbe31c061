//! SQL of executed commands: one outcome for each idempotency key.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// Claims an idempotency key for an account; returns whether it was unused.
pub async fn claim(tx: &mut Tx, account: Uuid, key: Uuid, request_hash: &[u8], now: DateTime<Utc>) -> Result<bool, DbError> {
    let claimed = execute!(
        tx,
        "insert into command (account_id, key, request_hash, answer, at) values ($1, $2, $3, $4, $5) on conflict (account_id, key) do nothing",
        account,
        key,
        request_hash,
        Json(serde_json::Value::Null),
        now
    )?;
    Ok(claimed == 1)
}

/// Stores the outcome of a command.
pub async fn set_answer(tx: &mut Tx, account: Uuid, key: Uuid, answer: serde_json::Value) -> Result<u64, DbError> {
    execute!(tx, "update command set answer = $3 where account_id = $1 and key = $2", account, key, Json(answer))
}

/// Hash and outcome of a command.
pub async fn by_key(tx: &mut Tx, account: Uuid, key: Uuid) -> Result<Option<(Vec<u8>, serde_json::Value)>, DbError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>, Json<serde_json::Value>),
        "select request_hash, answer from command where account_id = $1 and key = $2",
        account,
        key
    )?;
    Ok(row.map(|(hash, answer)| (hash, answer.0)))
}
