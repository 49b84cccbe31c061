//! SQL of sessions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Data of a session.
pub type SessionData = Json<HashMap<String, serde_json::Value>>;

/// A session.
#[derive(Clone, sqlx::FromRow)]
pub struct SessionRow {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Signed-in account.
    pub account_id: Option<Uuid>,
    /// Session data.
    pub data: SessionData,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of last use, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// Latest end.
    pub expires_at: DateTime<Utc>,
    /// Version of the account under which it began or went on.
    pub account_version: i64,
}

/// Inserts a session; returns whether its token was new.
pub async fn insert(tx: &mut Tx, row: SessionRow) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into session (token_hash, account_id, data, created_at, last_seen_at, expires_at, account_version)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (token_hash) do nothing",
        &row.token_hash,
        row.account_id,
        &row.data,
        row.created_at,
        row.last_seen_at,
        row.expires_at,
        row.account_version
    )?;
    Ok(added == 1)
}

/// The live session of a token.
pub async fn by_token(tx: &mut Tx, token_hash: Vec<u8>) -> Result<Option<SessionRow>, DbError> {
    fetch_optional!(
        tx,
        SessionRow,
        "select token_hash, account_id, data, created_at, last_seen_at, expires_at, account_version from session where token_hash = $1 and revoked_at is null",
        &token_hash
    )
}

/// The account of a session, also after its end.
pub async fn account_by_token(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Uuid>, DbError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), "select account_id from session where token_hash = $1", token_hash)?;
    Ok(row.and_then(|(account,)| account))
}

/// Updates the data of a live session.
pub async fn update(
    tx: &mut Tx,
    token_hash: Vec<u8>,
    account: Option<Uuid>,
    data: SessionData,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    execute!(
        tx,
        "update session set account_id = $2, data = $3, last_seen_at = $4 where token_hash = $1 and revoked_at is null",
        &token_hash,
        account,
        &data,
        now
    )
}

/// Updates the time of last use of a live session.
pub async fn set_last_seen(tx: &mut Tx, token_hash: Vec<u8>, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update session set last_seen_at = $2 where token_hash = $1 and revoked_at is null", &token_hash, now)
}

/// Ends a session.
pub async fn revoke(tx: &mut Tx, token_hash: Vec<u8>, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update session set revoked_at = $2 where token_hash = $1 and revoked_at is null", &token_hash, now)
}

/// Ends every session of an account but the one of this token.
pub async fn revoke_others(tx: &mut Tx, account: Uuid, kept: &[u8], now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update session set revoked_at = $3 where account_id = $1 and token_hash <> $2 and revoked_at is null", account, kept, now)
}

/// Lets one session of an account go on under another version of the account.
pub async fn set_version(tx: &mut Tx, account: Uuid, token_hash: &[u8], version: i64) -> Result<u64, DbError> {
    execute!(tx, "update session set account_version = $3 where account_id = $1 and token_hash = $2", account, token_hash, version)
}

/// Ends one session of an account.
pub async fn revoke_of_account(tx: &mut Tx, account: Uuid, token_hash: &[u8], now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update session set revoked_at = $3 where account_id = $1 and token_hash = $2 and revoked_at is null",
        account,
        token_hash,
        now
    )
}

/// Ends the sessions of an account beyond the `keep` that were used last.
pub async fn revoke_oldest(tx: &mut Tx, account: Uuid, keep: i64, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update session set revoked_at = $3 where account_id = $1 and revoked_at is null and token_hash not in (
             select token_hash from session where account_id = $1 and revoked_at is null order by last_seen_at desc, token_hash limit $2
         )",
        account,
        keep,
        now
    )
}

/// The live sessions of an account, last used first, up to `limit`.
pub async fn list_of_account(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<SessionRow>, DbError> {
    fetch_all!(
        tx,
        SessionRow,
        "select token_hash, account_id, data, created_at, last_seen_at, expires_at, account_version from session
         where account_id = $1 and revoked_at is null order by last_seen_at desc, token_hash limit $2",
        account,
        limit
    )
}

/// Deletes sessions that ended before a time.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from session where expires_at < $1", before)
}
