//! How far a form is filled in, for lists of drafts.

use super::{Answers, Form, Scope, Step};
use crate::base::rule::RulesOn;

/// How far a form is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormProgress {
    /// The last step with an answer: its number, from 1, and its title.
    pub last: Option<(usize, &'static str)>,
    /// Number of steps.
    pub steps: usize,
}

impl Form {
    /// How far these answers fill the form in, by the steps that the wizard shows under these rules. Whether they are valid is not judged.
    pub fn progress(&self, answers: &Answers, rules: RulesOn<'_>) -> FormProgress {
        let scope = Scope::form(answers).with_rules(rules);
        let steps: Vec<&Step> = self.steps.iter().filter(|step| step.shown.holds(&scope)).collect();
        let last = steps.iter().rposition(|step| has_answer(step, answers));
        FormProgress { last: last.and_then(|at| Some((at + 1, steps.get(at)?.title))), steps: steps.len() }
    }
}

fn has_answer(step: &Step, answers: &Answers) -> bool {
    step.fields().any(|field| answers.fields.get(field.name).is_some_and(|value| !value.is_empty()))
        || step.records().any(|list| answers.records(list.name).next().is_some())
}
