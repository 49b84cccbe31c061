//! Times, days and sizes as pages write them.

use backend::infra::db::matter::Row;
use chrono::{DateTime, Utc};
use domain::base::calendar::shanghai;
use domain::engine::flow::{Outcome, Stage};
use domain::engine::message::Delivery;

use crate::ui::Tone;

/// 2026-11-23 10:42.
pub fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M").to_string()
}

/// How a stage is meant, by colour.
pub fn tone(stage: &Stage) -> Tone {
    match (stage.outcome, stage.edit) {
        (Some(Outcome::Granted), _) => Tone::Good,
        (Some(Outcome::Refused), _) => Tone::Bad,
        (Some(_), _) => Tone::Info,
        (None, domain::engine::flow::Edit::Nothing) => Tone::Info,
        (None, _) => Tone::Warn,
    }
}

/// Name and colour of the stage a row stands at.
pub fn stage(row: &Row) -> (Tone, String) {
    let stage = domain::kind::by_code(&row.kind).and_then(|k| k.stage(&row.stage));
    stage.map_or((Tone::Info, String::new()), |s| (tone(s), s.label.to_owned()))
}

/// Name of the kind of a row.
pub fn kind(row: &Row) -> &'static str {
    domain::kind::by_code(&row.kind).map_or("业务", |k| k.label)
}

/// When something was to leave the app, and how it stands: 2026-11-23 10:42 · 待发送.
pub fn delivery(created_at: DateTime<Utc>, state: Delivery) -> String {
    let (at, said) = match state {
        Delivery::Waiting => (created_at, "待发送".to_owned()),
        Delivery::Sent(at) => (at, "已发送".to_owned()),
        Delivery::Failed(next) => (created_at, format!("发送失败，将于 {} 重试", time(next))),
        Delivery::GivenUp => (created_at, "已放弃".to_owned()),
    };
    format!("{} · {said}", time(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_shanghai() {
        assert_eq!(time("2026-11-22T18:05:00Z".parse().unwrap()), "2026-11-23 02:05");
    }
}
