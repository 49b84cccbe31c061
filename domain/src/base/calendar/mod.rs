//! Days and deadlines. A day is a day in Shanghai; working days exclude weekends and the days of the holiday table.

mod period;

pub use period::{Period, PeriodLength, subtract, union};

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, TimeZone, Utc, Weekday};

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Not in the format `YYYY-MM-DD`.
    #[error("not a day")]
    Shape,
    /// The calendar has no such day.
    #[error("no such day")]
    NoSuchDay,
    /// Before 1900.
    #[error("too early")]
    TooEarly,
}

impl DayError {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            DayError::Shape => "请按 年-月-日 填写日期，如 2020-09-01",
            DayError::NoSuchDay => "日历上没有这一天，请核对日期",
            DayError::TooEarly => "日期不能早于 1900 年",
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            DayError::Shape => "day_shape",
            DayError::NoSuchDay => "day_not_in_calendar",
            DayError::TooEarly => "day_too_early",
        }
    }
}

/// Parses a day in the format `YYYY-MM-DD`.
///
/// # Errors
/// The [`DayError`], if the text has another format, is no day of the calendar, or lies before 1900.
pub fn parse_day(text: &str) -> Result<NaiveDate, DayError> {
    let digits = |s: &str, n: usize| {
        if s.len() == n && s.bytes().all(|b| b.is_ascii_digit()) {
            s.parse::<u32>().map_err(|_| DayError::Shape)
        } else {
            Err(DayError::Shape)
        }
    };
    let mut parts = text.split('-');
    let (Some(y), Some(m), Some(d), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(DayError::Shape);
    };
    let (y, m, d) = (digits(y, 4)?, digits(m, 2)?, digits(d, 2)?);
    if y < 1900 {
        return Err(DayError::TooEarly);
    }
    let year = i32::try_from(y).map_err(|_| DayError::Shape)?;
    NaiveDate::from_ymd_opt(year, m, d).ok_or(DayError::NoSuchDay)
}

/// The time zone of the association, without summer time since 1991.
pub fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// The day in Shanghai at this instant.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&shanghai()).date_naive()
}

/// The first instant after a day in Shanghai. A deadline on that day is met before it.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let midnight = next.and_hms_opt(0, 0, 0).unwrap_or_default();
    shanghai().from_local_datetime(&midnight).single().map_or(DateTime::<Utc>::MAX_UTC, |t| t.with_timezone(&Utc))
}

/// The day some months after a day; the last day of a shorter month. Beyond the calendar, its last day.
pub fn add_months(day: NaiveDate, months: Months) -> NaiveDate {
    day.checked_add_months(months).unwrap_or(NaiveDate::MAX)
}

/// Age in whole years on a day.
pub fn age(birth: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    on.year() - birth.year() - i32::from(!had_birthday)
}

/// Working days: Monday to Friday, except as the holiday table says.
#[derive(Debug, Clone, Default)]
pub struct WorkingDays(BTreeMap<NaiveDate, bool>);

impl WorkingDays {
    /// Builds the calendar from the holiday table: a day, and whether it is a working day.
    pub fn new(rows: impl IntoIterator<Item = (NaiveDate, bool)>) -> Self {
        Self(rows.into_iter().collect())
    }

    /// Whether a day is a working day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.0.get(&day).copied().unwrap_or(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
    }

    /// The day `count` working days after a day, which itself does not count.
    pub fn after(&self, day: NaiveDate, count: i64) -> NaiveDate {
        let mut left = count.clamp(0, 1000);
        let mut day = day;
        while left > 0 {
            let Some(next) = day.succ_opt() else { break };
            day = next;
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        day
    }

    /// Number of working days after `from` up to and including `to`; 0 if `to` is not later. Counts at most ten years.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let days = from.iter_days().skip(1).take(3660).take_while(|day| *day <= to);
        days.fold(0, |count, day| count + i64::from(self.is_working_day(day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        parse_day(text).unwrap()
    }

    #[test]
    fn a_day_that_does_not_exist_is_distinguished_from_a_wrong_format() {
        assert_eq!(parse_day("2023-02-29"), Err(DayError::NoSuchDay));
        assert_eq!(parse_day("2024-02-29").map(|d| d.day()), Ok(29));
        assert_eq!(parse_day("2023-13-01"), Err(DayError::NoSuchDay));
        assert_eq!(parse_day("1899-12-31"), Err(DayError::TooEarly));
        for text in ["", "2023-2-3", "2023/02/03", "20230203", "2023-02-03-", "+023-02-03"] {
            assert_eq!(parse_day(text), Err(DayError::Shape), "{text}");
        }
    }

    #[test]
    fn the_day_changes_at_midnight_in_shanghai() {
        let before: DateTime<Utc> = "2026-11-22T15:59:59Z".parse().unwrap();
        let after: DateTime<Utc> = "2026-11-22T16:00:00Z".parse().unwrap();
        assert_eq!(day_of(before), day("2026-11-22"));
        assert_eq!(day_of(after), day("2026-11-23"));
        assert_eq!(end_of(day("2026-11-22")), after);
    }

    #[test]
    fn working_days_leave_out_weekends_and_holidays_and_count_worked_weekends() {
        let plain = WorkingDays::default();
        assert_eq!(plain.after(day("2026-11-20"), 1), day("2026-11-23"));
        let table = WorkingDays::new([(day("2026-11-21"), true), (day("2026-11-23"), false)]);
        assert_eq!(table.after(day("2026-11-20"), 1), day("2026-11-21"));
        assert_eq!(table.after(day("2026-11-20"), 2), day("2026-11-24"));
        assert_eq!(plain.after(day("2026-11-20"), 0), day("2026-11-20"));
    }

    #[test]
    fn working_days_between_two_days_are_those_after_the_first() {
        let plain = WorkingDays::default();
        for (from, to, count) in [
            ("2026-11-20", "2026-11-20", 0),
            ("2026-11-20", "2026-11-22", 0),
            ("2026-11-20", "2026-11-23", 1),
            ("2026-11-23", "2026-11-20", 0),
            ("2026-11-02", "2026-11-30", 20),
        ] {
            assert_eq!(plain.between(day(from), day(to)), count, "{from} {to}");
            assert!(plain.after(day(from), count) <= day(to) || count == 0);
        }
    }

    #[test]
    fn age_counts_birthdays() {
        let birth = day("2000-02-29");
        assert_eq!(age(birth, day("2026-02-28")), 25);
        assert_eq!(age(birth, day("2026-03-01")), 26);
    }

    proptest! {
        #[test]
        fn every_day_reads_back_as_it_was_written(n in 0u64..60_000) {
            let day = day("1900-01-01").checked_add_days(Days::new(n)).unwrap();
            prop_assert_eq!(parse_day(&day.to_string()), Ok(day));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,20}") {
            let _ = parse_day(&text);
        }
    }
}
