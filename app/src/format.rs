//! Formatting of times, days, stages and deliveries.

use backend::service::matters::MatterSummary;
use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::{DueStatus, shanghai};
use domain::engine::flow::{Course, Outcome, Stage, course};
use domain::engine::notification::DeliveryStatus;
use leptos::prelude::*;

use crate::ui::{StageDots, StatusTag, Tone};

/// 2026-11-23 10:42.
pub fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M").to_string()
}

/// Severity of a stage.
pub fn tone(stage: &Stage) -> Tone {
    match (stage.outcome, stage.edit) {
        (Some(Outcome::Granted), _) => Tone::Good,
        (Some(Outcome::Refused), _) => Tone::Bad,
        (Some(_), _) => Tone::Info,
        (None, domain::engine::flow::Edit::Nothing) => Tone::Info,
        (None, _) => Tone::Warn,
    }
}

/// Tone and label of the stage of a matter in a list.
pub fn stage(matter: &MatterSummary) -> (Tone, String) {
    matter.stage.map_or((Tone::Info, String::new()), |s| (tone(s), s.label.to_owned()))
}

/// The stages that a matter in a list passes.
pub fn course_of(matter: &MatterSummary) -> Option<Course> {
    let (kind, stage) = matter.kind.zip(matter.stage)?;
    course(kind.flow, stage)
}

/// The stages of a matter that is under way, as dots.
pub fn stages(matter: &MatterSummary) -> Option<AnyView> {
    let Course { stages, present } = course_of(matter).filter(|_| matter.is_under_way)?;
    let labels = stages.iter().map(|stage| short(stage.label)).collect();
    Some(view! { <StageDots stages=labels present=present /> }.into_any())
}

/// The name of a stage without 中: 协会受理.
pub fn short(label: &'static str) -> &'static str {
    label.trim_end_matches('中')
}

/// Tone of a due day.
pub fn due_tone(status: DueStatus) -> Tone {
    match status {
        DueStatus::Overdue(_) => Tone::Late,
        DueStatus::Today | DueStatus::Soon(_) => Tone::Warn,
        DueStatus::Later(_) => Tone::Info,
    }
}

/// A due day, and how near it is.
pub fn due_day(day: NaiveDate, today: NaiveDate) -> AnyView {
    let status = DueStatus::of(day, today);
    let text = status.text();
    let near = match due_tone(status) {
        Tone::Info => view! { <span class="table-soft">{text}</span> }.into_any(),
        tone => view! { <StatusTag tone=tone text=text /> }.into_any(),
    };
    view! {
        {near}
        " "
        <span class="table-day">{day.to_string()}</span>
    }
    .into_any()
}

/// Name of the kind of a matter in a list.
pub fn kind(matter: &MatterSummary) -> &'static str {
    matter.kind.map_or("业务", |k| k.label)
}

/// Name of the kind and number of a matter in a list.
pub fn kind_and_number(matter: &MatterSummary) -> String {
    [Some(kind(matter)), matter.number.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Time and status of a delivery: 2026-11-23 10:42 · 待发送.
pub fn delivery(created_at: DateTime<Utc>, state: DeliveryStatus) -> String {
    let (at, status) = match state {
        DeliveryStatus::Waiting => (created_at, "待发送".to_owned()),
        DeliveryStatus::Sent(at) => (at, "已发送".to_owned()),
        DeliveryStatus::Failed(next) => (created_at, format!("发送失败，将于 {} 重试", time(next))),
        DeliveryStatus::GivenUp => (created_at, "已停止发送".to_owned()),
    };
    format!("{} · {status}", time(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_shanghai() {
        assert_eq!(time("2026-11-22T18:05:00Z".parse().unwrap()), "2026-11-23 02:05");
    }
}
