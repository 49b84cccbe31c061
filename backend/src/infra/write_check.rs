//! Whether the database and the folders of the server can be written.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::infra::db::process::WRITE_PROBE;
use crate::infra::db::{self, Db, DbError};

/// Name of the file that is written and removed. Backups leave it out.
pub const PROBE_FILE: &str = "write.probe";
/// Its size in bytes: a disk with less than this left counts as full.
const PROBE_BYTES: usize = 64 * 1024;

/// Why the server cannot store anything.
#[derive(Debug, thiserror::Error)]
pub enum NotWritable {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A folder.
    #[error("the folder {} cannot be written: {error}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The error of the file system.
        #[source]
        error: std::io::Error,
    },
}

/// Writes to the database, to the data folder and to the folders of files in it.
///
/// # Errors
/// The first of them that cannot be written.
pub async fn check_writable(db: &Db, data: &Path, now: DateTime<Utc>) -> Result<(), NotWritable> {
    let folders = [data.to_owned(), data.join("files"), data.join("uploads")];
    let folders_checked = tokio::task::spawn_blocking(move || folders.iter().try_for_each(|folder| check_folder(folder)));
    db.write(move |tx| Box::pin(async move { db::process::record(tx, WRITE_PROBE, "", now).await })).await?;
    folders_checked.await.map_err(|_| DbError::Panicked)?
}

fn check_folder(folder: &Path) -> Result<(), NotWritable> {
    write_probe(&folder.join(PROBE_FILE)).map_err(|error| NotWritable::Folder { folder: folder.to_owned(), error })
}

fn write_probe(path: &Path) -> std::io::Result<()> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_data()
    });
    // Another server on the same folder may have removed it.
    let _ = fs::remove_file(path);
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database_test;

    database_test!(a_folder_that_is_gone_or_no_folder_is_not_writable_until_it_is_back, |db, _| async move {
        let data = tempfile::tempdir().unwrap();
        let check = || check_writable(&db, data.path(), Utc::now());
        fs::create_dir(data.path().join("uploads")).unwrap();
        assert!(matches!(check().await, Err(NotWritable::Folder { folder, .. }) if folder.ends_with("files")));
        fs::create_dir(data.path().join("files")).unwrap();
        check().await.unwrap();
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 2, "nothing is left");
        db.close().await;
        assert!(matches!(check().await, Err(NotWritable::Db(_))));
    });
}
