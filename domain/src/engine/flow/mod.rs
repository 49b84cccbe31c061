//! Flows as data, and the one function that changes the stage of a matter.
//!
//! A flow is a table of stages; a stage is a table of transitions. [`decide`] reads the table, and nothing else changes a matter's
//! stage. Buttons come from [`open_transitions`], which reads the same table, so every button shown stands for a command that works.

mod command;
pub mod common;
mod decide;
mod definition;
mod event;
mod history;
mod party;
mod rectification;
mod refusal;
mod sheet;
mod state;

pub use command::{Command, Decision, DecisionInput, NamedParticipant};
pub use decide::{concluding_command, decide, open_transitions};
pub use definition::{
    Agreement, AssigneeCount, Edit, Effect, Flow, Minimum, Outcome, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition,
};
pub use event::{Event, EventKind, RectificationItem};
pub use history::visible_history;
pub use party::{Actor, InstitutionRelation, Party};
pub use rectification::{ANSWER, RESPONSES, is_unlocked, open_items, response, unanswered_items};
pub use refusal::{NOTE_MAX, Refusal};
pub use sheet::{NONCONFORMITIES, SHEET, VERDICT_TEXT_MAX, VERDICTS};
pub use state::{MatterState, Vote};

#[cfg(test)]
pub(crate) mod testing;
