//! The parts of an application that can have a verdict.

use crate::engine::form::{Answers, Field, Form, FormContext, Path, show_form};

/// A part of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentPoint {
    /// Path.
    pub path: Path,
    /// Title.
    pub title: String,
}

/// The parts of one step.
#[derive(Debug, Clone)]
pub struct StepPoints {
    /// Code of the step.
    pub code: &'static str,
    /// Title of the step.
    pub title: &'static str,
    /// Records; each gets a verdict.
    pub records: Vec<AssessmentPoint>,
    /// Single answers; named where something is wrong.
    pub fields: Vec<AssessmentPoint>,
    /// Whole lists; named where a record is missing.
    pub lists: Vec<AssessmentPoint>,
}

impl StepPoints {
    /// Every part of the step.
    pub fn all(&self) -> impl Iterator<Item = &AssessmentPoint> {
        self.records.iter().chain(&self.fields).chain(&self.lists)
    }
}

/// Whether a reader can find fault with a part. What is hidden from readers who must not learn whose application it is, they do not judge,
/// whether it is answered or not.
pub fn is_judged(form: &Form, path: &Path, is_anonymous: bool) -> bool {
    !(is_anonymous && form.field_at(path).is_some_and(Field::identifies))
}

/// The parts of an application by step, in the order of the form. `is_anonymous`: whether its reader must not learn whose it is.
pub fn points(form: &Form, answers: &Answers, context: &FormContext<'_>, is_anonymous: bool) -> Vec<StepPoints> {
    let steps = show_form(form, answers, context).into_iter().map(|step| StepPoints {
        code: step.step.code,
        title: step.step.title,
        fields: step
            .answers
            .iter()
            .filter(|a| is_judged(form, &a.path, is_anonymous))
            .map(|a| AssessmentPoint { path: a.path.clone(), title: a.label.to_owned() })
            .collect(),
        lists: step.lists.iter().map(|(l, _)| AssessmentPoint { path: Path::field(l.name), title: format!("补充{}", l.label) }).collect(),
        records: step
            .lists
            .iter()
            .flat_map(|(list, records)| {
                records.iter().enumerate().map(|(i, r)| {
                    let title = format!("{}第 {} 条（{}）", list.label, i + 1, r.title);
                    AssessmentPoint { path: r.path.clone(), title }
                })
            })
            .collect(),
    });
    steps.collect()
}
