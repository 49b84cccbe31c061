//! Rules across fields, judged at 下一步 of the step they name.

use uuid::Uuid;

use crate::base::catalogue::{Category, Grade};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Path, Record, StepProgress, Value};
use crate::kind::{KINDS, by_code};
use crate::matter::{ApplicantRecord, Kind};
use crate::record::certificate::{CertificateStatus, HeldCertificate};

fn value(text: &str) -> Value {
    text.strip_prefix('*').map_or_else(|| Value::from(text), |codes| Value::Many(codes.split(',').map(str::to_owned).collect()))
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    Answers { fields: pairs.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect(), ..Answers::default() }
}

fn with_records(mut answers: Answers, list: &str, records: &[&[(&str, &str)]]) -> Answers {
    for (n, pairs) in records.iter().enumerate() {
        let fields = pairs.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
        answers.put_record(list, Record { id: Uuid::from_u128(n as u128), fields, removed: false });
    }
    answers
}

/// A person who holds a trainee certificate in QMS, and practises in one institution.
fn record() -> ApplicantRecord {
    let held = HeldCertificate {
        number: "2026-N0QMS-4000001".into(),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade: Grade::Trainee,
        issued_on: "2026-01-01".parse().unwrap(),
        valid_until: "2028-12-31".parse().unwrap(),
        confirm_due_on: "2026-12-31".parse().unwrap(),
        status: CertificateStatus::Valid,
        overdue: false,
        scheduled: None,
        specialties: vec![],
        holder: Uuid::nil(),
    };
    ApplicantRecord { certificates: vec![held], practices: vec![Uuid::from_u128(1)], ..ApplicantRecord::default() }
}

/// The steps at whose 下一步 an issue with this code is found.
fn steps_with(kind: &'static Kind, answers: &Answers, code: &str) -> Vec<&'static str> {
    let (record, context) = (record(), TestContext { applicant: "张伟", ..TestContext::on("2026-11-23") });
    let context = context.matter(&record);
    assert!(kind.check(answers, &context).iter().any(|p| p.issue.code == code), "{} {code} at submission", kind.code);
    let found = |step: &&'static crate::engine::form::Step| kind.check_step(step, answers, &context).iter().any(|p| p.issue.code == code);
    kind.form.steps.iter().filter(found).map(|step| step.code).collect()
}

#[test]
fn a_rule_across_fields_is_judged_at_the_step_that_completes_it() {
    let other = Uuid::from_u128(2).to_string();
    let twice: &[(&str, &str)] = &[("start", "2026-03-02"), ("end", "2026-03-05"), ("domain", "QMS"), ("onsite_days", "9")];
    for (kind, answers, code, step) in [
        ("registration", answers(&[("domain", "QMS"), ("grade", "trainee")]), "held", "business"),
        ("registration", answers(&[("recommending_institution", &other)]), "practises_elsewhere", "business"),
        (
            "registration",
            answers(&[("application_kind", "upgrade"), ("domain", "EMS"), ("grade", "full")]),
            "requirement_missing",
            "business",
        ),
        (
            "registration",
            with_records(answers(&[("highest_education", "master")]), "education", &[&[("level", "bachelor")]]),
            "education_mismatch",
            "education",
        ),
        ("registration", with_records(answers(&[("grade", "full")]), "audit", &[twice]), "more_days_than_period", "audit"),
        ("registration", with_records(answers(&[("grade", "full")]), "audit", &[twice, twice]), "audits_overlap", "audit"),
        ("registration", answers(&[("signed_name", "李四")]), "signature_differs", "declaration"),
        ("transfer", answers(&[("from_institution", &other)]), "not_theirs", "transfer"),
        ("transfer", answers(&[("from_institution", &other), ("to_institution", &other)]), "same_institution", "transfer"),
        ("transfer", answers(&[("ground", "contract"), ("contract_end", "2026-11-01")]), "missing", "papers"),
        ("identity_change", answers(&[("changes", "*name"), ("new_name", "张伟")]), "same_name", "identity"),
        ("identity_change", answers(&[("signed_name", "李四")]), "signature_differs", "papers"),
        ("complaint", answers(&[("target_type", "registrant")]), "no_target", "complaint"),
    ] {
        let kind = by_code(kind).unwrap();
        let found = steps_with(kind, &answers, code);
        match code {
            // Other fields of the page and of others are missing as well.
            "missing" => assert!(found.contains(&step), "{} {code}", kind.code),
            _ => assert_eq!(found, [step], "{} {code}", kind.code),
        }
    }
}

#[test]
fn the_page_of_a_record_judges_the_rules_that_name_its_answers() {
    let kind = by_code("registration").unwrap();
    let (record, context) = (record(), TestContext::on("2026-11-23"));
    let context = context.matter(&record);
    let one = |days| [("start", "2026-03-02"), ("end", "2026-03-05"), ("onsite_days", days)];
    let answers = with_records(answers(&[("grade", "full")]), "audit", &[&one("9"), &[("start", "2026-04-01"), ("end", "2026-04-02")]]);
    let (_, list) = kind.form.records("audit").unwrap();
    let codes = |n: u128| -> Vec<(String, &str)> {
        let record = answers.record("audit", Uuid::from_u128(n)).unwrap();
        let found = kind.check_record(list, record, &answers, &context).into_iter();
        let at = |path| match path {
            Path::Cell(_, _, field) => field,
            _ => String::new(),
        };
        found.map(|p| (at(p.path), p.issue.code)).filter(|(_, code)| *code != "missing").collect()
    };
    assert_eq!(codes(0), [("onsite_days".to_owned(), "more_days_than_period")]);
    assert_eq!(codes(1), []);
}

#[test]
fn a_requirement_that_later_visits_can_meet_does_not_hold_up_the_next_page() {
    let answers = answers(&[("certificates", "*2026-N0QMS-4000001")]);
    assert_eq!(steps_with(by_code("annual_confirmation").unwrap(), &answers, "requirement_missing"), [""; 0]);
}

#[test]
fn every_rule_across_fields_names_a_step_of_its_form() {
    let (record, context) = (record(), TestContext::on("2026-11-23"));
    for kind in KINDS {
        for problem in (kind.validate)(&answers(&[("signed_name", "李四"), ("grade", "full")]), &context.matter(&record)) {
            assert!(kind.form.step(problem.step).is_some(), "{} {}", kind.code, problem.step);
        }
    }
}

#[test]
fn a_step_says_whether_it_is_empty_not_complete_filled_in_or_wrong() {
    let context = TestContext::on("2026-11-23");
    let form = by_code("registration").unwrap().form;
    let progress = |step: &str, pairs: &[(&str, &str)]| StepProgress::of(form.step(step).unwrap(), &answers(pairs), &context.form());
    for (step, pairs, expected) in [
        ("person", &[][..], StepProgress::Empty),
        ("person", &[("address", "北京市通州区示例路 6 号")], StepProgress::Partial),
        ("person", &[("address", "北京市通州区示例路 6 号"), ("name_pinyin", "张三")], StepProgress::Faulty),
        ("training", &[], StepProgress::Empty),
    ] {
        assert_eq!(progress(step, pairs), expected, "{step} {pairs:?}");
    }
}
