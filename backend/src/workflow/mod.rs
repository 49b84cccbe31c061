//! Changes of matters: drafts, files, commands and their effects.

pub mod assignee;
pub(crate) mod closing;
pub mod command;
pub mod copy;
pub mod disposition;
pub mod draft;
pub mod due;
pub mod edit;
pub mod effects;
pub mod execute;
pub mod files;
pub(crate) mod idempotency;
mod identity_check;
pub mod identity_disclosure;
pub mod index;
pub mod library;
pub mod notify;
mod number;
mod open_keys;
pub mod patch;
mod people;
pub mod save;
pub(crate) mod thin;
