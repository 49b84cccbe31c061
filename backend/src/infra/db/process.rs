//! SQL of the facts about the server processes.

use chrono::{DateTime, Utc};

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// The demo data is complete.
pub const DEMO_FILLED: &str = "demo.filled";
/// The time at which a server last ran.
pub const CLOCK_TICK: &str = "clock.tick";
/// The clock of a server is doubted: nothing ends by it. The value is the last time that was believed.
pub const CLOCK_DOUBT: &str = "clock.doubt";
/// Written to find out whether the database can be written.
pub const WRITE_PROBE: &str = "write.probe";

/// When a fact was last recorded.
pub async fn recorded_at(tx: &mut Tx, name: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = fetch_optional!(tx, (DateTime<Utc>,), "select updated_at from process_state where name = $1", name)?;
    Ok(row.map(|(at,)| at))
}

/// Records a fact.
pub async fn record(tx: &mut Tx, name: &str, value: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into process_state (name, value, updated_at) values ($1, $2, $3)
         on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at",
        name,
        value,
        now
    )
}

/// Forgets a fact.
pub async fn forget(tx: &mut Tx, name: &str) -> Result<u64, DbError> {
    execute!(tx, "delete from process_state where name = $1", name)
}

/// The newest time at which anything was done.
pub async fn newest_action(tx: &mut Tx) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = fetch_optional!(
        tx,
        (DateTime<Utc>,),
        "select at from (select at from (select at from audit order by seq desc limit 1) a union all
         select at from (select at from audit_waiting order by at desc limit 1) w) t order by at desc limit 1"
    )?;
    Ok(row.map(|(at,)| at))
}
