use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::base::rule::{RuleRow, Rules};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn held(confirm_due_on: &str, valid_until: &str) -> HeldCertificate {
    HeldCertificate {
        number: "2025-N1QMS-4000001".into(),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade: Grade::Full,
        issued_on: day("2025-01-01"),
        valid_until: day(valid_until),
        confirm_due_on: day(confirm_due_on),
        status: CertificateStatus::Valid,
        overdue: false,
        scheduled: None,
        specialties: vec![],
        holder: Uuid::nil(),
    }
}

fn overdue(held: HeldCertificate) -> HeldCertificate {
    HeldCertificate { status: CertificateStatus::Suspended, overdue: true, ..held }
}

fn rules(rows: &[(&str, &str)]) -> Rules {
    let row = |(key, value): &(&str, &str)| RuleRow { key: (*key).into(), value: (*value).into(), effective_from: day("2020-01-01") };
    Rules::new(rows.iter().map(row)).unwrap()
}

fn standing(renewal: Renewal, held: &HeldCertificate, on: &str, rows: &[(&str, &str)]) -> Eligibility {
    renewal.eligibility(held, day(on), rules(rows).on(day(on)))
}

#[test]
fn a_confirmation_opens_three_months_before_its_day_and_closes_three_months_after() {
    use Eligibility::{Late, NotYet, Open};
    for (due, on, expected) in [
        ("2026-11-30", "2026-08-29", NotYet(day("2026-08-30"))),
        ("2026-11-30", "2026-08-30", Open(day("2027-02-28"))),
        ("2026-11-30", "2027-02-28", Open(day("2027-02-28"))),
        ("2026-11-30", "2027-03-01", Late(day("2027-02-28"))),
        // Over the end of the year.
        ("2027-01-15", "2026-10-14", NotYet(day("2026-10-15"))),
        ("2027-01-15", "2026-10-15", Open(day("2027-04-15"))),
        // The 29th of February, and months that have no 31st.
        ("2028-02-29", "2027-11-28", NotYet(day("2027-11-29"))),
        ("2028-02-29", "2027-11-29", Open(day("2028-05-29"))),
        ("2027-11-30", "2028-02-29", Open(day("2028-02-29"))),
        ("2027-11-30", "2028-03-01", Late(day("2028-02-29"))),
        ("2026-05-31", "2026-02-27", NotYet(day("2026-02-28"))),
        ("2026-05-31", "2026-02-28", Open(day("2026-08-31"))),
    ] {
        assert_eq!(standing(Renewal::AnnualConfirmation, &held(due, "2029-12-31"), on, &[]), expected, "{due} {on}");
    }
}

#[test]
fn the_rule_table_says_how_long_the_window_is_and_whether_late_is_too_late() {
    let held = held("2026-11-30", "2029-12-31");
    let one = [("ac.window_months_before", "1"), ("ac.window_months_after", "1")];
    assert_eq!(standing(Renewal::AnnualConfirmation, &held, "2026-10-29", &one), Eligibility::NotYet(day("2026-10-30")));
    assert_eq!(standing(Renewal::AnnualConfirmation, &held, "2026-12-31", &one), Eligibility::Late(day("2026-12-30")));
    let over = Eligibility::Closed(Ineligible::Over(day("2027-02-28")));
    assert_eq!(standing(Renewal::AnnualConfirmation, &held, "2027-03-01", &[("ac.late", "no")]), over);
}

#[test]
fn a_missed_confirmation_can_follow_until_the_next_one_is_missed_too() {
    let held = overdue(held("2026-11-30", "2029-11-30"));
    // The next confirmation is due on 2027-11-30, and its window closes on 2028-02-29.
    assert_eq!(standing(Renewal::AnnualConfirmation, &held, "2028-02-29", &[]), Eligibility::Late(day("2027-02-28")));
    assert_eq!(standing(Renewal::AnnualConfirmation, &held, "2028-03-01", &[]), Eligibility::Closed(Ineligible::Over(day("2027-02-28"))));
}

#[test]
fn only_a_valid_certificate_is_confirmed() {
    use CertificateStatus::{Cancelled, Expired, Revoked, Superseded, Suspended, Valid};
    let on = "2026-11-30";
    for (status, confirmed) in
        [(Valid, true), (Suspended, false), (Revoked, false), (Cancelled, false), (Superseded, false), (Expired, false)]
    {
        let held = HeldCertificate { status, ..held(on, "2028-11-30") };
        let expected = if confirmed { Eligibility::Open(day("2027-02-28")) } else { Eligibility::Closed(Ineligible::Status(status)) };
        assert_eq!(standing(Renewal::AnnualConfirmation, &held, on, &[]), expected, "{status:?}");
    }
    let end = held(on, on);
    assert_eq!(standing(Renewal::AnnualConfirmation, &end, on, &[]), Eligibility::Closed(Ineligible::LastYear));
}

