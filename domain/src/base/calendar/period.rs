//! Periods and their total length; overlapping days count once.

use chrono::{Days, Months, NaiveDate};

/// A period of days, first and last day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// First day of the period.
    pub first: NaiveDate,
    /// Last day, not before the first.
    pub last: NaiveDate,
}

impl Period {
    /// The period from `first` to `last`; `None` if `last` is earlier.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The part of the period from a day on.
    pub fn since(self, day: NaiveDate) -> Option<Self> {
        Self::new(self.first.max(day), self.last)
    }

    /// Whether the periods share a day.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Number of days.
    pub fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    fn length(self) -> PeriodLength {
        let end = self.last.succ_opt().unwrap_or(self.last);
        let at = |months: u32| self.first.checked_add_months(Months::new(months)).filter(|day| *day <= end);
        let guess = u32::try_from(self.days() / 31).unwrap_or(0);
        let months = (guess..).take_while(|m| at(*m).is_some()).last().unwrap_or(0);
        let rest = at(months).map_or(0, |day| (end - day).num_days());
        // An incomplete month stays below one month, however many days the month has.
        PeriodLength(i64::from(months) * PeriodLength::MONTH + rest.min(PeriodLength::MONTH - 1))
    }
}

/// The same days as sorted periods that neither overlap nor touch.
pub fn union(spans: impl IntoIterator<Item = Period>) -> Vec<Period> {
    let mut spans: Vec<Period> = spans.into_iter().collect();
    spans.sort_unstable();
    let mut apart: Vec<Period> = Vec::new();
    for span in spans {
        match apart.last_mut() {
            Some(before) if before.last.succ_opt().is_none_or(|next| span.first <= next) => before.last = before.last.max(span.last),
            _ => apart.push(span),
        }
    }
    apart
}

/// The days of `spans` that are not in `taken`.
pub fn subtract(spans: impl IntoIterator<Item = Period>, taken: impl IntoIterator<Item = Period>) -> Vec<Period> {
    let mut left = union(spans);
    for cut in union(taken) {
        left = left
            .into_iter()
            .flat_map(|span| {
                let before = cut.first.checked_sub_days(Days::new(1)).and_then(|day| Period::new(span.first, span.last.min(day)));
                let after = cut.last.succ_opt().and_then(|day| span.since(day));
                [before, after].into_iter().flatten()
            })
            .collect();
    }
    left
}

/// A length in months of thirty days. Whole months are counted by the calendar, only the remainder in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct PeriodLength(i64);

impl PeriodLength {
    const MONTH: i64 = 30;
    const YEAR: i64 = 360;

    /// Total length of the periods.
    pub fn of(spans: impl IntoIterator<Item = Period>) -> Self {
        Self(union(spans).into_iter().map(|s| s.length().0).sum())
    }

    /// A length in years.
    pub fn years(count: i64) -> Self {
        Self(count.saturating_mul(Self::YEAR))
    }

    /// A percentage of the length, rounded down to days.
    pub fn percent(self, share: i64) -> Self {
        Self(self.0.saturating_mul(share) / 100)
    }

    /// The sum of two lengths.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference to a longer length; zero if this one suffices.
    pub fn missing_to(self, needed: Self) -> Self {
        Self(needed.0.saturating_sub(self.0).max(0))
    }

