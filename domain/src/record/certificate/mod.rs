//! 注册证书: number, validity, status, publication, and the record that is signed.

mod publication;
mod record;
mod upkeep;

pub use publication::{mask_name, published_on};
pub use record::{MOST, Record, RecordError};
pub use upkeep::{Bar, Lapse, Standing, Terms, Upkeep, dues, lapse, next_look, reminder};

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::catalogue::{self, Category, Grade};
use crate::base::rule::{Rules, key};

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
    /// Next 年度确认.
    pub confirm_due_on: NaiveDate,
    /// Stored status.
    pub status: Status,
    /// Whether it is suspended, or has ended, for want of a confirmation, and not by a disposition.
    pub overdue: bool,
    /// Codes of 注册专业.
    pub specialties: Vec<String>,
    /// Whose it is.
    pub holder: Uuid,
}

impl Held {
    /// Name of the domain; its code where the trade does not know it.
    pub fn domain_label(&self) -> &str {
        catalogue::domain(&self.domain).map_or(self.domain.as_str(), |d| d.label)
    }

    /// Whether it counts on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        self.status_on(day) == Status::Valid
    }

    /// What it is worth on a day.
    pub fn status_on(&self, day: NaiveDate) -> Status {
        self.status.on(day, self.valid_until)
    }

    /// Whether a certificate granted on a day takes the place of this one: a higher grade of the same domain does (domain facts §1.4).
    /// What is over already stays as it ended.
    pub fn gives_way_to(&self, grant: &Grant, day: NaiveDate) -> bool {
        let lives = matches!(self.status_on(day), Status::Valid | Status::Suspended);
        lives && self.domain == grant.domain && self.category == grant.category && self.grade < grant.grade
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

/// The terms of a certificate issued on a day: it holds to the day before that day, so many months later.
pub fn issued(rules: &Rules, day: NaiveDate) -> Terms {
    let months = |key| Months::new(u32::try_from(rules.on(day).int(key)).unwrap_or(0));
    let valid_until = upkeep::last_day(day, months(key::CERT_VALIDITY_MONTHS));
    Terms { valid_until, confirm_due_on: upkeep::last_day(day, months(key::CERT_CONFIRM_MONTHS)).min(valid_until) }
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
        let terms = |confirm, until| Terms { valid_until: day(until), confirm_due_on: day(confirm) };
        assert_eq!(issued(&rules, day("2026-11-23")), terms("2027-11-22", "2029-11-22"));
        assert_eq!(issued(&rules, day("2024-02-29")), terms("2025-02-27", "2027-02-27"));
    }

    #[test]
    fn a_valid_certificate_expires_after_its_last_day() {
        let last = day("2029-11-22");
        assert_eq!(Status::Valid.on(last, last), Status::Valid);
        assert_eq!(Status::Valid.on(day("2029-11-23"), last), Status::Expired);
        assert_eq!(Status::Revoked.on(day("2029-11-23"), last), Status::Revoked);
    }

    #[test]
    fn only_a_living_certificate_of_the_same_domain_and_a_lower_grade_gives_way() {
        use Status::{Cancelled, Expired, Revoked, Superseded, Suspended, Valid};
        let held = |domain: &str, grade, status| Held {
            number: String::new(),
            category: Category::Auditor,
            domain: domain.into(),
            grade,
            issued_on: day("2025-11-23"),
            valid_until: day("2028-11-22"),
            confirm_due_on: day("2026-11-22"),
            status,
            overdue: false,
            specialties: vec![],
            holder: Uuid::nil(),
        };
        let grant = Grant { grade: Grade::Full, ..grant() };
        for (domain, grade, status, gives_way) in [
            ("QMS", Grade::Trainee, Valid, true),
            ("QMS", Grade::Trainee, Suspended, true),
            ("QMS", Grade::Trainee, Revoked, false),
            ("QMS", Grade::Trainee, Cancelled, false),
            ("QMS", Grade::Trainee, Superseded, false),
            ("QMS", Grade::Trainee, Expired, false),
            ("QMS", Grade::Full, Valid, false),
            ("QMS", Grade::Senior, Valid, false),
            ("EMS", Grade::Trainee, Valid, false),
        ] {
            let held = held(domain, grade, status);
            assert_eq!(held.gives_way_to(&grant, day("2026-11-23")), gives_way, "{held:?}");
        }
        let expired = held("QMS", Grade::Trainee, Valid);
        assert!(!expired.gives_way_to(&grant, day("2028-11-23")), "what has expired stays expired");
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
