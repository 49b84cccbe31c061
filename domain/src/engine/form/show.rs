//! Answers as a person reads them: the check page, the read view, the print view, and what changed between two revisions.

use super::answers::{Answers, Fields, FileRef, Value};
use super::{Display, Field, Form, FormContext, Path, Records, Scope, Step, Widget};

/// One page of the form, as read.
pub struct ShownStep {
    /// The page.
    pub step: &'static Step,
    /// Its single answers.
    pub answers: Vec<Shown>,
    /// Its lists.
    pub lists: Vec<(&'static Records, Vec<ShownRecord>)>,
    /// What it shows without asking: titles and texts.
    pub displays: Vec<(&'static Display, Vec<(String, String)>)>,
}

/// One record, as read.
pub struct ShownRecord {
    /// Where it stands.
    pub path: Path,
    /// The words that name it.
    pub title: String,
    /// Its answers.
    pub answers: Vec<Shown>,
}

/// One answer, as read.
pub struct Shown {
    /// Where it stands.
    pub path: Path,
    /// The question.
    pub label: &'static str,
    /// The answer in words; empty when unanswered.
    pub text: String,
    /// Attached files.
    pub files: Vec<FileRef>,
    /// To be masked for anyone but the person.
    pub sensitive: bool,
    /// To be left out for who must not learn who asks.
    pub tells_who: bool,
}

/// Reads the whole form; pages, questions and records that do not apply are left out.
pub fn show_form(form: &Form, answers: &Answers, context: &FormContext<'_>) -> Vec<ShownStep> {
    form.steps_for(answers)
        .map(|step| ShownStep {
            step,
            answers: step
                .fields()
                .filter(|f| f.shown.holds(&Scope::form(answers).under(context.rules_on())))
                .map(|f| show_field(f, Path::field(f.name), answers.fields.get(f.name), context))
                .collect(),
            lists: step.records().map(|list| (list, show_records(list, answers, context))).collect(),
            displays: step.displays().filter_map(|d| context.lists.get(d.name).map(|list| (d, list.clone()))).collect(),
        })
        .collect()
}

fn show_records(list: &'static Records, answers: &Answers, context: &FormContext<'_>) -> Vec<ShownRecord> {
    answers
        .records(list.name)
        .map(|record| {
            let scope = Scope::record(answers, &record.fields).under(context.rules_on());
            let cell = |f: &Field| Path::Cell(list.name.to_owned(), record.id, f.name.to_owned());
            ShownRecord {
                path: Path::Row(list.name.to_owned(), record.id),
                title: list.title_of(&record.fields, context),
                answers: list
                    .fields
                    .iter()
                    .filter(|f| f.shown.holds(&scope))
                    .map(|f| show_field(f, cell(f), record.fields.get(f.name), context))
                    .collect(),
            }
        })
        .collect()
}

impl Field {
    /// An answer to it, in words.
    pub fn said(&self, value: &Value, context: &FormContext<'_>) -> String {
        words(self, value, context)
    }
}

impl Records {
    /// The words that name a record in lists.
    pub fn title_of(&self, fields: &Fields, context: &FormContext<'_>) -> String {
        let words: Vec<String> = self
            .fields
            .iter()
            .filter(|f| self.title.contains(&f.name))
            .filter_map(|f| fields.get(f.name).map(|v| words(f, v, context)))
            .filter(|w| !w.is_empty())
            .collect();
        if words.is_empty() { format!("{}（未填写）", self.label) } else { words.join(" · ") }
    }
}

fn show_field(field: &Field, path: Path, value: Option<&Value>, context: &FormContext<'_>) -> Shown {
    Shown {
        path,
        label: field.label,
        text: value.map_or_else(String::new, |v| words(field, v, context)),
        files: value.map_or_else(Vec::new, |v| v.files().to_vec()),
        sensitive: field.sensitive,
        tells_who: field.sensitive || field.names_person,
    }
}

pub(super) fn words(field: &Field, value: &Value, context: &FormContext<'_>) -> String {
    match (&field.widget, value) {
        (Widget::One(options), Value::Text(code)) => context.label(options, code).to_owned(),
        (Widget::Many(options), Value::Many(codes)) => codes.iter().map(|c| context.label(options, c)).collect::<Vec<_>>().join("、"),
        (Widget::Tick(_), Value::Text(t)) => if t == "yes" { "已确认" } else { "" }.to_owned(),
        (Widget::Agree(statement), Value::Text(t)) if t == statement.version => format!("已确认（{t} 版）"),
        (Widget::Agree(_), Value::Text(t)) => format!("已确认的是旧版（{t} 版）"),
        (Widget::HalfDays(_), Value::Text(t)) => format!("{t} 天"),
        (Widget::Whole(_, _, unit), Value::Text(t)) => format!("{t} {unit}"),
        (_, Value::Text(t)) => t.clone(),
        (_, Value::Files(files)) => files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join("、"),
        (_, Value::Many(codes)) => codes.join("、"),
    }
}
