//! How near a due day is.

use chrono::NaiveDate;

/// Days before its due day on which a task counts as due soon.
pub const SOON_DAYS: i64 = 3;

/// How a due day lies to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueStatus {
    /// It has passed, by so many days.
    Overdue(i64),
    /// It is today.
    Today,
    /// It is at most [`SOON_DAYS`] days ahead.
    Soon(i64),
    /// It is further ahead, by so many days.
    Later(i64),
}

impl DueStatus {
    /// The status of a due day.
    pub fn of(due: NaiveDate, today: NaiveDate) -> Self {
        match due.signed_duration_since(today).num_days() {
            days if days < 0 => Self::Overdue(-days),
            0 => Self::Today,
            days if days <= SOON_DAYS => Self::Soon(days),
            days => Self::Later(days),
        }
    }

    /// In words: 已逾期 3 天, 今天到期, 还剩 2 天.
    pub fn text(self) -> String {
        match self {
            Self::Overdue(days) => format!("已逾期 {days} 天"),
            Self::Today => "今天到期".to_owned(),
            Self::Soon(days) | Self::Later(days) => format!("还剩 {days} 天"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_day_is_overdue_from_the_day_after_it_and_soon_for_three_days_before_it() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        for (day, status, text) in [
            ((2026, 11, 24), DueStatus::Overdue(3), "已逾期 3 天"),
            ((2026, 11, 26), DueStatus::Overdue(1), "已逾期 1 天"),
            ((2026, 11, 27), DueStatus::Today, "今天到期"),
            ((2026, 11, 28), DueStatus::Soon(1), "还剩 1 天"),
            ((2026, 11, 30), DueStatus::Soon(3), "还剩 3 天"),
            ((2026, 12, 1), DueStatus::Later(4), "还剩 4 天"),
        ] {
            let found = DueStatus::of(NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap(), today);
            assert_eq!((found, found.text().as_str()), (status, text));
        }
    }
}
