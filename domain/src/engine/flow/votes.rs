//! Which transitions of a stage are votes, and which are what votes lead to.

use super::agreement::Agreement;
use super::definition::{Requires, Stage, Transition};
use super::panel::Rubric;

impl Stage {
    /// Whether a command is the agreement of a participant.
    pub fn agrees(&self, command: &str) -> bool {
        matches!(self.agreement, Agreement::Every { breaks } if command != breaks) && self.votes().any(|t| t.command == command)
    }

    /// The transitions that are votes where several people decide; none where one person does.
    pub fn votes(&self) -> impl Iterator<Item = &'static Transition> + use<> {
        let (transitions, agreement, turn): (&'static [Transition], _, _) = (self.transitions, self.agreement, self.turn);
        transitions.iter().filter(move |t| match agreement {
            Agreement::One => false,
            Agreement::All(all, otherwise) => t.command == all || t.command == otherwise,
            Agreement::Majority(_) | Agreement::Every { .. } => Some(t.by) == turn && t.requires != Requires::Recusal,
            Agreement::Panel(_) => Some(t.by) == turn && matches!(t.requires, Requires::Form(_)),
        })
    }

    /// The rubric by which a panel decides here, if one does.
    pub fn rubric(&self) -> Option<&'static Rubric> {
        if let Agreement::Panel(rubric) = self.agreement { Some(rubric) } else { None }
    }

    /// Whether a command is an outcome of votes, which nobody gives.
    pub fn is_outcome(&self, command: &str) -> bool {
        self.rubric().is_some_and(|rubric| rubric.outcomes.contains(command))
    }
}
