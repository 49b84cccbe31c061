//! Validation of answers; the same code in the browser and on the server.

use chrono::NaiveDate;

use super::answers::{Answers, Record, Value};
use super::context::FormContext;
use super::definition::{Field, Form, RecordList, Step};
use super::issue::{Issue, Problem};
use super::path::Path;
use super::reader::read_text;
use super::when::{Scope, When};
use super::widget::{DayRange, Options, OtherField, TextFormat, TimeRange, Widget};
use crate::base::calendar::{HalfDays, TeachingHours, TimeOfDay, parse_day};
use crate::base::identity::{Document, DocumentType};

/// Validates the whole form, step by step.
pub fn check_form(form: &Form, answers: &Answers, context: &FormContext<'_>) -> Vec<Problem> {
    form.steps_for(answers).flat_map(|step| check_step(step, answers, context)).collect()
}

/// Validates one step.
pub fn check_step(step: &'static Step, answers: &Answers, context: &FormContext<'_>) -> Vec<Problem> {
    let scope = context.scope(answers, None);
    let fields = step.fields().filter_map(|field| {
        check_field(field, answers.fields.get(field.name), &scope, context).map(|issue| Problem {
            step: step.code,
            path: Path::field(field.name),
            label: field.label.to_owned(),
            issue,
        })
    });
    let records = step.records().flat_map(|list| check_records(step, list, answers, context));
    fields.chain(records).collect()
}

fn check_records(step: &'static Step, list: &'static RecordList, answers: &Answers, context: &FormContext<'_>) -> Vec<Problem> {
    let whole = |issue| Problem { step: step.code, path: Path::field(list.name), label: list.label.to_owned(), issue };
    let count = answers.records(list.name).count();
    let mut problems = Vec::new();
    if count == 0 && list.required.holds(&context.scope(answers, None)) {
        let text = format!("请至少添加一条{}", list.label);
        problems.push(whole(Issue::new("no_record", text)));
    }
    if count > list.max {
        let text = format!("{}最多 {} 条", list.label, list.max);
        problems.push(whole(Issue::new("too_many_records", text)));
    }
    for (index, record) in answers.records(list.name).enumerate() {
        for (field, issue) in check_record(list, record, answers, context) {
            problems.push(Problem {
                step: step.code,
                path: Path::Cell(list.name.to_owned(), record.id, field.name.to_owned()),
                label: format!("{}第 {} 条 · {}", list.label, index + 1, field.label),
                issue,
            });
        }
    }
    problems
}

/// Validates one record.
pub fn check_record(
    list: &'static RecordList,
    record: &Record,
    answers: &Answers,
    context: &FormContext<'_>,
) -> Vec<(&'static Field, Issue)> {
    let scope = context.scope(answers, Some(&record.fields));
    list.fields
        .iter()
        .filter_map(|field| check_field(field, record.fields.get(field.name), &scope, context).map(|issue| (field, issue)))
        .collect()
}

/// Validates one answer.
pub fn check_field(field: &Field, value: Option<&Value>, scope: &Scope<'_>, context: &FormContext<'_>) -> Option<Issue> {
    if !field.shown.holds(scope) {
        return None;
    }
    match value.filter(|v| !v.is_empty()) {
        // Without a choice in the other field there is nothing to choose, and that field is the one at fault.
        None if field.widget.chosen_in().is_some_and(|other| scope.value(other.name).is_none_or(Value::is_empty)) => None,
        None if field.required.holds(scope) => Some(missing(field)),
        None => None,
        Some(value) => check_value(field, value, scope, context),
    }
}

fn missing(field: &Field) -> Issue {
    let text = match field.widget {
        _ if !field.missing.is_empty() => field.missing.to_owned(),
        Widget::One(_) | Widget::Many(_) => format!("请选择{}", field.label),
        Widget::Files(_) => format!("请上传{}", field.label),
        Widget::Tick(_) | Widget::Agree(_) => "请阅读后勾选".to_owned(),
        _ => format!("请填写{}", field.label),
    };
    Issue::new("missing", text)
}

fn check_value(field: &Field, value: &Value, scope: &Scope<'_>, context: &FormContext<'_>) -> Option<Issue> {
    let text = value.text();
    match &field.widget {
        // Without a type, the field of the type is the one at fault.
        Widget::Line(_, TextFormat::DocumentOf(of)) => {
            let kind = DocumentType::from_code(scope.value(of)?.text())?;
            Document::parse(kind, text, context.today).err().map(|error| Issue::new(error.code(), error.text()))
        }
        Widget::Line(max, format) => match read_text(field, text, context.name_max()) {
            Ok(_) if *format == TextFormat::PersonName => None,
            Ok(stored) => too_long(&stored, *max),
            Err(issue) => Some(issue),
        },
        Widget::Lines(max) => too_long(text, *max),
        Widget::Day(span) => check_day(field, text, *span, scope, context),
        Widget::Time(range) => check_time(field, text, *range, scope),
        Widget::One(options) => check_choice(options, text, scope, context),
        Widget::Many(options) => match value {
            Value::Many(codes) => codes.iter().find_map(|code| check_choice(options, code, scope, context)),
            _ => Some(unknown_choice()),
        },
        Widget::HalfDays(max) => check_half_days(text, *max),
        Widget::Hours(max) => check_hours(text, *max),
        Widget::Whole(min, max, unit) => check_whole(field, text, *min, *max, unit),
        Widget::Tick(_) => (text != "yes" && field.required != When::Never).then(|| missing(field)),
        Widget::Agree(statement) => {
            (text != statement.version).then(|| Issue::new("statement_changed", format!("{}的内容已有更新，请重新阅读后勾选", field.label)))
        }
        Widget::Files(accepted) => accepted.fault_of(value.files()),
    }
}

