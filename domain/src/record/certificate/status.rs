//! Status of a certificate.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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

    /// Status on a day, given the last day of validity: a stored `Valid` expires by itself, and so does a suspended certificate.
    pub fn effective_on(self, day: NaiveDate, valid_until: NaiveDate) -> CertificateStatus {
        match self {
            CertificateStatus::Valid | CertificateStatus::Suspended if day > valid_until => CertificateStatus::Expired,
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

    #[test]
    fn a_valid_certificate_expires_after_its_last_day() {
        let last = day("2029-11-22");
        assert_eq!(CertificateStatus::Valid.effective_on(last, last), CertificateStatus::Valid);
        assert_eq!(CertificateStatus::Valid.effective_on(day("2029-11-23"), last), CertificateStatus::Expired);
        assert_eq!(CertificateStatus::Revoked.effective_on(day("2029-11-23"), last), CertificateStatus::Revoked);
    }

    #[test]
    fn a_suspended_certificate_expires_after_its_last_day_like_a_valid_one() {
        let last = day("2029-11-22");
        assert_eq!(CertificateStatus::Suspended.effective_on(last, last), CertificateStatus::Suspended);
        assert_eq!(CertificateStatus::Suspended.effective_on(day("2029-11-23"), last), CertificateStatus::Expired);
    }
}
