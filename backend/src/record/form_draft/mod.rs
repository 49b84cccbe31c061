//! Form drafts (`domain::engine::form_draft`): sealed, saved while a form is typed, ended in the transaction of the command that sends it.

mod draft;
mod error;
mod open;
mod read;
mod save;
mod state;

pub(crate) use draft::VALUES_COLUMN;
pub use draft::{DraftKey, FormDraft, SaveRequest, SavedDraft, StateRequest};
pub use error::FormDraftError;
pub(crate) use open::sent_by_command;
pub use open::{form_of, state_of};
pub use read::{OpenDrafts, OwnDraft, discard, drafts_for_command, drafts_of_matter, open_drafts, own_drafts, show_unused};
pub(crate) use read::{drafts_in_tx, own_drafts_in_tx, voucher_drafts_in_tx};
pub(crate) use save::end;
pub use save::save;
pub use state::form_state;

#[cfg(test)]
mod tests;
