//! SQL of authenticator apps and their recovery codes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// Authenticator app of an account.
#[derive(Clone, sqlx::FromRow)]
pub struct TotpRow {
    /// The account.
    pub account_id: Uuid,
    /// Shared secret, sealed.
    pub secret_sealed: Vec<u8>,
    /// Time step of the last accepted code.
    pub last_step: i64,
    /// Time of the first right code; none while pending.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// The authenticator app of an account.
pub async fn by_account(tx: &mut Tx, account: Uuid) -> Result<Option<TotpRow>, DbError> {
    fetch_optional!(tx, TotpRow, "select account_id, secret_sealed, last_step, confirmed_at from totp where account_id = $1", account)
}

/// Stores a pending secret, unless the account has a confirmed one; returns whether it was stored.
pub async fn insert_pending(tx: &mut Tx, account: Uuid, secret_sealed: &[u8], now: DateTime<Utc>) -> Result<bool, DbError> {
    let stored = execute!(
        tx,
        "insert into totp (account_id, secret_sealed, created_at) values ($1, $2, $3)
         on conflict (account_id) do update set secret_sealed = excluded.secret_sealed, created_at = excluded.created_at, last_step = 0
         where totp.confirmed_at is null",
        account,
        secret_sealed,
        now
    )?;
    Ok(stored == 1)
}

/// Records the step of a right code; returns false if this step or a later one was used before.
pub async fn use_step(tx: &mut Tx, account: Uuid, step: i64) -> Result<bool, DbError> {
    Ok(execute!(tx, "update totp set last_step = $2 where account_id = $1 and last_step < $2", account, step)? == 1)
}

/// Marks a pending secret as confirmed.
pub async fn confirm(tx: &mut Tx, account: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(execute!(tx, "update totp set confirmed_at = $2 where account_id = $1 and confirmed_at is null", account, now)? == 1)
}

/// Deletes the secret and the recovery codes of an account.
pub async fn delete(tx: &mut Tx, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from recovery_code where account_id = $1", account)?;
    execute!(tx, "delete from totp where account_id = $1", account)
}

/// Replaces the recovery codes of an account.
pub async fn replace_recovery_codes(tx: &mut Tx, account: Uuid, hashes: &[Vec<u8>]) -> Result<(), DbError> {
    execute!(tx, "delete from recovery_code where account_id = $1", account)?;
    for hash in hashes {
        execute!(tx, "insert into recovery_code (account_id, code_hash) values ($1, $2)", account, hash)?;
    }
    Ok(())
}

/// Marks a recovery code as used; returns false if there is no such unused code.
pub async fn use_recovery_code(tx: &mut Tx, account: Uuid, hash: &[u8], now: DateTime<Utc>) -> Result<bool, DbError> {
    let used = execute!(
        tx,
        "update recovery_code set used_at = $3 where account_id = $1 and code_hash = $2 and used_at is null",
        account,
        hash,
        now
    )?;
    Ok(used == 1)
}

/// Number of unused recovery codes.
pub async fn count_recovery_codes(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select count(*) from recovery_code where account_id = $1 and used_at is null", account)?;
    Ok(row.map_or(0, |(n,)| n))
}