#[test]
fn a_certificate_is_reregistered_around_its_last_day_once_it_is_confirmed() {
    use Eligibility::{Closed, NotYet, Open};
    let last = "2027-11-22";
    for (on, expected) in [
        ("2027-08-21", NotYet(day("2027-08-22"))),
        ("2027-08-22", Open(day("2028-02-22"))),
        ("2027-11-22", Open(day("2028-02-22"))),
        // One day late it has expired and can still be renewed (docs/manual.md 3.2.1).
        ("2027-11-23", Open(day("2028-02-22"))),
        ("2028-02-22", Open(day("2028-02-22"))),
        ("2028-02-23", Closed(Ineligible::Over(day("2028-02-22")))),
    ] {
        assert_eq!(standing(Renewal::Reregistration, &held(last, last), on, &[]), expected, "{on}");
    }
    let unconfirmed = overdue(held("2026-11-22", last));
    assert_eq!(standing(Renewal::Reregistration, &unconfirmed, "2027-09-01", &[]), Closed(Ineligible::Unconfirmed));
    let suspended = HeldCertificate { status: CertificateStatus::Suspended, ..held(last, last) };
    assert_eq!(standing(Renewal::Reregistration, &suspended, "2027-09-01", &[]), Closed(Ineligible::Status(CertificateStatus::Suspended)));
}

#[test]
fn the_end_of_its_term_does_not_open_a_renewal_of_a_certificate_suspended_by_a_measure() {
    let suspended = HeldCertificate { status: CertificateStatus::Suspended, ..held("2027-11-22", "2027-11-22") };
    assert_eq!(suspended.status_on(day("2027-11-23")), CertificateStatus::Expired);
    for renewal in Renewal::ALL {
        let refused = Eligibility::Closed(Ineligible::Status(CertificateStatus::Suspended));
        assert_eq!(standing(renewal, &suspended, "2027-11-23", &[]), refused, "{renewal:?}");
    }
}

#[test]
fn a_confirmation_extends_by_a_year_and_never_past_the_end() {
    let none = Rules::default();
    for (due, until, next) in [
        ("2026-11-22", "2028-11-22", "2027-11-22"),
        ("2027-11-22", "2028-11-22", "2028-11-22"),
        // Issued on the 1st of March: due on the last day of February, whatever it is.
        ("2027-02-28", "2029-02-28", "2028-02-29"),
        ("2028-02-29", "2029-02-28", "2029-02-28"),
        ("2026-12-31", "2028-12-31", "2027-12-31"),
    ] {
        let terms = Renewal::AnnualConfirmation.extended_terms(&held(due, until), day("2026-12-01"), none.on(day("2026-12-01")));
        assert_eq!(terms, Terms { valid_until: day(until), confirm_due_on: day(next) }, "{due}");
    }
}

#[test]
fn a_reregistration_starts_at_the_old_end_or_at_a_later_decision() {
    let none = Rules::default();
    for (decided, until, confirm) in [
        ("2027-09-01", "2030-11-22", "2028-11-22"),
        ("2027-11-22", "2030-11-22", "2028-11-22"),
        ("2027-11-23", "2030-11-22", "2028-11-22"),
        ("2027-12-10", "2030-12-09", "2028-12-09"),
    ] {
        let terms = Renewal::Reregistration.extended_terms(&held("2027-11-22", "2027-11-22"), day(decided), none.on(day(decided)));
        assert_eq!(terms, Terms { valid_until: day(until), confirm_due_on: day(confirm) }, "{decided}");
    }
}

#[test]
fn a_certificate_is_valid_for_three_years_to_the_day_before() {
    let rules = Rules::default();
    let terms = |confirm, until| Terms { valid_until: day(until), confirm_due_on: day(confirm) };
    assert_eq!(initial_terms(&rules, day("2026-11-23")), terms("2027-11-22", "2029-11-22"));
    assert_eq!(initial_terms(&rules, day("2024-02-29")), terms("2025-02-27", "2027-02-27"));
}

