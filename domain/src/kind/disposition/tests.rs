//! Tests of the form of a disposition.

use chrono::NaiveDate;
use uuid::Uuid;

use super::form::{CHOICES, validate};
use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::engine::form::testing::TestContext;
use crate::matter::ApplicantRecord;
use crate::record::certificate::{CertificateStatus, HeldCertificate, MEASURES, Measure, ScheduledMeasure};

const NUMBER: &str = "2026-N1QMS-4000001";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn held(status: CertificateStatus) -> HeldCertificate {
    HeldCertificate {
        number: NUMBER.into(),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade: Grade::Full,
        issued_on: day("2025-11-23"),
        valid_until: day("2028-11-22"),
        confirm_due_on: day("2027-11-22"),
        status,
        overdue: false,
        scheduled: None,
        specialties: vec![],
        holder: Uuid::nil(),
    }
}

fn answers(measure: &str, on: &str) -> Answers {
    let fields = [(CERTIFICATE, NUMBER), (MEASURE, measure), (EFFECTIVE_ON, on), (REASON, "理由")];
    Answers { fields: fields.map(|(n, v)| (n.to_owned(), v.into())).into(), ..Answers::default() }
}

/// Codes of the issues on 2026-11-27.
fn issues(certificate: HeldCertificate, measure: &str, on: &str) -> Vec<&'static str> {
    let record = ApplicantRecord { certificates: vec![certificate], ..ApplicantRecord::default() };
    let context = TestContext::on("2026-11-27");
    validate(&answers(measure, on), &context.matter(&record)).iter().map(|p| p.issue.code).collect()
}

#[test]
fn the_choices_of_the_form_are_the_table_of_measures() {
    let table: Vec<_> = MEASURES.iter().map(|rule| (rule.code, rule.label)).collect();
    assert_eq!(CHOICES.iter().map(|c| (c.code, c.label)).collect::<Vec<_>>(), table);
}

#[test]
fn a_measure_is_not_backdated_and_not_decided_far_ahead() {
    for (on, expected) in [("2026-11-26", &["day_past"][..]), ("2026-11-27", &[]), ("2027-02-25", &[]), ("2027-02-26", &["day_too_far"])] {
        assert_eq!(issues(held(CertificateStatus::Valid), "suspend", on), expected, "{on}");
    }
}

#[test]
fn only_a_suspension_by_a_measure_is_resumed_and_nothing_follows_a_final_measure() {
    use CertificateStatus::{Cancelled, Revoked, Suspended, Valid};
    let unconfirmed = HeldCertificate { overdue: true, ..held(Suspended) };
    for (certificate, measure, applies) in [
        (held(Valid), "suspend", true),
        (held(Valid), "resume", false),
        (held(Suspended), "resume", true),
        (held(Suspended), "suspend", false),
        (unconfirmed.clone(), "resume", false),
        (unconfirmed, "suspend", true),
        (held(Revoked), "cancel", false),
        (held(Cancelled), "resume", false),
    ] {
        let expected: &[&str] = if applies { &[] } else { &["not_applicable"] };
        assert_eq!(issues(certificate.clone(), measure, "2026-11-27"), expected, "{measure} {certificate:?}");
    }
}

#[test]
fn a_certificate_awaits_one_measure_at_a_time() {
    let scheduled = |on: &str| Some(ScheduledMeasure { measure: Measure::Suspend, on: day(on) });
    let waiting = HeldCertificate { scheduled: scheduled("2026-12-01"), ..held(CertificateStatus::Valid) };
    assert_eq!(issues(waiting, "revoke", "2026-12-24"), ["scheduled"]);
    let due = HeldCertificate { scheduled: scheduled("2026-11-27"), ..held(CertificateStatus::Valid) };
    assert_eq!(issues(due, "resume", "2026-11-27"), [""; 0], "it is in effect although no job has run");
}

#[test]
fn a_resumption_cannot_be_appealed_and_every_other_measure_can() {
    for rule in MEASURES {
        let approve = FLOW.stage("approval").unwrap().transitions.iter().find(|t| t.command == "approve").unwrap();
        let filled = answers(rule.code, "2026-11-27");
        let scope = crate::engine::form::Scope::form(&filled);
        let (_, to) = approve.to.iter().find(|(when, _)| when.holds(&scope)).unwrap();
        assert_eq!(FLOW.stage(to).unwrap().can_be_appealed(), rule.is_appealable, "{}", rule.code);
    }
}
