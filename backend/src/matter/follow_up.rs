//! Commands that follow from a decision or a payment.

use domain::engine::flow::{Command, Party};
use uuid::Uuid;

/// A command of the system that an effect or an order event asks for. It is returned to the workflow, which executes it in the same
/// transaction.
#[derive(Debug, Clone)]
pub(crate) struct FollowUp {
    /// The matter the command is for.
    pub matter: Uuid,
    /// The party as which the system acts.
    pub party: Party,
    /// The command.
    pub command: Command,
}

impl FollowUp {
    /// A command without content but a note, which may be empty.
    pub(crate) fn new(matter: Uuid, party: Party, name: &str, note: &str) -> Self {
        Self { matter, party, command: Command { name: name.to_owned(), note: note.to_owned(), ..Command::default() } }
    }
}
