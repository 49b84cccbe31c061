//! SQL of the outbox.

use chrono::{DateTime, Utc};
use domain::engine::notification::Channel;
use uuid::Uuid;

use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// An outbound message.
#[derive(Clone, sqlx::FromRow)]
pub struct OutboxRow {
    /// Row id.
    pub id: Uuid,
    /// `sms` or `mail`.
    #[sqlx(try_from = "Coded<Channel>")]
    pub channel: Channel,
    /// Mobile number or mail address, sealed.
    pub target_sealed: Vec<u8>,
    /// Subject of a mail, without personal data.
    pub subject: String,
    /// Text, sealed.
    pub body_sealed: Vec<u8>,
    /// Rows with the same key are inserted once.
    pub dedupe_key: String,
    /// Matter, if it is about one.
    pub matter_id: Option<Uuid>,
    /// Recipient account, if there is one.
    pub account_id: Option<Uuid>,
    /// Code of the notification kind.
    pub kind: String,
    /// Expiry.
    pub not_after: Option<DateTime<Utc>>,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of delivery.
    pub sent_at: Option<DateTime<Utc>>,
    /// Time at which delivery was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// Number of attempts.
    pub tries: i64,
    /// Time of the next attempt; also the end of a claim.
    pub next_try_at: DateTime<Utc>,
    /// Error of the last attempt.
    pub last_error: Option<String>,
}

/// Inserts a message unless its key exists.
pub async fn insert(tx: &mut Tx, o: &OutboxRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into outbox (id, channel, target_sealed, subject, body_sealed, dedupe_key, matter_id, account_id, kind, not_after, created_at, next_try_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) on conflict (dedupe_key) do nothing",
        o.id,
        o.channel.code(),
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

/// Whether a channel has due messages; read before claiming, so that an idle server does not write.
pub async fn any_due(tx: &mut Tx, channel: Channel, now: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "select cast(1 as bigint) from outbox where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2 limit 1",
        channel.code(),
        now
    )?;
    Ok(!rows.is_empty())
}

/// Claims due messages of a channel until `until`, longest due first. Of two concurrent claims of a row one succeeds: the other waits and
/// then finds the row not due.
pub async fn claim(tx: &mut Tx, channel: Channel, now: DateTime<Utc>, until: DateTime<Utc>, limit: i64) -> Result<Vec<OutboxRow>, DbError> {
    fetch_all!(
        tx,
        OutboxRow,
        "update outbox set next_try_at = $3, tries = tries + 1 where id in (
             select id from outbox where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2
             order by next_try_at limit $4
         ) and sent_at is null and given_up_at is null and next_try_at <= $2
         returning *",
        channel.code(),
        now,
        until,
        limit
    )
}

/// Marks a message as sent.
pub async fn set_sent(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set sent_at = $2, last_error = null where id = $1", id, now)
}

/// Records a failed attempt and the time of the next one.
pub async fn set_failed(tx: &mut Tx, id: Uuid, error: &str, next: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set last_error = $2, next_try_at = $3 where id = $1 and sent_at is null", id, error, next)
}

/// Marks a message as given up.
pub async fn set_given_up(tx: &mut Tx, id: Uuid, error: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set last_error = $2, given_up_at = $3 where id = $1 and sent_at is null", id, error, now)
}

/// Whether a channel has expired messages.
pub async fn any_late(tx: &mut Tx, channel: Channel, now: DateTime<Utc>, created_before: DateTime<Utc>) -> Result<bool, DbError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "select cast(1 as bigint) from outbox where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2
         and (not_after < $2 or (not_after is null and created_at < $3)) limit 1",
        channel.code(),
        now,
        created_before
    )?;
    Ok(!rows.is_empty())
}

/// Gives up messages that are expired or, without an expiry, were created before `created_before`. Claimed rows are unchanged.
pub async fn give_up_late(tx: &mut Tx, channel: Channel, now: DateTime<Utc>, created_before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update outbox set given_up_at = $2, last_error = coalesce(last_error, 'past its time')
         where sent_at is null and given_up_at is null and channel = $1 and next_try_at <= $2
         and (not_after < $2 or (not_after is null and created_at < $3))",
        channel.code(),
        now,
        created_before
    )
}

/// The newest messages.
pub async fn list_newest(tx: &mut Tx, limit: i64) -> Result<Vec<OutboxRow>, DbError> {
    fetch_all!(tx, OutboxRow, "select * from outbox order by created_at desc, id desc limit $1", limit)
}

/// The newest messages about a matter.
pub async fn list_of_matter(tx: &mut Tx, matter: Uuid, limit: i64) -> Result<Vec<OutboxRow>, DbError> {
    fetch_all!(tx, OutboxRow, "select * from outbox where matter_id = $1 order by created_at desc, id desc limit $2", matter, limit)
}
