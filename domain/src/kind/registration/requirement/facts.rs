//! What is known of a person, read once for every row.

use chrono::{Months, NaiveDate};

use super::Audits;
use super::record::{Audit, audits, span};
use crate::base::calendar::{Span, parse_day};
use crate::base::catalogue::{self, Domain, EDUCATION, Grade, rank};
use crate::base::rule::{Key, RulesOn};
use crate::engine::form::{Answers, Record};
use crate::matter::{ApplicantRecord, MatterContext};

/// What is aimed at, and what is known.
pub(crate) struct Facts<'a> {
    /// 申请类型.
    pub kind: &'a str,
    /// 认证领域.
    pub domain: &'static Domain,
    /// 注册级别.
    pub grade: Grade,
    /// The answers, or what 基本信息库 has in their place.
    pub answers: &'a Answers,
    /// Scores and certificates.
    pub known: &'a ApplicantRecord,
    /// The rules of the day.
    pub rules: RulesOn<'a>,
    /// The day applied, from which is counted back.
    pub day: NaiveDate,
}

impl<'a> Facts<'a> {
    /// None while the aim is not said.
    pub fn read(answers: &'a Answers, context: &'a MatterContext<'a>) -> Option<Self> {
        let kind = answers.text("application_kind");
        Some(Self {
            kind: (!kind.is_empty()).then_some(kind)?,
            domain: catalogue::domain(answers.text("domain"))?,
            grade: Grade::from_code(answers.text("grade"))?,
            answers,
            known: context.record,
            rules: context.rules_on(),
            day: context.applied,
        })
    }

    /// A whole number of the rules.
    pub fn int(&self, key: Key) -> i64 {
        self.rules.int(key)
    }

    /// Whether the domain is a further one, which asks for fewer audits.
    pub fn further(&self) -> bool {
        self.kind == "add_domain"
    }

    /// Whether a list has any record yet.
    pub fn any(&self, list: &str) -> bool {
        self.answers.records(list).next().is_some()
    }

    /// The highest education among the records, as its place in the list.
    pub fn education(&self) -> Option<usize> {
        self.finished().filter_map(|(level, _)| rank(EDUCATION, level)).max()
    }

    /// The first day after an education of at least this level was finished.
    pub fn qualified_since(&self, level: &str) -> Option<NaiveDate> {
        let least = rank(EDUCATION, level)?;
        let ends = self.finished().filter(|(l, _)| rank(EDUCATION, l).is_some_and(|r| r >= least)).map(|(_, end)| end);
        ends.min()?.succ_opt()
    }

    fn finished(&self) -> impl Iterator<Item = (&'a str, NaiveDate)> {
        let day = self.day;
        self.answers
            .records("education")
            .filter_map(|r| parse_day(r.text("end")).ok().map(|end| (r.text("level"), end)))
            .filter(move |(_, end)| *end <= day)
    }

    /// Postgraduate study from a day on.
    pub fn postgraduate(&self, since: NaiveDate) -> Vec<Span> {
        let study = self.answers.records("education").filter(|r| matches!(r.text("level"), "master" | "doctor"));
        self.spans(study, since)
    }

    /// Full-time work from a day on.
    pub fn work(&self, since: NaiveDate) -> Vec<Span> {
        self.spans(self.answers.records("work").filter(|r| full_time(r)), since)
    }

    /// Full-time work in the domain from a day on.
    pub fn professional(&self, since: NaiveDate) -> Vec<Span> {
        let here = |r: &&Record| full_time(r) && r.text("domain") == self.domain.code;
        self.spans(self.answers.records("professional").filter(here), since)
    }

    fn spans<'r>(&self, records: impl Iterator<Item = &'r Record>, since: NaiveDate) -> Vec<Span> {
        let until = |s: Span| Span::new(s.first, s.last.min(self.day));
        records.filter_map(|r| span(r, Some(self.day))).filter_map(until).filter_map(|s| s.since(since)).collect()
    }

    /// The audits in the domain that a requirement asks for.
    pub fn audits(&self, asked: Audits) -> Vec<Audit<'a>> {
        let years = u32::try_from(self.int(asked.within)).unwrap_or(0);
        let since = self.day.checked_sub_months(Months::new(years.saturating_mul(12))).filter(|_| years > 0);
        audits(self.answers)
            .filter(|a| a.domain == self.domain.code && a.audited())
            .filter(|a| since.is_none_or(|since| a.span.is_some_and(|s| s.first >= since)))
            .filter(|a| !asked.led || a.led())
            .filter(|a| !asked.complete || a.complete(&self.rules))
            .collect()
    }

    /// How many are needed.
    pub fn needed(&self, asked: Audits) -> i64 {
        self.int(if self.further() { asked.further } else { asked.first })
    }
}

fn full_time(record: &Record) -> bool {
    record.text("is_full_time") == "yes"
}
