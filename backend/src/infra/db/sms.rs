//! SQL of SMS codes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// A code that was sent.
#[derive(Clone, sqlx::FromRow)]
pub struct SmsCodeRow {
    /// Row id.
    pub id: Uuid,
    /// Purpose.
    pub purpose: String,
    /// Fingerprint of the mobile number.
    pub target_fingerprint: Vec<u8>,
    /// Keyed hash of the session.
    pub session_hash: Vec<u8>,
    /// Keyed hash of the network address.
    pub address_hash: Vec<u8>,
    /// Keyed hash of code, target, purpose and session.
    pub code_hash: Vec<u8>,
    /// Time of sending.
    pub sent_at: DateTime<Utc>,
    /// Expiry.
    pub expires_at: DateTime<Utc>,
    /// Attempts.
    pub tries: i64,
    /// Time at which it was used or replaced.
    pub spent_at: Option<DateTime<Utc>>,
    /// Whether it was sent to the target.
    pub delivered: bool,
}

/// Number of codes that reached a target for a purpose since a time.
pub async fn count_delivered(tx: &mut Tx, target: &[u8], purpose: &str, since: DateTime<Utc>) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from sms_code where target_fingerprint = $1 and purpose = $2 and sent_at > $3 and delivered",
        target,
        purpose,
        since
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Time of the last code that a session requested for a target and purpose.
pub async fn last_sent(tx: &mut Tx, target: &[u8], purpose: &str, session: &[u8]) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = fetch_optional!(
        tx,
        (DateTime<Utc>,),
        "select sent_at from sms_code where target_fingerprint = $1 and purpose = $2 and session_hash = $3 order by sent_at desc limit 1",
        target,
        purpose,
        session
    )?;
    Ok(row.map(|(at,)| at))
}

/// Number of codes requested by a session for a purpose since a time.
pub async fn count_by_session(tx: &mut Tx, session: &[u8], purpose: &str, since: DateTime<Utc>) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from sms_code where session_hash = $1 and purpose = $2 and sent_at > $3",
        session,
        purpose,
        since
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Inserts a code, and invalidates earlier ones of the same target, purpose and session.
pub async fn replace(tx: &mut Tx, row: &SmsCodeRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "update sms_code set spent_at = $4 where target_fingerprint = $1 and purpose = $2 and session_hash = $3 and spent_at is null",
        &row.target_fingerprint,
        &row.purpose,
        &row.session_hash,
        row.sent_at
    )?;
    execute!(
        tx,
        "insert into sms_code (id, purpose, target_fingerprint, session_hash, address_hash, code_hash, sent_at, expires_at, delivered)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        &row.purpose,
        &row.target_fingerprint,
        &row.session_hash,
        &row.address_hash,
        &row.code_hash,
        row.sent_at,
        row.expires_at,
        row.delivered
    )
}

/// The last code of a target, purpose and session, if unused.
pub async fn last_unspent(tx: &mut Tx, target: &[u8], purpose: &str, session: &[u8]) -> Result<Option<SmsCodeRow>, DbError> {
    fetch_optional!(
        tx,
        SmsCodeRow,
        "select * from sms_code where target_fingerprint = $1 and purpose = $2 and session_hash = $3 and spent_at is null
         order by sent_at desc limit 1",
        target,
        purpose,
        session
    )
}

/// Counts an attempt; returns false if none was left.
pub async fn increment_tries(tx: &mut Tx, id: Uuid, most: i64) -> Result<bool, DbError> {
    Ok(execute!(tx, "update sms_code set tries = tries + 1 where id = $1 and tries < $2", id, most)? == 1)
}

/// Marks a code as used; returns false if it was used before.
pub async fn spend(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(execute!(tx, "update sms_code set spent_at = $2 where id = $1 and spent_at is null", id, now)? == 1)
}

/// Deletes codes sent before a time.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from sms_code where sent_at < $1", before)
}
