//! SQL of SMS codes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// A code that was sent.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// What it is for.
    pub purpose: String,
    /// Fingerprint of the mobile number.
    pub target_fingerprint: Vec<u8>,
    /// Keyed hash of the session that asked.
    pub session_hash: Vec<u8>,
    /// Keyed hash of the network address that asked.
    pub address_hash: Vec<u8>,
    /// Keyed hash of code, target, purpose and session.
    pub code_hash: Vec<u8>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When it is no longer good.
    pub expires_at: DateTime<Utc>,
    /// Wrong tries.
    pub tries: i64,
    /// When it was used, or another took its place.
    pub spent_at: Option<DateTime<Utc>>,
}

/// Codes sent to a target since a time, and when the last one was.
pub async fn sent_to(tx: &mut Tx, target: &[u8], since: DateTime<Utc>) -> Result<(i64, Option<DateTime<Utc>>), DbError> {
    let row = fetch_optional!(
        tx,
        (i64, Option<DateTime<Utc>>),
        "select count(*), max(sent_at) from sms_code where target_fingerprint = $1 and sent_at > $2",
        target,
        since
    )?;
    Ok(row.unwrap_or((0, None)))
}

/// Codes asked for by a session since a time.
pub async fn asked_by_session(tx: &mut Tx, session: &[u8], since: DateTime<Utc>) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select count(*) from sms_code where session_hash = $1 and sent_at > $2", session, since)?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Codes asked for from a network address since a time.
pub async fn asked_from_address(tx: &mut Tx, address: &[u8], since: DateTime<Utc>) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select count(*) from sms_code where address_hash = $1 and sent_at > $2", address, since)?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Adds a code; those sent before to the same target for the same purpose are spent.
pub async fn replace(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
    execute!(
        tx,
        "update sms_code set spent_at = $3 where target_fingerprint = $1 and purpose = $2 and spent_at is null",
        &row.target_fingerprint,
        &row.purpose,
        row.sent_at
    )?;
    execute!(
        tx,
        "insert into sms_code (id, purpose, target_fingerprint, session_hash, address_hash, code_hash, sent_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        &row.purpose,
        &row.target_fingerprint,
        &row.session_hash,
        &row.address_hash,
        &row.code_hash,
        row.sent_at,
        row.expires_at
    )
}

/// The last code sent to a target for a purpose, if it is not spent.
pub async fn last(tx: &mut Tx, target: &[u8], purpose: &str) -> Result<Option<Row>, DbError> {
    fetch_optional!(
        tx,
        Row,
        "select * from sms_code where target_fingerprint = $1 and purpose = $2 and spent_at is null order by sent_at desc limit 1",
        target,
        purpose
    )
}

/// Counts a wrong try, while any is left; says whether one was.
pub async fn count_try(tx: &mut Tx, id: Uuid, most: i64) -> Result<bool, DbError> {
    Ok(execute!(tx, "update sms_code set tries = tries + 1 where id = $1 and tries < $2", id, most)? == 1)
}

/// Spends a code; says whether it was not spent before.
pub async fn spend(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(execute!(tx, "update sms_code set spent_at = $2 where id = $1 and spent_at is null", id, now)? == 1)
}

/// Forgets codes sent before a time.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from sms_code where sent_at < $1", before)
}
