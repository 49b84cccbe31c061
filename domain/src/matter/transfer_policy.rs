//! What a change of the applicant's practice institution does to their open matters (docs/domain.md §7.2).

/// The effect of an approved transfer on an open matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTransfer {
    /// The matter is not changed.
    Unchanged,
    /// The new institution replaces the old one in the matter and in this field of its answers.
    Follows(&'static str),
    /// The approval has to wait until the matter has left the stage.
    Waits,
}

/// One row of a kind's transfer policy.
#[derive(Debug)]
pub struct TransferPolicy {
    /// Codes of the stages it covers; empty: every stage not covered by an earlier row.
    pub stages: &'static [&'static str],
    /// Whether no transfer can be applied for while such a matter is open with the old institution.
    pub blocks: bool,
    /// What the approval of a transfer does.
    pub then: OnTransfer,
}

/// The policy of a stage that no row covers.
const UNAFFECTED: TransferPolicy = TransferPolicy { stages: &[], blocks: false, then: OnTransfer::Unchanged };

impl TransferPolicy {
    /// Drafts follow freely; a submitted matter blocks a transfer, and one submitted since follows.
    pub const fn follows(field: &'static str) -> [Self; 2] {
        let then = OnTransfer::Follows(field);
        [Self { stages: &["draft"], blocks: false, then }, Self { stages: &[], blocks: true, then }]
    }
}

/// The first row that covers a stage.
pub(super) fn row_for(rows: &'static [TransferPolicy], stage: &str) -> &'static TransferPolicy {
    rows.iter().find(|row| row.stages.is_empty() || row.stages.contains(&stage)).unwrap_or(&UNAFFECTED)
}
