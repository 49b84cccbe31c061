//! Answers as text, for the check page, the read-only view, printing and comparison.

use super::answers::{Answers, Fields, FileRef, Value};
use super::context::FormContext;
use super::definition::{Display, Field, Form, RecordList, Step};
use super::path::Path;
use super::when::Scope;
use super::widget::Widget;

/// One step of the form, for display.
pub struct ShownStep {
    /// The definition of the step.
    pub step: &'static Step,
    /// Answers outside records.
    pub answers: Vec<ShownAnswer>,
    /// Lists of records.
    pub lists: Vec<(&'static RecordList, Vec<ShownRecord>)>,
    /// Displayed data: titles and texts.
    pub displays: Vec<(&'static Display, Vec<(String, String)>)>,
}

/// One record, for display.
pub struct ShownRecord {
    /// Path of the record or answer.
    pub path: Path,
    /// Title of the record, from its first answers.
    pub title: String,
    /// The answers of the record.
    pub answers: Vec<ShownAnswer>,
}

/// One answer, for display.
pub struct ShownAnswer {
    /// Path of the record or answer.
    pub path: Path,
    /// Label of the field.
    pub label: &'static str,
    /// The answer as text; empty when unanswered.
    pub text: String,
    /// The files attached to the answer.
    pub files: Vec<FileRef>,
    /// Whether the answer is masked for everyone but the applicant.
    pub sensitive: bool,
    /// Whether only the party whose turn it is reads it in full.
    pub checker_only: bool,
}

/// Formats the whole form, without steps, fields and records that do not apply.
pub fn show_form(form: &Form, answers: &Answers, context: &FormContext<'_>) -> Vec<ShownStep> {
    form.steps_for(answers)
        .map(|step| ShownStep {
            step,
            answers: step
                .fields()
                .filter(|f| f.shown.holds(&Scope::form(answers).with_rules(context.rules_on())))
                .map(|f| show_field(f, Path::field(f.name), answers.fields.get(f.name), context))
                .collect(),
            lists: step.records().map(|list| (list, show_records(list, answers, context))).collect(),
            displays: step.displays().filter_map(|d| context.lists.get(d.name).map(|list| (d, list.clone()))).collect(),
        })
        .collect()
}

fn show_records(list: &'static RecordList, answers: &Answers, context: &FormContext<'_>) -> Vec<ShownRecord> {
    answers
        .records(list.name)
        .map(|record| {
            let scope = Scope::record(answers, &record.fields).with_rules(context.rules_on());
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
    /// An answer to this field as text.
    pub fn display(&self, value: &Value, context: &FormContext<'_>) -> String {
        match (&self.widget, value) {
            (Widget::One(options), Value::Text(code)) => context.label(options, code).to_owned(),
            (Widget::Many(options), Value::Many(codes)) => codes.iter().map(|c| context.label(options, c)).collect::<Vec<_>>().join("、"),
            (Widget::Tick(_), Value::Text(t)) => if t == "yes" { "已确认" } else { "" }.to_owned(),
            (Widget::Agree(statement), Value::Text(t)) if t == statement.version => format!("已确认（{t} 版）"),
            (Widget::Agree(_), Value::Text(t)) => format!("已确认的是旧版（{t} 版）"),
            (Widget::HalfDays(_), Value::Text(t)) => format!("{t} 天"),
            (Widget::Hours(_), Value::Text(t)) => format!("{t} 学时"),
            (Widget::Whole(_, _, unit), Value::Text(t)) => format!("{t} {unit}"),
            (_, value) => value.raw_text(),
        }
    }
}

impl Form {
    /// Label of the answer at a path: the field, the list and the field, or the list. Empty for a path outside the form.
    pub fn label_at(&self, path: &Path) -> String {
        let list_label = |list: &str| self.records(list).map_or("", |(_, list)| list.label);
        let field_label = self.field_at(path).map_or("", |field| field.label);
        match path {
            Path::Field(_) => field_label.to_owned(),
            Path::Cell(list, ..) if list_label(list).is_empty() => field_label.to_owned(),
            Path::Cell(list, ..) => format!("{} · {field_label}", list_label(list)),
            Path::Row(list, _) => list_label(list).to_owned(),
        }
    }

    /// One side of a conflict question as text: the answer at a path, or whether a record is kept. Empty for an unanswered field.
    pub fn display_at(&self, path: &Path, value: Option<&Value>, context: &FormContext<'_>) -> String {
        match (value.filter(|v| !v.is_empty()), self.field_at(path)) {
            (None, _) => String::new(),
            (Some(value), _) if matches!(path, Path::Row(..)) => match value.text() {
                "gone" => "移除这条记录".to_owned(),
                _ => "保留这条记录".to_owned(),
            },
            (Some(value), Some(field)) => field.display(value, context),
            (Some(value), None) => value.raw_text(),
        }
    }
}

impl RecordList {
    /// Title of a record.
    pub fn title_of(&self, fields: &Fields, context: &FormContext<'_>) -> String {
        let texts: Vec<String> = self
            .fields
            .iter()
            .filter(|f| self.title.contains(&f.name))
            .filter_map(|f| fields.get(f.name).map(|v| f.display(v, context)))
            .filter(|text| !text.is_empty())
            .collect();
        if texts.is_empty() { format!("{}（未填写）", self.label) } else { texts.join(" · ") }
    }
}

fn show_field(field: &Field, path: Path, value: Option<&Value>, context: &FormContext<'_>) -> ShownAnswer {
    ShownAnswer {
        path,
        label: field.label,
        text: value.map_or_else(String::new, |v| field.display(v, context)),
        files: value.map_or_else(Vec::new, |v| v.files().to_vec()),
        sensitive: field.sensitive,
        checker_only: field.checker_only,
    }
}
