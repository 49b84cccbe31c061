//! Notifications by SMS and mail: channels, texts, choices of accounts and retries.

mod channel;
mod plan;
mod setting;

use chrono::{DateTime, TimeDelta, Utc};

pub use channel::{Channel, MessageCategory};
pub use plan::{NOTIFICATION_PLANS, NotificationKind, NotificationPlan, SENDER, plan};
pub use setting::{CHANNEL_SETTINGS, ChannelChoices, ChannelSetting};

/// Delivery status of an outbound message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// 待发送.
    Waiting,
    /// 已发送, with the time.
    Sent(DateTime<Utc>),
    /// 发送失败, with the time of the next attempt.
    Failed(DateTime<Utc>),
    /// 已放弃: permanent failure, or expired.
    GivenUp,
}

/// Data of an outbound message from which its status follows.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryAttempts {
    /// When the message was put into the outbox.
    pub created_at: DateTime<Utc>,
    /// When the message expires; none for the default, [`GIVE_UP_AFTER`].
    pub not_after: Option<DateTime<Utc>>,
    /// Time of delivery.
    pub sent_at: Option<DateTime<Utc>>,
    /// Time at which delivery was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// Whether the last attempt failed.
    pub failed: bool,
    /// Time of the next attempt.
    pub next_try_at: DateTime<Utc>,
}

impl DeliveryAttempts {
    /// The status at a time.
    pub fn status(&self, now: DateTime<Utc>) -> DeliveryStatus {
        let late = self.not_after.unwrap_or(self.created_at + GIVE_UP_AFTER) < now;
        match (self.sent_at, self.given_up_at) {
            (Some(at), _) => DeliveryStatus::Sent(at),
            (None, Some(_)) => DeliveryStatus::GivenUp,
            (None, None) if late => DeliveryStatus::GivenUp,
            (None, None) if self.failed => DeliveryStatus::Failed(self.next_try_at),
            (None, None) => DeliveryStatus::Waiting,
        }
    }
}

/// Time after which a message without an expiry is given up.
pub const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

/// Delay after a number of failed attempts: one minute, doubled each time, at most one hour.
pub fn retry_delay(tries: i64) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(1, 7) - 1).unwrap_or(0);
    TimeDelta::minutes((1_i64 << doublings).min(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_a_minute_to_an_hour() {
        let minutes: Vec<i64> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000, i64::MAX].iter().map(|t| retry_delay(*t).num_minutes()).collect();
        assert_eq!(minutes, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn the_delivery_status_follows_from_the_attempts() {
        let at = |minute: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minute);
        let new =
            DeliveryAttempts { created_at: at(0), not_after: None, sent_at: None, given_up_at: None, failed: false, next_try_at: at(0) };
        assert_eq!(new.status(at(5)), DeliveryStatus::Waiting);
        assert_eq!(DeliveryAttempts { sent_at: Some(at(1)), failed: true, ..new }.status(at(5)), DeliveryStatus::Sent(at(1)));
        assert_eq!(DeliveryAttempts { failed: true, next_try_at: at(9), ..new }.status(at(5)), DeliveryStatus::Failed(at(9)));
        assert_eq!(DeliveryAttempts { given_up_at: Some(at(2)), ..new }.status(at(5)), DeliveryStatus::GivenUp);
        assert_eq!(DeliveryAttempts { not_after: Some(at(2)), ..new }.status(at(2)), DeliveryStatus::Waiting);
        assert_eq!(DeliveryAttempts { not_after: Some(at(2)), ..new }.status(at(3)), DeliveryStatus::GivenUp);
        assert_eq!((new.status(at(24 * 60)), new.status(at(24 * 60 + 1))), (DeliveryStatus::Waiting, DeliveryStatus::GivenUp));
    }
}
