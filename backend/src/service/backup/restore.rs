//! Restoring a backup.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::infra::db::Db;
use crate::infra::db::backup::restore_postgres;
use crate::infra::db::maintenance::{count_rows, list_tables};
use crate::infra::keyring;
use crate::service::backup::create::blocking;
use crate::service::backup::error::BackupError;
use crate::service::backup::manifest::{DatabaseKind, Manifest};
use crate::service::backup::tree::{CopiedFile, create_folder, describe, is_inside, write_durably};

/// Files that may be in the data folder before a restore: the keys come from another place.
const ALLOWED: [&str; 3] = ["keys", "registrar.toml", "lost+found"];

/// Which backup is restored, and where to.
pub struct RestoreRequest<'a> {
    /// The folder of the backup.
    pub from: &'a Path,
    /// The data folder, empty but for keys and settings.
    pub data: &'a Path,
    /// Address of the database, which must not exist (SQLite) or be empty (PostgreSQL).
    pub database_url: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Number of files.
    pub files: usize,
    /// Number of rows.
    pub rows: i64,
    /// Migrations that the database lacks, as its backup is of an earlier release.
    pub pending: Vec<&'static str>,
    /// Whether keys are there that open it. They may be put there later.
    pub keys_fit: bool,
}

/// Verifies a backup, restores it, and verifies the result. Nothing is written before the whole backup was verified.
///
/// # Errors
/// A backup that is incomplete or damaged, or a place that is not empty.
pub async fn restore_backup(request: RestoreRequest<'_>) -> Result<Restored, BackupError> {
    let RestoreRequest { from, data, database_url, now } = request;
    let manifest = Manifest::read(from)?;
    check_release(&manifest, database_url)?;
    check_empty(data, database_url)?;
    verify_files(from, &manifest).await?;
    copy_files(from, data, &manifest).await?;
    let archive = from.join(manifest.database.file_name());
    match database_url.strip_prefix("sqlite:") {
        Some(path) => copy_database(&archive, Path::new(path.trim_start_matches("//"))).await?,
        None => fill_postgres(database_url, &archive).await?,
    }
    let db = Db::open(database_url).await?;
    let result = verify_database(&db, data, &manifest, now).await;
    db.close().await;
    result
}

fn check_release(manifest: &Manifest, database_url: &str) -> Result<(), BackupError> {
    if manifest.schema > Db::schema_number() {
        return Err(BackupError::Newer(manifest.schema));
    }
    let kind = if database_url.starts_with("sqlite:") { DatabaseKind::Sqlite } else { DatabaseKind::Postgres };
    if kind == manifest.database { Ok(()) } else { Err(BackupError::OtherDatabase) }
}

fn check_empty(data: &Path, database_url: &str) -> Result<(), BackupError> {
    create_folder(data)?;
    for entry in std::fs::read_dir(data)? {
        if !ALLOWED.iter().any(|name| entry.as_ref().is_ok_and(|e| e.file_name() == *name)) {
            return Err(BackupError::NotEmpty(data.to_owned()));
        }
    }
    let in_use = database_url.strip_prefix("sqlite:").is_some_and(|path| Path::new(path.trim_start_matches("//")).exists());
    if in_use { Err(BackupError::DatabaseInUse) } else { Ok(()) }
}

async fn verify_files(from: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let (from, files) = (from.to_owned(), manifest.files.clone());
    let damaged = blocking(move || {
        let right = |file: &CopiedFile| is_inside(&file.path) && describe(&from, &file.path).is_ok_and(|found| found == *file);
        Ok(files.into_iter().find(|file| !right(file)))
    })
    .await?;
    damaged.map_or(Ok(()), |file| Err(BackupError::Damaged(file.path)))
}

async fn copy_files(from: &Path, data: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let database = manifest.database.file_name();
    let paths: Vec<PathBuf> = manifest.files.iter().filter(|f| f.path != database).map(|f| PathBuf::from(&f.path)).collect();
    let (from, data) = (from.to_owned(), data.to_owned());
    blocking(move || {
        for path in paths {
            let (source, target) = (from.join(&path), data.join(&path));
            // Keys that are there already are checked in the end.
            if !target.exists() {
                write_durably(&target, std::fs::File::open(source)?)?;
            }
        }
        Ok(())
    })
    .await
}

async fn copy_database(archive: &Path, to: &Path) -> Result<(), BackupError> {
    let (archive, to) = (archive.to_owned(), to.to_owned());
    blocking(move || write_durably(&to, std::fs::File::open(archive)?)).await
}

async fn fill_postgres(url: &str, archive: &Path) -> Result<(), BackupError> {
    let db = Db::open(url).await?;
    let tables = {
        let mut tx = db.read().await?;
        list_tables(&mut tx).await
    };
    db.close().await;
    if !tables?.is_empty() {
        return Err(BackupError::DatabaseInUse);
    }
    Ok(restore_postgres(url, archive).await?)
}

async fn verify_database(db: &Db, data: &Path, manifest: &Manifest, now: DateTime<Utc>) -> Result<Restored, BackupError> {
    let found = {
        let mut tx = db.read().await?;
        count_rows(&mut tx).await?
    };
    for (table, expected) in &manifest.rows {
        let rows = found.get(table).copied().unwrap_or(0);
        if rows != *expected {
            return Err(BackupError::Rows { table: table.clone(), found: rows, expected: *expected });
        }
    }
    let pending = db.pending_names().await?;
    let path = keyring::key_path(data);
    let keys_fit = path.exists() && pending.is_empty();
    if keys_fit {
        keyring::open(db, &path, now).await?;
    }
    Ok(Restored { files: manifest.files.len(), rows: manifest.rows.values().sum(), pending, keys_fit })
}
