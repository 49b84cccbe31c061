//! SQL of counted windows.

use chrono::{DateTime, Utc};

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// Counts one more in a window; gives the count.
pub async fn count(tx: &mut Tx, subject: &[u8], window: DateTime<Utc>) -> Result<i64, DbError> {
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

/// Forgets windows that began before a time.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from rate where window_start < $1", before)
}
