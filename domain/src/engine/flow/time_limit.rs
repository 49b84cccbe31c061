//! Time limits of stages.

use super::facts::DeadlineKey;
use crate::base::rule::{RuleKey, RulesOn};

/// A time limit of a stage: a number of days of the rule table, from the day on which the stage is entered, or a deadline of the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// A number of working days.
    Working(RuleKey),
    /// A number of calendar days.
    Calendar(RuleKey),
    /// The day of a deadline, whenever the stage is entered.
    Day(DeadlineKey),
}

impl TimeLimit {
    /// The number of days: 10 个工作日, 30 日; or the name of the deadline: 至报名截止日.
    pub fn text(self, rules: &RulesOn<'_>) -> String {
        match self {
            TimeLimit::Working(key) => format!("{} 个工作日", rules.int(key)),
            TimeLimit::Calendar(key) => format!("{} 日", rules.int(key)),
            TimeLimit::Day(key) => format!("至{}", key.label),
        }
    }
}
