use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Record, Value};
use crate::matter::ApplicantRecord;
use crate::matter::{Availability, RequirementStatus};
use crate::record::certificate::{CertificateStatus, HeldCertificate};

const ME: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A full auditor's certificate, due on 2026-11-30.
fn certificate(serial: u8) -> HeldCertificate {
    HeldCertificate {
        number: format!("2025-N1QMS-400000{serial}"),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade: Grade::Full,
        issued_on: day("2025-12-01"),
        valid_until: day("2028-11-30"),
        confirm_due_on: day("2026-11-30"),
        status: CertificateStatus::Valid,
        overdue: false,
        scheduled: None,
        specialties: vec![],
        holder: ME,
    }
}

fn record(certificates: Vec<HeldCertificate>) -> ApplicantRecord {
    ApplicantRecord { certificates, practices: vec![Uuid::from_u128(9)], ..ApplicantRecord::default() }
}

fn answers(certificates: &[&str], cpd: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    answers.fields.insert(CERTIFICATES_FIELD.into(), Value::Many(certificates.iter().map(|c| (*c).to_owned()).collect()));
    for (n, (end, hours)) in cpd.iter().enumerate() {
        let fields = [("end", *end), ("hours", *hours)].map(|(k, v)| (k.to_owned(), Value::from(v))).into();
        answers.put_record("cpd", Record { id: Uuid::from_u128(n as u128 + 1), fields, removed: false });
    }
    answers
}

fn on<T>(record: &ApplicantRecord, rows: &[(&str, &str)], today: &str, f: impl Fn(&MatterContext<'_>) -> T) -> T {
    f(&TestContext::on(today).with_rule_values(rows).matter(record))
}

fn closed_reason(record: &ApplicantRecord, today: &str) -> String {
    match on(record, &[], today, |s| KIND.availability_for(s)) {
        Availability::Open => String::new(),
        Availability::Closed { reason, .. } => reason,
    }
}

fn issue_codes(record: &ApplicantRecord, answers: &Answers, today: &str) -> Vec<&'static str> {
    on(record, &[], today, |s| (KIND.validate)(answers, s).iter().map(|p| p.issue.code).collect())
}

#[test]
fn the_reason_for_closure_names_the_day_it_opens() {
    assert_eq!(closed_reason(&record(vec![certificate(1)]), "2026-08-30"), "");
    let early = closed_reason(&record(vec![certificate(1)]), "2026-08-29");
    assert!(early.contains("应于 2026-11-30（含当日）前完成，2026-08-30 起可办理"), "{early}");
    assert!(closed_reason(&record(vec![]), "2026-11-30").contains("您没有注册证书"));
    let last = HeldCertificate { confirm_due_on: day("2028-11-30"), ..certificate(1) };
    assert!(closed_reason(&record(vec![last]), "2026-11-30").contains("请在到期前办理再注册"));
    let pending = ApplicantRecord { renewals_pending: vec![certificate(1).number], ..record(vec![certificate(1)]) };
    assert!(closed_reason(&pending, "2026-11-30").contains("已有正在办理的申请"));
    // The nearest due day comes first.
    let next = HeldCertificate { confirm_due_on: day("2027-03-01"), ..certificate(2) };
    let far = HeldCertificate { confirm_due_on: day("2027-06-01"), ..certificate(1) };
    let both = closed_reason(&record(vec![far, next]), "2026-11-30");
    assert!(both.find("2027-03-01").unwrap() < both.find("2027-06-01").unwrap(), "{both}");
}

#[test]
fn an_application_needs_an_institution_to_review_it() {
    let alone = ApplicantRecord { practices: vec![], ..record(vec![certificate(1)]) };
    assert!(closed_reason(&alone, "2026-11-30").contains("您在平台上暂无执业机构"));
    assert!(closed_reason(&alone, "2026-08-29").contains("2026-08-30 起可办理"), "the opening day comes first");
}

#[test]
fn a_certificate_suspended_for_a_missed_confirmation_can_be_confirmed_and_no_other_suspended_one() {
    let late = HeldCertificate { status: CertificateStatus::Suspended, overdue: true, ..certificate(1) };
    assert_eq!(closed_reason(&record(vec![late.clone()]), "2027-03-15"), "");
    let disposed = HeldCertificate { overdue: false, ..late };
    assert!(closed_reason(&record(vec![disposed]), "2027-03-15").contains("暂停期内不能办理"));
}

