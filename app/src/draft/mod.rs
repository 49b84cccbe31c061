//! Drafts in the browser: edits of the wizard are saved after a short pause, without leaving the page.

#[cfg(feature = "hydrate")]
mod browser;
mod describe;
pub mod device;
mod editor_data;
mod offline;
mod opening;
mod page_editor;
mod patch;
mod redirect;
mod save;
pub mod sheet;
mod snapshot;

pub use describe::{DescribeConflicts, describe_conflicts};
pub use editor_data::{EditorData, EditorForm};
pub use offline::OfflineDrafts;
pub use page_editor::PageEditor;
pub use patch::{SendPatch, send_patch};
pub use redirect::{NO_REDIRECT, REDIRECT_TO};
pub use save::{SavePage, SavedPage, save_page};
pub use snapshot::{DraftSnapshot, DraftState, LoadOfflineContext, OfflineContext, draft_state, load_offline_context};
