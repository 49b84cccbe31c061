//! The applicant of the tests: each method changes one fact.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::super::findings;
use crate::base::catalogue::{DOMAINS, Grade};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Fields, Record, Value};
use crate::matter::RequirementStatus::{self, Met, Missing};
use crate::matter::{ApplicantRecord, RequirementFinding};
use crate::record::certificate::{CertificateStatus, HeldCertificate};
use crate::record::exam::Score;

pub(super) const TODAY: &str = "2026-11-23";

/// An applicant with answers, record and rules.
#[derive(Clone, Default)]
pub(super) struct Person {
    pub(super) answers: Answers,
    pub(super) record: ApplicantRecord,
    pub(super) rules: Vec<(&'static str, &'static str)>,
    pub(super) next: u128,
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn value(text: &str) -> Value {
    match text.strip_prefix('*') {
        Some(codes) => Value::Many(codes.split(',').map(str::to_owned).collect()),
        None => Value::from(text),
    }
}

impl Person {
    /// A trainee who just meets all requirements of the full grade for a graduate in a first domain.
    pub(super) fn full(domain: &str) -> Self {
        Self::default()
            .aims("upgrade", domain, "full")
            .holds(domain, Grade::Trainee, "2021-01-01", "2027-12-31")
            .education("bachelor", "2020-06-30")
            .answer("title_level", "none")
            .works("work", "2020-07-01", "2024-06-30", "")
            .works("professional", "2022-07-01", "2024-06-30", domain)
            .audits(4, &[("domain", domain), ("onsite_days", "3.5")])
            .audits(1, &[("domain", domain), ("onsite_days", "1"), ("audit_type", "special")])
            .passed("GEN", "2021-11-23")
            .passed(domain, "2023-11-23")
            .passed("MSB", "2023-11-23")
            .answer("recommending_institution", "some")
            .answer("declared", crate::kind::registration::declaration::TEXT.version)
    }

    /// The same without a certificate, under rules that open the full grade to everyone.
    pub(super) fn direct(kind: &str, domain: &str) -> Self {
        let mut person = Self::full(domain).aims(kind, domain, "full").rule("reg.full.direct", "yes");
        person.record.certificates.clear();
        person
    }

    pub(super) fn trainee(domain: &str) -> Self {
        Self::default()
            .aims("initial", domain, "trainee")
            .education("bachelor", "2020-06-30")
            .passed("GEN", "2021-11-23")
            .passed(domain, "2023-11-23")
            .answer("recommending_institution", "some")
            .answer("declared", crate::kind::registration::declaration::TEXT.version)
    }

    pub(super) fn aims(self, kind: &str, domain: &str, grade: &str) -> Self {
        self.answer("application_kind", kind).answer("domain", domain).answer("grade", grade)
    }

    pub(super) fn answer(mut self, field: &str, text: &str) -> Self {
        self.answers.fields.insert(field.to_owned(), value(text));
        self
    }

    pub(super) fn with_record(mut self, list: &str, pairs: &[(&str, &str)]) -> Self {
        self.next += 1;
        let fields: Fields = pairs.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| ((*n).to_owned(), value(v))).collect();
        self.answers.put_record(list, Record { id: Uuid::from_u128(self.next), fields, removed: false });
        self
    }

    pub(super) fn without(mut self, list: &str) -> Self {
        self.answers.records.remove(list);
        self
    }

    pub(super) fn education(self, level: &str, end: &str) -> Self {
        self.with_record("education", &[("start", "2000-09-01"), ("end", end), ("level", level)])
    }

    pub(super) fn works(self, list: &str, start: &str, end: &str, domain: &str) -> Self {
        self.with_record(list, &[("start", start), ("end", end), ("is_full_time", "yes"), ("domain", domain)])
    }

    /// Adds initial audits, a month apart and four days each, changed by `pairs`.
    pub(super) fn audits(mut self, count: u32, pairs: &[(&str, &str)]) -> Self {
        for _ in 0..count {
            let month = self.answers.records("audit").count() + 1;
            let (start, end) = (format!("2026-{month:02}-02"), format!("2026-{month:02}-05"));
            let mut all: BTreeMap<&str, &str> = [
                ("start", start.as_str()),
                ("end", end.as_str()),
                ("audit_type", "initial"),
                ("role", "trainee"),
                ("clauses_covered", "*all"),
            ]
            .into();
            all.extend(pairs.iter().copied());
            let all: Vec<(&str, &str)> = all.into_iter().collect();
            self = self.with_record("audit", &all);
        }
        self
    }

    pub(super) fn passed(mut self, subject: &str, sat_on: &str) -> Self {
        let sat_on = day(sat_on);
        let session = sat_on.format("%Y-%m").to_string();
        self.record.scores.push(Score { subject: subject.into(), session, marks: 85, passed: true, sat_on, published_on: sat_on });
        self
    }

    pub(super) fn fails(mut self, subject: &str) -> Self {
        self.record.scores.retain(|s| s.subject != subject);
        self = self.passed(subject, "2026-10-24");
        let last = self.record.scores.last_mut().unwrap();
        (last.marks, last.passed) = (69, false);
        self
    }

    pub(super) fn resits(mut self, subject: &str, sat_on: &str) -> Self {
        self.record.scores.retain(|s| s.subject != subject);
        self.passed(subject, sat_on)
    }

    pub(super) fn holds(mut self, domain: &str, grade: Grade, issued: &str, until: &str) -> Self {
        let category = DOMAINS.iter().find(|d| d.code == domain).unwrap().category;
        let (issued_on, valid_until) = (day(issued), day(until));
        self.record.certificates.push(HeldCertificate {
            number: "2024-N0QMS-4000001".into(),
            category,
            domain: domain.into(),
            grade,
            issued_on,
            valid_until,
            confirm_due_on: valid_until,
            status: CertificateStatus::Valid,
            overdue: false,
            scheduled: None,
            specialties: vec![],
            holder: uuid::Uuid::nil(),
        });
        self
    }

    pub(super) fn rule(mut self, key: &'static str, value: &'static str) -> Self {
        self.rules.push((key, value));
        self
    }

    pub(super) fn findings(&self) -> Vec<RequirementFinding> {
        let context = TestContext::on(TODAY).with_rule_values(&self.rules);
        findings(&self.answers, &context.matter(&self.record))
    }

    pub(super) fn finding(&self, code: &str) -> RequirementFinding {
        let found = self.findings();
        let one = found.iter().find(|f| f.requirement == code);
        one.unwrap_or_else(|| panic!("{code} does not apply: {:?}", found.iter().map(|f| f.requirement).collect::<Vec<_>>())).clone()
    }

    pub(super) fn has(&self, code: &str) -> bool {
        self.findings().iter().any(|f| f.requirement == code)
    }
}

/// Asserts that the first applicant just meets a requirement, and that the second misses it with this text.
pub(super) fn assert_boundary(code: &str, met: &Person, missed: &Person, text: &str) {
    let (met, missed) = (met.finding(code), missed.finding(code));
    assert_eq!(met.status, Met, "{code}: {}", met.figures());
    assert_eq!(met.hint, "", "{code}");
    assert_eq!(missed.status, Missing, "{code}: {}", missed.figures());
    assert!(missed.figures().contains(text), "{code}: {}", missed.figures());
    assert!(!missed.hint.is_empty(), "{code}");
}

pub(super) fn statuses(person: &Person) -> Vec<(&'static str, RequirementStatus)> {
    person.findings().into_iter().map(|f| (f.requirement, f.status)).collect()
}
