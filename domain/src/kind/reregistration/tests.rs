use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Record, Value};
use crate::matter::ApplicantRecord;
use crate::matter::{Availability, RequirementStatus};
use crate::record::certificate::{CertificateStatus, HeldCertificate, Renewal};

const TODAY: &str = "2027-10-01";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A certificate in its last months: valid until 2027-11-30.
fn certificate(category: Category, domain: &str, grade: Grade, specialties: &[&str]) -> HeldCertificate {
    HeldCertificate {
        number: "2024-N1QMS-4000001".into(),
        category,
        domain: domain.into(),
        grade,
        issued_on: day("2024-12-01"),
        valid_until: day("2027-11-30"),
        confirm_due_on: day("2027-11-30"),
        status: CertificateStatus::Valid,
        overdue: false,
        scheduled: None,
        specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
        holder: Uuid::nil(),
    }
}

/// Start day, audit type, on-site days, specialty.
type AuditRow<'a> = (&'a str, &'a str, &'a str, &'a str);

fn answers(domain: &str, work: &[AuditRow<'_>]) -> Answers {
    let mut answers = Answers::default();
    answers.fields.insert(CERTIFICATES_FIELD.into(), Value::Many(vec!["2024-N1QMS-4000001".into()]));
    for (n, (start, kind, days, specialty)) in work.iter().enumerate() {
        let pairs =
            [("start", *start), ("end", *start), ("audit_type", *kind), ("onsite_days", *days), ("domain", domain), ("role", "member")];
        let mut record = Record { id: Uuid::from_u128(n as u128 + 1), fields: Default::default(), removed: false };
        record.fields.extend(pairs.iter().map(|(k, v)| ((*k).to_owned(), Value::from(*v))));
        record.fields.insert("specialties_covered".into(), Value::Many(vec![(*specialty).to_owned()]));
        answers.put_record("audit", record);
    }
    answers
}

fn on<T>(certificate: HeldCertificate, f: impl Fn(&MatterContext<'_>) -> T) -> T {
    let record = ApplicantRecord { certificates: vec![certificate], practices: vec![Uuid::from_u128(9)], ..ApplicantRecord::default() };
    f(&TestContext::on(TODAY).matter(&record))
}

/// The finding on the practice of the term; `None` where none is required.
fn practice_of(certificate: HeldCertificate, work: &[AuditRow<'_>]) -> Option<(RequirementStatus, String)> {
    let answers = answers(&certificate.domain, work);
    let found = on(certificate, |s| KIND.requirements_of(&answers, s));
    found.into_iter().find(|f| f.requirement == "work_of_term").map(|f| (f.status, f.figures()))
}

const INITIAL: AuditRow<'_> = ("2026-03-02", "initial", "2", "");
const SHORT: AuditRow<'_> = ("2026-03-02", "surveillance_1", "1", "");

#[test]
fn an_auditor_has_four_audits_one_of_them_complete_or_fifteen_days() {
    let auditor = |grade| certificate(Category::Auditor, "QMS", grade, &[]);
    for (done, enough) in [
        (&[INITIAL, SHORT, SHORT, SHORT][..], true),
        (&[INITIAL, SHORT, SHORT], false),
        (&[SHORT, SHORT, SHORT, SHORT], false),
        (&[("2026-03-02", "surveillance_1", "15", "")], true),
        (&[("2026-03-02", "surveillance_1", "14.5", "")], false),
        // The term begins on 2024-12-01.
        (&[("2024-12-01", "initial", "15", "")], true),
        (&[("2024-11-30", "initial", "15", "")], false),
        // Future work does not count.
        (&[("2027-10-02", "initial", "15", "")], false),
    ] {
        let (state, figures) = practice_of(auditor(Grade::Full), done).unwrap();
        assert_eq!(state == RequirementStatus::Met, enough, "{done:?}: {figures}");
    }
    let (_, figures) = practice_of(auditor(Grade::Full), &[INITIAL, SHORT, SHORT]).unwrap();
    assert_eq!(figures, "2024-12-01 以来需要 4 次审核（其中完整审核 1 次），或现场审核 15 天，已有 3 次（其中完整审核 1 次）、现场 4 天");
    assert!(practice_of(auditor(Grade::Trainee), &[]).is_none(), "a trainee certificate requires no practice");
}

#[test]
fn an_inspector_has_three_inspections_and_one_of_each_specialty() {
    let inspector = || certificate(Category::Inspector, "OP", Grade::Full, &["OP01", "OP02"]);
    let of = |specialty: &'static str| ("2026-03-02", "initial", "1", specialty);
    for (done, enough) in [
        (&[of("OP01"), of("OP02"), of("OP02")][..], true),
        (&[of("OP01"), of("OP01"), of("OP01")], false),
        (&[of("OP01"), of("OP02")], false),
    ] {
        assert_eq!(practice_of(inspector(), done).unwrap().0 == RequirementStatus::Met, enough, "{done:?}");
    }
}

#[test]
fn a_missing_confirmation_comes_first() {
    let unconfirmed = HeldCertificate { confirm_due_on: day("2026-11-30"), ..certificate(Category::Auditor, "QMS", Grade::Full, &[]) };
    let Availability::Closed { reason: why, instead } = on(unconfirmed, |s| KIND.availability_for(s)) else { panic!("it is open") };
    assert!(why.contains("请先办理年度确认"), "{why}");
    assert_eq!(instead, Some(Renewal::AnnualConfirmation), "the way on");
    assert_eq!(on(certificate(Category::Auditor, "QMS", Grade::Full, &[]), |s| KIND.availability_for(s)), Availability::Open);
}
