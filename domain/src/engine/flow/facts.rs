//! Facts of a matter beside its answers, which its kind gives to the flow: fields for conditions, and deadlines.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::base::calendar::{day_of, shanghai};
use crate::engine::form::Fields;

/// A deadline that a flow names, and that each matter has at a day of its own: 报名截止日.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineKey {
    /// Stable code.
    pub code: &'static str,
    /// Chinese name.
    pub label: &'static str,
}

/// When a deadline of a matter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// The end of a day in Shanghai.
    Day(NaiveDate),
    /// An instant, inclusive.
    Instant(DateTime<Utc>),
}

/// Facts of a matter beside its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindFacts {
    /// Facts for the conditions of transitions, by name. A fact hides an answer of the same name.
    pub fields: Fields,
    /// Its deadlines, by code of the key. One that the matter does not have yet limits nothing.
    pub deadlines: BTreeMap<&'static str, Deadline>,
}

/// The facts of a matter whose kind gives none.
pub static NO_FACTS: KindFacts = KindFacts { fields: Fields::new(), deadlines: BTreeMap::new() };

impl KindFacts {
    /// When a deadline is; none if the matter does not have it.
    pub fn deadline(&self, key: DeadlineKey) -> Option<Deadline> {
        self.deadlines.get(key.code).copied()
    }
}

impl Deadline {
    /// Its day in Shanghai.
    pub fn day(self) -> NaiveDate {
        match self {
            Deadline::Day(day) => day,
            Deadline::Instant(at) => day_of(at),
        }
    }

    /// Whether it is over.
    pub fn is_over(self, now: DateTime<Utc>, today: NaiveDate) -> bool {
        match self {
            Deadline::Day(day) => today > day,
            Deadline::Instant(at) => now > at,
        }
    }

    /// 2026-12-01, or 2026-12-01 18:00 for an instant.
    pub fn text(self) -> String {
        match self {
            Deadline::Day(day) => day.to_string(),
            Deadline::Instant(at) => at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_shanghai_and_an_instant_at_itself() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let day = Deadline::Day("2026-12-01".parse().unwrap());
        let instant = Deadline::Instant(at("2026-12-01T10:00:00Z"));
        for (now, day_over, instant_over) in [
            ("2026-11-30T15:59:59Z", false, false),
            ("2026-12-01T10:00:00Z", false, false),
            ("2026-12-01T10:00:01Z", false, true),
            ("2026-12-01T15:59:59Z", false, true),
            ("2026-12-01T16:00:00Z", true, true),
        ] {
            let is_over = |deadline: Deadline| deadline.is_over(at(now), day_of(at(now)));
            assert_eq!((is_over(day), is_over(instant)), (day_over, instant_over), "{now}");
        }
        assert_eq!((day.text(), instant.text()), ("2026-12-01".to_owned(), "2026-12-01 18:00".to_owned()));
        assert_eq!(Deadline::Instant(at("2026-12-01T16:30:00Z")).day().to_string(), "2026-12-02");
    }
}
