//! Days and deadlines. A day is a day in Shanghai; working days exclude weekends and the days of the holiday table.

mod day;
mod due;
mod half_days;
mod period;
mod teaching_hours;
mod time_of_day;

pub use day::{DayError, parse_day};
pub use due::{DueStatus, SOON_DAYS};
pub use half_days::{HalfDays, HalfDaysError};
pub use period::{Period, PeriodLength, subtract, union};
pub use teaching_hours::{TeachingHours, TeachingHoursError};
pub use time_of_day::{TimeError, TimeOfDay};

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, TimeZone, Utc, Weekday};

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

    /// The day `count` working days before a day, which itself does not count.
    pub fn before(&self, day: NaiveDate, count: i64) -> NaiveDate {
        let mut left = count.clamp(0, 1000);
        let mut day = day;
        while left > 0 {
            let Some(previous) = day.pred_opt() else { break };
            day = previous;
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

    fn day(text: &str) -> NaiveDate {
        parse_day(text).unwrap()
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
}
