//! The outbox as people see it.

use chrono::{DateTime, Utc};
use domain::base::identity::{Email, Mobile};
use domain::engine::notification::{Channel, DeliveryAttempts, DeliveryStatus, NotificationPlan, plan};

use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::db::outbox::OutboxRow;
use crate::infra::outbox::unseal;
use crate::state::AppState;

/// An outbox row, unsealed.
pub struct OutboxView {
    /// Channel.
    pub channel: Channel,
    /// Notification plan.
    pub plan: &'static NotificationPlan,
    /// Mobile number or mail address.
    pub target: String,
    /// Subject of a mail.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Delivery status.
    pub state: DeliveryStatus,
}

impl OutboxView {
    /// Masked mobile number or mail address.
    pub fn masked_target(&self) -> String {
        match self.channel {
            Channel::Sms => Mobile::parse(&self.target).map_or_else(|_| String::new(), |m| m.masked()),
            Channel::Mail => Email::parse(&self.target).map_or_else(|_| String::new(), |m| m.masked()),
        }
    }
}

/// The newest outbox rows, unsealed; for demo mode only.
pub async fn list_outbox(app: &AppState) -> Result<Vec<OutboxView>, DbError> {
    let rows = {
        let mut tx = app.db.read().await?;
        db::outbox::list_newest(&mut tx, 50).await?
    };
    rows.iter().map(|row| outbox_view(app, row)).collect()
}

/// One row, unsealed.
pub(crate) fn outbox_view(app: &AppState, row: &OutboxRow) -> Result<OutboxView, DbError> {
    let attempts = DeliveryAttempts {
        created_at: row.created_at,
        not_after: row.not_after,
        sent_at: row.sent_at,
        given_up_at: row.given_up_at,
        failed: row.last_error.is_some(),
        next_try_at: row.next_try_at,
    };
    let unsealed = unseal(&app.keys, row)?;
    Ok(OutboxView {
        channel: row.channel,
        plan: plan(&row.kind),
        target: unsealed.target,
        subject: row.subject.clone(),
        body: unsealed.body,
        created_at: row.created_at,
        state: attempts.status(app.now()),
    })
}
