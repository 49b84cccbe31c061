//! Kinds of notifications: category, channels and text of each.

use super::channel::{Channel, MessageCategory};

/// Kind of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotificationKind {
    /// An SMS code; its text is made by the sender.
    VerificationCode,
    /// An own matter advanced.
    Progress,
    /// A task is assigned to the recipient.
    Task,
    /// The due day of a task is near, after which the matter goes on without the recipient.
    Deadline,
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
    /// A course of the register was filed, ends soon, lacks teachers, or was cancelled; for its institution and its teachers.
    CourseRegister,
    /// Something about an institution of the recipient: its state, or an invitation to be its user.
    Institution,
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
    /// Category of its messages in 消息中心; none for what is not shown there.
    pub category: Option<MessageCategory>,
    /// Channels through which it is always sent.
    pub always: &'static [Channel],
    /// Why it is always sent; empty if it is not.
    pub why_always: &'static str,
    /// Channels through which it is sent as the account chooses for its category.
    pub optional: &'static [Channel],
    /// Text with `{kind}` for the name of the kind. It is sent unencrypted, so it contains no person, result, opinion or number.
    pub template: &'static str,
}

const BY_SMS: &[Channel] = &[Channel::Sms];
const BY_MAIL: &[Channel] = &[Channel::Mail];
const BY_BOTH: &[Channel] = &Channel::ALL;

/// The notification plans. What opens or ends a legal time limit is always sent (our proposal).
pub const NOTIFICATION_PLANS: &[NotificationPlan] = &[
    NotificationPlan {
        kind: NotificationKind::VerificationCode,
        code: "code",
        label: "短信验证码",
        category: None,
        always: BY_SMS,
        why_always: "用于核验本人",
        optional: &[],
        template: "",
    },
    NotificationPlan {
        kind: NotificationKind::Progress,
        code: "progress",
        label: "办理进展",
        category: Some(MessageCategory::Progress),
        always: &[],
        why_always: "",
        optional: BY_BOTH,
        template: "您的{kind}业务有新的办理进展，请登录平台，在“我的事项”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::Task,
        code: "task",
        label: "待办提醒",
        category: Some(MessageCategory::Task),
        always: &[],
        why_always: "",
        optional: BY_BOTH,
        template: "您有一件待办业务：{kind}，请登录平台，在工作台中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::Deadline,
        code: "deadline",
        label: "办理期限提醒",
        category: Some(MessageCategory::Task),
        always: BY_MAIL,
        why_always: "逾期未办理的，业务按规定终止或进入下一环节",
        optional: BY_SMS,
        template: "您有一件待办业务即将到期：{kind}，请登录平台，在“消息中心”中查看并在期限内办理。",
    },
    NotificationPlan {
        kind: NotificationKind::Returned,
        code: "returned",
        label: "退回通知",
        category: Some(MessageCategory::Task),
        always: BY_BOTH,
        why_always: "逾期未修改并重新提交的，业务终止",
        optional: &[],
        template: "您的{kind}业务已退回，请登录平台，在“我的事项”中查看意见，并在期限内修改后重新提交。",
    },
    NotificationPlan {
        kind: NotificationKind::PaymentDue,
        code: "payment_due",
        label: "缴费通知",
        category: Some(MessageCategory::Task),
        always: BY_BOTH,
        why_always: "逾期未缴费的，业务终止",
        optional: &[],
        template: "您的{kind}业务待缴费，请登录平台，在“我的事项”中查看并在期限内缴费。",
    },
    NotificationPlan {
        kind: NotificationKind::Decided,
        code: "decided",
        label: "结果通知",
        category: Some(MessageCategory::Progress),
        always: BY_BOTH,
        why_always: "申诉等期限自决定起计算",
        optional: &[],
        template: "您的{kind}业务已有办理结果，请登录平台，在“我的事项”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::RenewalDue,
        code: "upkeep",
        label: "证书提醒",
        category: Some(MessageCategory::System),
        always: &[],
        why_always: "",
        optional: BY_BOTH,
        template: "您的注册证书需要办理{kind}，请登录平台，在“我的证书”中查看并在期限内办理。",
    },
    NotificationPlan {
        kind: NotificationKind::CertificateLapsed,
        code: "lapsed",
        label: "证书状态变更",
        category: Some(MessageCategory::System),
        always: BY_BOTH,
        why_always: "证书状态变更后不能继续以该证书执业",
        optional: &[],
        template: "您的注册证书因未按期办理{kind}，状态有变更，请登录平台，在“我的证书”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::CertificateDisposed,
        code: "disposed",
        label: "处置通知",
        category: Some(MessageCategory::System),
        always: BY_MAIL,
        why_always: "处置决定可在规定期限内申诉",
        optional: &[],
        template: "有一件{kind}与您有关，请登录平台，在“消息中心”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::CourseRegister,
        code: "course",
        label: "备案课程提醒",
        category: Some(MessageCategory::System),
        always: BY_MAIL,
        why_always: "逾期未办理的，课程备案失效",
        optional: BY_SMS,
        template: "您有一件{kind}业务有新的情况，请登录平台，在“消息中心”中查看。",
    },
    NotificationPlan {
        kind: NotificationKind::Institution,
        code: "institution",
        label: "机构通知",
        category: Some(MessageCategory::System),
        always: BY_MAIL,
        why_always: "机构状态影响以机构名义办理的业务和人员的执业关系",
        optional: &[],
        template: "有一项{kind}与您有关，请登录平台，在“消息中心”中查看。",
    },
];

/// The plan for unknown kinds.
const NO_PLAN: NotificationPlan = NotificationPlan {
    kind: NotificationKind::Progress,
    code: "",
    label: "通知",
    category: None,
    always: &[],
    why_always: "",
    optional: &[],
    template: "",
};

/// Signature of every text.
pub const SENDER: &str = "认证人员综合服务平台";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notification_kind_has_one_plan_and_every_plan_its_own_code() {
        use NotificationKind::{
            CertificateDisposed, CertificateLapsed, CourseRegister, Deadline, Decided, Institution, PaymentDue, Progress, RenewalDue,
            Returned, Task, VerificationCode,
        };
        let all = [
            VerificationCode,
            Progress,
            Task,
            Deadline,
            Returned,
            PaymentDue,
            Decided,
            RenewalDue,
            CertificateLapsed,
            CertificateDisposed,
            CourseRegister,
            Institution,
        ];
        for moment in all {
            assert_eq!(NOTIFICATION_PLANS.iter().filter(|p| p.kind == moment).count(), 1, "{moment:?}");
            assert_eq!(plan(moment.plan().code).kind, moment);
        }
        assert_eq!(NOTIFICATION_PLANS.len(), all.len());
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
}
