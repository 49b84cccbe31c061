use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::base::rule::{Rule, Rules};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn held(confirm_due_on: &str, valid_until: &str) -> Held {
    Held {
        number: "2025-N1QMS-4000001".into(),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade: Grade::Full,
        issued_on: day("2025-01-01"),
        valid_until: day(valid_until),
        confirm_due_on: day(confirm_due_on),
        status: Status::Valid,
        overdue: false,
        specialties: vec![],
        holder: Uuid::nil(),
    }
}

fn overdue(held: Held) -> Held {
    Held { status: Status::Suspended, overdue: true, ..held }
}

fn rules(rows: &[(&str, &str)]) -> Rules {
    let row = |(key, value): &(&str, &str)| Rule { key: (*key).into(), value: (*value).into(), effective_from: day("2020-01-01") };
    Rules::new(rows.iter().map(row)).unwrap()
}

fn standing(upkeep: Upkeep, held: &Held, on: &str, rows: &[(&str, &str)]) -> Standing {
    upkeep.standing(held, day(on), rules(rows).on(day(on)))
}

#[test]
fn a_confirmation_opens_three_months_before_its_day_and_closes_three_months_after() {
    use Standing::{Early, Late, Open};
    for (due, on, expected) in [
        ("2026-11-30", "2026-08-29", Early(day("2026-08-30"))),
        ("2026-11-30", "2026-08-30", Open(day("2027-02-28"))),
        ("2026-11-30", "2027-02-28", Open(day("2027-02-28"))),
        ("2026-11-30", "2027-03-01", Late(day("2027-02-28"))),
        // Over the end of the year.
        ("2027-01-15", "2026-10-14", Early(day("2026-10-15"))),
        ("2027-01-15", "2026-10-15", Open(day("2027-04-15"))),
        // The 29th of February, and months that have no 31st.
        ("2028-02-29", "2027-11-28", Early(day("2027-11-29"))),
        ("2028-02-29", "2027-11-29", Open(day("2028-05-29"))),
        ("2027-11-30", "2028-02-29", Open(day("2028-02-29"))),
        ("2027-11-30", "2028-03-01", Late(day("2028-02-29"))),
        ("2026-05-31", "2026-02-27", Early(day("2026-02-28"))),
        ("2026-05-31", "2026-02-28", Open(day("2026-08-31"))),
    ] {
        assert_eq!(standing(Upkeep::Confirmation, &held(due, "2029-12-31"), on, &[]), expected, "{due} {on}");
    }
}

#[test]
fn the_rule_table_says_how_long_the_window_is_and_whether_late_is_too_late() {
    let held = held("2026-11-30", "2029-12-31");
    let one = [("ac.window_months_before", "1"), ("ac.window_months_after", "1")];
    assert_eq!(standing(Upkeep::Confirmation, &held, "2026-10-29", &one), Standing::Early(day("2026-10-30")));
    assert_eq!(standing(Upkeep::Confirmation, &held, "2026-12-31", &one), Standing::Late(day("2026-12-30")));
    let over = Standing::Closed(Bar::Over(day("2027-02-28")));
    assert_eq!(standing(Upkeep::Confirmation, &held, "2027-03-01", &[("ac.late", "no")]), over);
}

#[test]
fn what_was_missed_can_be_made_up_for_until_the_next_is_missed_too() {
    let held = overdue(held("2026-11-30", "2029-11-30"));
    // The next confirmation is due on 2027-11-30, and its window closes on 2028-02-29.
    assert_eq!(standing(Upkeep::Confirmation, &held, "2028-02-29", &[]), Standing::Late(day("2027-02-28")));
    assert_eq!(standing(Upkeep::Confirmation, &held, "2028-03-01", &[]), Standing::Closed(Bar::Over(day("2027-02-28"))));
}

#[test]
fn only_a_certificate_that_is_worth_keeping_is_kept() {
    use Status::{Cancelled, Expired, Revoked, Superseded, Suspended, Valid};
    let on = "2026-11-30";
    for (status, confirmed) in
        [(Valid, true), (Suspended, false), (Revoked, false), (Cancelled, false), (Superseded, false), (Expired, false)]
    {
        let held = Held { status, ..held(on, "2028-11-30") };
        let expected = if confirmed { Standing::Open(day("2027-02-28")) } else { Standing::Closed(Bar::Status(status)) };
        assert_eq!(standing(Upkeep::Confirmation, &held, on, &[]), expected, "{status:?}");
    }
    let end = held(on, on);
    assert_eq!(standing(Upkeep::Confirmation, &end, on, &[]), Standing::Closed(Bar::LastYear));
}

#[test]
fn a_certificate_is_renewed_around_its_last_day_once_it_was_confirmed() {
    use Standing::{Closed, Early, Open};
    let last = "2027-11-22";
    for (on, expected) in [
        ("2027-08-21", Early(day("2027-08-22"))),
        ("2027-08-22", Open(day("2028-02-22"))),
        ("2027-11-22", Open(day("2028-02-22"))),
        // Who is late by a day has expired, and can still be renewed (manual 3.2.1).
        ("2027-11-23", Open(day("2028-02-22"))),
        ("2028-02-22", Open(day("2028-02-22"))),
        ("2028-02-23", Closed(Bar::Over(day("2028-02-22")))),
    ] {
        assert_eq!(standing(Upkeep::Renewal, &held(last, last), on, &[]), expected, "{on}");
    }
    let unconfirmed = overdue(held("2026-11-22", last));
    assert_eq!(standing(Upkeep::Renewal, &unconfirmed, "2027-09-01", &[]), Closed(Bar::Unconfirmed));
    let suspended = Held { status: Status::Suspended, ..held(last, last) };
    assert_eq!(standing(Upkeep::Renewal, &suspended, "2027-09-01", &[]), Closed(Bar::Status(Status::Suspended)));
}

