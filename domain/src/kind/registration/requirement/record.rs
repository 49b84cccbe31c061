//! Audit records as the rules read them.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::base::calendar::{Span, parse_day};
use crate::base::rule::{RulesOn, key};
use crate::engine::form::{Answers, Record, tenths_of_days};

/// An audit, inspection or examination. One combined audit is one record for each domain.
pub struct Audit<'a> {
    /// Id of the record.
    pub id: Uuid,
    /// Its days; none while they cannot be read.
    pub span: Option<Span>,
    /// The domain it is experience in.
    pub domain: &'a str,
    /// The audited organisation.
    pub client: &'a str,
    record: &'a Record,
}

/// A thousandth of a day: half days by whole percents stay whole numbers.
pub(super) const DAY: i64 = 1000;

/// Every audit of a list of records.
pub fn audits(answers: &Answers) -> impl Iterator<Item = Audit<'_>> {
    answers.records("audit").map(|record| Audit {
        id: record.id,
        span: span(record, None),
        domain: record.text("domain"),
        client: record.text("client_code"),
        record,
    })
}

/// The days of a record; one without an end lasts to `open`, if that is given.
pub(super) fn span(record: &Record, open: Option<NaiveDate>) -> Option<Span> {
    let end = record.text("end");
    let last = if end.is_empty() { open } else { parse_day(end).ok() };
    Span::new(parse_day(record.text("start")).ok()?, last?)
}

impl Audit<'_> {
    /// Codes of a field of several choices.
    pub fn codes(&self, field: &str) -> &[String] {
        match self.record.fields.get(field) {
            Some(crate::engine::form::Value::Many(codes)) => codes,
            _ => &[],
        }
    }

    /// Days on site or off site, in thousandths of a day, as they were written.
    pub fn days(&self, field: &str) -> i64 {
        tenths_of_days(self.record.text(field)).map_or(0, |tenths| i64::from(tenths) * DAY / 10)
    }

    /// How many systems were audited together.
    fn systems(&self) -> usize {
        1 + self.codes("combined_systems").iter().filter(|c| c.as_str() != self.domain).count()
    }

    /// On-site days that count, in thousandths (§2.2: combined audits by their coefficient).
    pub fn credited(&self, rules: &RulesOn<'_>) -> i64 {
        let coefficient = match self.systems() {
            1 => key::REG_COMBINED_1,
            2 => key::REG_COMBINED_2,
            _ => key::REG_COMBINED_3,
        };
        self.days("onsite_days") * rules.int(coefficient) / 100
    }

    /// Off-site days that count, in thousandths (§2.2: at most a share of the on-site time).
    pub fn credited_offsite(&self, rules: &RulesOn<'_>) -> i64 {
        self.days("offsite_days").min(self.credited(rules) * rules.int(key::REG_OFFSITE_MAX_RATIO) / 100)
    }

    /// Whether it counts as a complete audit (§2.4): initial with both stages, re-certification, or surveillance that was long enough.
    pub fn complete(&self, rules: &RulesOn<'_>) -> bool {
        match self.record.text("audit_type") {
            "initial" | "recertification" => true,
            kind if kind.starts_with("surveillance") => self.days("onsite_days") >= rules.int(key::REG_SURVEILLANCE_DAYS) * DAY,
            _ => false,
        }
    }

    /// Whether the person audited: a technical expert advises those who do.
    pub fn audited(&self) -> bool {
        self.record.text("role") != "technical"
    }

    /// Whether the person led it.
    pub fn led(&self) -> bool {
        self.record.text("role") == "leader"
    }

    /// Whether two records are of one combined audit: the same client, and each names the other's domain.
    pub fn combined_with(&self, other: &Audit<'_>) -> bool {
        self.domain != other.domain && self.client == other.client && self.names(other.domain) && other.names(self.domain)
    }

    fn names(&self, domain: &str) -> bool {
        self.codes("combined_systems").iter().any(|c| c == domain)
    }
}
