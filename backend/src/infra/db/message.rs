//! SQL of messages and the audit trail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A message of an account.
#[derive(Clone, sqlx::FromRow)]
pub struct MessageRow {
    /// Row id.
    pub id: Uuid,
    /// Recipient.
    pub account_id: Uuid,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Link.
    pub link: String,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of reading.
    pub read_at: Option<DateTime<Utc>>,
}

/// Inserts a message.
pub async fn insert(tx: &mut Tx, m: &MessageRow) -> Result<u64, DbError> {
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
pub async fn list_of_account(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<MessageRow>, DbError> {
    fetch_all!(tx, MessageRow, "select * from message where account_id = $1 order by created_at desc, id limit $2", account, limit)
}

/// Number of unread messages, at most a hundred.
pub async fn count_unread(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from (select 1 from message where account_id = $1 and read_at is null limit 100) as few",
        account
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Marks a message as read; returns its link.
pub async fn set_read(tx: &mut Tx, account: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<Option<String>, DbError> {
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
pub async fn set_all_read(tx: &mut Tx, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update message set read_at = $2 where account_id = $1 and read_at is null", account, now)
}

/// An audit entry that is not in the chain yet.
#[derive(Clone, sqlx::FromRow)]
pub struct PendingAuditRow {
    /// Id, ordered by time.
    pub id: Uuid,
    /// Time.
    pub at: DateTime<Utc>,
    /// Actor; `None` for the system.
    pub actor: Option<Uuid>,
    /// Action.
    pub action: String,
    /// Target.
    pub target: String,
}

/// Inserts a pending audit entry.
pub async fn insert_pending_audit(tx: &mut Tx, row: &PendingAuditRow) -> Result<u64, DbError> {
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

/// Pending audit entries, oldest first.
pub async fn list_pending_audit(tx: &mut Tx, limit: i64) -> Result<Vec<PendingAuditRow>, DbError> {
    fetch_all!(tx, PendingAuditRow, "select * from audit_waiting order by id limit $1", limit)
}

/// Deletes a pending audit entry.
pub async fn delete_pending_audit(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from audit_waiting where id = $1", id)
}

/// The end of the audit chain.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct AuditChainEnd {
    /// Number of the last entry; 0 before the first.
    pub seq: i64,
    /// Hash of the last entry; empty before the first.
    pub hash: Vec<u8>,
}

/// The end of the audit chain; `None` before the first entry.
pub async fn last_audit_entry(tx: &mut Tx) -> Result<Option<AuditChainEnd>, DbError> {
    fetch_optional!(tx, AuditChainEnd, "select seq, hash from audit order by seq desc limit 1")
}

/// Appends an entry to the chain: the entry itself, its number, its hash, and the hash of the entry before.
pub async fn insert_audit(tx: &mut Tx, row: &PendingAuditRow, previous: &[u8], end: &AuditChainEnd) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into audit (seq, at, actor, action, target, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7)",
        end.seq,
        row.at,
        row.actor,
        &row.action,
        &row.target,
        previous,
        &end.hash
    )
}
