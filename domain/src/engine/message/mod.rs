//! 消息 that leave the house: by which ways a piece of news is sent, what it may say there, and how long it is tried.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::flow::{Edit, Party, Stage};

/// A way out of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Short message.
    Sms,
    /// E-mail.
    Mail,
}

/// What happened, as far as it decides how a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// A code was asked for. It is worded where it is made.
    Code,
    /// A matter of theirs went on.
    Progress,
    /// Something of others waits for them.
    Task,
    /// A matter of theirs came back to be changed.
    Returned,
    /// A matter of theirs waits to be paid.
    PaymentDue,
    /// A matter of theirs ended.
    Decided,
    /// A certificate of theirs is to be kept alive.
    Upkeep,
    /// A certificate of theirs was suspended or ended, because nobody kept it alive.
    Lapsed,
}

/// How a person is told of one kind of moment.
#[derive(Debug)]
pub struct Plan {
    /// The moment.
    pub moment: Moment,
    /// Stable code, kept with what was sent.
    pub code: &'static str,
    /// What it is called in 通知记录.
    pub label: &'static str,
    /// By which ways it leaves the house.
    pub channels: &'static [Channel],
    /// The sentence sent, with `{kind}` for the name of the kind. It travels in clear, so it names no person, result, opinion or number.
    pub sentence: &'static str,
}

const BY_MAIL: &[Channel] = &[Channel::Mail];
const BY_BOTH: &[Channel] = &[Channel::Mail, Channel::Sms];

/// The table. Short messages go out only at the moments that people must not miss (proposal).
pub const PLANS: &[Plan] = &[
    Plan { moment: Moment::Code, code: "code", label: "短信验证码", channels: &[Channel::Sms], sentence: "" },
    Plan {
        moment: Moment::Progress,
        code: "progress",
        label: "办理进展",
        channels: BY_MAIL,
        sentence: "您的{kind}业务有新的办理进展，请登录平台，在“我的事项”中查看。",
    },
    Plan {
        moment: Moment::Task,
        code: "task",
        label: "待办提醒",
        channels: BY_MAIL,
        sentence: "有一件{kind}业务待您办理，请登录平台，在工作台中查看。",
    },
    Plan {
        moment: Moment::Returned,
        code: "returned",
        label: "退回通知",
        channels: BY_BOTH,
        sentence: "您的{kind}业务已退回，请登录平台，在“我的事项”中查看意见，并在期限内修改后重新提交。",
    },
    Plan {
        moment: Moment::PaymentDue,
        code: "payment_due",
        label: "缴费通知",
        channels: BY_BOTH,
        sentence: "您的{kind}业务待缴费，请登录平台，在“我的事项”中查看并在期限内缴费。",
    },
    Plan {
        moment: Moment::Decided,
        code: "decided",
        label: "结果通知",
        channels: BY_BOTH,
        sentence: "您的{kind}业务已有办理结果，请登录平台，在“我的事项”中查看。",
    },
    Plan {
        moment: Moment::Upkeep,
        code: "upkeep",
        label: "证书提醒",
        channels: BY_BOTH,
        sentence: "您的注册证书需要办理{kind}，请登录平台，在“我的证书”中查看并在期限内办理。",
    },
    Plan {
        moment: Moment::Lapsed,
        code: "lapsed",
        label: "证书状态变更",
        channels: BY_BOTH,
        sentence: "您的注册证书因未按期办理{kind}，状态有变更，请登录平台，在“我的证书”中查看。",
    },
];

/// What is said of a moment that stands in no plan.
const NO_PLAN: Plan = Plan { moment: Moment::Progress, code: "", label: "通知", channels: &[], sentence: "" };

/// Signs every text.
pub const SENDER: &str = "认证人员综合服务平台";

impl Channel {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Mail => "mail",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Channel::Sms => "短信",
            Channel::Mail => "邮件",
        }
    }

    /// The channel of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Channel::Sms, Channel::Mail].into_iter().find(|c| c.code() == code)
    }
}

impl Moment {
    /// How it is told.
    pub fn plan(self) -> &'static Plan {
        PLANS.iter().find(|p| p.moment == self).unwrap_or(&NO_PLAN)
    }

    /// What reaching a stage means to whoever began the matter.
    pub fn of_stage(stage: &Stage) -> Self {
        match (stage.closed(), stage.edit) {
            (true, _) => Moment::Decided,
            // It waits for them, and there is nothing to change: they are to pay.
            (false, Edit::Nothing) if stage.turn == Party::Applicant => Moment::PaymentDue,
            (false, Edit::Nothing) => Moment::Progress,
            (false, _) => Moment::Returned,
        }
    }
}

/// The plan of a code; for one that is not in the table, a plan that sends nothing.
pub fn plan(code: &str) -> &'static Plan {
    PLANS.iter().find(|p| p.code == code).unwrap_or(&NO_PLAN)
}

impl Plan {
    fn said(&self, kind: &str) -> String {
        self.sentence.replace("{kind}", kind)
    }