#[test]
fn a_certificate_that_cannot_be_confirmed_is_refused_with_its_reason() {
    let number = certificate(1).number;
    let chosen = answers(&[&number], &[]);
    assert!(issue_codes(&record(vec![certificate(1)]), &chosen, "2026-08-30").is_empty());
    assert_eq!(issue_codes(&record(vec![certificate(1)]), &chosen, "2026-08-29"), ["early"]);
    let revoked = HeldCertificate { status: CertificateStatus::Revoked, ..certificate(1) };
    assert_eq!(issue_codes(&record(vec![revoked]), &chosen, "2026-11-30"), ["closed"]);
    let pending = ApplicantRecord { renewals_pending: vec![number], ..record(vec![certificate(1)]) };
    assert_eq!(issue_codes(&pending, &chosen, "2026-11-30"), ["asked_for"]);
}

#[test]
fn an_institution_files_for_one_person_at_a_time_with_a_signed_statement() {
    let others = HeldCertificate { holder: OTHER, ..certificate(2) };
    let institution = ApplicantRecord { filing_institution: Some(Uuid::from_u128(9)), ..record(vec![certificate(1), others.clone()]) };
    let (one, two) = (certificate(1).number, others.number);
    let mut signed = answers(&[&one], &[]);
    assert_eq!(issue_codes(&institution, &signed, "2026-11-30"), ["no_statement"]);
    let file = crate::engine::form::FileRef { file: Uuid::nil(), name: "声明.jpg".into(), size: 1, mime: "image/jpeg".into() };
    signed.fields.insert("statement".into(), Value::Files(vec![file]));
    assert!(issue_codes(&institution, &signed, "2026-11-30").is_empty());
    signed.fields.insert(CERTIFICATES_FIELD.into(), Value::Many(vec![one, two]));
    assert_eq!(issue_codes(&institution, &signed, "2026-11-30"), ["several_holders"]);
}

#[test]
fn only_hours_of_the_confirmed_year_count() {
    let full = certificate(1);
    let trainee = HeldCertificate { grade: Grade::Trainee, ..certificate(2) };
    let certificates = record(vec![full.clone(), trainee.clone()]);
    let (one, two) = (full.number.as_str(), trainee.number.as_str());
    // The confirmed year is 2025-12-01 to 2026-11-30; later hours count for a late confirmation.
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
        let states: Vec<RequirementStatus> = found.iter().map(|f| f.status).collect();
        assert_eq!(states, [if enough { RequirementStatus::Met } else { RequirementStatus::Missing }], "{chosen:?} {cpd:?}");
    }
    let short = on(&certificates, &[], "2026-12-10", |s| KIND.requirements_of(&answers(&[one], &[("2026-03-01", "15")]), s));
    assert_eq!(short[0].figures(), "2025-12-01 以来需要 16 学时，已有 15 学时，还差 1 学时");
    let none = on(&certificates, &[], "2026-12-10", |s| KIND.requirements_of(&answers(&[], &[]), s));
    assert!(none.is_empty(), "no finding before a certificate is chosen");
}

#[test]
fn the_check_page_says_what_submitting_means_for_a_certificate_that_is_late_or_suspended() {
    let notes = |certificate: HeldCertificate, today: &str| {
        let answers = answers(&["2025-N1QMS-4000001"], &[]);
        on(&record(vec![certificate, self::certificate(2)]), &[], today, |s| renewal::late_notes(Renewal::AnnualConfirmation, &answers, s))
    };
    assert_eq!(notes(certificate(1), "2026-11-30"), Vec::<String>::new());
    let late = notes(certificate(1), "2027-06-30").concat();
    assert!(late.contains("2025-N1QMS-4000001") && late.contains("逾期补办") && !late.contains("暂停"), "{late}");
    let suspended = HeldCertificate { status: CertificateStatus::Suspended, overdue: true, ..certificate(1) };
    let both = notes(suspended, "2027-06-30").concat();
    assert!(both.contains("逾期补办") && both.contains("暂停期"), "{both}");
    assert_eq!(notes(certificate(1), "2028-12-01"), Vec::<String>::new(), "it is a fault, not a note");
}