fn too_long(text: &str, max: usize) -> Option<Issue> {
    let count = text.chars().count();
    (count > max).then(|| Issue::new("too_long", format!("最多 {max} 字，现有 {count} 字")))
}

fn check_choice(options: &Options, code: &str, scope: &Scope<'_>, context: &FormContext<'_>) -> Option<Issue> {
    let Options::Within(_, other) = options else {
        return (!context.offers(options, code, scope)).then(unknown_choice);
    };
    if scope.value(other.name).is_none_or(Value::is_empty) {
        return Some(Issue::new("choice_without_other", format!("请先选择{}，再选择此项", other.label)));
    }
    match context.known_label(options, code) {
        _ if context.offers(options, code, scope) => None,
        Some(label) => Some(Issue::new("choice_of_other", format!("“{label}”不属于所选的{}，请重新选择", other.label))),
        None => Some(unknown_choice()),
    }
}

fn unknown_choice() -> Issue {
    Issue::new("unknown_choice", "所选项已不在列表中，请重新选择")
}

fn check_day(field: &Field, text: &str, range: DayRange, scope: &Scope<'_>, context: &FormContext<'_>) -> Option<Issue> {
    let day = match parse_day(text) {
        Ok(day) => day,
        Err(error) => return Some(Issue::new(error.code(), error.text())),
    };
    let past = || (day > context.today).then(|| Issue::new("day_in_future", "日期不能晚于今天"));
    match range {
        DayRange::Any => None,
        DayRange::Past => past(),
        DayRange::PastFrom(start) => past().or_else(|| {
            let start = scope.value(start).and_then(|v| parse_day(v.text()).ok())?;
            (day < start).then(|| Issue::new("ends_before_start", "结束日期不能早于开始日期"))
        }),
        DayRange::Future => (day < context.applied_on).then(|| day_past(context)),
        DayRange::From(other) => before(field, day, other, scope),
        DayRange::Between(first, last) => before(field, day, first, scope).or_else(|| after(field, day, last, scope)),
    }
}

/// A day before the first submission, or before today where there was none.
fn day_past(context: &FormContext<'_>) -> Issue {
    let text = match context.applied_on == context.today {
        true => "日期不能早于今天".to_owned(),
        false => format!("日期不能早于提交申请之日（{}）", context.applied_on),
    };
    Issue::new("day_in_past", text)
}

/// The error for a day before the one in another field, if that is a day.
fn before(field: &Field, day: NaiveDate, other: OtherField, scope: &Scope<'_>) -> Option<Issue> {
    let first = scope.value(other.name).and_then(|v| parse_day(v.text()).ok())?;
    (day < first).then(|| Issue::new("day_before", format!("{}不能早于{}（{first}）", field.label, other.label)))
}

/// The error for a day after the one in another field, if that is a day.
fn after(field: &Field, day: NaiveDate, other: OtherField, scope: &Scope<'_>) -> Option<Issue> {
    let last = scope.value(other.name).and_then(|v| parse_day(v.text()).ok())?;
    (day > last).then(|| Issue::new("day_after", format!("{}不能晚于{}（{last}）", field.label, other.label)))
}

fn check_time(field: &Field, text: &str, range: TimeRange, scope: &Scope<'_>) -> Option<Issue> {
    let time = match TimeOfDay::parse(text) {
        Ok(time) => time,
        Err(error) => return Some(Issue::new(error.code(), error.text())),
    };
    let TimeRange::After(other) = range else { return None };
    let earlier = scope.value(other.name).and_then(|v| TimeOfDay::parse(v.text()).ok())?;
    (time <= earlier).then(|| Issue::new("time_not_after", format!("{}应晚于{}（{earlier}）", field.label, other.label)))
}

fn check_half_days(text: &str, max: u16) -> Option<Issue> {
    match HalfDays::parse(text) {
        Err(error) => Some(Issue::new(error.code(), error.text())),
        Ok(days) if days.tenths > u32::from(max) * 10 => Some(Issue::new("too_large", format!("不能超过 {max} 天"))),
        Ok(_) => None,
    }
}

fn check_hours(text: &str, max: u16) -> Option<Issue> {
    match TeachingHours::parse(text) {
        Err(error) => Some(Issue::new(error.code(), error.text())),
        Ok(hours) if (5..=u32::from(max) * 10).contains(&hours.tenths) => None,
        Ok(_) => Some(Issue::new("hours_out_of_range", format!("请填写 0.5 至 {max} 之间的学时"))),
    }
}

fn check_whole(field: &Field, text: &str, min: i64, max: i64, unit: &str) -> Option<Issue> {
    match read_text(field, text, 0) {
        Err(issue) => Some(issue),
        Ok(number) if number.parse::<i64>().is_ok_and(|n| (min..=max).contains(&n)) => None,
        Ok(_) => Some(Issue::new("not_whole", format!("请填写 {min} 至 {max} 之间的整数（{unit}）"))),
    }
}

#[cfg(test)]
mod tests;
