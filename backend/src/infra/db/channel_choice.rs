//! SQL of 通知设置: what accounts have chosen for a category of messages and a channel.

use chrono::{DateTime, Utc};
use domain::engine::notification::{Channel, MessageCategory};
use uuid::Uuid;

use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// A choice of an account.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct ChannelChoiceRow {
    /// The category.
    #[sqlx(try_from = "Coded<MessageCategory>")]
    pub category: MessageCategory,
    /// The channel.
    #[sqlx(try_from = "Coded<Channel>")]
    pub channel: Channel,
    /// Whether the account is notified through it.
    pub enabled: bool,
}

/// The choices of an account.
pub async fn list(tx: &mut Tx, account: Uuid) -> Result<Vec<ChannelChoiceRow>, DbError> {
    fetch_all!(tx, ChannelChoiceRow, "select category, channel, enabled from channel_choice where account_id = $1", account)
}

/// Stores a choice of an account in place of an earlier one.
pub async fn set(tx: &mut Tx, account: Uuid, choice: ChannelChoiceRow, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into channel_choice (account_id, category, channel, enabled, changed_at) values ($1, $2, $3, $4, $5)
         on conflict (account_id, category, channel) do update set enabled = excluded.enabled, changed_at = excluded.changed_at",
        account,
        choice.category.code(),
        choice.channel.code(),
        choice.enabled,
        now
    )
}
