//! The parts of an application that a verdict can be about.

use crate::engine::form::{Answers, Form, FormContext, Path, show_form};

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Where it stands.
    pub path: Path,
    /// What it is called.
    pub title: String,
}

/// The parts of one page of the form.
#[derive(Debug, Clone)]
pub struct StepPoints {
    /// Code of the page.
    pub code: &'static str,
    /// What the page is called.
    pub title: &'static str,
    /// Its records: each is judged.
    pub records: Vec<Point>,
    /// Its single answers: pointed at where something is wrong with them.
    pub fields: Vec<Point>,
    /// Its lists as a whole: pointed at where a record is missing.
    pub lists: Vec<Point>,
}

impl StepPoints {
    /// Every part of the page.
    pub fn all(&self) -> impl Iterator<Item = &Point> {
        self.records.iter().chain(&self.fields).chain(&self.lists)
    }
}

/// The parts of an application, page by page, in the order of the form.
pub fn points(form: &Form, answers: &Answers, context: &FormContext<'_>) -> Vec<StepPoints> {
    let steps = show_form(form, answers, context).into_iter().map(|step| StepPoints {
        code: step.step.code,
        title: step.step.title,
        fields: step.answers.iter().map(|a| Point { path: a.path.clone(), title: a.label.to_owned() }).collect(),
        lists: step.lists.iter().map(|(l, _)| Point { path: Path::field(l.name), title: format!("补充{}", l.label) }).collect(),
        records: step
            .lists
            .iter()
            .flat_map(|(list, records)| {
                records.iter().enumerate().map(|(i, r)| {
                    let title = format!("{}第 {} 条（{}）", list.label, i + 1, r.title);
                    Point { path: r.path.clone(), title }
                })
            })
            .collect(),
    });
    steps.collect()
}