    /// The short message to a person about a kind of matter.
    pub fn sms(&self, name: &str, kind: &str) -> String {
        format!("【{SENDER}】{name}您好：{}", self.said(kind))
    }

    /// Subject and text of the mail to a person about a kind of matter.
    pub fn mail(&self, name: &str, kind: &str) -> (String, String) {
        let text = format!("{name}，您好：\n\n{}\n\n{SENDER}\n本邮件由系统自动发送，请勿回复。\n", self.said(kind));
        (format!("{kind}：{}", self.label), text)
    }
}

/// How what was to leave the house stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// 待发送.
    Waiting,
    /// 已发送, at this time.
    Sent(DateTime<Utc>),
    /// 发送失败; tried again at this time.
    Failed(DateTime<Utc>),
    /// 已放弃: refused for good, or past its time.
    GivenUp,
}

/// What is known of something that is to leave the house.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    /// When it was put in.
    pub created_at: DateTime<Utc>,
    /// Not sent after this time.
    pub not_after: Option<DateTime<Utc>>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// Whether the last try failed.
    pub failed: bool,
    /// When it is tried next.
    pub next_try_at: DateTime<Utc>,
}

impl Attempts {
    /// How it stands now.
    pub fn state(&self, now: DateTime<Utc>) -> Delivery {
        let late = self.not_after.unwrap_or(self.created_at + GIVE_UP) < now;
        match (self.sent_at, self.given_up_at) {
            (Some(at), _) => Delivery::Sent(at),
            (None, Some(_)) => Delivery::GivenUp,
            (None, None) if late => Delivery::GivenUp,
            (None, None) if self.failed => Delivery::Failed(self.next_try_at),
            (None, None) => Delivery::Waiting,
        }
    }
}

/// How long something without a time of its own is tried.
pub const GIVE_UP: TimeDelta = TimeDelta::hours(24);

/// How long to wait after so many failed tries: a minute, doubled each time, an hour at most.
pub fn wait_after(tries: i64) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(1, 7) - 1).unwrap_or(0);
    TimeDelta::minutes((1_i64 << doublings).min(60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KINDS;

    #[test]
    fn every_moment_has_one_plan_and_every_plan_its_own_code() {
        use Moment::{Code, Decided, Lapsed, PaymentDue, Progress, Returned, Task, Upkeep};
        let all = [Code, Progress, Task, Returned, PaymentDue, Decided, Upkeep, Lapsed];
        for moment in all {
            assert_eq!(PLANS.iter().filter(|p| p.moment == moment).count(), 1, "{moment:?}");
            assert_eq!(plan(moment.plan().code).moment, moment);
        }
        assert_eq!(PLANS.len(), all.len());
    }

    #[test]
    fn what_must_not_be_missed_also_goes_by_short_message() {
        let by_sms: Vec<&str> = PLANS.iter().filter(|p| p.channels.contains(&Channel::Sms)).map(|p| p.code).collect();
        assert_eq!(by_sms, ["code", "returned", "payment_due", "decided", "upkeep", "lapsed"]);
    }

    #[test]
    fn a_stage_tells_its_applicant_what_it_means() {
        for kind in KINDS {
            for stage in kind.flow.stages.iter().skip(1) {
                let moment = Moment::of_stage(stage);
                assert_eq!(moment == Moment::Decided, stage.closed(), "{}", stage.code);
                assert_eq!(moment == Moment::Returned, stage.edit != Edit::Nothing, "{}", stage.code);
            }
        }
    }

    #[test]
    fn a_text_names_the_person_and_the_kind_and_fits_two_short_messages() {
        for plan in PLANS.iter().filter(|p| p.moment != Moment::Code) {
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
        let minutes: Vec<i64> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000, i64::MAX].iter().map(|t| wait_after(*t).num_minutes()).collect();
        assert_eq!(minutes, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn the_state_follows_from_what_was_tried() {
        let at = |minute: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minute);
        let new = Attempts { created_at: at(0), not_after: None, sent_at: None, given_up_at: None, failed: false, next_try_at: at(0) };
        assert_eq!(new.state(at(5)), Delivery::Waiting);
        assert_eq!(Attempts { sent_at: Some(at(1)), failed: true, ..new }.state(at(5)), Delivery::Sent(at(1)));
        assert_eq!(Attempts { failed: true, next_try_at: at(9), ..new }.state(at(5)), Delivery::Failed(at(9)));
        assert_eq!(Attempts { given_up_at: Some(at(2)), ..new }.state(at(5)), Delivery::GivenUp);
        assert_eq!(Attempts { not_after: Some(at(2)), ..new }.state(at(2)), Delivery::Waiting);
        assert_eq!(Attempts { not_after: Some(at(2)), ..new }.state(at(3)), Delivery::GivenUp);
        assert_eq!((new.state(at(24 * 60)), new.state(at(24 * 60 + 1))), (Delivery::Waiting, Delivery::GivenUp));
    }
}
