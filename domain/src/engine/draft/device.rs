//! What a device may delete of the drafts that it stores, and whether its clock is right.
//!
//! The clock of a device decides nothing: only a draft that the server holds completely is deleted by age, and only by the server's time at
//! both ends.

use chrono::TimeDelta;
use uuid::Uuid;

/// A draft that the server holds completely is deleted from the device after this time without changes.
pub const RETENTION: TimeDelta = TimeDelta::days(7);
/// A clock that differs by more than this from the server's is named to the user.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::days(1);

/// What a device can read of a stored draft without its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowMarks {
    /// The account that typed it; `None` in rows of earlier versions.
    pub account: Option<Uuid>,
    /// Time of the last change by the clock of the server, in milliseconds since 1970; `None` if the device did not know it, as without a
    /// network and in rows of earlier versions.
    pub changed_at: Option<i64>,
    /// Whether it has answers or files that the server does not have.
    pub unsent: bool,
    /// Whether a submission is requested.
    pub submission: bool,
}

impl RowMarks {
    /// Whether the row can belong to this account. A row that names no account is decided by the key that opens it.
    pub fn may_belong_to(&self, account: Uuid) -> bool {
        self.account.is_none_or(|own| own == account)
    }

    /// Whether the device deletes the draft of this account at this time of the server, in milliseconds since 1970.
    pub fn is_expired(&self, account: Uuid, server_now: i64) -> bool {
        let old = self.changed_at.is_some_and(|at| server_now.saturating_sub(at) > RETENTION.num_milliseconds());
        old && self.account == Some(account) && !self.unsent && !self.submission
    }
}

/// Drafts of other accounts that are not on the server, with the number for each account.
pub fn unsent_of_others(rows: &[RowMarks], account: Option<Uuid>) -> Vec<(Uuid, usize)> {
    let mut counts: Vec<(Uuid, usize)> = Vec::new();
    let others = rows.iter().filter(|row| row.unsent || row.submission).filter_map(|row| row.account).filter(|own| Some(*own) != account);
    for other in others {
        match counts.iter_mut().find(|(own, _)| *own == other) {
            Some((_, count)) => *count += 1,
            None => counts.push((other, 1)),
        }
    }
    counts
}

/// Message about the clock of a device that differs from the server's by more than a day. Both times are milliseconds since 1970.
pub fn clock_warning(device_now: i64, server_now: i64) -> Option<String> {
    let off = TimeDelta::try_milliseconds(device_now.saturating_sub(server_now)).unwrap_or(TimeDelta::MAX);
    let direction = if off > TimeDelta::zero() { "快" } else { "慢" };
    (off.abs() > CLOCK_TOLERANCE)
        .then(|| format!("本机的日期和时间比服务器{direction} {} 天，请校准；填写的内容不受影响。", off.num_days().abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const NOW: i64 = 20_000 * DAY;
    const ME: Uuid = Uuid::from_u128(1);

    fn row(account: u128, unsent: bool) -> RowMarks {
        RowMarks { account: Some(Uuid::from_u128(account)), changed_at: Some(NOW), unsent, submission: false }
    }

    #[test]
    fn no_unsent_draft_expires_however_old_it_is_by_any_clock() {
        for changed_at in [None, Some(0), Some(NOW - 3650 * DAY), Some(NOW + 30 * DAY)] {
            assert!(!RowMarks { changed_at, ..row(1, true) }.is_expired(ME, NOW), "{changed_at:?}");
            assert!(!RowMarks { changed_at, submission: true, ..row(1, false) }.is_expired(ME, NOW), "{changed_at:?}");
        }
    }

    #[test]
    fn a_draft_that_the_server_holds_expires_after_a_week_by_the_time_of_the_server() {
        let aged = |days: i64| RowMarks { changed_at: Some(NOW - days * DAY), ..row(1, false) };
        assert!(!aged(7).is_expired(ME, NOW));
        assert!(aged(8).is_expired(ME, NOW));
        assert!(!aged(-30).is_expired(ME, NOW));
    }

    #[test]
    fn a_draft_of_which_the_server_s_time_is_not_known_never_expires() {
        assert!(!RowMarks { changed_at: None, ..row(1, false) }.is_expired(ME, NOW));
        assert!(!RowMarks { changed_at: None, ..row(1, false) }.is_expired(ME, i64::MAX));
    }

    #[test]
    fn a_draft_of_another_account_or_of_none_never_expires() {
        let aged = RowMarks { changed_at: Some(NOW - 30 * DAY), ..row(2, false) };
        assert!(!aged.is_expired(ME, NOW));
        assert!(!RowMarks { account: None, ..aged }.is_expired(ME, NOW));
    }

    #[test]
    fn unsent_drafts_of_other_accounts_are_counted_for_each_account() {
        let rows = [row(1, true), row(2, true), row(2, true), row(2, false), row(3, false), RowMarks { submission: true, ..row(4, false) }];
        let counts = |account| unsent_of_others(&rows, account);
        assert_eq!(counts(Some(Uuid::from_u128(1))), [(Uuid::from_u128(2), 2), (Uuid::from_u128(4), 1)]);
        assert_eq!(counts(None).len(), 3);
    }

    #[test]
    fn a_clock_more_than_a_day_off_is_named_and_a_smaller_difference_is_not() {
        assert_eq!(clock_warning(NOW + DAY, NOW), None);
        assert_eq!(clock_warning(NOW - DAY, NOW), None);
        assert!(clock_warning(NOW + 30 * DAY, NOW).unwrap().contains("快 30 天"));
        assert!(clock_warning(NOW - 2 * DAY, NOW).unwrap().contains("慢 2 天"));
        assert!(clock_warning(i64::MAX, 0).is_some());
    }
}
