//! The other matters that a matter names.

use uuid::Uuid;

use crate::engine::form::Answers;

/// What another matter is to the matter that names it, and what follows from that.
#[derive(Debug, PartialEq, Eq)]
pub struct LinkRole {
    /// Stable code.
    pub code: &'static str,
    /// Whether the decision of the other matter is disputed: its reviewers see it, and it can be reopened.
    pub disputes: bool,
    /// Whether everyone who decided on the other matter or evaluated it, and everyone excluded from it, is excluded as well.
    pub excludes_deciders: bool,
    /// Whether the matter is searched by the facets of the other one, too.
    pub shares_facets: bool,
}

/// The matter whose decision an appeal disputes (docs/domain.md §8).
pub static DISPUTED: LinkRole = LinkRole { code: "disputed", disputes: true, excludes_deciders: true, shares_facets: true };

/// Which answers of a kind name other matters in a role.
#[derive(Debug)]
pub struct LinkRule {
    /// The role.
    pub role: &'static LinkRole,
    /// The matters that the answers name.
    pub named: fn(&Answers) -> Vec<Uuid>,
}

/// Another matter that a matter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatterLink {
    /// What it is to the matter that names it.
    pub role: &'static LinkRole,
    /// The other matter.
    pub other: Uuid,
}
