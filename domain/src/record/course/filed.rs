//! An entry of the register of filed courses: its state on a day, and what falls due.

use chrono::{Days, NaiveDate};

use crate::base::rule::{RulesOn, key};

/// Name of the series of serial numbers of filed courses.
pub const COURSE_SERIES: &str = "filed_course";

/// 备案编号: `BA2026-00001`.
pub fn course_number(year: i32, serial: i64) -> String {
    format!("BA{year}-{serial:05}")
}

/// State of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourseState {
    /// 有效.
    Valid,
    /// 师资不足，暂停: a module has no teacher who leads it.
    LacksTeachers,
    /// 已到期.
    Expired,
    /// 已注销.
    Cancelled,
}

impl CourseState {
    /// Every state.
    pub const ALL: [CourseState; 4] = [CourseState::Valid, CourseState::LacksTeachers, CourseState::Expired, CourseState::Cancelled];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            CourseState::Valid => "valid",
            CourseState::LacksTeachers => "lacks_teachers",
            CourseState::Expired => "expired",
            CourseState::Cancelled => "cancelled",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            CourseState::Valid => "有效",
            CourseState::LacksTeachers => "师资不足，暂停",
            CourseState::Expired => "已到期",
            CourseState::Cancelled => "已注销",
        }
    }
}

/// The days from which the state of an entry follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourseTerm {
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
    /// Day since which a module has no teacher who leads it.
    pub lacking_since: Option<NaiveDate>,
    /// Day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
}

/// What falls due for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueStep {
    /// 备案到期提醒, so many days before the last one.
    Reminder(i64),
    /// 注销, since no teacher was added in time.
    Cancel,
}

impl CourseTerm {
    /// The term of a course filed on a day: to the day before the same day of the month.
    pub fn of_filing(on: NaiveDate, rules: RulesOn<'_>) -> Self {
        let end = crate::base::calendar::add_months(on, rules.months(key::FILING_MONTHS));
        Self { valid_from: on, valid_until: end.pred_opt().unwrap_or(end), lacking_since: None, cancelled_on: None }
    }

    /// The state on a day.
    pub fn state_on(&self, day: NaiveDate) -> CourseState {
        if self.cancelled_on.is_some_and(|on| on <= day) {
            CourseState::Cancelled
        } else if day > self.valid_until {
            CourseState::Expired
        } else if self.lacking_since.is_some_and(|since| since <= day) {
            CourseState::LacksTeachers
        } else {
            CourseState::Valid
        }
    }

    /// The last day on which a missing teacher can be added; none while none is missing.
    pub fn teachers_due_on(&self, rules: RulesOn<'_>) -> Option<NaiveDate> {
        let days = u64::try_from(rules.int(key::TEACHER_GAP_DAYS)).unwrap_or(0);
        self.lacking_since.map(|since| since.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX))
    }

    /// What falls due from `since` to `today`: the last step of them. An entry that ended has nothing due.
    pub fn due_step(&self, since: NaiveDate, today: NaiveDate, rules: RulesOn<'_>) -> Option<DueStep> {
        if matches!(self.state_on(today), CourseState::Cancelled | CourseState::Expired) {
            return None;
        }
        if self.teachers_due_on(rules).is_some_and(|due| due < today) {
            return Some(DueStep::Cancel);
        }
        let due = reminders(rules).into_iter().filter(|days| (since..=today).contains(&self.before_end(*days)));
        due.min().map(DueStep::Reminder)
    }

    /// The day after `today` on which something falls due next; none after its end.
    pub fn next_check_on(&self, today: NaiveDate, rules: RulesOn<'_>) -> Option<NaiveDate> {
        if matches!(self.state_on(today), CourseState::Cancelled | CourseState::Expired) {
            return None;
        }
        let cancel = self.teachers_due_on(rules).and_then(|due| due.succ_opt());
        let reminders = reminders(rules).into_iter().map(|days| self.before_end(days));
        reminders.chain(cancel).filter(|day| *day > today).min()
    }

    fn before_end(&self, days: i64) -> NaiveDate {
        let days = Days::new(u64::try_from(days).unwrap_or(0));
        self.valid_until.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
    }
}

