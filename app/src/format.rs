//! Formatting of times, days, stages and deliveries.

use backend::service::matters::MatterSummary;
use chrono::{DateTime, Utc};
use domain::base::calendar::shanghai;
use domain::engine::flow::{Outcome, Stage};
use domain::engine::notification::DeliveryStatus;

use crate::ui::Tone;

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
