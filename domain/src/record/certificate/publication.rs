//! 证书公告: approvals are published weekly (docs/domain.md §4.3).

use chrono::{Datelike, Days, NaiveDate};

use crate::base::rule::{Rules, key};

/// Day of publication of a certificate: the first publication day after its issue, so that a published list is complete.
pub fn published_on(rules: &Rules, issued_on: NaiveDate) -> NaiveDate {
    let weekday = rules.on(issued_on).text(key::CERT_PUBLISH_WEEKDAY).parse::<u32>().unwrap_or(4);
    let ahead = (weekday + 7 - issued_on.weekday().number_from_monday()) % 7;
    let days = if ahead == 0 { 7 } else { ahead };
    issued_on.checked_add_days(Days::new(u64::from(days))).unwrap_or(issued_on)
}

/// Masks a name for public lists: the first character stays, and the last of three or more.
pub fn mask_name(name: &str) -> String {
    let count = name.chars().count();
    name.chars().enumerate().map(|(i, c)| if i == 0 || (count > 2 && i + 1 == count) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::RuleRow;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_certificate_is_published_on_the_next_thursday() {
        let rules = Rules::default();
        for (issued, published) in [
            ("2026-11-23", "2026-11-26"),
            ("2026-11-25", "2026-11-26"),
            ("2026-11-26", "2026-12-03"),
            ("2026-11-27", "2026-12-03"),
            ("2026-12-31", "2027-01-07"),
        ] {
            assert_eq!(published_on(&rules, day(issued)), day(published), "{issued}");
        }
    }

    #[test]
    fn the_association_can_choose_another_day_of_the_week() {
        let row = |weekday: &str| RuleRow { key: "cert.publish_weekday".into(), value: weekday.into(), effective_from: day("2026-01-01") };
        for (weekday, published) in [("1", "2026-11-30"), ("2", "2026-11-24"), ("7", "2026-11-29")] {
            assert_eq!(published_on(&Rules::new([row(weekday)]).unwrap(), day("2026-11-23")), day(published), "{weekday}");
        }
        assert!(Rules::new([row("8")]).is_err());
    }

    #[test]
    fn a_public_list_shows_only_the_ends_of_a_name() {
        for (name, masked) in [("周建国", "周*国"), ("李明", "李*"), ("欧阳明月", "欧**月"), ("", ""), ("李", "李")] {
            assert_eq!(mask_name(name), masked);
        }
    }
}
