//! The result of evaluating a requirement.

/// Status of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequirementStatus {
    /// The requirement is met.
    Met,
    /// The requirement is not met.
    Missing,
    /// Cannot be evaluated yet.
    Unknown,
}

/// The result of one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementFinding {
    /// Stable code of the requirement.
    pub requirement: &'static str,
    /// Label: 现场审核天数.
    pub label: String,
    /// Required value: 需要 15 天.
    pub needed: String,
    /// Actual value: 已有 14 天，还差 1 天.
    pub actual: String,
    /// Whether the requirement is met.
    pub status: RequirementStatus,
    /// Hint for the applicant; may be empty.
    pub hint: &'static str,
    /// Step of the form where it can be corrected.
    pub step: &'static str,
    /// Field, list or displayed list on that step.
    pub field: &'static str,
}

impl RequirementFinding {
    /// Required and actual value: 需要 15 天，已有 14 天，还差 1 天.
    pub fn figures(&self) -> String {
        format!("{}，{}", self.needed, self.actual)
    }
}
