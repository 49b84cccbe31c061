//! 通知设置 of an account.

use domain::engine::notification::{CHANNEL_SETTINGS, ChannelChoices};

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::db::channel_choice::ChannelChoiceRow;
use crate::record::notification::channel_choices;
use crate::state::AppState;

/// How an account is notified beside 站内消息.
pub struct NotificationSettings {
    /// What it has chosen.
    pub choices: ChannelChoices,
    /// Whether its mail address was confirmed; without that it gets no mail.
    pub mail_confirmed: bool,
}

/// The settings of the caller.
pub async fn notification_settings(app: &AppState, who: &Allowed) -> Result<NotificationSettings, DbError> {
    let mut tx = app.db.snapshot().await?;
    let choices = channel_choices(&mut tx, who.account()).await;
    let account = db::account::by_id(&mut tx, who.account()).await;
    tx.finish().await?;
    Ok(NotificationSettings { choices: choices?, mail_confirmed: account?.is_some_and(|row| row.email_verified_at.is_some()) })
}

/// Stores what the caller has chosen, for every category and channel.
pub async fn set_notification_choices(app: &AppState, who: &Allowed, choices: ChannelChoices) -> Result<(), DbError> {
    let (account, now) = (who.account(), app.now());
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                for setting in CHANNEL_SETTINGS {
                    let (category, channel) = (setting.category, setting.channel);
                    let choice = ChannelChoiceRow { category, channel, enabled: choices.is_on(category, channel) };
                    db::channel_choice::set(tx, account, choice, now).await?;
                }
                Ok(())
            })
        })
        .await
}
