//! Validation errors of answers.

use super::path::Path;

/// A validation error of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Stable error code.
    pub code: &'static str,
    /// Message for the user.
    pub text: String,
}

/// A validation error with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Code of the step.
    pub step: &'static str,
    /// Path of the answer.
    pub path: Path,
    /// Label of the field or record.
    pub label: String,
    /// What is wrong with the answer.
    pub issue: Issue,
}

impl Issue {
    /// Creates an issue.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

impl Problem {
    /// Whether both say the same of the same answer. The label of a record has its place, which changes when others are removed.
    pub fn is_same(&self, other: &Problem) -> bool {
        let labels_agree = matches!(self.path, Path::Cell(..)) || self.label == other.label;
        self.path == other.path && self.issue.code == other.issue.code && labels_agree
    }

    /// Label and message in one sentence; the label is omitted if the message contains it.
    pub fn message(&self) -> String {
        if self.issue.text.contains(&self.label) { self.issue.text.clone() } else { format!("{}：{}", self.label, self.issue.text) }
    }
}
