use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::base::rule::{Rule, Rules};
use crate::engine::form::{Record, Value};
use crate::matter::ApplicantRecord;
use crate::matter::{Entry, State};
use crate::record::certificate::{Held, Status};

const ME: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A full auditor's certificate, due on 2026-11-30.
fn held(serial: u8) -> Held {
    Held {
        number: format!("2025-N1QMS-400000{serial}"),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade: Grade::Full,
        issued_on: day("2025-12-01"),
        valid_until: day("2028-11-30"),
        confirm_due_on: day("2026-11-30"),
        status: Status::Valid,
        overdue: false,
        specialties: vec![],
        holder: ME,
    }
}

fn known(certificates: Vec<Held>) -> ApplicantRecord {
    ApplicantRecord { certificates, practices: vec![Uuid::from_u128(9)], ..ApplicantRecord::default() }
}

fn answers(certificates: &[&str], cpd: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    answers.fields.insert(CERTIFICATES.into(), Value::Many(certificates.iter().map(|c| (*c).to_owned()).collect()));
    for (n, (end, hours)) in cpd.iter().enumerate() {
        let fields = [("end", *end), ("hours", *hours)].map(|(k, v)| (k.to_owned(), Value::from(v))).into();
        answers.put_record("cpd", Record { id: Uuid::from_u128(n as u128 + 1), fields, gone: false });
    }
    answers
}

fn on<T>(known: &ApplicantRecord, rows: &[(&str, &str)], today: &str, ask: impl Fn(&MatterContext<'_>) -> T) -> T {
    let row = |(key, value): &(&str, &str)| Rule { key: (*key).into(), value: (*value).into(), effective_from: day("2020-01-01") };
    let rules = Rules::new(rows.iter().map(row)).unwrap();
    let (lists, today) = (BTreeMap::new(), day(today));
    ask(&MatterContext {
        form: crate::engine::form::FormContext { today, lists: &lists, rules: &rules, applicant: "", applied: today },
        record: known,
    })
}

fn told(known: &ApplicantRecord, today: &str) -> String {
    match on(known, &[], today, |s| KIND.entry_for(s)) {
        Entry::Open => String::new(),
        Entry::Closed(why) => why,
    }
}

fn faults(known: &ApplicantRecord, answers: &Answers, today: &str) -> Vec<&'static str> {
    on(known, &[], today, |s| (KIND.judge)(answers, s).iter().map(|p| p.issue.code).collect())
}

#[test]
fn nothing_to_confirm_is_told_with_the_day_it_will_be() {
    assert_eq!(told(&known(vec![held(1)]), "2026-08-30"), "");
    let early = told(&known(vec![held(1)]), "2026-08-29");
    assert!(early.contains("应于 2026-11-30 前完成，2026-08-30 起可以办理"), "{early}");
    assert!(told(&known(vec![]), "2026-11-30").contains("您没有注册证书"));
    let last = Held { confirm_due_on: day("2028-11-30"), ..held(1) };
    assert!(told(&known(vec![last]), "2026-11-30").contains("请在到期前办理再注册"));
    let asked = ApplicantRecord { renewals_pending: vec![held(1).number], ..known(vec![held(1)]) };
    assert!(told(&asked, "2026-11-30").contains("已有正在办理的申请"));
    // The nearest comes first.
    let next = Held { confirm_due_on: day("2027-03-01"), ..held(2) };
    let far = Held { confirm_due_on: day("2027-06-01"), ..held(1) };
    let both = told(&known(vec![far, next]), "2026-11-30");
    assert!(both.find("2027-03-01").unwrap() < both.find("2027-06-01").unwrap(), "{both}");
}

#[test]
fn without_an_institution_to_examine_it_nothing_is_begun() {
    let alone = ApplicantRecord { practices: vec![], ..known(vec![held(1)]) };
    assert!(told(&alone, "2026-11-30").contains("您在平台上还没有执业机构"));
    assert!(told(&alone, "2026-08-29").contains("2026-08-30 起可以办理"), "what is not due yet is told first");
}

