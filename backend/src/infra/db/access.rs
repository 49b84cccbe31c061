//! SQL of who may act for whom, and of the record of accesses.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Accounts that hold a role, or act for an institution.
pub async fn list_people_with_a_part(tx: &mut Tx, institution: Option<Uuid>) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select account_id from role_grant where status = 'active'
         union select account_id from membership where role = 'user' and status = 'active' and institution_id = $1",
        institution
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether an account holds a role, or acts for an institution.
pub async fn has_a_part(tx: &mut Tx, account: Uuid) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select cast(1 as bigint) where exists (select 1 from role_grant where account_id = $1 and status = 'active')
         or exists (select 1 from membership where account_id = $1 and role = 'user' and status = 'active')",
        account
    )?;
    Ok(row.is_some())
}

/// Submitted matters of a kind, closed ones included: matter, its owner, and the submitted revision.
pub async fn list_submitted_of_kind(tx: &mut Tx, kind: &str) -> Result<Vec<(Uuid, Uuid, i64)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, Uuid, i64),
        "select id, owner_id, submitted_revision from matter where kind = $1 and submitted_revision is not null order by id",
        kind
    )
}

/// An access to a case or a file, or a refusal of one.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AccessEventRow {
    /// Id, ordered by time.
    pub id: Uuid,
    /// Time.
    pub at: DateTime<Utc>,
    /// The account; `None` for a visitor.
    pub account_id: Option<Uuid>,
    /// What was done.
    pub action: String,
    /// The matter, if there is one.
    pub matter_id: Option<Uuid>,
    /// The file, order or certificate; the route of a refusal; the code of the reason for which a number was shown.
    pub target: String,
}

/// Refusals of one account that are stored in an hour; of later ones only the number is known.
const REFUSALS_IN_AN_HOUR: i64 = 50;

/// Inserts accesses.
pub async fn insert_accesses(tx: &mut Tx, rows: &[AccessEventRow]) -> Result<(), DbError> {
    for row in rows {
        if let Some(account) = row.account_id.filter(|_| row.action.ends_with(".refused"))
            && count_event(tx, account, &row.action, row.at).await? > REFUSALS_IN_AN_HOUR
        {
            continue;
        }
        execute!(
            tx,
            "insert into access_event (id, at, account_id, action, matter_id, target) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
            row.id,
            row.at,
            row.account_id,
            &row.action,
            row.matter_id,
            &row.target
        )?;
    }
    Ok(())
}

/// How often something happened to an account in an hour.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EventCountRow {
    /// What happened.
    pub action: String,
    /// Begin of the hour.
    pub hour: DateTime<Utc>,
    /// How often.
    pub times: i64,
}

/// Counts one more event of an account in the hour of `at`; returns their number.
pub async fn count_event(tx: &mut Tx, account: Uuid, action: &str, at: DateTime<Utc>) -> Result<i64, DbError> {
    let hour = at - TimeDelta::seconds(at.timestamp().rem_euclid(3600)) - TimeDelta::nanoseconds(at.timestamp_subsec_nanos().into());
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into event_count (account_id, action, hour, times) values ($1, $2, $3, 1)
         on conflict (account_id, action, hour) do update set times = event_count.times + 1 returning times",
        account,
        action,
        hour
    )?;
    Ok(row.map_or(1, |(times,)| times))
}

/// The events of an account by hours, newest first.
pub async fn list_event_counts(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<EventCountRow>, DbError> {
    fetch_all!(
        tx,
        EventCountRow,
        "select action, hour, times from event_count where account_id = $1 order by hour desc, action limit $2",
        account,
        limit
    )
}

/// Deletes counts of hours before a time, at most `limit`; returns their number.
pub async fn delete_event_counts_before(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from event_count where (account_id, action, hour) in
         (select account_id, action, hour from event_count where hour < $1 order by hour limit $2)",
        before,
        limit
    )
}

/// The last accesses to a matter, newest first.
pub async fn list_accesses(tx: &mut Tx, matter: Uuid, limit: i64) -> Result<Vec<AccessEventRow>, DbError> {
    fetch_all!(
        tx,
        AccessEventRow,
        "select id, at, account_id, action, matter_id, target from access_event where matter_id = $1 order by at desc, id desc limit $2",
        matter,
        limit
    )
}

/// The last accesses of one sort to a matter, newest first.
pub async fn list_accesses_by(tx: &mut Tx, matter: Uuid, action: &str, limit: i64) -> Result<Vec<AccessEventRow>, DbError> {
    fetch_all!(
        tx,
        AccessEventRow,
        "select id, at, account_id, action, matter_id, target from access_event where matter_id = $1 and action = $2
         order by at desc, id desc limit $3",
        matter,
        action,
        limit
    )
}

/// The last accesses of an account, newest first.
pub async fn list_accesses_of(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<AccessEventRow>, DbError> {
    fetch_all!(
        tx,
        AccessEventRow,
        "select id, at, account_id, action, matter_id, target from access_event where account_id = $1 order by at desc, id desc limit $2",
        account,
        limit
    )
}

/// Deletes accesses before a time, at most `limit`; returns their number.
pub async fn delete_accesses_before(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, DbError> {
    execute!(tx, "delete from access_event where id in (select id from access_event where at < $1 order by at limit $2)", before, limit)
}
