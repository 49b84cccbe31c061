//! Writing a backup.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::infra::db::Db;
use crate::infra::db::backup::CopyContent;
use crate::service::backup::error::BackupError;
use crate::service::backup::manifest::{DatabaseKind, FORMAT, Manifest};
use crate::service::backup::tree::{CopiedFiles, copy_new, copy_one, create_folder, describe, hex};

/// Folders of the data folder with the content of files and of unfinished uploads.
pub(super) const FOLDERS: [&str; 2] = ["files", "uploads"];
pub(super) const KEY_FOLDER: &str = "keys";

/// What is backed up, and where to.
pub struct BackupRequest<'a> {
    /// The database.
    pub db: &'a Db,
    /// Its address.
    pub database_url: &'a str,
    /// The data folder.
    pub data: &'a Path,
    /// The folder of the backup, which must be new or empty.
    pub to: &'a Path,
    /// Whether the keys are copied too.
    pub with_keys: bool,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Writes a backup while the servers run.
///
/// # Errors
/// A folder that is not empty, a disk that is full, a database that cannot be copied. What was written has no manifest then.
pub async fn create_backup(request: BackupRequest<'_>) -> Result<Manifest, BackupError> {
    let BackupRequest { db, database_url, data, to, with_keys, now } = request;
    create_folder(to)?;
    if std::fs::read_dir(to)?.next().is_some() {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    let database = if db.is_sqlite() { DatabaseKind::Sqlite } else { DatabaseKind::Postgres };
    // Files first, so that the many old ones are not removed between the copy of the database and their own; then the new ones.
    let copied = copy_folders(data, to, CopiedFiles::new()).await?;
    let file = to.join(database.file_name());
    let content = db.copy_to(database_url, &file).await?;
    let mut copied = copy_folders(data, to, copied).await?;
    let missing = copy_missing(data, to, &content, &mut copied)?;
    if with_keys {
        copy_new(data, to, KEY_FOLDER, &mut copied)?;
    }
    let folder = to.to_owned();
    let database_file = blocking(move || {
        std::fs::File::open(&file)?.sync_all()?;
        describe(&folder, database.file_name())
    })
    .await?;
    let files = [database_file].into_iter().chain(copied.into_values()).collect();
    let schema = Db::schema_number();
    let manifest = Manifest {
        format: FORMAT,
        created_at: now,
        schema,
        database,
        keys: key_ids(&content),
        with_keys,
        rows: content.rows,
        files,
        missing,
    };
    manifest.write(to)?;
    Ok(manifest)
}

async fn copy_folders(data: &Path, to: &Path, mut copied: CopiedFiles) -> Result<CopiedFiles, BackupError> {
    let (data, to) = (data.to_owned(), to.to_owned());
    blocking(move || {
        for folder in FOLDERS {
            copy_new(&data, &to, folder, &mut copied)?;
        }
        Ok(copied)
    })
    .await
}

/// Copies what the database refers to and is still not copied; gives what is missing on the server itself.
fn copy_missing(data: &Path, to: &Path, content: &CopyContent, copied: &mut CopiedFiles) -> Result<Vec<String>, BackupError> {
    let mut missing = Vec::new();
    for digest in &content.files {
        let path = content_path(digest);
        if !copy_one(data, to, &path, copied)? {
            missing.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(missing)
}

/// Path of the content of a file, in the layout of the file store.
fn content_path(digest: &[u8]) -> PathBuf {
    let name = hex(digest);
    Path::new("files").join(name.get(..2).unwrap_or_default()).join(name)
}

fn key_ids(content: &CopyContent) -> BTreeMap<String, Vec<i64>> {
    let mut ids = BTreeMap::<String, Vec<i64>>::new();
    for (kind, id) in &content.keys {
        ids.entry(kind.clone()).or_default().push(*id);
    }
    ids
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?;
    Ok(done?)
}