#[test]
fn who_was_suspended_for_being_late_can_make_up_for_it_and_nobody_else_suspended_can() {
    let late = Held { status: Status::Suspended, overdue: true, ..held(1) };
    assert_eq!(told(&known(vec![late.clone()]), "2027-03-15"), "");
    let disposed = Held { overdue: false, ..late };
    assert!(told(&known(vec![disposed]), "2027-03-15").contains("暂停期内不能办理"));
}

#[test]
fn a_certificate_that_cannot_be_confirmed_is_refused_with_its_reason() {
    let number = held(1).number;
    let chosen = answers(&[&number], &[]);
    assert!(faults(&known(vec![held(1)]), &chosen, "2026-08-30").is_empty());
    assert_eq!(faults(&known(vec![held(1)]), &chosen, "2026-08-29"), ["early"]);
    let revoked = Held { status: Status::Revoked, ..held(1) };
    assert_eq!(faults(&known(vec![revoked]), &chosen, "2026-11-30"), ["closed"]);
    let asked = ApplicantRecord { renewals_pending: vec![number], ..known(vec![held(1)]) };
    assert_eq!(faults(&asked, &chosen, "2026-11-30"), ["asked_for"]);
}

#[test]
fn on_behalf_one_person_at_a_time_with_their_signed_statement() {
    let others = Held { holder: OTHER, ..held(2) };
    let desk = ApplicantRecord { filing_institution: Some(Uuid::from_u128(9)), ..known(vec![held(1), others.clone()]) };
    let (one, two) = (held(1).number, others.number);
    let mut signed = answers(&[&one], &[]);
    assert_eq!(faults(&desk, &signed, "2026-11-30"), ["no_statement"]);
    let file = crate::engine::form::FileRef { file: Uuid::nil(), name: "声明.jpg".into(), size: 1, mime: "image/jpeg".into() };
    signed.fields.insert("statement".into(), Value::Files(vec![file]));
    assert!(faults(&desk, &signed, "2026-11-30").is_empty());
    signed.fields.insert(CERTIFICATES.into(), Value::Many(vec![one, two]));
    assert_eq!(faults(&desk, &signed, "2026-11-30"), ["several_holders"]);
}

#[test]
fn hours_of_the_year_that_is_confirmed_count_and_no_others() {
    let full = held(1);
    let trainee = Held { grade: Grade::Trainee, ..held(2) };
    let certificates = known(vec![full.clone(), trainee.clone()]);
    let (one, two) = (full.number.as_str(), trainee.number.as_str());
    // The year confirmed is 2025-12-01 to 2026-11-30; what was done since counts for who is late.
    for (chosen, cpd, rows, enough) in [
        (&[one][..], &[("2026-03-01", "16")][..], &[][..], true),
        (&[one], &[("2026-03-01", "15")], &[], false),
        (&[one], &[("2026-03-01", "8"), ("2026-06-01", "8")], &[], true),
        (&[one], &[("2025-12-01", "16")], &[], true),
        (&[one], &[("2025-11-30", "16")], &[], false),
        (&[one], &[("2026-12-10", "16")], &[], true),
        (&[one], &[("2026-12-11", "16")], &[], false),
        (&[two], &[("2026-03-01", "8")], &[], true),
        (&[two], &[("2026-03-01", "7")], &[], false),
        (&[one, two], &[("2026-03-01", "8")], &[], false),
        (&[one], &[("2026-03-01", "10")], &[("cpd.annual_hours", "10")], true),
    ] {
        let found = on(&certificates, rows, "2026-12-10", |s| KIND.requirements_of(&answers(chosen, cpd), s));
        let states: Vec<State> = found.iter().map(|f| f.state).collect();
        assert_eq!(states, [if enough { State::Met } else { State::Missing }], "{chosen:?} {cpd:?}");
    }
    let short = on(&certificates, &[], "2026-12-10", |s| KIND.requirements_of(&answers(&[one], &[("2026-03-01", "15")]), s));
    assert_eq!(short[0].figures(), "2025-12-01 以来需要 16 学时，已有 15 学时，还差 1 学时");
    let none = on(&certificates, &[], "2026-12-10", |s| KIND.requirements_of(&answers(&[], &[]), s));
    assert!(none.is_empty(), "nothing is told before a certificate is chosen");
}
