//! How far a form is filled in, for lists of drafts and for the steps of the wizard.

use super::{Answers, Form, FormContext, Scope, Step, check_step};
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

/// How far a step is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepProgress {
    /// It has no answer.
    Empty,
    /// It has answers, and needs more.
    Partial,
    /// It has answers, and needs no more.
    Filled,
    /// One of its answers is wrong.
    Faulty,
}

impl StepProgress {
    /// How far these answers fill a step in.
    pub fn of(step: &'static Step, answers: &Answers, context: &FormContext<'_>) -> Self {
        let problems = check_step(step, answers, context);
        if problems.iter().any(|problem| !MISSING.contains(&problem.issue.code)) {
            StepProgress::Faulty
        } else if !has_answer(step, answers) {
            StepProgress::Empty
        } else if problems.is_empty() {
            StepProgress::Filled
        } else {
            StepProgress::Partial
        }
    }

    /// The same without judging the answers, where not everything is known that a check needs.
    pub fn unchecked(step: &Step, answers: &Answers) -> Self {
        if has_answer(step, answers) { StepProgress::Filled } else { StepProgress::Empty }
    }
}

/// Codes of issues that say that there is no answer yet.
const MISSING: [&str; 2] = ["missing", "no_record"];

fn has_answer(step: &Step, answers: &Answers) -> bool {
    step.fields().any(|field| answers.fields.get(field.name).is_some_and(|value| !value.is_empty()))
        || step.records().any(|list| answers.records(list.name).next().is_some())
}
