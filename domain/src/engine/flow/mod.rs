//! Flows as data, and the one function that changes the stage of a matter.
//!
//! A flow is a table of stages; a stage is a table of transitions. [`decide`] reads the table, and nothing else changes a matter's
//! stage. Buttons come from [`open_transitions`], which reads the same table, so every button shown stands for a command that works.

mod agreement;
mod command;
pub mod common;
mod course;
mod decide;
mod definition;
mod event;
mod facts;
mod history;
mod panel;
mod party;
mod phrase;
mod rectification;
mod refusal;
mod sheet;
mod state;
mod time_limit;
mod votes;

pub use agreement::{Agreement, Confirmation};
pub use command::{Command, Conditions, Decision, DecisionInput, NamedParticipant};
pub use course::{Course, course};
pub use decide::{concluding_command, decide, open_transitions};
pub use definition::{AssigneeCount, Edit, Effect, Flow, Minimum, Outcome, Requires, STAGE, Stage, TRANSITION, Tone, Transition};
pub use event::{Event, EventKind, RectificationItem};
pub use facts::{Deadline, DeadlineKey, KindFacts, NO_FACTS};
pub use history::visible_history;
pub use panel::{PanelOutcomes, PanelResult, PanelScore, Rubric, RubricItem};
pub use party::{Actor, InstitutionRelation, Party};
pub use phrase::{opinion_phrases, with_phrase};
pub use rectification::{ANSWER, RESPONSES, is_unlocked, open_items, response, unanswered_items};
pub use refusal::{NOTE_MAX, Refusal};
pub use sheet::{NONCONFORMITIES, SHEET, VERDICT_TEXT_MAX, VERDICTS};
pub use state::{MatterState, Vote};
pub use time_limit::TimeLimit;

#[cfg(test)]
mod condition_tests;
#[cfg(test)]
pub(crate) mod testing;
