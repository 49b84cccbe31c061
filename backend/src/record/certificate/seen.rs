//! What a page showed of a certificate, which a command from that page names.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use domain::record::certificate::CertificateStatus;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::{self, DbError, Tx};

/// The state of a certificate that a page showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenCertificate {
    /// Status on the day of the page.
    pub status: CertificateStatus,
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Due day of the next 年度确认.
    pub confirm_due_on: NaiveDate,
    /// Number of measures that were decided.
    pub measures: usize,
}

/// Not the text of a [`SeenCertificate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state of a certificate")]
pub struct InvalidSeenCertificate;

impl SeenCertificate {
    /// The state of a certificate on a day.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn of(tx: &mut Tx, row: &CertificateRow, day: NaiveDate) -> Result<Self, DbError> {
        let measures = db::disposition::list_of_certificate(tx, row.id).await?.len();
        let status = row.held().status_on(day);
        Ok(Self { status, valid_until: row.valid_until, confirm_due_on: row.confirm_due_on, measures })
    }

    /// What is different now, as sentences; empty if nothing is.
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.status != now.status {
            changes.push(format!("状态由“{}”变为“{}”", self.status.label(), now.status.label()));
        }
        if self.valid_until != now.valid_until {
            changes.push(format!("有效期由 {} 变为 {}", self.valid_until, now.valid_until));
        }
        if self.confirm_due_on != now.confirm_due_on {
            changes.push(format!("年度确认日期由 {} 变为 {}", self.confirm_due_on, now.confirm_due_on));
        }
        if self.measures != now.measures {
            changes.push("另有新的处置".to_owned());
        }
        changes
    }
}

/// As a form carries it: `valid/2029-11-22/2027-11-22/0`.
impl fmt::Display for SeenCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.status.code(), self.valid_until, self.confirm_due_on, self.measures)
    }
}

impl FromStr for SeenCertificate {
    type Err = InvalidSeenCertificate;

    fn from_str(text: &str) -> Result<Self, InvalidSeenCertificate> {
        let mut parts = text.split('/');
        let mut part = || parts.next().ok_or(InvalidSeenCertificate);
        let status = CertificateStatus::from_code(part()?).ok_or(InvalidSeenCertificate)?;
        let mut day = || part()?.parse().map_err(|_| InvalidSeenCertificate);
        let (valid_until, confirm_due_on) = (day()?, day()?);
        let measures = part()?.parse().map_err(|_| InvalidSeenCertificate)?;
        if parts.next().is_some() { Err(InvalidSeenCertificate) } else { Ok(Self { status, valid_until, confirm_due_on, measures }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written_and_its_changes_are_told() {
        let day = |text: &str| text.parse().unwrap();
        let (valid_until, confirm_due_on) = (day("2029-11-22"), day("2027-11-22"));
        let seen = SeenCertificate { status: CertificateStatus::Valid, valid_until, confirm_due_on, measures: 0 };
        assert_eq!(seen.to_string().parse(), Ok(seen));
        for text in ["", "valid", "valid/2029-11-22/2027-11-22", "valid/2029-11-22/2027-11-22/0/0", "gone/2029-11-22/2027-11-22/0"] {
            assert_eq!(text.parse::<SeenCertificate>(), Err(InvalidSeenCertificate), "{text}");
        }
        assert!(seen.changes(&seen).is_empty());
        let now = SeenCertificate { status: CertificateStatus::Suspended, measures: 1, ..seen };
        assert_eq!(seen.changes(&now), ["状态由“有效”变为“已暂停”", "另有新的处置"]);
    }
}
