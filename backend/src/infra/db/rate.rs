//! SQL of rate limits.

use chrono::{DateTime, Utc};

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// Increments the counter of a window; returns the count.
pub async fn increment(tx: &mut Tx, subject: &[u8], window: DateTime<Utc>) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into rate (subject, window_start, count) values ($1, $2, 1)
         on conflict (subject, window_start) do update set count = rate.count + 1 returning count",
        subject,
        window
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Increments the counter of a window unless it has reached `most`; returns whether it was incremented.
pub async fn take(tx: &mut Tx, subject: &[u8], window: DateTime<Utc>, most: i64) -> Result<bool, DbError> {
    if most <= 0 {
        return Ok(false);
    }
    let taken = execute!(
        tx,
        "insert into rate (subject, window_start, count) values ($1, $2, 1)
         on conflict (subject, window_start) do update set count = rate.count + 1 where rate.count < $3",
        subject,
        window,
        most
    )?;
    Ok(taken == 1)
}

/// Decrements the counter of a window.
pub async fn give_back(tx: &mut Tx, subject: &[u8], window: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update rate set count = count - 1 where subject = $1 and window_start = $2 and count > 0", subject, window)
}

/// The counter of a window.
pub async fn count(tx: &mut Tx, subject: &[u8], window: DateTime<Utc>) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select count from rate where subject = $1 and window_start = $2", subject, window)?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Deletes windows that began before a time.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from rate where window_start < $1", before)
}
