//! How far a form is filled in, for lists of drafts.

use super::{Answers, Form, Step};

/// How far a form is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormProgress {
    /// Steps with an answer.
    pub filled: usize,
    /// Steps in which something can be filled in.
    pub steps: usize,
    /// Title of the last step with an answer.
    pub last: Option<&'static str>,
}

impl Form {
    /// How far these answers fill the form in. Whether they are valid is not judged.
    pub fn progress(&self, answers: &Answers) -> FormProgress {
        let steps: Vec<&Step> =
            self.steps_for(answers).filter(|step| step.fields().next().is_some() || step.records().next().is_some()).collect();
        let filled: Vec<&Step> = steps.iter().copied().filter(|step| has_answer(step, answers)).collect();
        FormProgress { filled: filled.len(), steps: steps.len(), last: filled.last().map(|step| step.title) }
    }
}

fn has_answer(step: &Step, answers: &Answers) -> bool {
    step.fields().any(|field| answers.fields.get(field.name).is_some_and(|value| !value.is_empty()))
        || step.records().any(|list| answers.records(list.name).next().is_some())
}
