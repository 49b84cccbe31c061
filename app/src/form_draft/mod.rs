//! Form drafts on pages: the fields of a form that is kept as a draft, its 暂存 without scripts, the endpoint of its script, and the
//! texts that were not used.

mod api;
mod own;
mod view;

pub use api::{save, state};
pub use own::{discard, list, unused_drafts, unused_section};
pub use view::{DraftOnPage, FormDraftFields, Older, SaveDraft, TabDraftEnd, TabDraftFields};
