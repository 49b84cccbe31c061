//! 处置: measures of the association on a certificate (docs/domain.md §8). The table says from which standing a measure leads to which
//! status; `HeldCertificate::status_on` applies one that was decided for a later day, so that none depends on a job.

use chrono::NaiveDate;

use super::status::CertificateStatus;

/// A measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// 警告.
    Warn,
    /// 暂停.
    Suspend,
    /// 恢复.
    Resume,
    /// 撤销.
    Revoke,
    /// 注销.
    Cancel,
}

/// What a measure distinguishes of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Valid.
    Valid,
    /// Suspended for lack of a confirmation.
    Unconfirmed,
    /// Suspended by a measure.
    Suspended,
    /// Its validity is over, or it ended without a confirmation.
    Expired,
}

/// One row of the table.
#[derive(Debug)]
pub struct MeasureRule {
    /// The measure.
    pub measure: Measure,
    /// Stable code.
    pub code: &'static str,
    /// Chinese name.
    pub label: &'static str,
    /// Standings from which it leads. A certificate whose status is in no row is beyond every measure.
    pub from: &'static [Standing],
    /// The status it leads to; none if it leaves the status as it is.
    pub to: Option<CertificateStatus>,
    /// Whether the holder can appeal it.
    pub is_appealable: bool,
}

/// The table of measures.
pub const MEASURES: &[MeasureRule] = &[
    MeasureRule {
        measure: Measure::Warn,
        code: "warn",
        label: "警告",
        from: &[Standing::Valid, Standing::Unconfirmed, Standing::Suspended],
        to: None,
        is_appealable: true,
    },
    MeasureRule {
        measure: Measure::Suspend,
        code: "suspend",
        label: "暂停",
        from: &[Standing::Valid, Standing::Unconfirmed],
        to: Some(CertificateStatus::Suspended),
        is_appealable: true,
    },
    MeasureRule {
        measure: Measure::Resume,
        code: "resume",
        label: "恢复",
        from: &[Standing::Suspended],
        to: Some(CertificateStatus::Valid),
        is_appealable: false,
    },
    MeasureRule {
        measure: Measure::Revoke,
        code: "revoke",
        label: "撤销",
        from: &[Standing::Valid, Standing::Unconfirmed, Standing::Suspended, Standing::Expired],
        to: Some(CertificateStatus::Revoked),
        is_appealable: true,
    },
    MeasureRule {
        measure: Measure::Cancel,
        code: "cancel",
        label: "注销",
        from: &[Standing::Valid, Standing::Unconfirmed, Standing::Suspended],
        to: Some(CertificateStatus::Cancelled),
        is_appealable: true,
    },
];

/// The row of a measure that the table lacks: it leads from nowhere.
const NO_RULE: MeasureRule = MeasureRule { measure: Measure::Warn, code: "", label: "", from: &[], to: None, is_appealable: false };

impl Measure {
    /// Its row of the table.
    pub fn rule(self) -> &'static MeasureRule {
        MEASURES.iter().find(|rule| rule.measure == self).unwrap_or(&NO_RULE)
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        self.rule().code
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        self.rule().label
    }

    /// The measure with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        MEASURES.iter().find(|rule| rule.code == code).map(|rule| rule.measure)
    }

    /// Whether a certificate of this standing can be the subject of the measure.
    pub fn applies_to(self, standing: Option<Standing>) -> bool {
        standing.is_some_and(|standing| self.rule().from.contains(&standing))
    }
}

/// A measure that was decided and takes effect on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduledMeasure {
    /// The measure.
    pub measure: Measure,
    /// The day.
    pub on: NaiveDate,
}
