//! Drafts in the browser.
//!
//! `editor` is the code that a page of the wizard loads first: it shows dependent questions (`conditions`), changes pages (`navigation`)
//! and loads the rest when it is needed. `page_draft` connects the page with a `session`: one open draft, stored on the device (`store`,
//! `store_worker`, `autosave`) and synchronised with the server (`sync`). `upload`, `conflict_view`, `transfer_file` and the crop tool are
//! loaded on their first use. `chosen_files` and `crashed_choice` look after files that only the page holds; text under composition is no
//! answer yet (`crate::composition`). `offline` is the whole wizard without a server. `sheet` is
//! the sheet of an expert, whose form `form_draft.js` saves.

mod api_client;
mod autosave;
mod chosen_files;
mod chunk_store;
mod conditions;
mod conflict_view;
mod controls;
mod crashed_choice;
mod dependent_options;
mod discarded_view;
mod editor;
mod handles;
mod idb;
mod navigation;
pub mod offline;
mod offline_list;
mod offline_sheets;
mod offline_views;
mod other_accounts;
mod page;
mod page_draft;
mod refused_view;
mod save_status;
mod session;
pub mod sheet;
mod status_line;
mod status_view;
mod store;
mod store_rows;
mod store_sheet;
mod store_worker;
mod submission_view;
mod sync;
mod transfer_file;
mod transfer_view;
mod upload;
mod upload_client;
mod upload_row;
mod web;

pub use editor::editor;
