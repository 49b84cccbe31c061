//! Input of a decision for tests.

use chrono::{DateTime, NaiveDate};

use super::command::{Conditions, DecisionInput};
use super::facts::NO_FACTS;
use crate::base::rule::Rules;
use crate::engine::form::Answers;

/// Revision of the answers in [`decision_input`].
pub(crate) const REVISION: i64 = 7;

/// Conditions with two rounds of rectification, no facts of a kind, and the first day of the calendar as today.
pub(crate) fn conditions<'a>(answers: &'a Answers, rules: &'a Rules) -> Conditions<'a> {
    let today = NaiveDate::default();
    Conditions {
        now: DateTime::default(),
        today,
        answers,
        facts: &NO_FACTS,
        rounds: 2,
        filed_by_institution: false,
        rules: rules.on(today),
    }
}

/// Input with valid, changed answers under these conditions.
pub(crate) fn decision_input<'a>(answers: &'a Answers, rules: &'a Rules) -> DecisionInput<'a> {
    let conditions = conditions(answers, rules);
    DecisionInput { conditions, revision: REVISION, answers_valid: true, form_valid: true, changed: true, participants: &[] }
}
