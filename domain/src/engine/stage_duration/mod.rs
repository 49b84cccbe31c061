//! Usual duration of a stage: the median of recently finished tasks, in working days.

use chrono::NaiveDate;

use crate::base::calendar::WorkingDays;

/// Number of recent tasks in the sample.
pub const SAMPLE_SIZE: usize = 100;
/// Minimum number of tasks for a median.
const MIN_SAMPLES: usize = 5;

/// Usual duration of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageDuration {
    /// Number of tasks in the sample.
    pub count: usize,
    /// Median in working days; of an even number the upper one.
    pub days: i64,
}

impl StageDuration {
    /// Computes the median from days of entry and exit; `None` if there are too few.
    pub fn from_spans(spans: &[(NaiveDate, NaiveDate)], working_days: &WorkingDays) -> Option<Self> {
        let mut days: Vec<i64> = spans.iter().map(|(from, to)| working_days.between(*from, *to)).collect();
        days.sort_unstable();
        let median = days.get(days.len() / 2).filter(|_| days.len() >= MIN_SAMPLES)?;
        Some(Self { count: days.len(), days: *median })
    }

    /// As a sentence: 近期同类业务（100 件）本环节办理时长中位数为 3 个工作日.
    pub fn text(self) -> String {
        format!("近期同类业务（{} 件）本环节办理时长中位数为{}", self.count, self.span())
    }

    /// As a short text: 一般需 3 个工作日.
    pub fn short(self) -> String {
        format!("一般需{}", self.span())
    }

    /// The time alone, after a space before a number:  3 个工作日.
    pub fn span(self) -> String {
        if self.days == 0 { "不到 1 个工作日".to_owned() } else { format!(" {} 个工作日", self.days) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn spans(lengths: &[u64]) -> Vec<(NaiveDate, NaiveDate)> {
        // From a Monday, so that the following days are in the same week.
        lengths.iter().map(|n| (day("2026-11-23"), day("2026-11-23") + chrono::Days::new(*n))).collect()
    }

    #[test]
    fn fewer_than_five_say_nothing() {
        let plain = WorkingDays::default();
        assert_eq!(StageDuration::from_spans(&spans(&[1, 2, 3, 4]), &plain), None);
        assert_eq!(StageDuration::from_spans(&spans(&[4, 1, 3, 1, 2]), &plain), Some(StageDuration { count: 5, days: 2 }));
        assert_eq!(StageDuration::from_spans(&[], &plain), None);
    }

    #[test]
    fn of_an_even_number_the_longer_of_the_middle_two_counts() {
        assert_eq!(StageDuration::from_spans(&spans(&[0, 1, 1, 3, 4, 4]), &WorkingDays::default()).map(|p| p.days), Some(3));
    }

    #[test]
    fn weekends_do_not_count() {
        let week = (day("2026-11-20"), day("2026-11-23"));
        let pace = StageDuration::from_spans(&[week; 5], &WorkingDays::default()).unwrap();
        assert_eq!(pace.text(), "近期同类业务（5 件）本环节办理时长中位数为 1 个工作日");
        assert_eq!(pace.short(), "一般需 1 个工作日");
        assert_eq!(StageDuration { count: 100, days: 0 }.short(), "一般需不到 1 个工作日");
    }

    proptest! {
        #[test]
        fn the_median_lies_among_what_was_measured(lengths in proptest::collection::vec(0u64..400, 5..120)) {
            let spans = spans(&lengths);
            let plain = WorkingDays::default();
            let pace = StageDuration::from_spans(&spans, &plain).unwrap();
            let longer = spans.iter().filter(|(a, b)| plain.between(*a, *b) > pace.days).count();
            let shorter = spans.iter().filter(|(a, b)| plain.between(*a, *b) < pace.days).count();
            prop_assert!(longer * 2 <= spans.len() && shorter * 2 <= spans.len());
        }
    }
}
