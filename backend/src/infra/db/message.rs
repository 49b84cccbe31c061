//! SQL of messages.

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
    /// Text, in rows of earlier releases; empty otherwise.
    pub body: String,
    /// Text, sealed.
    pub body_sealed: Option<Vec<u8>>,
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
        "insert into message (id, account_id, title, body, body_sealed, link, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        m.id,
        m.account_id,
        &m.title,
        &m.body,
        m.body_sealed.as_deref(),
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
