//! SQL of the outbox: what leaves the app.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// Something that leaves the app.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// `sms` or `mail`.
    pub channel: String,
    /// Number or address, sealed.
    pub target_sealed: Vec<u8>,
    /// Subject of a mail: the kind of matter and of news, nothing about a person.
    pub subject: String,
    /// Text, sealed.
    pub body_sealed: Vec<u8>,
    /// The same thing is sent once.
    pub dedupe_key: String,
    /// The matter it is about.
    pub matter_id: Option<Uuid>,
    /// Whom it is for, if it is for an account.
    pub account_id: Option<Uuid>,
    /// Code of its moment.
    pub kind: String,
    /// Not sent after this time.
    pub not_after: Option<DateTime<Utc>>,
    /// When it was put in.
    pub created_at: DateTime<Utc>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next; while a server tries it, when another may.
    pub next_try_at: DateTime<Utc>,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

/// Puts something into the outbox, unless it is there.
pub async fn enqueue(tx: &mut Tx, o: &Row) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into outbox (id, channel, target_sealed, subject, body_sealed, dedupe_key, matter_id, account_id, kind, not_after, created_at, next_try_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) on conflict (dedupe_key) do nothing",
        o.id,
        &o.channel,
        &o.target_sealed,
        &o.subject,
        &o.body_sealed,
        &o.dedupe_key,
        o.matter_id,
        o.account_id,
        &o.kind,
        o.not_after,
        o.created_at
    )
}

/// Whether anything of a channel is due. Asked before claiming, so that an idle server writes nothing.
pub async fn due(tx: &mut Tx, channel: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "select cast(1 as bigint) from outbox where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2 limit 1",
        channel,
        now
    )?;
    Ok(!rows.is_empty())
}

/// Takes what is due of a channel, longest first, and keeps others from taking it until `until`. A row that two take at once is taken by
/// one: the other waits for it and then finds it not due.
pub async fn claim(tx: &mut Tx, channel: &str, now: DateTime<Utc>, until: DateTime<Utc>, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "update outbox set next_try_at = $3, tries = tries + 1 where id in (
             select id from outbox where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2
             order by next_try_at limit $4
         ) and sent_at is null and given_up_at is null and next_try_at <= $2
         returning *",
        channel,
        now,
        until,
        limit
    )
}

/// Notes that something went out.
pub async fn sent(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set sent_at = $2, last_error = null where id = $1", id, now)
}

/// Notes that something did not go out, and when to try again.
pub async fn not_sent(tx: &mut Tx, id: Uuid, error: &str, next: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set last_error = $2, next_try_at = $3 where id = $1 and sent_at is null", id, error, next)
}

/// Notes that something will not go out.
pub async fn give_up(tx: &mut Tx, id: Uuid, error: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set last_error = $2, given_up_at = $3 where id = $1 and sent_at is null", id, error, now)
}

/// Whether anything of a channel waits past its time.
pub async fn any_late(tx: &mut Tx, channel: &str, now: DateTime<Utc>, created_before: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "select cast(1 as bigint) from outbox where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2
         and (not_after < $2 or (not_after is null and created_at < $3)) limit 1",
        channel,
        now,
        created_before
    )?;
    Ok(!rows.is_empty())
}

/// Gives up what waits past its time or, without a time of its own, was put in before `created_before`. What is being sent is left alone.
pub async fn give_up_late(tx: &mut Tx, channel: &str, now: DateTime<Utc>, created_before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update outbox set given_up_at = $2, last_error = coalesce(last_error, 'past its time')
         where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2
         and (not_after < $2 or (not_after is null and created_at < $3))",
        channel,
        now,
        created_before
    )
}

/// The newest of what went or will go out.
pub async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(tx, Row, "select * from outbox order by created_at desc, id desc limit $1", limit)
}

/// The newest of what went or will go out about a matter.
pub async fn of_matter(tx: &mut Tx, matter: Uuid, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(tx, Row, "select * from outbox where matter_id = $1 order by created_at desc, id desc limit $2", matter, limit)
}
