//! Audit records as the rules read them (docs/domain.md §2.2, §2.4).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::base::calendar::{HalfDays, Period, parse_day};
use crate::base::catalogue::{AUDIT_TYPES, domain};
use crate::base::identity::same_name;
use crate::base::rule::{RulesOn, key};
use crate::engine::form::{Answers, Record};

/// An audit, inspection or examination on record. A combined audit is one record for each of its domains.
pub struct Audit<'a> {
    /// Id of the record.
    pub id: Uuid,
    /// First to last day; none if they cannot be read.
    pub period: Option<Period>,
    /// Code of the domain that the record counts for.
    pub domain: &'a str,
    record: &'a Record,
}

/// Days are counted in thousandths, so that half days multiplied by whole percents stay whole numbers.
pub const MILLIDAYS_PER_DAY: i64 = 1000;

/// The audit records of an application.
pub fn audits(answers: &Answers) -> impl Iterator<Item = Audit<'_>> {
    answers.records("audit").map(|record| Audit {
        id: record.id,
        period: record_period(record, None),
        domain: record.text("domain"),
        record,
    })
}

/// First to last day of a record. A record without an end day lasts to `open`; without `open` there is none.
pub fn record_period(record: &Record, open: Option<NaiveDate>) -> Option<Period> {
    let end = record.text("end");
    let last = if end.is_empty() { open } else { parse_day(end).ok() };
    Period::new(parse_day(record.text("start")).ok()?, last?)
}

impl Audit<'_> {
    /// The codes chosen in a field of several choices.
    pub fn codes(&self, field: &str) -> &[String] {
        match self.record.fields.get(field) {
            Some(crate::engine::form::Value::Many(codes)) => codes,
            _ => &[],
        }
    }

    /// The days entered in a field, in thousandths of a day.
    pub fn millidays(&self, field: &str) -> i64 {
        HalfDays::parse(self.record.text(field)).map_or(0, |days| i64::from(days.tenths) * MILLIDAYS_PER_DAY / 10)
    }

    /// Number of management systems audited together.
    fn systems(&self) -> usize {
        1 + self.codes("combined_systems").iter().filter(|c| c.as_str() != self.domain).count()
    }

    /// Credited on-site days, in thousandths of a day: combined audits count by a coefficient (docs/domain.md §2.2).
    pub fn credited_onsite(&self, rules: &RulesOn<'_>) -> i64 {
        let coefficient = match self.systems() {
            1 => key::REG_COMBINED_1,
            2 => key::REG_COMBINED_2,
            _ => key::REG_COMBINED_3,
        };
        self.millidays("onsite_days") * rules.int(coefficient) / 100
    }

    /// Credited off-site days, in thousandths of a day: at most a share of the on-site days (docs/domain.md §2.2).
    pub fn credited_offsite(&self, rules: &RulesOn<'_>) -> i64 {
        self.millidays("offsite_days").min(self.credited_onsite(rules) * rules.int(key::REG_OFFSITE_MAX_RATIO) / 100)
    }

    /// Whether it counts as a complete audit (docs/domain.md §2.4): initial, re-certification, or surveillance that was long enough.
    pub fn is_complete(&self, rules: &RulesOn<'_>) -> bool {
        match self.record.text("audit_type") {
            "initial" | "recertification" => true,
            kind if kind.starts_with("surveillance") => {
                self.millidays("onsite_days") >= rules.int(key::REG_SURVEILLANCE_DAYS) * MILLIDAYS_PER_DAY
            }
            _ => false,
        }
    }

    /// Whether it began before a day, or on an unknown one; false without a day.
    pub fn begins_before(&self, day: Option<NaiveDate>) -> bool {
        day.is_some_and(|day| self.period.is_none_or(|period| period.first < day))
    }

    /// Whether its type is one of the category of its domain, or not chosen yet.
    pub fn has_type_of_its_domain(&self) -> bool {
        let kind = AUDIT_TYPES.iter().find(|choice| choice.code == self.record.text("audit_type"));
        domain(self.domain).zip(kind).is_none_or(|(domain, kind)| kind.group == domain.category.label())
    }

    /// Whether the person acted as an auditor. Technical experts only advise.
    pub fn is_as_auditor(&self) -> bool {
        self.record.text("role") != "technical"
    }

    /// Whether the person was the team leader.
    pub fn is_as_leader(&self) -> bool {
        self.record.text("role") == "leader"
    }

    /// Whether two records belong to one combined audit: the same organisation, and each names the other's domain.
    pub fn is_combined_with(&self, other: &Audit<'_>) -> bool {
        self.domain != other.domain && self.has_client_of(other) && self.names(other.domain) && other.names(self.domain)
    }

    /// Whether both are of one organisation: by its 统一社会信用代码, or by its name where one of them has none.
    fn has_client_of(&self, other: &Audit<'_>) -> bool {
        match (self.client_code(), other.client_code()) {
            (Some(own), Some(others)) => own == others,
            _ => same_name(self.record.text("client"), other.record.text("client")),
        }
    }

    fn client_code(&self) -> Option<&str> {
        let is_abroad = self.record.text("client_abroad") == "yes";
        Some(self.record.text("client_code")).filter(|code| !code.is_empty() && !is_abroad)
    }

    fn names(&self, domain: &str) -> bool {
        self.codes("combined_systems").iter().any(|c| c == domain)
    }
}
