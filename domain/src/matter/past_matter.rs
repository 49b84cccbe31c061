//! Matters submitted earlier, as rules about another matter read them.

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use crate::base::rule::{RulesOn, key};
use crate::engine::flow::Stage;
use crate::engine::form::Issue;

/// Option list of the matters that the owner submitted earlier, in [`FormContext::lists`](crate::engine::form::FormContext::lists).
pub const SUBMITTED_MATTERS: &str = "submitted_matters";

/// A matter the applicant submitted earlier.
#[derive(Clone)]
pub struct PastMatter {
    /// Id of the matter.
    pub id: Uuid,
    /// Code of its kind.
    pub kind: &'static str,
    /// Name of its kind.
    pub kind_label: &'static str,
    /// 业务编号.
    pub number: Option<String>,
    /// Title in lists.
    pub title: String,
    /// Current stage; none for a code that the flow no longer has.
    pub stage: Option<&'static Stage>,
    /// Whether the matter, while open with the old institution, blocks an application for a transfer.
    pub blocks_transfer: bool,
    /// The recommending institution.
    pub institution: Option<Uuid>,
    /// The day it was closed, in Shanghai; none while it is open.
    pub closed_on: Option<NaiveDate>,
    /// Whether an appeal was submitted against the decision that closed it.
    pub appealed: bool,
}

impl PastMatter {
    /// Code of the current stage; empty for a stage that the flow no longer has.
    pub fn stage_code(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.code)
    }

    /// Name of the current stage; empty for a stage that the flow no longer has.
    pub fn stage_label(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.label)
    }

    /// The day of the decision, if the decision can be appealed.
    pub fn decided_on(&self) -> Option<NaiveDate> {
        self.closed_on.filter(|_| self.stage.is_some_and(Stage::can_be_appealed))
    }

    /// Why the decision cannot be appealed by an appeal first submitted on the day `applied_on`; none if it can (docs/domain.md §8: once,
    /// and within the days of the rule table).
    pub fn appeal_obstacle(&self, applied_on: NaiveDate, rules: RulesOn<'_>) -> Option<Issue> {
        let Some(decided_on) = self.decided_on() else {
            return Some(Issue::new("no_decision", "该业务没有可以申诉的决定"));
        };
        let days = u64::try_from(rules.int(key::APPEAL_WINDOW)).unwrap_or(0);
        let last = decided_on.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
        if self.appealed {
            Some(Issue::new("appealed", "对该决定已提出过申诉，不能再次申诉"))
        } else if applied_on > last {
            Some(Issue::new("too_late", format!("该决定于 {decided_on} 作出，申诉期限已于 {last} 届满")))
        } else {
            None
        }
    }
}

impl PartialEq for PastMatter {
    fn eq(&self, other: &Self) -> bool {
        let key = |m: &Self| (m.id, m.kind, m.stage_code(), m.institution, m.closed_on, m.appealed);
        key(self) == key(other) && self.title == other.title
    }
}

impl Eq for PastMatter {}

impl std::fmt::Debug for PastMatter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PastMatter({} {} {})", self.kind, self.id, self.stage_code())
    }
}
