use uuid::Uuid;

use super::*;
use crate::engine::flow::Party;
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, FileRef, Value};
use crate::matter::ApplicantRecord;
use crate::record::institution::{CreditCodeHolder, InstitutionKind};

const CODE_OF_INSTITUTION: &str = "91310115MA1K000016";

/// Complete answers of an institution of these kinds, changed by `pairs`; an empty text leaves an answer out.
fn answers(kinds: &[&str], pairs: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    let complete = [
        ("name", "华信质量认证中心有限公司"),
        ("credit_code", CODE_OF_INSTITUTION),
        ("approval_no", "CNCA-R-2026-901"),
        ("legal_representative", "吴海燕"),
        ("address", "上海市浦东新区示例路 1 号"),
        ("contact_name", "吴海燕"),
        ("contact_phone", "021-12345678"),
        ("contact_email", "office@example.com"),
        ("declared", DECLARATION.version),
    ];
    for (name, text) in complete.iter().chain(pairs) {
        answers.fields.insert((*name).to_owned(), (*text).into());
    }
    answers.fields.insert("kinds".into(), Value::Many(kinds.iter().map(|kind| (*kind).to_owned()).collect()));
    for name in ["license", "approval"] {
        let file = FileRef { file: Uuid::nil(), name: "a.jpg".into(), size: 1, mime: "image/jpeg".into() };
        answers.fields.insert(name.into(), Value::Files(vec![file]));
    }
    answers.fields.retain(|_, value| !value.is_empty());
    answers
}

/// Fields and codes of the problems of a submission.
fn problems(answers: &Answers, holder: Option<CreditCodeHolder>) -> Vec<(String, &'static str)> {
    let (context, record) = (TestContext::on("2026-11-23"), ApplicantRecord { credit_code_holder: holder, ..ApplicantRecord::default() });
    KIND.check(answers, &context.matter(&record)).into_iter().map(|p| (p.path.to_string(), p.issue.code)).collect()
}

const BODY: &str = InstitutionKind::CertificationBody.code();
const PROVIDER: &str = InstitutionKind::TrainingProvider.code();

#[test]
fn approval_and_its_certificate_are_asked_of_certification_bodies_only() {
    for (kinds, missing) in [
        (&[BODY][..], &["approval_no", "approval"][..]),
        (&[BODY, PROVIDER], &["approval_no", "approval"]),
        (&[PROVIDER], &[]),
        (&[], &["kinds"]),
    ] {
        assert_eq!(problems(&answers(kinds, &[]), None).len(), usize::from(kinds.is_empty()), "{kinds:?} complete");
        let mut without = answers(kinds, &[("approval_no", "")]);
        without.fields.remove("approval");
        let found = problems(&without, None);
        assert_eq!(found.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), missing, "{kinds:?}");
    }
}

#[test]
fn every_answer_is_required_and_read_by_its_reader() {
    for (name, text, code) in [
        ("name", "", "missing"),
        ("credit_code", "", "missing"),
        ("credit_code", "91310115MA1K00001", "credit_code_length"),
        ("credit_code", "91310115MA1K000017", "credit_code_check"),
        ("legal_representative", "", "missing"),
        ("address", "", "missing"),
        ("contact_name", "", "missing"),
        ("contact_phone", "", "missing"),
        ("contact_email", "", "missing"),
        ("declared", "", "missing"),
    ] {
        assert_eq!(problems(&answers(&[PROVIDER], &[(name, text)]), None), [(name.to_owned(), code)], "{name} {text}");
    }
    let spelled = answers(&[PROVIDER], &[("credit_code", "91310115 ma1k000016")]);
    assert_eq!(registered(&spelled).credit_code.as_str(), CODE_OF_INSTITUTION);
}

fn registered(answers: &Answers) -> crate::record::institution::RegisteredInstitution {
    (KIND.registers.unwrap())(answers).unwrap()
}

#[test]
fn a_credit_code_that_is_taken_is_refused_at_its_field() {
    let complete = answers(&[BODY], &[]);
    for holder in [CreditCodeHolder::Institution, CreditCodeHolder::Matter] {
        assert_eq!(problems(&complete, Some(holder)), [("credit_code".to_owned(), "credit_code_taken")]);
    }
    let wrong = answers(&[BODY], &[("credit_code", "91310115MA1K000017")]);
    let found = problems(&wrong, Some(CreditCodeHolder::Institution));
    assert_eq!(found, [("credit_code".to_owned(), "credit_code_check")], "one problem at a time");
}

#[test]
fn one_open_registration_of_a_credit_code_is_held_by_whoever_files_it() {
    let keys = (KIND.open_keys)(&answers(&[BODY], &[]));
    let texts = |account| keys.iter().map(|key| key.text(account)).collect::<Vec<_>>();
    assert_eq!(texts(Uuid::nil()), [format!("institution:{CODE_OF_INSTITUTION}")]);
    assert_eq!(texts(Uuid::from_u128(1)), texts(Uuid::nil()));
    assert!((KIND.open_keys)(&Answers::default()).is_empty());
}

#[test]
fn valid_answers_register_what_they_say() {
    let institution = registered(&answers(&[BODY, PROVIDER], &[]));
    assert_eq!(institution.kinds.label(), "认证机构、培训机构");
    assert_eq!((institution.approval_no.as_str(), institution.contact.phone.as_str()), ("CNCA-R-2026-901", "021-12345678"));
    assert_eq!(registered(&answers(&[PROVIDER], &[])).approval_no, "", "what a hidden field still holds");
    let registers = KIND.registers.unwrap();
    assert!(registers(&answers(&[], &[])).is_none() && registers(&answers(&[BODY], &[("credit_code", "1")])).is_none());
}

#[test]
fn an_administrator_alone_decides_and_only_the_applicant_withdraws() {
    let review = FLOW.stage("review").unwrap();
    let by = |command: &str| review.transitions.iter().find(|t| t.command == command).unwrap().by;
    for command in ["approve", "return", "decline"] {
        assert_eq!(by(command), Party::Association(Role::Admin), "{command}");
    }
    assert_eq!(by("withdraw"), Party::Applicant);
    assert_eq!(KIND.title_for(&answers(&[BODY], &[])), "机构注册（华信质量认证中心有限公司）");
}
