//! The form of a disposition.

use chrono::{Days, NaiveDate};

use crate::base::calendar::parse_day;
use crate::base::rule::key;
use crate::engine::form::{
    Answers, Choice, DayRange, FIELD, Field, Form, Issue, Options, Part, Path, Problem, Step, TextFormat, When, Widget,
};
use crate::matter::MatterContext;
use crate::record::certificate::Measure;

/// Name of the field with the number of the certificate.
pub const CERTIFICATE: &str = "certificate";
/// Name of the field with the code of the measure.
pub const MEASURE: &str = "measure";
/// Name of the field with the effective day.
pub const EFFECTIVE_ON: &str = "effective_on";
/// Name of the field with the reason.
pub const REASON: &str = "reason";

/// Codes and names of the table of measures.
pub(super) const CHOICES: &[Choice] = &[
    Choice::new("warn", "警告"),
    Choice::new("suspend", "暂停"),
    Choice::new("resume", "恢复"),
    Choice::new("revoke", "撤销"),
    Choice::new("cancel", "注销"),
];

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "disposition",
        title: "处置内容",
        intro: "",
        shown: When::Always,
        parts: &[Part::Fields(
            "",
            &[
                Field {
                    name: CERTIFICATE,
                    label: "证书编号",
                    widget: Widget::Line(40, TextFormat::CertificateNumber),
                    identifies_person: true,
                    ..FIELD
                },
                Field { name: MEASURE, label: "处置措施", widget: Widget::One(Options::Fixed(CHOICES)), ..FIELD },
                Field {
                    name: EFFECTIVE_ON,
                    label: "生效日期",
                    hint: "不早于今天；批准晚于该日的，自批准之日起生效",
                    widget: Widget::Day(DayRange::Any),
                    ..FIELD
                },
                Field {
                    name: REASON,
                    label: "处置理由",
                    hint: "写明事实和依据，持证人和执业机构可以看到；最多 2000 字",
                    widget: Widget::Lines(2000),
                    ..FIELD
                },
            ],
        )],
    }],
};

/// The measure that the answers name.
pub fn measure(answers: &Answers) -> Option<Measure> {
    Measure::from_code(answers.text(MEASURE))
}

/// The measure applies to the certificate on its day, and the day is neither past nor too far ahead.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let problem = |name: &str, issue| {
        let label = FORM.fields().find(|(_, field)| field.name == name).map_or("", |(_, field)| field.label);
        Problem { step: "disposition", path: Path::field(name), label: label.to_owned(), issue }
    };
    let Ok(on) = parse_day(answers.text(EFFECTIVE_ON)) else { return Vec::new() };
    let day = day_issue(on, context).map(|issue| problem(EFFECTIVE_ON, issue));
    let measure = measure_issue(answers, on, context).map(|issue| problem(MEASURE, issue));
    measure.into_iter().chain(day).collect()
}

fn day_issue(on: NaiveDate, context: &MatterContext<'_>) -> Option<Issue> {
    let today = context.applied_on;
    let days = u64::try_from(context.rules_on().int(key::DISPOSITION_DAYS_AHEAD)).unwrap_or(0);
    let last = today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    if on < today {
        Some(Issue::new("day_past", format!("生效日期不能早于今天（{today}）")))
    } else if on > last {
        Some(Issue::new("day_too_far", format!("生效日期最晚为 {last}")))
    } else {
        None
    }
}

fn measure_issue(answers: &Answers, on: NaiveDate, context: &MatterContext<'_>) -> Option<Issue> {
    let measure = measure(answers)?;
    let certificate = context.certificates().iter().find(|c| c.number == answers.text(CERTIFICATE));
    let Some(certificate) = certificate else { return Some(Issue::new("no_certificate", "没有找到该证书")) };
    if let Some(scheduled) = certificate.as_of(context.applied_on).scheduled {
        let (label, day) = (scheduled.measure.label(), scheduled.on);
        return Some(Issue::new("scheduled", format!("该证书已有“{label}”处置将于 {day} 生效，在此之前不能再作处置")));
    }
    if measure.applies_to(certificate.standing_on(on)) {
        return None;
    }
    let status = certificate.status_on(on).label();
    Some(Issue::new("not_applicable", format!("证书在生效日期的状态为“{status}”，不能作出“{}”处置", measure.label())))
}
