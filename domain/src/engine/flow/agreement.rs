//! How many decisions a stage needs.

use super::panel::Rubric;
use crate::base::rule::{RuleKey, RulesOn};
use crate::engine::form::Answers;

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
    /// Each participant must agree, as the result in the form that comes with the vote says. Who agreed is asked again only if the own part of
    /// the answers changes.
    Confirmed(&'static Confirmation),
}

/// What the form of a vote says of the agreement of a participant, and what follows from the votes together.
#[derive(Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The field with the result.
    pub result: &'static str,
    /// The result that agrees; any other declines.
    pub agrees: &'static str,
    /// The field with the opinion.
    pub opinion: &'static str,
    /// Command of the transition that is made when all have agreed. Nobody gives it.
    pub agreed: &'static str,
    /// Command of the transition that is made when one has declined. Nobody gives it.
    pub declined: &'static str,
    /// The rule by which the first who declines decides at once; otherwise all others are awaited. Without a rule it is always at once.
    pub at_once: Option<RuleKey>,
}

impl Confirmation {
    /// Whether a vote agrees.
    pub fn is_agreement(&self, vote: &Answers) -> bool {
        vote.text(self.result) == self.agrees
    }

    /// Whether a command is an outcome.
    pub fn is_outcome(&self, command: &str) -> bool {
        command == self.agreed || command == self.declined
    }

    /// The outcome of the votes; none while votes are awaited that count. `is_complete`: whether nobody is awaited.
    pub(super) fn outcome(&self, votes: &[&Answers], is_complete: bool, rules: RulesOn<'_>) -> Option<&'static str> {
        let is_declined = votes.iter().any(|vote| !self.is_agreement(vote));
        let at_once = is_declined && self.at_once.is_none_or(|key| rules.yes(key));
        match (is_complete, is_declined) {
            (true, false) => Some(self.agreed),
            (true, true) => Some(self.declined),
            (false, _) => at_once.then_some(self.declined),
        }
    }

    /// The opinions of those who declined, one per line.
    pub(super) fn reasons(&self, votes: &[&Answers]) -> String {
        let declined = votes.iter().filter(|vote| !self.is_agreement(vote)).map(|vote| vote.text(self.opinion));
        declined.filter(|opinion| !opinion.is_empty()).collect::<Vec<_>>().join("\n")
    }
}
