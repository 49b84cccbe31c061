//! People excluded from a matter.

use uuid::Uuid;

/// People to whom a matter is closed, whatever their role: whom it is about, and whose decision it disputes (docs/domain.md §8,
/// "people with an interest are excluded from inquiry and decision").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// Deciders and evaluators of this matter.
    DecidersOf(Uuid),
    /// The holder of the certificate of this number.
    HolderOf(String),
    /// People of the association, and experts, of this name.
    Named(String),
}
