//! Lessons of one teacher in several plans: which of them cannot both be held, and which leave little time to travel.

use chrono::NaiveDate;

/// When and where a teacher teaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonSpan {
    /// Day.
    pub day: NaiveDate,
    /// Beginning, in minutes since midnight.
    pub starts: u32,
    /// End, in minutes since midnight; after the beginning.
    pub ends: u32,
    /// City; empty for a lesson that is held on line.
    pub city: String,
}

/// What two lessons of one teacher are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// They overlap: one of them cannot be held.
    Overlap,
    /// They are in different cities with little time between them.
    Near,
}

impl LessonSpan {
    /// Beginning and end, in minutes since the first day of the calendar.
    fn minutes(&self) -> (i64, i64) {
        let midnight = (self.day - NaiveDate::default()).num_minutes();
        (midnight + i64::from(self.starts), midnight + i64::from(self.ends))
    }

    /// 09:00–12:00.
    pub fn time(&self) -> String {
        let text = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        format!("{}–{}", text(self.starts), text(self.ends))
    }
}

/// What two lessons of one teacher are to each other; none if both can be held. `gap`: the least minutes between two cities. Lessons of which
/// one ends when the other begins do not overlap.
pub fn clash(a: &LessonSpan, b: &LessonSpan, gap: i64) -> Option<Clash> {
    let ((a_starts, a_ends), (b_starts, b_ends)) = (a.minutes(), b.minutes());
    if a_starts < b_ends && b_starts < a_ends {
        return Some(Clash::Overlap);
    }
    let between = if a_ends <= b_starts { b_starts - a_ends } else { a_starts - b_ends };
    let travels = !a.city.is_empty() && !b.city.is_empty() && a.city != b.city;
    (travels && between < gap).then_some(Clash::Near)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lesson(day: &str, starts: u32, ends: u32, city: &str) -> LessonSpan {
        LessonSpan { day: day.parse().unwrap(), starts, ends, city: city.into() }
    }

    #[test]
    fn lessons_clash_up_to_the_minute() {
        let first = lesson("2026-12-01", 540, 720, "北京市");
        for (day, starts, ends, city, expected) in [
            ("2026-12-01", 720, 800, "北京市", None),
            ("2026-12-01", 719, 800, "北京市", Some(Clash::Overlap)),
            ("2026-12-01", 400, 540, "北京市", None),
            ("2026-12-01", 400, 541, "北京市", Some(Clash::Overlap)),
            ("2026-12-01", 600, 610, "上海市", Some(Clash::Overlap)),
            ("2026-12-01", 839, 900, "上海市", Some(Clash::Near)),
            ("2026-12-01", 840, 900, "上海市", None),
            ("2026-12-01", 839, 900, "", None),
            ("2026-12-02", 540, 720, "上海市", None),
        ] {
            assert_eq!(clash(&first, &lesson(day, starts, ends, city), 120), expected, "{day} {starts} {ends} {city}");
        }
        let late = lesson("2026-12-01", 1380, 1439, "北京市");
        assert_eq!(clash(&late, &lesson("2026-12-02", 60, 120, "上海市"), 120), Some(Clash::Near), "over midnight");
    }

    fn lessons() -> impl Strategy<Value = LessonSpan> {
        (0_u64..3, 0_u32..1430, 1_u32..600, prop::sample::select(vec!["", "北京市", "上海市"])).prop_map(|(day, starts, length, city)| {
            let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap() + chrono::Days::new(day);
            LessonSpan { day, starts, ends: (starts + length).min(1440), city: city.into() }
        })
    }

    /// Whether a minute of the calendar belongs to a lesson, for each minute of four days.
    fn by_minute(lesson: &LessonSpan) -> Vec<bool> {
        let first = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        let offset = usize::try_from((lesson.day - first).num_days()).unwrap() * 1440;
        let (starts, ends) = (offset + lesson.starts as usize, offset + lesson.ends as usize);
        (0..4 * 1440).map(|minute| (starts..ends).contains(&minute)).collect()
    }

    proptest! {
        #[test]
        fn a_clash_is_symmetric_and_every_shared_minute_is_found(a in lessons(), b in lessons(), gap in 0_i64..300) {
            prop_assert_eq!(clash(&a, &b, gap), clash(&b, &a, gap));
            let shares = by_minute(&a).into_iter().zip(by_minute(&b)).any(|(a, b)| a && b);
            prop_assert_eq!(clash(&a, &b, gap) == Some(Clash::Overlap), shares);
        }
    }
}
