//! Issues of the payment form.

use crate::engine::form::Issue;

/// An error of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldIssue {
    /// Field name.
    pub field: &'static str,
    /// The error.
    pub issue: Issue,
}
