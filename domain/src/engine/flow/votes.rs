//! Which transitions of a stage are votes, and which are what votes lead to.

use super::agreement::{Agreement, Confirmation};
use super::definition::{Requires, Stage, Transition};
use super::panel::Rubric;
use crate::engine::form::Answers;

impl Stage {
    /// Whether a vote is the agreement of a participant.
    pub fn is_agreement(&self, command: &str, answers: &Answers) -> bool {
        let agrees = match self.agreement {
            Agreement::Every { breaks } => command != breaks,
            Agreement::Confirmed(confirmation) => confirmation.is_agreement(answers),
            _ => false,
        };
        agrees && self.votes().any(|t| t.command == command)
    }

    /// The command that is carried out when every participant has agreed.
    pub fn agreed_command(&self) -> Option<&'static str> {
        match self.agreement {
            Agreement::Every { breaks } => self.votes().map(|t| t.command).find(|command| *command != breaks),
            Agreement::Confirmed(confirmation) => Some(confirmation.agreed),
            _ => None,
        }
    }

    /// The transitions that are votes where several people decide; none where one person does.
    pub fn votes(&self) -> impl Iterator<Item = &'static Transition> + use<> {
        let (transitions, agreement, turn): (&'static [Transition], _, _) = (self.transitions, self.agreement, self.turn);
        transitions.iter().filter(move |t| match agreement {
            Agreement::One => false,
            Agreement::All(all, otherwise) => t.command == all || t.command == otherwise,
            Agreement::Majority(_) | Agreement::Every { .. } => Some(t.by) == turn && t.requires != Requires::Recusal,
            Agreement::Panel(_) | Agreement::Confirmed(_) => Some(t.by) == turn && matches!(t.requires, Requires::Form(_)),
        })
    }

    /// The rubric by which a panel decides here, if one does.
    pub fn rubric(&self) -> Option<&'static Rubric> {
        if let Agreement::Panel(rubric) = self.agreement { Some(rubric) } else { None }
    }

    /// How the participants confirm by a form here, if they do.
    pub fn confirmation(&self) -> Option<&'static Confirmation> {
        if let Agreement::Confirmed(confirmation) = self.agreement { Some(confirmation) } else { None }
    }

    /// Whether a command is an outcome of votes, which nobody gives.
    pub fn is_outcome(&self, command: &str) -> bool {
        let of_panel = self.rubric().is_some_and(|rubric| rubric.outcomes.contains(command));
        of_panel || self.confirmation().is_some_and(|confirmation| confirmation.is_outcome(command))
    }
}
