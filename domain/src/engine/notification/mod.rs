//! Notifications by SMS and mail: channels, texts and retries by kind of notification.

use chrono::{DateTime, TimeDelta, Utc};

/// A delivery channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Short messages to a mobile number.
    Sms,
    /// E-mail.
    Mail,
}

/// Kind of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotificationKind {
    /// An SMS code; its text is made by the sender.
    VerificationCode,
    /// An own matter advanced.
    Progress,
    /// A task is assigned to the recipient.
    Task,
    /// An own matter was returned for changes.
    Returned,
    /// The fee of an own matter is due.
    PaymentDue,
    /// An own matter was decided.
    Decided,
    /// The renewal of an own certificate is due.
    RenewalDue,
    /// An own certificate was suspended or ended without a renewal.
    CertificateLapsed,
    /// A measure of the association on a certificate takes effect; also for the practice institution.
    CertificateDisposed,
}

/// Channels and text of one kind of notification.
#[derive(Debug)]
pub struct NotificationPlan {
    /// The kind of notification that the plan is for.
    pub kind: NotificationKind,
    /// Stable code, stored with each delivery.
    pub code: &'static str,
    /// Label in 通知记录.
    pub label: &'static str,
    /// Channels through which the notification is sent.
    pub channels: &'static [Channel],
    /// Text with `{kind}` for the name of the kind. It is sent unencrypted, so it contains no person, result, opinion or number.
    pub template: &'static str,
}

const BY_MAIL: &[Channel] = &[Channel::Mail];
const BY_BOTH: &[Channel] = &[Channel::Mail, Channel::Sms];

/// The notification plans. SMS are sent only for events that must not be missed (our proposal).
pub const NOTIFICATION_PLANS: &[NotificationPlan] = &[
    NotificationPlan {
        kind: NotificationKind::VerificationCode,
        code: "code",
        label: "短信验证码",
        channels: &[Channel::Sms],
        template: "",
    },
    NotificationPlan {
        kind: NotificationKind::Progress,
        code: "progress",
        label: "办理进展",
        channels: BY_MAIL,
        template: "您的{kind}业务有新的办理进展，请登录平台，在“我的事项”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::Task,
        code: "task",
        label: "待办提醒",
        channels: BY_MAIL,
        template: "您有一件待办业务：{kind}，请登录平台，在工作台中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::Returned,
        code: "returned",
        label: "退回通知",
        channels: BY_BOTH,
        template: "您的{kind}业务已退回，请登录平台，在“我的事项”中查看意见，并在期限内修改后重新提交。",
    },
    NotificationPlan {
        kind: NotificationKind::PaymentDue,
        code: "payment_due",
        label: "缴费通知",
        channels: BY_BOTH,
        template: "您的{kind}业务待缴费，请登录平台，在“我的事项”中查看并在期限内缴费。",
    },
    NotificationPlan {
        kind: NotificationKind::Decided,
        code: "decided",
        label: "结果通知",
        channels: BY_BOTH,
        template: "您的{kind}业务已有办理结果，请登录平台，在“我的事项”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::RenewalDue,
        code: "upkeep",
        label: "证书提醒",
        channels: BY_BOTH,
        template: "您的注册证书需要办理{kind}，请登录平台，在“我的证书”中查看并在期限内办理。",
    },
    NotificationPlan {
        kind: NotificationKind::CertificateLapsed,
        code: "lapsed",
        label: "证书状态变更",
        channels: BY_BOTH,
        template: "您的注册证书因未按期办理{kind}，状态有变更，请登录平台，在“我的证书”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::CertificateDisposed,
        code: "disposed",
        label: "处置通知",
        channels: BY_MAIL,
        template: "有一件{kind}与您有关，请登录平台，在“消息中心”中查看。",
    },
];

/// The plan for unknown kinds.
const NO_PLAN: NotificationPlan =
    NotificationPlan { kind: NotificationKind::Progress, code: "", label: "通知", channels: &[], template: "" };

/// Signature of every text.
pub const SENDER: &str = "认证人员综合服务平台";

impl Channel {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Mail => "mail",
        }
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            Channel::Sms => "短信",
            Channel::Mail => "邮件",
        }
    }

    /// The channel with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Channel::Sms, Channel::Mail].into_iter().find(|c| c.code() == code)
    }
}

impl NotificationKind {
    /// The plan for this kind of notification.
    pub fn plan(self) -> &'static NotificationPlan {
        NOTIFICATION_PLANS.iter().find(|p| p.kind == self).unwrap_or(&NO_PLAN)
    }
}

/// The plan with this code; for an unknown code a plan without channels.
pub fn plan(code: &str) -> &'static NotificationPlan {
    NOTIFICATION_PLANS.iter().find(|p| p.code == code).unwrap_or(&NO_PLAN)
}

impl NotificationPlan {
    fn render(&self, kind: &str) -> String {
        self.template.replace("{kind}", kind)
    }

    /// Text of the SMS about a kind of matter.
    pub fn sms(&self, name: &str, kind: &str) -> String {
        format!("【{SENDER}】{name}您好：{}", self.render(kind))
    }

    /// Subject and text of the mail about a kind of matter.
    pub fn mail(&self, name: &str, kind: &str) -> (String, String) {
        let text = format!("{name}，您好：\n\n{}\n\n{SENDER}\n本邮件由系统自动发送，请勿回复。\n", self.render(kind));
        (format!("{kind}：{}", self.label), text)
    }
}

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
    fn every_notification_kind_has_one_plan_and_every_plan_its_own_code() {
        use NotificationKind::{
            CertificateDisposed, CertificateLapsed, Decided, PaymentDue, Progress, RenewalDue, Returned, Task, VerificationCode,
        };
        let all = [VerificationCode, Progress, Task, Returned, PaymentDue, Decided, RenewalDue, CertificateLapsed, CertificateDisposed];
        for moment in all {
            assert_eq!(NOTIFICATION_PLANS.iter().filter(|p| p.kind == moment).count(), 1, "{moment:?}");
            assert_eq!(plan(moment.plan().code).kind, moment);
        }
        assert_eq!(NOTIFICATION_PLANS.len(), all.len());
    }

    #[test]
    fn important_notifications_are_also_sent_as_short_messages() {
        let by_sms: Vec<&str> = NOTIFICATION_PLANS.iter().filter(|p| p.channels.contains(&Channel::Sms)).map(|p| p.code).collect();
        assert_eq!(by_sms, ["code", "returned", "payment_due", "decided", "upkeep", "lapsed"]);
    }

    #[test]
    fn a_text_names_the_person_and_the_kind_and_fits_two_short_messages() {
        for plan in NOTIFICATION_PLANS.iter().filter(|p| p.kind != NotificationKind::VerificationCode) {
            let sms = plan.sms("林晓月", "人员注册");
            assert!(sms.contains("林晓月您好") && sms.contains("人员注册") && !sms.contains('{'), "{sms}");
            assert!(sms.chars().count() <= 134, "{sms}");
            let (subject, text) = plan.mail("林晓月", "人员注册");
            assert!(subject.starts_with("人员注册：") && !subject.contains("林晓月"));
            assert!(text.starts_with("林晓月，您好：") && !text.contains('{'));
        }
    }

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
