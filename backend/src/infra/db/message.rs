//! SQL of messages and the audit trail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

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

/// A row that is still to be put into the audit trail.
#[derive(Clone, sqlx::FromRow)]
pub struct Waiting {
    /// Id; in the order of time.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the app itself.
    pub actor: Option<Uuid>,
    /// Did what.
    pub action: String,
    /// To what.
    pub target: String,
}

/// Puts a row before the audit trail.
pub async fn wait_audit(tx: &mut Tx, row: &Waiting) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into audit_waiting (id, at, actor, action, target) values ($1, $2, $3, $4, $5)",
        row.id,
        row.at,
        row.actor,
        &row.action,
        &row.target
    )
}

/// Rows that wait, oldest first.
pub async fn waiting_audit(tx: &mut Tx, limit: i64) -> Result<Vec<Waiting>, DbError> {
    fetch_all!(tx, Waiting, "select * from audit_waiting order by id limit $1", limit)
}

/// Takes a row that waited.
pub async fn take_audit(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from audit_waiting where id = $1", id)
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
