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
    /// Whether it is an upgrade (晋级注册) of a certificate of the grade below.
    pub is_upgrade: bool,
}

impl CertificateGrant {
    /// The certificate of the applicant under a measure that forbids the grant on a day: one of the domain that is suspended by a
    /// measure, or the last one of the grade below, from which an upgrade starts, if it was revoked or cancelled.
    pub fn barred_by<'a>(&self, certificates: &'a [HeldCertificate], day: NaiveDate) -> Option<&'a HeldCertificate> {
        let of_domain = || certificates.iter().filter(|c| c.domain == self.domain && c.category == self.category);
        let suspended = of_domain().find(|c| c.standing_on(day) == Some(Standing::Suspended));
        let below = of_domain().filter(|c| self.is_upgrade && Some(c.grade) == self.grade.below());
        let is_ended = |c: &&HeldCertificate| matches!(c.status_on(day), CertificateStatus::Revoked | CertificateStatus::Cancelled);
        suspended.or_else(|| below.max_by_key(|c| c.issued_on).filter(is_ended))
    }
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

    /// Whether a measure suspended it, and no other followed until a day, even if its term ended meanwhile.
    pub(super) fn is_under_suspension_on(&self, day: NaiveDate) -> bool {
        self.state_on(day) == (CertificateStatus::Suspended, false)
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
        CertificateGrant { category: Category::Auditor, domain: "QMS", grade: Grade::Trainee, specialties: vec![], is_upgrade: false }
    }

    fn held(domain: &str, grade: Grade, status: CertificateStatus) -> HeldCertificate {
        HeldCertificate {
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
        }
    }

    #[test]
    fn a_suspended_certificate_bars_every_grant_of_its_domain_and_a_revoked_one_the_upgrade_that_starts_from_it() {
        use CertificateStatus::{Cancelled, Expired, Revoked, Suspended, Valid};
        let upgrade = CertificateGrant { grade: Grade::Full, is_upgrade: true, ..grant() };
        let initial = CertificateGrant { is_upgrade: false, ..upgrade.clone() };
        for (domain, grade, status, overdue, bars_upgrade, bars_initial) in [
            ("QMS", Grade::Trainee, Suspended, false, true, true),
            ("QMS", Grade::Trainee, Suspended, true, false, false),
            ("QMS", Grade::Senior, Suspended, false, true, true),
            ("EMS", Grade::Trainee, Suspended, false, false, false),
            ("QMS", Grade::Trainee, Revoked, false, true, false),
            ("QMS", Grade::Trainee, Cancelled, false, true, false),
            ("QMS", Grade::Full, Revoked, false, false, false),
            ("QMS", Grade::Trainee, Expired, true, false, false),
            ("QMS", Grade::Trainee, Valid, false, false, false),
        ] {
            let held = [HeldCertificate { overdue, ..held(domain, grade, status) }];
            assert_eq!(upgrade.barred_by(&held, day("2026-11-23")).is_some(), bars_upgrade, "{held:?}");
            assert_eq!(initial.barred_by(&held, day("2026-11-23")).is_some(), bars_initial, "{held:?}");
        }
        let later = HeldCertificate { issued_on: day("2026-05-01"), ..held("QMS", Grade::Trainee, Valid) };
        let both = [later, held("QMS", Grade::Trainee, Revoked)];
        assert_eq!(upgrade.barred_by(&both, day("2026-11-23")), None, "another was issued since the revocation");
        let outlived = [held("QMS", Grade::Trainee, Suspended)];
        assert_eq!(initial.barred_by(&outlived, day("2028-11-23")), None, "its term is over");
    }

    #[test]
    fn only_an_active_certificate_of_the_same_domain_and_a_lower_grade_is_superseded() {
        use CertificateStatus::{Cancelled, Expired, Revoked, Superseded, Suspended, Valid};
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