#[test]
fn a_confirmation_moves_on_by_a_year_and_never_past_the_end() {
    let none = Rules::default();
    for (due, until, next) in [
        ("2026-11-22", "2028-11-22", "2027-11-22"),
        ("2027-11-22", "2028-11-22", "2028-11-22"),
        // Issued on the 1st of March: due on the last day of February, whatever it is.
        ("2027-02-28", "2029-02-28", "2028-02-29"),
        ("2028-02-29", "2029-02-28", "2029-02-28"),
        ("2026-12-31", "2028-12-31", "2027-12-31"),
    ] {
        let terms = Upkeep::Confirmation.extended(&held(due, until), day("2026-12-01"), none.on(day("2026-12-01")));
        assert_eq!(terms, Terms { valid_until: day(until), confirm_due_on: day(next) }, "{due}");
    }
}

#[test]
fn a_renewal_goes_on_from_the_old_end_or_from_the_decision_when_that_is_later() {
    let none = Rules::default();
    for (decided, until, confirm) in [
        ("2027-09-01", "2030-11-22", "2028-11-22"),
        ("2027-11-22", "2030-11-22", "2028-11-22"),
        ("2027-11-23", "2030-11-22", "2028-11-22"),
        ("2027-12-10", "2030-12-09", "2028-12-09"),
    ] {
        let terms = Upkeep::Renewal.extended(&held("2027-11-22", "2027-11-22"), day(decided), none.on(day(decided)));
        assert_eq!(terms, Terms { valid_until: day(until), confirm_due_on: day(confirm) }, "{decided}");
    }
}

#[test]
fn what_nobody_confirms_is_suspended_and_then_ends() {
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
    for status in [Status::Revoked, Status::Cancelled, Status::Superseded, Status::Suspended, Status::Expired] {
        let gone = Held { status, ..live.clone() };
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
        // Nobody looked for a quarter of a year: one reminder, the nearest.
        ("2026-09-01", "2026-12-01", Some(1)),
    ] {
        let found = reminder(&held, day(since), day(today), Rules::default().on(day(today)));
        assert_eq!(found, step.map(|step| (Upkeep::Confirmation, step)), "{since} {today}");
    }
    let end = self::held("2026-11-30", "2026-11-30");
    let on = |text: &str| reminder(&end, day(text), day(text), Rules::default().on(day(text)));
    assert_eq!((on("2026-10-31"), on("2026-12-01")), (Some((Upkeep::Renewal, -30)), None), "what is over is not reminded of");
}

#[test]
fn looking_only_on_the_days_that_are_named_misses_nothing() {
    let rules = Rules::default();
    for first in ["2025-11-30", "2026-02-28", "2027-02-28", "2026-12-31"] {
        let start = day(first).checked_sub_months(Months::new(12)).unwrap();
        let issued = Held { issued_on: start, ..held(first, "2029-06-30") };
        // Every day, and only the days that are named: the same is done on the same days.
        let (mut daily, mut named) = (Vec::new(), Vec::new());
        let (mut a, mut b) = (issued.clone(), issued.clone());
        let (mut since, mut look) = (start, next_look(&issued, start, rules.on(start)));
        let mut today = start;
        while today < day("2030-01-01") {
            today = next_day(today);
            let on = rules.on(today);
            act(&mut a, next_day(since), today, on, &mut daily);
            since = today;
            if look.is_some_and(|l| l <= today) {
                act(&mut b, look.unwrap(), today, on, &mut named);
                look = next_look(&b, today, on);
            }
        }
        assert_eq!(daily, named, "{first}");
        assert_eq!((a.status, b.status), (Status::Expired, Status::Expired));
        assert_eq!(daily.iter().filter(|(_, what)| what.starts_with("Remind")).count(), 5, "{first}: {daily:?}");
    }
}

fn act(held: &mut Held, since: NaiveDate, today: NaiveDate, rules: RulesOn<'_>, log: &mut Vec<(NaiveDate, String)>) {
    if let Some(step) = reminder(held, since, today, rules) {
        log.push((today, format!("Remind {step:?}")));
    }
    if let Some(lapse) = lapse(held, today, rules) {
        log.push((today, format!("{lapse:?}")));
        held.overdue = true;
        held.status = if lapse == Lapse::Suspend { Status::Suspended } else { Status::Expired };
    }
}

#[test]
fn a_confirmation_is_due_before_the_renewal_and_none_in_the_last_year() {
    let (confirm, until) = (day("2027-11-22"), day("2029-11-22"));
    let both = [(Upkeep::Confirmation, confirm), (Upkeep::Renewal, until)];
    assert_eq!(dues(&held("2027-11-22", "2029-11-22")), both);
    assert_eq!(dues(&held("2029-11-22", "2029-11-22")), [(Upkeep::Renewal, until)]);
}