#[test]
fn an_unconfirmed_certificate_is_suspended_and_then_expires() {
    let live = held("2026-11-30", "2029-11-30");
    let late = overdue(live.clone());
    let last_year = overdue(held("2028-11-30", "2029-11-30"));
    for (held, on, expected) in [
        (&live, "2027-02-28", None),
        (&live, "2027-03-01", Some(Lapse::Suspend)),
        (&late, "2027-03-01", None),
        (&late, "2028-02-29", None),
        (&late, "2028-03-01", Some(Lapse::Expire)),
        // A run that comes late goes straight to the end.
        (&live, "2028-03-01", Some(Lapse::Expire)),
        (&last_year, "2029-11-30", None),
        (&last_year, "2029-12-01", Some(Lapse::Expire)),
    ] {
        assert_eq!(lapse(held, day(on), Rules::default().on(day(on))), expected, "{on}");
    }
    let end = held("2026-11-30", "2026-11-30");
    let on = |text: &str| lapse(&end, day(text), Rules::default().on(day(text)));
    assert_eq!((on("2026-11-30"), on("2026-12-01")), (None, Some(Lapse::Expire)));
    for status in [
        CertificateStatus::Revoked,
        CertificateStatus::Cancelled,
        CertificateStatus::Superseded,
        CertificateStatus::Suspended,
        CertificateStatus::Expired,
    ] {
        let gone = HeldCertificate { status, ..live.clone() };
        assert_eq!(lapse(&gone, day("2030-01-01"), Rules::default().on(day("2030-01-01"))), None, "{status:?}");
    }
}

#[test]
fn reminders_fall_on_their_days_and_the_nearest_counts() {
    let held = held("2026-11-30", "2028-11-30");
    for (since, today, step) in [
        ("2026-08-31", "2026-08-31", None),
        ("2026-09-01", "2026-09-01", Some(-90)),
        ("2026-09-02", "2026-10-30", None),
        ("2026-10-31", "2026-10-31", Some(-30)),
        ("2026-11-23", "2026-11-23", Some(-7)),
        ("2026-11-30", "2026-11-30", None),
        ("2026-12-01", "2026-12-01", Some(1)),
        ("2027-01-29", "2027-01-29", Some(60)),
        // No check for a quarter of a year: one reminder, the latest.
        ("2026-09-01", "2026-12-01", Some(1)),
    ] {
        let found = reminder(&held, day(since), day(today), Rules::default().on(day(today)));
        assert_eq!(found, step.map(|step| (Renewal::AnnualConfirmation, step)), "{since} {today}");
    }
    let end = self::held("2026-11-30", "2026-11-30");
    let on = |text: &str| reminder(&end, day(text), day(text), Rules::default().on(day(text)));
    assert_eq!((on("2026-10-31"), on("2026-12-01")), (Some((Renewal::Reregistration, -30)), None), "no reminder after the end");
}

#[test]
fn checking_only_on_the_announced_days_misses_nothing() {
    let rules = Rules::default();
    for first in ["2025-11-30", "2026-02-28", "2027-02-28", "2026-12-31"] {
        let start = day(first).checked_sub_months(Months::new(12)).unwrap();
        let issued = HeldCertificate { issued_on: start, ..held(first, "2029-06-30") };
        // A check every day and a check on the announced days only give the same actions on the same days.
        let (mut daily, mut named) = (Vec::new(), Vec::new());
        let (mut a, mut b) = (issued.clone(), issued.clone());
        let (mut since, mut look) = (start, next_check_on(&issued, start, rules.on(start)));
        let mut today = start;
        while today < day("2030-01-01") {
            today = next_day(today);
            let on = rules.on(today);
            act(&mut a, next_day(since), today, on, &mut daily);
            since = today;
            if look.is_some_and(|l| l <= today) {
                act(&mut b, look.unwrap(), today, on, &mut named);
                look = next_check_on(&b, today, on);
            }
        }
        assert_eq!(daily, named, "{first}");
        assert_eq!((a.status, b.status), (CertificateStatus::Expired, CertificateStatus::Expired));
        assert_eq!(daily.iter().filter(|(_, what)| what.starts_with("Remind")).count(), 5, "{first}: {daily:?}");
    }
}

fn act(held: &mut HeldCertificate, since: NaiveDate, today: NaiveDate, rules: RulesOn<'_>, log: &mut Vec<(NaiveDate, String)>) {
    if let Some(step) = reminder(held, since, today, rules) {
        log.push((today, format!("Remind {step:?}")));
    }
    if let Some(lapse) = lapse(held, today, rules) {
        log.push((today, format!("{lapse:?}")));
        held.overdue = true;
        held.status = if lapse == Lapse::Suspend { CertificateStatus::Suspended } else { CertificateStatus::Expired };
    }
}

#[test]
fn a_confirmation_is_due_before_the_reregistration_and_none_in_the_last_year() {
    let (confirm, until) = (day("2027-11-22"), day("2029-11-22"));
    let both = [(Renewal::AnnualConfirmation, confirm), (Renewal::Reregistration, until)];
    assert_eq!(upcoming(&held("2027-11-22", "2029-11-22")), both);
    assert_eq!(upcoming(&held("2029-11-22", "2029-11-22")), [(Renewal::Reregistration, until)]);
}
