//! A choice of a list.

/// One choice of a list, stored by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Stable code, stored as the answer.
    pub code: &'static str,
    /// Chinese label.
    pub label: &'static str,
    /// Heading of its group in the list; may be empty.
    pub group: &'static str,
}

impl Choice {
    /// A choice without a group.
    pub const fn new(code: &'static str, label: &'static str) -> Self {
        Self { code, label, group: "" }
    }
}
