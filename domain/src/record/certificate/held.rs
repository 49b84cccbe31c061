//! Certificates: content, and status on a day.

use chrono::NaiveDate;
use uuid::Uuid;

use super::measure::{ScheduledMeasure, Standing};
use super::status::CertificateStatus;
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
    /// The measure that was decided and is not stored in the status yet.
    pub scheduled: Option<ScheduledMeasure>,
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
        self.state_on(day).0.effective_on(day, self.valid_until)
    }

    /// What measures distinguish on a day; none for a certificate that ended for good.
    pub fn standing_on(&self, day: NaiveDate) -> Option<Standing> {
        let (status, overdue) = self.state_on(day);
        standing(status.effective_on(day, self.valid_until), overdue)
    }

    /// The certificate as of a day: a scheduled measure whose day has come is part of the status.
    pub fn as_of(&self, day: NaiveDate) -> HeldCertificate {
        let (status, overdue) = self.state_on(day);
        let scheduled = self.scheduled.filter(|scheduled| scheduled.on > day);
        HeldCertificate { status, overdue, scheduled, ..self.clone() }
    }

    /// Status and `overdue` on a day, before the end of the term is looked at.
    fn state_on(&self, day: NaiveDate) -> (CertificateStatus, bool) {
        let stored = (self.status, self.overdue);
        let Some(scheduled) = self.scheduled.filter(|scheduled| scheduled.on <= day) else { return stored };
        let before = standing(self.status.effective_on(scheduled.on, self.valid_until), self.overdue);
        match scheduled.measure.rule().to.filter(|_| scheduled.measure.applies_to(before)) {
            Some(to) => (to, false),
            None => stored,
        }
    }

    /// Whether it can still be used on a day: valid, or suspended for a time.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
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

/// What measures distinguish of a status.
fn standing(status: CertificateStatus, overdue: bool) -> Option<Standing> {
    match status {
        CertificateStatus::Valid => Some(Standing::Valid),
        CertificateStatus::Suspended if overdue => Some(Standing::Unconfirmed),
        CertificateStatus::Suspended => Some(Standing::Suspended),
        CertificateStatus::Expired => Some(Standing::Expired),
        CertificateStatus::Revoked | CertificateStatus::Cancelled | CertificateStatus::Superseded => None,
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
            scheduled: None,
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
