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
    /// The person by whose act the system acts; nil if there is none. Their own act is not reported to them.
    pub cause: Uuid,
}

impl FollowUp {
    /// A command without content but a note, which may be empty.
    pub(crate) fn new(matter: Uuid, party: Party, name: &str, note: &str) -> Self {
        let command = Command { name: name.to_owned(), note: note.to_owned(), ..Command::default() };
        Self { matter, party, command, cause: Uuid::nil() }
    }

    /// The same command, as the consequence of a person's act.
    pub(crate) fn caused_by(self, account: Uuid) -> Self {
        Self { cause: account, ..self }
    }
}
