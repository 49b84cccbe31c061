//! Backup of a server that is in use, and restore into an empty data folder.
//!
//! A backup is a folder: a consistent copy of the database, the files, and a manifest with counts and digests. The keys are not part of it
//! unless that is asked for, since keys and data together disclose the personal data.

mod create;
mod error;
mod manifest;
mod restore;
mod tree;

pub use create::{BackupRequest, create_backup};
pub use error::BackupError;
pub use manifest::{DatabaseKind, Manifest};
pub use restore::{RestoreRequest, Restored, restore_backup};

#[cfg(test)]
mod tests;
