//! Input of a decision for tests.

use chrono::{DateTime, NaiveDate};

use super::command::DecisionInput;
use crate::base::rule::Rules;
use crate::engine::form::Answers;

/// Revision of the answers in [`decision_input`].
pub(crate) const REVISION: i64 = 7;

/// Input with valid, changed answers, two rounds of rectification, and the first day of the calendar as today.
pub(crate) fn decision_input<'a>(answers: &'a Answers, rules: &'a Rules) -> DecisionInput<'a> {
    let today = NaiveDate::default();
    DecisionInput {
        now: DateTime::default(),
        today,
        answers,
        revision: REVISION,
        answers_valid: true,
        form_valid: true,
        changed: true,
        rounds: 2,
        participants: &[],
        filed_by_institution: false,
        rules: rules.on(today),
    }
}
