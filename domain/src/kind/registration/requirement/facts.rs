//! The facts about an applicant that requirements are evaluated against.

use chrono::{Months, NaiveDate};

use super::criterion::AuditCriteria;
use crate::base::calendar::{Period, parse_day};
use crate::base::catalogue::{self, Domain, EDUCATION, Grade, rank};
use crate::base::rule::{RuleKey, RulesOn, key};
use crate::engine::form::{Answers, Record};
use crate::matter::MatterContext;
use crate::matter::audit_experience::{Audit, audits, record_period};
use crate::record::certificate::HeldCertificate;
use crate::record::exam::Score;

/// The goal of an application, and the facts about the applicant.
pub(crate) struct ApplicantFacts<'a> {
    /// 申请类型.
    pub kind: &'a str,
    /// 认证领域.
    pub domain: &'static Domain,
    /// 注册级别.
    pub grade: Grade,
    /// The answers of the form, or the records of 基本信息库 before there is a form.
    pub answers: &'a Answers,
    /// Scores on record.
    pub scores: &'a [Score],
    /// Certificates on record.
    pub certificates: &'a [HeldCertificate],
    /// The rules in force on the day of application.
    pub rules: RulesOn<'a>,
    /// The day of application; periods are counted back from it.
    pub day: NaiveDate,
}

impl<'a> ApplicantFacts<'a> {
    /// Reads the facts. None while application kind, domain or grade is open.
    pub fn read(answers: &'a Answers, context: &'a MatterContext<'a>) -> Option<Self> {
        let kind = answers.text("application_kind");
        Some(Self {
            kind: (!kind.is_empty()).then_some(kind)?,
            domain: catalogue::domain(answers.text("domain"))?,
            grade: Grade::from_code(answers.text("grade"))?,
            answers,
            scores: context.scores(),
            certificates: context.certificates(),
            rules: context.rules_on(),
            day: context.applied_on,
        })
    }

    /// The integer value of a rule.
    pub fn int(&self, key: RuleKey) -> i64 {
        self.rules.int(key)
    }

    /// Whether the applicant is registered as full in another domain of the category, so that this one requires fewer audits.
    fn is_further_domain(&self) -> bool {
        let elsewhere = |c: &HeldCertificate| c.domain != self.domain.code && c.category == self.domain.category;
        self.certificates.iter().any(|c| elsewhere(c) && c.grade >= Grade::Full && c.is_valid_on(self.day))
    }

    /// Day of the first registration in the domain, from which on audits count; none if the rules count all, or there is none.
    fn counted_since(&self) -> Option<NaiveDate> {
        let own = self.certificates.iter().filter(|c| c.domain == self.domain.code);
        own.map(|c| c.issued_on).min().filter(|_| self.rules.yes(key::REG_AUDITS_SINCE_TRAINEE))
    }

    /// Whether a list has any record.
    pub fn has_records(&self, list: &str) -> bool {
        self.answers.records(list).next().is_some()
    }

    /// The highest completed education, as its index in the list of levels.
    pub fn education(&self) -> Option<usize> {
        self.completed_education().filter_map(|(level, _)| rank(EDUCATION, level)).max()
    }

    /// The day after the first completed education of at least this level.
    pub fn qualified_since(&self, level: &str) -> Option<NaiveDate> {
        let least = rank(EDUCATION, level)?;
        let ends = self.completed_education().filter(|(l, _)| rank(EDUCATION, l).is_some_and(|r| r >= least)).map(|(_, end)| end);
        ends.min()?.succ_opt()
    }

    fn completed_education(&self) -> impl Iterator<Item = (&'a str, NaiveDate)> {
        let day = self.day;
        self.answers
            .records("education")
            .filter_map(|r| parse_day(r.text("end")).ok().map(|end| (r.text("level"), end)))
            .filter(move |(_, end)| *end <= day)
    }

    /// Periods of postgraduate study from a day on.
    pub fn postgraduate(&self, since: NaiveDate) -> Vec<Period> {
        let study = self.answers.records("education").filter(|r| matches!(r.text("level"), "master" | "doctor"));
        self.periods(study, since)
    }

    /// Periods of full-time work from a day on.
    pub fn work(&self, since: NaiveDate) -> Vec<Period> {
        self.periods(self.answers.records("work").filter(|r| full_time(r)), since)
    }

    /// Periods of full-time work in the domain from a day on.
    pub fn professional(&self, since: NaiveDate) -> Vec<Period> {
        let here = |r: &&Record| full_time(r) && r.text("domain") == self.domain.code;
        self.periods(self.answers.records("professional").filter(here), since)
    }

    fn periods<'r>(&self, records: impl Iterator<Item = &'r Record>, since: NaiveDate) -> Vec<Period> {
        let until_application = |s: Period| Period::new(s.first, s.last.min(self.day));
        records.filter_map(|r| record_period(r, Some(self.day))).filter_map(until_application).filter_map(|s| s.since(since)).collect()
    }

    /// The audits in the domain that meet the criteria.
    pub fn audits(&self, criteria: AuditCriteria) -> Vec<Audit<'a>> {
        let since = self.counted_since();
        self.audits_of_any_day(criteria).filter(|a| !a.begins_before(since)).collect()
    }

    /// The number of audits that would meet the criteria but for the day of the first registration.
    pub fn early_audits(&self, criteria: AuditCriteria) -> usize {
        let since = self.counted_since();
        self.audits_of_any_day(criteria).filter(|a| a.begins_before(since)).count()
    }

    fn audits_of_any_day(&self, criteria: AuditCriteria) -> impl Iterator<Item = Audit<'a>> + '_ {
        let years = u32::try_from(self.int(criteria.within)).unwrap_or(0);
        let since = self.day.checked_sub_months(Months::new(years.saturating_mul(12))).filter(|_| years > 0);
        audits(self.answers)
            .filter(|a| a.domain == self.domain.code && a.is_as_auditor())
            .filter(move |a| !a.begins_before(since))
            .filter(move |a| !criteria.led || a.is_as_leader())
            .filter(move |a| !criteria.complete || a.is_complete(&self.rules))
    }

    /// The number required by the criteria.
    pub fn needed(&self, criteria: AuditCriteria) -> i64 {
        self.int(if self.is_further_domain() { criteria.further } else { criteria.first })
    }
}

fn full_time(record: &Record) -> bool {
    record.text("is_full_time") == "yes"
}