    /// 3 年 11 个月 29 天.
    pub fn text(self) -> String {
        let parts = [(self.0 / Self::YEAR, "年"), (self.0 % Self::YEAR / Self::MONTH, "个月"), (self.0 % Self::MONTH, "天")];
        let words: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
        if words.is_empty() { "0 天".to_owned() } else { words.join(" ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(first: &str, last: &str) -> Period {
        Period::new(day(first), day(last)).unwrap()
    }

    #[test]
    fn a_period_is_as_long_as_the_calendar_says() {
        for (first, last, text) in [
            ("2012-07-01", "2020-06-30", "8 年"),
            ("2012-07-01", "2020-06-29", "7 年 11 个月 29 天"),
            ("2020-02-29", "2024-02-28", "4 年"),
            ("2020-02-29", "2024-02-27", "3 年 11 个月 29 天"),
            ("2023-12-31", "2024-01-01", "2 天"),
            ("2024-02-01", "2024-02-29", "1 个月"),
            ("2024-02-01", "2024-02-28", "28 天"),
            ("2023-02-01", "2023-02-28", "1 个月"),
            ("2024-01-01", "2024-01-30", "29 天"),
            ("2024-01-01", "2024-12-31", "1 年"),
            ("2024-05-05", "2024-05-05", "1 天"),
        ] {
            assert_eq!(PeriodLength::of([span(first, last)]).text(), text, "{first} {last}");
        }
        assert_eq!(PeriodLength::default().text(), "0 天");
    }

    #[test]
    fn what_overlaps_or_touches_counts_once() {
        let both = [span("2020-01-01", "2021-12-31"), span("2021-01-01", "2022-12-31")];
        assert_eq!(PeriodLength::of(both).text(), "3 年");
        let touching = [span("2020-01-01", "2020-12-31"), span("2021-01-01", "2021-12-31")];
        assert_eq!(union(touching).len(), 1);
        let apart = [span("2020-01-01", "2020-12-30"), span("2021-01-01", "2021-12-31")];
        assert_eq!(union(apart).len(), 2);
    }

    #[test]
    fn days_that_are_taken_are_left_out() {
        let left = subtract([span("2020-01-01", "2020-12-31")], [span("2020-03-01", "2020-03-31"), span("2020-12-01", "2021-02-01")]);
        assert_eq!(left, [span("2020-01-01", "2020-02-29"), span("2020-04-01", "2020-11-30")]);
    }

    #[test]
    fn study_counts_by_its_share() {
        let study = PeriodLength::of([span("2012-09-01", "2015-08-31")]);
        assert_eq!(study.percent(50).text(), "1 年 6 个月");
        assert_eq!(study.percent(50).missing_to(PeriodLength::years(4)).text(), "2 年 6 个月");
        assert_eq!(PeriodLength::years(4).missing_to(study), PeriodLength::default());
    }

    fn any_span() -> impl Strategy<Value = Period> {
        (0u64..20_000, 0u64..3_000).prop_map(|(first, days)| {
            let first = day("1970-01-01").checked_add_days(Days::new(first)).unwrap();
            Period { first, last: first.checked_add_days(Days::new(days)).unwrap() }
        })
    }

    fn has(spans: &[Period], day: NaiveDate) -> bool {
        spans.iter().any(|s| s.first <= day && day <= s.last)
    }

    proptest! {
        #[test]
        fn a_union_has_the_same_days_apart_and_in_order(spans in prop::collection::vec(any_span(), 0..8)) {
            let apart = union(spans.clone());
            prop_assert!(apart.windows(2).all(|w| w[0].last.succ_opt().unwrap() < w[1].first));
            let ends = spans.iter().flat_map(|s| [s.first, s.last, s.first.pred_opt().unwrap(), s.last.succ_opt().unwrap()]);
            for day in ends {
                prop_assert_eq!(has(&spans, day), has(&apart, day));
            }
            prop_assert_eq!(union(apart.clone()), apart);
        }

        #[test]
        fn cutting_a_period_in_two_changes_nothing(span in any_span(), cut in 0u64..3_000) {
            let middle = span.first.checked_add_days(Days::new(cut)).unwrap().min(span.last);
            let parts = [Period::new(span.first, middle), middle.succ_opt().and_then(|d| span.since(d))];
            prop_assert_eq!(PeriodLength::of(parts.into_iter().flatten()), PeriodLength::of([span]));
        }

        #[test]
        fn one_day_more_is_never_shorter(span in any_span()) {
            let longer = Period { last: span.last.succ_opt().unwrap(), ..span };
            prop_assert!(PeriodLength::of([longer]) >= PeriodLength::of([span]));
        }

        #[test]
        fn to_the_day_before_its_return_a_year_is_a_year(span in any_span(), years in 1u32..40) {
            let again = span.first.checked_add_months(Months::new(years * 12)).unwrap();
            prop_assert_eq!(PeriodLength::of([Period { last: again.pred_opt().unwrap(), ..span }]), PeriodLength::years(years.into()));
        }

        #[test]
        fn what_is_cut_out_is_gone_and_the_rest_stays(spans in prop::collection::vec(any_span(), 0..5), taken in prop::collection::vec(any_span(), 0..5)) {
            let left = subtract(spans.clone(), taken.clone());
            let ends = spans.iter().chain(&taken).flat_map(|s| [s.first, s.last, s.first.pred_opt().unwrap(), s.last.succ_opt().unwrap()]);
            for day in ends {
                prop_assert_eq!(has(&left, day), has(&spans, day) && !has(&taken, day));
            }
        }

        #[test]
        fn overlap_is_mutual_and_means_a_shared_day(a in any_span(), b in any_span()) {
            prop_assert_eq!(a.overlaps(b), b.overlaps(a));
            let shared = Period::new(a.first.max(b.first), a.last.min(b.last));
            prop_assert_eq!(a.overlaps(b), shared.is_some());
        }
    }
}
