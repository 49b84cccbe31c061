//! SQL of messages, the outbox and the audit trail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A message in someone's 消息.
#[derive(Clone, sqlx::FromRow)]
pub struct Message {
    /// Id.
    pub id: Uuid,
    /// Whom it is for.
    pub account_id: Uuid,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Page it leads to.
    pub link: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// Adds a message.
pub async fn insert(tx: &mut Tx, m: &Message) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into message (id, account_id, title, body, link, created_at) values ($1, $2, $3, $4, $5, $6)",
        m.id,
        m.account_id,
        &m.title,
        &m.body,
        &m.link,
        m.created_at
    )
}

/// The newest messages of an account.
pub async fn of_account(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<Message>, DbError> {
    fetch_all!(tx, Message, "select * from message where account_id = $1 order by created_at desc, id limit $2", account, limit)
}

/// How many messages are unread, up to a hundred.
pub async fn unread(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from (select 1 from message where account_id = $1 and read_at is null limit 100) as few",
        account
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Marks one message as read; gives the page it leads to.
pub async fn read(tx: &mut Tx, account: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<Option<String>, DbError> {
    let row = fetch_optional!(
        tx,
        (String,),
        "update message set read_at = coalesce(read_at, $3) where account_id = $1 and id = $2 returning link",
        account,
        id,
        now
    )?;
    Ok(row.map(|(link,)| link))
}

/// Marks every message as read.
pub async fn read_all(tx: &mut Tx, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update message set read_at = $2 where account_id = $1 and read_at is null", account, now)
}

/// Something that leaves the house.
#[derive(Clone, sqlx::FromRow)]
pub struct Outgoing {
    /// Id.
    pub id: Uuid,
    /// `sms` or `mail`.
    pub channel: String,
    /// Number or address, sealed.
    pub target_sealed: Vec<u8>,
    /// Text, sealed.
    pub body_sealed: Vec<u8>,
    /// The same thing is sent once.
    pub dedupe_key: String,
    /// Not sent after this time.
    pub not_after: Option<DateTime<Utc>>,
    /// When it was put in.
    pub created_at: DateTime<Utc>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
}

/// Puts something into the outbox, unless it is there.
pub async fn enqueue(tx: &mut Tx, o: &Outgoing) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into outbox (id, channel, target_sealed, body_sealed, dedupe_key, not_after, created_at, next_try_at) values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict (dedupe_key) do nothing",
        o.id,
        &o.channel,
        &o.target_sealed,
        &o.body_sealed,
        &o.dedupe_key,
        o.not_after,
        o.created_at
    )
}

/// What waits to be sent.
pub async fn waiting(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Outgoing>, DbError> {
    fetch_all!(
        tx,
        Outgoing,
        "select id, channel, target_sealed, body_sealed, dedupe_key, not_after, created_at, sent_at from outbox
         where sent_at is null and next_try_at <= $1 order by next_try_at limit $2",
        now,
        limit
    )
}

/// Notes that something went out.
pub async fn sent(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set sent_at = $2, last_error = null where id = $1", id, now)
}

/// Notes that something did not go out, and when to try again.
pub async fn not_sent(tx: &mut Tx, id: Uuid, error: &str, next: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update outbox set tries = tries + 1, last_error = $2, next_try_at = $3 where id = $1", id, error, next)
}

/// The newest of what went or will go out.
pub async fn outgoing(tx: &mut Tx, limit: i64) -> Result<Vec<Outgoing>, DbError> {
    fetch_all!(
        tx,
        Outgoing,
        "select id, channel, target_sealed, body_sealed, dedupe_key, not_after, created_at, sent_at from outbox order by created_at desc, id desc limit $1",
        limit
    )
}

/// The last row of the audit trail: its number and hash.
pub async fn last_audit(tx: &mut Tx) -> Result<Option<(i64, Vec<u8>)>, DbError> {
    fetch_optional!(tx, (i64, Vec<u8>), "select seq, hash from audit order by seq desc limit 1")
}

/// Adds a row to the audit trail.
#[allow(clippy::too_many_arguments, reason = "one argument a column")]
pub async fn insert_audit(
    tx: &mut Tx,
    seq: i64,
    at: DateTime<Utc>,
    actor: Option<Uuid>,
    action: &str,
    target: &str,
    previous: &[u8],
    hash: &[u8],
) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into audit (seq, at, actor, action, target, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7)",
        seq,
        at,
        actor,
        action,
        target,
        previous,
        hash
    )
}
