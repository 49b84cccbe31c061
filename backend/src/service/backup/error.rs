//! Errors of backup and restore.

use std::path::PathBuf;

use crate::infra::db::DbError;
use crate::infra::db::backup::CopyError;
use crate::infra::keyring::KeyringError;

/// Why a backup or a restore failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("a file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// The database cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The database cannot be used.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The folder is not empty.
    #[error("the folder {} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The database to restore into is not empty.
    #[error("the database to restore into is not empty")]
    DatabaseInUse,
    /// The folder has no manifest: it is no backup, or one that was cut off.
    #[error("the folder holds no complete backup: its manifest is missing or cannot be read")]
    NoManifest,
    /// A manifest of another release.
    #[error("this release does not know backups of format {0}")]
    Format(u32),
    /// The backup is of a newer release.
    #[error("the backup is of a newer release: its schema has number {0}")]
    Newer(i64),
    /// The backup is of the other database.
    #[error("the backup is of another kind of database than DATABASE_URL")]
    OtherDatabase,
    /// A file of the backup is missing or was changed.
    #[error("the file {0} of the backup is missing or was changed")]
    Damaged(String),
    /// A table has another number of rows than the manifest says.
    #[error("the restored table {table} has {found} rows, {expected} were expected")]
    Rows {
        /// The table.
        table: String,
        /// Rows that were found.
        found: i64,
        /// Rows of the manifest.
        expected: i64,
    },
    /// The keys at hand are not those of the backup.
    #[error("everything was restored, but the keys do not fit: {0}")]
    Keys(#[from] KeyringError),
}
