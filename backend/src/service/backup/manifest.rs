//! The manifest of a backup, its last file: what the backup holds, so that a restore can be verified.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::service::backup::error::BackupError;
use crate::service::backup::tree::{CopiedFile, write_durably};

/// The format of today's backups.
pub const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of the backup.
    pub format: u32,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Number of the newest migration.
    pub schema: i64,
    /// Kind of the database.
    pub database: DatabaseKind,
    /// Ids of the keys that open it, by kind. The keys themselves are elsewhere.
    pub keys: BTreeMap<String, Vec<i64>>,
    /// Whether the key file is part of it.
    pub with_keys: bool,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// Every file but the manifest.
    pub files: Vec<CopiedFile>,
    /// Files that the database refers to, and that were missing on the server already.
    pub missing: Vec<String>,
}

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// A file of SQLite.
    Sqlite,
    /// An archive of `pg_dump`.
    Postgres,
}

impl DatabaseKind {
    /// Name of the file in the backup.
    pub fn file_name(self) -> &'static str {
        match self {
            DatabaseKind::Sqlite => "registrar.sqlite",
            DatabaseKind::Postgres => "database.dump",
        }
    }
}

impl Manifest {
    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// A folder without one, or with one of another format.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let text = fs::read(folder.join(NAME)).map_err(|_| BackupError::NoManifest)?;
        let manifest: Self = serde_json::from_slice(&text).map_err(|_| BackupError::NoManifest)?;
        if manifest.format == FORMAT { Ok(manifest) } else { Err(BackupError::Format(manifest.format)) }
    }

    /// Writes it into the folder of the backup, which is complete from then on.
    ///
    /// # Errors
    /// A disk that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_vec_pretty(self).map_err(std::io::Error::other)?;
        Ok(write_durably(&folder.join(NAME), text.as_slice())?)
    }
}