/// Days before the end on which the institution is reminded.
fn reminders(rules: RulesOn<'_>) -> Vec<i64> {
    rules.text(key::FILING_REMINDERS).split(',').filter_map(|days| days.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::Rules;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn term(lacking: Option<&str>, cancelled: Option<&str>) -> CourseTerm {
        let rules = Rules::default();
        let filed = CourseTerm::of_filing(day("2026-11-23"), rules.on(day("2026-11-23")));
        CourseTerm { lacking_since: lacking.map(day), cancelled_on: cancelled.map(day), ..filed }
    }

    #[test]
    fn a_course_is_filed_for_three_years_and_its_state_follows_from_the_day() {
        assert_eq!(term(None, None).valid_until, day("2029-11-22"));
        for (lacking, cancelled, on, state) in [
            (None, None, "2026-11-23", "有效"),
            (None, None, "2029-11-22", "有效"),
            (None, None, "2029-11-23", "已到期"),
            (Some("2027-01-10"), None, "2027-01-09", "有效"),
            (Some("2027-01-10"), None, "2027-01-10", "师资不足，暂停"),
            (Some("2027-01-10"), None, "2029-11-23", "已到期"),
            (Some("2027-01-10"), Some("2027-02-10"), "2027-02-09", "师资不足，暂停"),
            (Some("2027-01-10"), Some("2027-02-10"), "2027-02-10", "已注销"),
            (None, Some("2027-02-10"), "2030-01-01", "已注销"),
        ] {
            assert_eq!(term(lacking, cancelled).state_on(day(on)).label(), state, "{on}");
        }
    }

    #[test]
    fn reminders_come_90_30_and_7_days_before_the_end_each_once() {
        let (rules, term) = (Rules::default(), term(None, None));
        let rules = rules.on(day("2029-01-01"));
        let (mut today, mut steps) = (day("2026-11-23"), Vec::new());
        while let Some(next) = term.next_check_on(today, rules) {
            steps.push((next.to_string(), term.due_step(next, next, rules)));
            today = next;
        }
        let reminder = |on: &str, days| (on.to_owned(), Some(DueStep::Reminder(days)));
        assert_eq!(steps, [reminder("2029-08-24", 90), reminder("2029-10-23", 30), reminder("2029-11-15", 7)]);
        assert_eq!(term.due_step(day("2029-08-24"), day("2029-11-16"), rules), Some(DueStep::Reminder(7)), "after a pause the last one");
        assert_eq!(term.due_step(day("2029-08-24"), day("2029-11-23"), rules), None, "what has ended is not reminded of");
    }

    #[test]
    fn a_course_without_a_teacher_is_cancelled_after_thirty_days() {
        let (rules, term) = (Rules::default(), term(Some("2027-01-10"), None));
        let rules = rules.on(day("2027-01-10"));
        assert_eq!(term.teachers_due_on(rules), Some(day("2027-02-09")));
        assert_eq!(term.next_check_on(day("2027-01-10"), rules), Some(day("2027-02-10")));
        assert_eq!(term.due_step(day("2027-01-10"), day("2027-02-09"), rules), None);
        assert_eq!(term.due_step(day("2027-01-10"), day("2027-02-10"), rules), Some(DueStep::Cancel));
    }

    #[test]
    fn a_number_has_the_year_and_five_digits() {
        assert_eq!(course_number(2026, 1), "BA2026-00001");
        assert_eq!(course_number(2026, 123_456), "BA2026-123456");
        assert!(CourseState::ALL.into_iter().all(|state| CourseState::from_code(state.code()) == Some(state)));
    }
}
