//! 注册证书: number, validity, status.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::catalogue::{Category, Grade};
use crate::rule::{Rules, key};

/// What a certificate attests, before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// 人员类别.
    pub category: Category,
    /// Code of the domain.
    pub domain: &'static str,
    /// 注册级别.
    pub grade: Grade,
    /// Codes of 注册专业.
    pub specialties: Vec<String>,
}

/// A certificate someone holds or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// 证书编号.
    pub number: String,
    /// 人员类别.
    pub category: Category,
    /// Code of the domain.
    pub domain: String,
    /// 注册级别.
    pub grade: Grade,
    /// 批准日期.
    pub issued_on: NaiveDate,
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Stored status.
    pub status: Status,
}

impl Held {
    /// Whether it counts on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        self.status.on(day, self.valid_until) == Status::Valid
    }
}

/// What a certificate is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 有效.
    Valid,
    /// 已暂停.
    Suspended,
    /// 已撤销.
    Revoked,
    /// 已注销.
    Cancelled,
    /// 已被晋级后的证书替代.
    Superseded,
    /// 已过期.
    Expired,
}

impl Status {
    const ALL: [Status; 6] = [Status::Valid, Status::Suspended, Status::Revoked, Status::Cancelled, Status::Superseded, Status::Expired];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Status::Valid => "valid",
            Status::Suspended => "suspended",
            Status::Revoked => "revoked",
            Status::Cancelled => "cancelled",
            Status::Superseded => "superseded",
            Status::Expired => "expired",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Name.
    pub fn label(self) -> &'static str {
        match self {
            Status::Valid => "有效",
            Status::Suspended => "已暂停",
            Status::Revoked => "已撤销",
            Status::Cancelled => "已注销",
            Status::Superseded => "已被新证书替代",
            Status::Expired => "已过期",
        }
    }

    /// What it is worth on a day, given its last day: what is stored as valid expires by itself.
    pub fn on(self, day: NaiveDate, valid_until: NaiveDate) -> Status {
        match self {
            Status::Valid if day > valid_until => Status::Expired,
            other => other,
        }
    }
}

/// The number of a certificate issued on a day, with the next serial of its series.
///
/// The template stands in the rule table: `{year}`, `{grade}`, `{domain}` and `{serial:07}` are filled in.
pub fn number(rules: &Rules, day: NaiveDate, grant: &Grant, serial: i64) -> String {
    use chrono::Datelike;
    rules
        .on(day)
        .text(key::CERT_NUMBER_TEMPLATE)
        .replace("{year}", &day.year().to_string())
        .replace("{grade}", &grant.grade.digit().to_string())
        .replace("{domain}", grant.domain)
        .replace("{serial:07}", &format!("{serial:07}"))
}

/// The last day of a certificate issued on a day.
pub fn valid_until(rules: &Rules, day: NaiveDate) -> NaiveDate {
    let months = u32::try_from(rules.on(day).int(key::CERT_VALIDITY_MONTHS)).unwrap_or(0);
    day.checked_add_months(Months::new(months)).and_then(|d| d.pred_opt()).unwrap_or(day)
}

/// Whether a text has the form of a certificate number. Says nothing of its existence.
pub fn is_number(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(middle), Some(serial), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let Some(kind) = middle.strip_prefix('N') else {
        return false;
    };
    let grade = kind.starts_with(['0', '1', '2', '3']);
    let domain = kind.get(1..).unwrap_or("");
    year.len() == 4
        && digits(year)
        && serial.len() == 7
        && digits(serial)
        && grade
        && (2..=6).contains(&domain.len())
        && domain.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn grant() -> Grant {
        Grant { category: Category::Auditor, domain: "QMS", grade: Grade::Trainee, specialties: vec![] }
    }

    #[test]
    fn a_number_follows_the_template() {
        let rules = Rules::default();
        let number = number(&rules, day("2026-11-23"), &grant(), 4_000_001);
        assert_eq!(number, "2026-N0QMS-4000001");
        assert!(is_number(&number));
    }

    #[test]
    fn a_certificate_holds_three_years_to_the_day_before() {
        let rules = Rules::default();
        assert_eq!(valid_until(&rules, day("2026-11-23")), day("2029-11-22"));
        assert_eq!(valid_until(&rules, day("2024-02-29")), day("2027-02-27"));
    }

    #[test]
    fn a_valid_certificate_expires_after_its_last_day() {
        let last = day("2029-11-22");
        assert_eq!(Status::Valid.on(last, last), Status::Valid);
        assert_eq!(Status::Valid.on(day("2029-11-23"), last), Status::Expired);
        assert_eq!(Status::Revoked.on(day("2029-11-23"), last), Status::Revoked);
    }

    #[test]
    fn what_is_no_number_is_told_apart() {
        for text in
            ["", "2026-N0QMS-1", "2026-X0QMS-4000001", "26-N0QMS-4000001", "2026-N9QMS-4000001", "2026-N0-4000001", "2026-N0QMS-4000001-1"]
        {
            assert!(!is_number(text), "{text}");
        }
    }
}
