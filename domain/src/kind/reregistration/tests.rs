use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::base::rule::Rules;
use crate::engine::form::{Record, Value};
use crate::matter::ApplicantRecord;
use crate::matter::{Entry, State};
use crate::record::certificate::{Held, Status};

const TODAY: &str = "2027-10-01";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A certificate in its last months: valid until 2027-11-30.
fn held(category: Category, domain: &str, grade: Grade, specialties: &[&str]) -> Held {
    Held {
        number: "2024-N1QMS-4000001".into(),
        category,
        domain: domain.into(),
        grade,
        issued_on: day("2024-12-01"),
        valid_until: day("2027-11-30"),
        confirm_due_on: day("2027-11-30"),
        status: Status::Valid,
        overdue: false,
        specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
        holder: Uuid::nil(),
    }
}

/// First day, type, days on site, specialty.
type Work<'a> = (&'a str, &'a str, &'a str, &'a str);

fn answers(domain: &str, work: &[Work<'_>]) -> Answers {
    let mut answers = Answers::default();
    answers.fields.insert(CERTIFICATES.into(), Value::Many(vec!["2024-N1QMS-4000001".into()]));
    for (n, (start, kind, days, specialty)) in work.iter().enumerate() {
        let pairs =
            [("start", *start), ("end", *start), ("audit_type", *kind), ("onsite_days", *days), ("domain", domain), ("role", "member")];
        let mut record = Record { id: Uuid::from_u128(n as u128 + 1), fields: Default::default(), gone: false };
        record.fields.extend(pairs.iter().map(|(k, v)| ((*k).to_owned(), Value::from(*v))));
        record.fields.insert("specialties_covered".into(), Value::Many(vec![(*specialty).to_owned()]));
        answers.put_record("audit", record);
    }
    answers
}

fn on<T>(held: Held, ask: impl Fn(&MatterContext<'_>) -> T) -> T {
    let (rules, lists, today) = (Rules::default(), BTreeMap::new(), day(TODAY));
    let known = ApplicantRecord { certificates: vec![held], practices: vec![Uuid::from_u128(9)], ..ApplicantRecord::default() };
    ask(&MatterContext {
        form: crate::engine::form::FormContext { today, lists: &lists, rules: &rules, applicant: "", applied: today },
        record: &known,
    })
}

/// How the work of the term is found; none where none is asked for.
fn work(held: Held, work: &[Work<'_>]) -> Option<(State, String)> {
    let answers = answers(&held.domain, work);
    let found = on(held, |s| KIND.requirements_of(&answers, s));
    found.into_iter().find(|f| f.requirement == "work_of_term").map(|f| (f.state, f.figures()))
}

const INITIAL: Work<'_> = ("2026-03-02", "initial", "2", "");
const SHORT: Work<'_> = ("2026-03-02", "surveillance_1", "1", "");

#[test]
fn an_auditor_has_four_audits_one_of_them_complete_or_fifteen_days() {
    let auditor = |grade| held(Category::Auditor, "QMS", grade, &[]);
    for (done, enough) in [
        (&[INITIAL, SHORT, SHORT, SHORT][..], true),
        (&[INITIAL, SHORT, SHORT], false),
        (&[SHORT, SHORT, SHORT, SHORT], false),
        (&[("2026-03-02", "surveillance_1", "15", "")], true),
        (&[("2026-03-02", "surveillance_1", "14.5", "")], false),
        // The term begins on 2024-12-01.
        (&[("2024-12-01", "initial", "15", "")], true),
        (&[("2024-11-30", "initial", "15", "")], false),
        // What lies ahead does not count.
        (&[("2027-10-02", "initial", "15", "")], false),
    ] {
        let (state, figures) = work(auditor(Grade::Full), done).unwrap();
        assert_eq!(state == State::Met, enough, "{done:?}: {figures}");
    }
    let (_, figures) = work(auditor(Grade::Full), &[INITIAL, SHORT, SHORT]).unwrap();
    assert_eq!(figures, "2024-12-01 以来需要 4 次审核（其中完整审核 1 次），或现场审核 15 天，已有 3 次（其中完整审核 1 次）、现场 4 天");
    assert!(work(auditor(Grade::Trainee), &[]).is_none(), "a trainee's asks for no work");
}

#[test]
fn an_inspector_has_three_inspections_and_one_of_each_specialty() {
    let inspector = || held(Category::Inspector, "OP", Grade::Full, &["OP01", "OP02"]);
    let of = |specialty: &'static str| ("2026-03-02", "initial", "1", specialty);
    for (done, enough) in [
        (&[of("OP01"), of("OP02"), of("OP02")][..], true),
        (&[of("OP01"), of("OP01"), of("OP01")], false),
        (&[of("OP01"), of("OP02")], false),
    ] {
        assert_eq!(work(inspector(), done).unwrap().0 == State::Met, enough, "{done:?}");
    }
}

#[test]
fn who_has_still_to_confirm_does_that_first() {
    let unconfirmed = Held { confirm_due_on: day("2026-11-30"), ..held(Category::Auditor, "QMS", Grade::Full, &[]) };
    let Entry::Closed(why) = on(unconfirmed, |s| KIND.entry_for(s)) else { panic!("it is open") };
    assert!(why.contains("请先办理年度确认"), "{why}");
    assert_eq!(on(held(Category::Auditor, "QMS", Grade::Full, &[]), |s| KIND.entry_for(s)), Entry::Open);
}
