//! 通知设置: through which channels an account is notified, beside 站内消息.

use super::channel::{Channel, MessageCategory};
use super::plan::{NOTIFICATION_PLANS, NotificationPlan};

impl MessageCategory {
    /// The kinds of notification of this category.
    pub fn plans(self) -> impl Iterator<Item = &'static NotificationPlan> {
        NOTIFICATION_PLANS.iter().filter(move |plan| plan.category == Some(self))
    }
}

/// Whether the notifications of a category that an account can choose are sent through a channel, unless the account has chosen otherwise.
#[derive(Debug, Clone, Copy)]
pub struct ChannelSetting {
    /// The category.
    pub category: MessageCategory,
    /// The channel.
    pub channel: Channel,
    /// The choice of an account that has made none.
    pub default: bool,
}

const fn setting(category: MessageCategory, channel: Channel, default: bool) -> ChannelSetting {
    ChannelSetting { category, channel, default }
}

/// What an account can choose: categories by channels.
pub const CHANNEL_SETTINGS: &[ChannelSetting] = &[
    setting(MessageCategory::Task, Channel::Sms, false),
    setting(MessageCategory::Task, Channel::Mail, true),
    setting(MessageCategory::Progress, Channel::Sms, false),
    setting(MessageCategory::Progress, Channel::Mail, true),
    setting(MessageCategory::System, Channel::Sms, true),
    setting(MessageCategory::System, Channel::Mail, true),
];

/// The choices of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelChoices(Vec<(MessageCategory, Channel, bool)>);

impl ChannelChoices {
    /// The choices, each of a category and a channel.
    pub fn new(choices: impl IntoIterator<Item = (MessageCategory, Channel, bool)>) -> Self {
        Self(choices.into_iter().collect())
    }

    /// Whether the notifications of a category that can be chosen are sent through a channel.
    pub fn is_on(&self, category: MessageCategory, channel: Channel) -> bool {
        let chosen = self.0.iter().find(|(of, through, _)| *of == category && *through == channel).map(|(.., on)| *on);
        let default = || CHANNEL_SETTINGS.iter().any(|s| s.category == category && s.channel == channel && s.default);
        chosen.unwrap_or_else(default)
    }
}

impl NotificationPlan {
    /// Channels through which an account with these choices is notified.
    pub fn channels(&self, choices: &ChannelChoices) -> Vec<Channel> {
        let is_chosen = |channel: Channel| self.category.is_some_and(|category| choices.is_on(category, channel));
        let is_sent = |channel: &Channel| self.always.contains(channel) || self.optional.contains(channel) && is_chosen(*channel);
        Channel::ALL.into_iter().filter(is_sent).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::notification::plan::NotificationKind;

    fn codes(plan: &NotificationPlan, choices: &ChannelChoices) -> Vec<&'static str> {
        plan.channels(choices).into_iter().map(Channel::code).collect()
    }

    #[test]
    fn each_category_has_one_setting_for_each_channel_and_each_setting_something_to_choose() {
        for category in MessageCategory::ALL {
            assert_eq!(MessageCategory::from_code(category.code()), Some(category));
            for channel in Channel::ALL {
                let settings = CHANNEL_SETTINGS.iter().filter(|s| s.category == category && s.channel == channel);
                assert_eq!(settings.count(), 1, "{category:?} {channel:?}");
                assert!(category.plans().any(|plan| plan.optional.contains(&channel)), "{category:?} {channel:?}");
            }
        }
        assert_eq!(CHANNEL_SETTINGS.len(), MessageCategory::ALL.len() * Channel::ALL.len());
    }

    #[test]
    fn without_a_choice_short_messages_tell_only_what_must_not_be_missed() {
        let none = ChannelChoices::default();
        let by_sms: Vec<&str> = NOTIFICATION_PLANS.iter().filter(|p| codes(p, &none).contains(&"sms")).map(|p| p.code).collect();
        assert_eq!(by_sms, ["code", "returned", "payment_due", "decided", "upkeep", "lapsed", "course"]);
        for plan in NOTIFICATION_PLANS.iter().filter(|plan| plan.kind != NotificationKind::VerificationCode) {
            assert!(codes(plan, &none).contains(&"mail"), "{}", plan.code);
        }
    }

    #[test]
    fn what_must_be_sent_is_sent_whatever_was_chosen_and_says_why() {
        let all = |on: bool| ChannelChoices::new(CHANNEL_SETTINGS.iter().map(move |s| (s.category, s.channel, on)));
        for plan in NOTIFICATION_PLANS {
            assert_eq!(plan.channels(&all(false)), plan.always, "{}", plan.code);
            assert_eq!(plan.always.is_empty(), plan.why_always.is_empty(), "{}", plan.code);
            let most: Vec<Channel> = Channel::ALL.into_iter().filter(|c| plan.always.contains(c) || plan.optional.contains(c)).collect();
            assert_eq!(plan.channels(&all(true)), most, "{}", plan.code);
            assert!(!plan.optional.iter().any(|channel| plan.always.contains(channel)), "{}", plan.code);
        }
        let by_sms: Vec<&str> = NOTIFICATION_PLANS.iter().filter(|p| p.always.contains(&Channel::Sms)).map(|p| p.code).collect();
        assert_eq!(by_sms, ["code", "returned", "payment_due", "decided", "lapsed"]);
    }

    #[test]
    fn a_choice_changes_its_category_and_channel_and_no_other() {
        let choices = ChannelChoices::new([(MessageCategory::Progress, Channel::Mail, false), (MessageCategory::Task, Channel::Sms, true)]);
        assert!(codes(NotificationKind::Progress.plan(), &choices).is_empty());
        assert_eq!(codes(NotificationKind::Task.plan(), &choices), ["sms", "mail"]);
        assert_eq!(codes(NotificationKind::RenewalDue.plan(), &choices), ["sms", "mail"]);
    }
}
