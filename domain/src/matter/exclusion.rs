//! People excluded from a matter.

/// People to whom a matter is closed, whatever their role, since it is about them (docs/domain.md §8, "people with an interest are excluded
/// from inquiry and decision"). The deciders of a linked matter are excluded by its [`LinkRole`](super::link::LinkRole).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// The holder of the certificate of this number.
    HolderOf(String),
    /// People of the association, and experts, of this name.
    Named(String),
}
