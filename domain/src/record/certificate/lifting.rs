//! Lifting a measure after an appeal that was granted.

use chrono::NaiveDate;

use super::held::HeldCertificate;
use super::measure::Measure;
use super::status::CertificateStatus;

/// A measure in effect, as it is needed to lift it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImposedMeasure {
    /// The measure.
    pub measure: Measure,
    /// Status before, and whether the certificate lacked a confirmation; none while the measure is not in effect.
    pub before: Option<(CertificateStatus, bool)>,
    /// Whether another measure changed the status of the certificate later.
    pub is_overtaken: bool,
}

/// What lifting a measure does to the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifting {
    /// The measure was not in effect yet, and is dropped.
    Dropped,
    /// The measure had changed no status.
    Unchanged,
    /// The certificate has its former status again: the stored one, and whether it lacks a confirmation.
    Restored(CertificateStatus, bool),
    /// The status was changed otherwise since, and stays.
    Overtaken(CertificateStatus),
    /// The holder has another usable certificate of the domain by now, and the status stays.
    Replaced(String),
}

impl Lifting {
    /// What lifting a measure does on a day. `other`: number of another usable certificate of the holder of the same domain and of this
    /// or a higher grade.
    pub fn of(imposed: ImposedMeasure, certificate: &HeldCertificate, other: Option<String>, day: NaiveDate) -> Self {
        let Some((status, overdue)) = imposed.before else { return Lifting::Dropped };
        let Some(to) = imposed.measure.rule().to else { return Lifting::Unchanged };
        let now = certificate.as_of(day);
        if imposed.is_overtaken || now.status != to || now.overdue {
            return Lifting::Overtaken(now.status_on(day));
        }
        match other {
            Some(number) => Lifting::Replaced(number),
            None => Lifting::Restored(status, overdue),
        }
    }

    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Lifting::Dropped => "dropped",
            Lifting::Unchanged => "unchanged",
            Lifting::Restored(..) => "restored",
            Lifting::Overtaken(_) => "overtaken",
            Lifting::Replaced(_) => "replaced",
        }
    }

    /// Text for the officer and the holder. `valid_until`: last day of the certificate's term.
    pub fn text(&self, day: NaiveDate, valid_until: NaiveDate) -> String {
        match self {
            Lifting::Dropped => "处置尚未生效，不再执行，证书状态不变".to_owned(),
            Lifting::Unchanged => "处置记录标注为已撤销，证书状态不变".to_owned(),
            Lifting::Restored(status, _) => {
                let label = status.effective_on(day, valid_until).label();
                format!("证书恢复为处置前的状态：{label}")
            }
            Lifting::Overtaken(status) => format!("证书在处置之后另有变化，现为“{}”，状态不再恢复", status.label()),
            Lifting::Replaced(number) => format!("持证人已另有该领域的有效证书 {number}，原证书状态不再恢复"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::base::catalogue::{Category, Grade};
    use crate::record::certificate::{MEASURES, ScheduledMeasure};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn held(status: CertificateStatus, overdue: bool) -> HeldCertificate {
        HeldCertificate {
            number: "2026-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: day("2025-11-23"),
            valid_until: day("2028-11-22"),
            confirm_due_on: day("2027-11-22"),
            status,
            overdue,
            scheduled: None,
            specialties: vec![],
            holder: Uuid::nil(),
        }
    }

    fn after(measure: Measure, status: CertificateStatus, overdue: bool) -> (CertificateStatus, bool) {
        let on = day("2026-12-01");
        let certificate = HeldCertificate { scheduled: Some(ScheduledMeasure { measure, on }), ..held(status, overdue) };
        assert_eq!(certificate.status_on(day("2026-11-30")), status, "not before its day");
        let now = certificate.as_of(on);
        (now.status, now.overdue)
    }

    #[test]
    fn a_measure_takes_effect_on_its_day_by_itself_and_only_from_the_standings_of_the_table() {
        use CertificateStatus::{Cancelled, Expired, Revoked, Superseded, Suspended, Valid};
        for (measure, status, overdue, expected) in [
            (Measure::Warn, Valid, false, (Valid, false)),
            (Measure::Warn, Suspended, true, (Suspended, true)),
            (Measure::Suspend, Valid, false, (Suspended, false)),
            // Suspended by a measure from now on, not for lack of a confirmation.
            (Measure::Suspend, Suspended, true, (Suspended, false)),
            (Measure::Resume, Suspended, false, (Valid, false)),
            (Measure::Resume, Suspended, true, (Suspended, true)),
            (Measure::Resume, Revoked, false, (Revoked, false)),
            (Measure::Revoke, Suspended, false, (Revoked, false)),
            (Measure::Revoke, Expired, true, (Revoked, false)),
            (Measure::Revoke, Superseded, false, (Superseded, false)),
            (Measure::Cancel, Valid, false, (Cancelled, false)),
            (Measure::Cancel, Expired, true, (Expired, true)),
            (Measure::Cancel, Revoked, false, (Revoked, false)),
        ] {
            assert_eq!(after(measure, status, overdue), expected, "{measure:?} {status:?} {overdue}");
        }
    }

    #[test]
    fn no_measure_leads_from_a_revoked_or_cancelled_certificate() {
        for status in [CertificateStatus::Revoked, CertificateStatus::Cancelled, CertificateStatus::Superseded] {
            let standing = held(status, false).standing_on(day("2026-12-01"));
            assert!(MEASURES.iter().all(|rule| !rule.measure.applies_to(standing)), "{status:?}");
        }
        let codes: std::collections::BTreeSet<&str> = MEASURES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), 5);
        assert!(MEASURES.iter().all(|rule| Measure::from_code(rule.code) == Some(rule.measure)));
    }

    #[test]
    fn lifting_restores_what_nothing_changed_since_and_says_what_happens_otherwise() {
        use CertificateStatus::{Cancelled, Suspended, Valid};
        let suspend = ImposedMeasure { measure: Measure::Suspend, before: Some((Valid, false)), is_overtaken: false };
        let today = day("2026-12-01");
        let of = |imposed, certificate: &HeldCertificate, other: Option<&str>| {
            Lifting::of(imposed, certificate, other.map(str::to_owned), today)
        };
        assert_eq!(of(suspend, &held(Suspended, false), None), Lifting::Restored(Valid, false));
        let unconfirmed = ImposedMeasure { before: Some((Suspended, true)), ..suspend };
        assert_eq!(of(unconfirmed, &held(Suspended, false), None), Lifting::Restored(Suspended, true));
        assert_eq!(of(suspend, &held(Valid, false), None), Lifting::Overtaken(Valid), "it was resumed");
        assert_eq!(of(suspend, &held(Cancelled, false), None), Lifting::Overtaken(Cancelled));
        let again = ImposedMeasure { is_overtaken: true, ..suspend };
        assert_eq!(of(again, &held(Suspended, false), None), Lifting::Overtaken(Suspended), "another measure suspended it again");
        assert_eq!(of(suspend, &held(Suspended, false), Some("2")), Lifting::Replaced("2".into()));
        assert_eq!(of(ImposedMeasure { before: None, ..suspend }, &held(Valid, false), None), Lifting::Dropped);
        let warning = ImposedMeasure { measure: Measure::Warn, ..suspend };
        assert_eq!(of(warning, &held(Valid, false), None), Lifting::Unchanged);
        let over = Lifting::Restored(Valid, false).text(day("2028-11-23"), day("2028-11-22"));
        assert!(over.contains("已过期"), "{over}");
    }
}
