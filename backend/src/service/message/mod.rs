//! 消息: what people are told inside the app, and what leaves it by SMS and mail through the outbox.

pub mod delivery;
pub mod outbox;
pub mod sms_command;
pub mod smtp;

use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::state::AppState;

/// The newest messages of the caller.
pub async fn messages(app: &AppState, who: &Allowed) -> Result<Vec<db::message::Message>, DbError> {
    let mut tx = app.db.read().await?;
    db::message::of_account(&mut tx, who.account(), 100).await
}

/// How many messages of an account are unread, up to a hundred.
pub async fn unread(app: &AppState, account: Uuid) -> Result<i64, DbError> {
    let mut tx = app.db.read().await?;
    db::message::unread(&mut tx, account).await
}

/// Marks a message of the caller as read; gives the page it leads to.
pub async fn read_message(app: &AppState, who: &Allowed, id: Uuid) -> Result<Option<String>, DbError> {
    let (account, now) = (who.account(), app.now());
    app.db.write(move |tx| Box::pin(async move { db::message::read(tx, account, id, now).await })).await
}

/// Marks every message of the caller as read.
pub async fn read_all_messages(app: &AppState, who: &Allowed) -> Result<u64, DbError> {
    let (account, now) = (who.account(), app.now());
    app.db.write(move |tx| Box::pin(async move { db::message::read_all(tx, account, now).await })).await
}

#[cfg(test)]
mod tests;
