//! Certificates: content and status.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::catalogue::{self, Category, Grade};

/// The content of a certificate to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateGrant {
    /// 人员类别.
    pub category: Category,
    /// Code of the domain.
    pub domain: &'static str,
    /// 注册级别.
    pub grade: Grade,
    /// Codes of 注册专业.
    pub specialties: Vec<String>,
}

/// A certificate, valid or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCertificate {
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
    /// Due day of the next 年度确认.
    pub confirm_due_on: NaiveDate,
    /// Stored status.
    pub status: CertificateStatus,
    /// Whether it was suspended or ended for lack of a confirmation, not by a disposition.
    pub overdue: bool,
    /// Codes of 注册专业.
    pub specialties: Vec<String>,
    /// Holder's account.
    pub holder: Uuid,
}

impl HeldCertificate {
    /// Name of the domain; the code if unknown.
    pub fn domain_label(&self) -> &str {
        catalogue::domain(&self.domain).map_or(self.domain.as_str(), |d| d.label)
    }

    /// Whether it is valid on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.status_on(day) == CertificateStatus::Valid
    }

    /// Status on a day.
    pub fn status_on(&self, day: NaiveDate) -> CertificateStatus {
        self.status.effective_on(day, self.valid_until)
    }

    /// Whether it can still be used on a day: valid, or suspended for a time.
    fn is_active_on(&self, day: NaiveDate) -> bool {
        matches!(self.status_on(day), CertificateStatus::Valid | CertificateStatus::Suspended)
    }

    /// Whether it stands in the way of a certificate to be granted on a day: a person holds one of a domain and grade.
    pub fn excludes(&self, grant: &CertificateGrant, day: NaiveDate) -> bool {
        self.is_active_on(day) && self.domain == grant.domain && self.category == grant.category && self.grade == grant.grade
    }

    /// Whether a certificate granted on a day supersedes this one: a higher grade of the same domain does (docs/domain.md §1.4).
    /// Certificates that have ended keep their status.
    pub fn is_superseded_by(&self, grant: &CertificateGrant, day: NaiveDate) -> bool {
        self.is_active_on(day) && self.domain == grant.domain && self.category == grant.category && self.grade < grant.grade
    }
}

/// Status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStatus {
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

impl CertificateStatus {
    const ALL: [CertificateStatus; 6] = [
        CertificateStatus::Valid,
        CertificateStatus::Suspended,
        CertificateStatus::Revoked,
        CertificateStatus::Cancelled,
        CertificateStatus::Superseded,
        CertificateStatus::Expired,
    ];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            CertificateStatus::Valid => "valid",
            CertificateStatus::Suspended => "suspended",
            CertificateStatus::Revoked => "revoked",
            CertificateStatus::Cancelled => "cancelled",
            CertificateStatus::Superseded => "superseded",
            CertificateStatus::Expired => "expired",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            CertificateStatus::Valid => "有效",
            CertificateStatus::Suspended => "已暂停",
            CertificateStatus::Revoked => "已撤销",
            CertificateStatus::Cancelled => "已注销",
            CertificateStatus::Superseded => "已换发新证书",
            CertificateStatus::Expired => "已过期",
        }
    }

    /// Status on a day, given the last day of validity: a stored `Valid` expires by itself.
    pub fn effective_on(self, day: NaiveDate, valid_until: NaiveDate) -> CertificateStatus {
        match self {
            CertificateStatus::Valid if day > valid_until => CertificateStatus::Expired,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn grant() -> CertificateGrant {
        CertificateGrant { category: Category::Auditor, domain: "QMS", grade: Grade::Trainee, specialties: vec![] }
    }

    #[test]
    fn a_valid_certificate_expires_after_its_last_day() {
        let last = day("2029-11-22");
        assert_eq!(CertificateStatus::Valid.effective_on(last, last), CertificateStatus::Valid);
        assert_eq!(CertificateStatus::Valid.effective_on(day("2029-11-23"), last), CertificateStatus::Expired);
        assert_eq!(CertificateStatus::Revoked.effective_on(day("2029-11-23"), last), CertificateStatus::Revoked);
    }

    #[test]
    fn only_an_active_certificate_of_the_same_domain_and_a_lower_grade_is_superseded() {
        use CertificateStatus::{Cancelled, Expired, Revoked, Superseded, Suspended, Valid};
        let held = |domain: &str, grade, status| HeldCertificate {
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
        let grant = CertificateGrant { grade: Grade::Full, ..grant() };
        for (domain, grade, status, superseded) in [
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
            assert_eq!(held.is_superseded_by(&grant, day("2026-11-23")), superseded, "{held:?}");
        }
        let expired = held("QMS", Grade::Trainee, Valid);
        assert!(!expired.is_superseded_by(&grant, day("2028-11-23")), "an expired certificate stays expired");
    }
}
