//! Delivery channels, and categories of messages.

/// A delivery channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Short messages to a mobile number.
    Sms,
    /// E-mail.
    Mail,
}

/// Category of a message in 消息中心.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageCategory {
    /// 待办: something is asked of the recipient. It is closed when the task is done.
    Task,
    /// 进度: a matter advanced or was decided.
    Progress,
    /// 系统: certificates and the account.
    System,
}

impl MessageCategory {
    /// Every category, in the order of pages.
    pub const ALL: [Self; 3] = [MessageCategory::Task, MessageCategory::Progress, MessageCategory::System];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            MessageCategory::Task => "task",
            MessageCategory::Progress => "progress",
            MessageCategory::System => "system",
        }
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            MessageCategory::Task => "待办",
            MessageCategory::Progress => "进度",
            MessageCategory::System => "系统",
        }
    }

    /// The category with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }
}

impl Channel {
    /// Every channel, in the order of pages.
    pub const ALL: [Self; 2] = [Channel::Sms, Channel::Mail];

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
        Self::ALL.into_iter().find(|c| c.code() == code)
    }
}
