//! 消息 of an account.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::record::notification::message_text;
use crate::state::AppState;

/// A message to an account.
#[derive(Debug, Clone)]
pub struct Message {
    /// Id.
    pub id: Uuid,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// Address of the page it is about.
    pub link: String,
}

/// The newest messages of the caller.
pub async fn list_messages(app: &AppState, who: &Allowed) -> Result<Vec<Message>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::message::list_of_account(&mut tx, who.account(), 100).await?;
    let message = |row: db::message::MessageRow| {
        let body = message_text(&app.keys, &row)?;
        Ok(Message { id: row.id, title: row.title, body, created_at: row.created_at, read_at: row.read_at, link: row.link })
    };
    rows.into_iter().map(message).collect()
}

/// Number of unread messages of an account, at most a hundred.
pub async fn count_unread(app: &AppState, account: Uuid) -> Result<i64, DbError> {
    let mut tx = app.db.read().await?;
    db::message::count_unread(&mut tx, account).await
}

/// Marks a message of the caller as read; returns its link.
pub async fn mark_read(app: &AppState, who: &Allowed, id: Uuid) -> Result<Option<String>, DbError> {
    let (account, now) = (who.account(), app.now());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::message::set_read(tx, account, id, now).await })).await
}

/// Marks every message of the caller as read.
pub async fn mark_all_read(app: &AppState, who: &Allowed) -> Result<u64, DbError> {
    let (account, now) = (who.account(), app.now());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::message::set_all_read(tx, account, now).await })).await
}
