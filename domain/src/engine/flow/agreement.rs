//! How many decisions a stage needs.

use super::panel::Rubric;

/// How many decisions a stage needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The first decision is final.
    One,
    /// Each person assigned votes. The first command is carried out if all chose it, otherwise the second.
    All(&'static str, &'static str),
    /// Each person assigned votes. The command chosen by more than half is carried out, otherwise the one named here.
    Majority(&'static str),
    /// Each person assigned votes with the form that comes with the vote, and the rubric says which of its outcomes is carried out.
    Panel(&'static Rubric),
    /// Each participant must agree. The other command of the stage's party is carried out when all have chosen it, and `breaks` as soon as one
    /// chooses it. Who agreed is asked again only if the own part of the answers changes.
    Every {
        /// The command that ends the agreement.
        breaks: &'static str,
    },
}
