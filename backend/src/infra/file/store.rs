//! The store of uploaded files: sealed in a folder, under the hash of their content.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::infra::file::sanitize::{FileError, MediaType, sanitize};
use crate::infra::secret::{Keys, SealContext, sha256};

const COLUMN: &str = "file.bytes";

/// The file store.
#[derive(Clone)]
pub struct FileStore {
    folder: Arc<Path>,
    keys: Keys,
    /// One image is decoded at a time, since each may need much memory.
    decoder: Arc<Semaphore>,
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// SHA-256 of the stored content; the key in the store.
    pub sha256: Vec<u8>,
    /// Stored size in bytes.
    pub size: u64,
    /// Media type found by content.
    pub media: MediaType,
}

impl FileStore {
    /// Opens the folder, creating it if needed.
    pub fn new(folder: &Path, keys: Keys) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.into(), keys, decoder: Arc::new(Semaphore::new(1)) })
    }

    /// Checks and stores a file. `name` is its original name, whose extension must match the content.
    pub async fn store(&self, name: &str, bytes: Vec<u8>) -> Result<StoredFile, FileError> {
        let permit = Arc::clone(&self.decoder).acquire_owned().await.map_err(|_| FileError::Storage)?;
        let (store, name) = (self.clone(), name.to_owned());
        tokio::task::spawn_blocking(move || {
            let (media, bytes) = sanitize(&name, bytes)?;
            drop(permit);
            let hash = sha256(&bytes);
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            store.write(&hash, &bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => FileError::StorageFull,
                _ => FileError::Storage,
            })?;
            Ok(StoredFile { sha256: hash, size, media })
        })
        .await
        .map_err(|_| FileError::Storage)?
    }

    /// Reads a stored file.
    pub async fn read(&self, sha256: &[u8]) -> Result<Vec<u8>, FileError> {
        let path = self.path(sha256);
        let (keys, row) = (self.keys.clone(), row_of(sha256));
        tokio::task::spawn_blocking(move || {
            let sealed = std::fs::read(path).map_err(|_| FileError::Storage)?;
            keys.unseal(SealContext::new(COLUMN, row), &sealed).map_err(|_| FileError::Storage)
        })
        .await
        .map_err(|_| FileError::Storage)?
    }

    /// Writes to a temporary file, flushes it and renames it, so that a file in the store is complete.
    fn write(&self, sha256: &[u8], bytes: &[u8]) -> std::io::Result<()> {
        let path = self.path(sha256);
        if path.exists() {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let part = folder.join(format!("{}.part", Uuid::now_v7()));
        let sealed = self.keys.seal(SealContext::new(COLUMN, row_of(sha256)), bytes);
        let mut file = std::fs::File::create(&part)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        std::fs::rename(&part, &path)?;
        std::fs::File::open(folder)?.sync_all()
    }

    fn path(&self, sha256: &[u8]) -> PathBuf {
        let name: String = sha256.iter().map(|b| format!("{b:02x}")).collect();
        let shelf: String = name.chars().take(2).collect();
        self.folder.join(shelf).join(name)
    }
}

/// Files are sealed for the hash of their content, in place of a row id.
fn row_of(sha256: &[u8]) -> Uuid {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(sha256) {
        *to = *from;
    }
    Uuid::from_bytes(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_kept_file_reads_back_and_is_sealed_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path(), Keys::random()).unwrap();
        let pdf = b"%PDF-1.4\nmarker-in-clear\n%%EOF\n".to_vec();
        let stored = store.store("scan.pdf", pdf.clone()).await.unwrap();
        assert_eq!(stored.media, MediaType::Pdf);
        assert_eq!(store.read(&stored.sha256).await.unwrap(), pdf);
        let on_disk = std::fs::read(store.path(&stored.sha256)).unwrap();
        assert!(!on_disk.windows(15).any(|w| w == b"marker-in-clear"));
    }

    #[tokio::test]
    async fn the_same_file_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path(), Keys::random()).unwrap();
        let pdf = b"%PDF-1.4\n%%EOF\n".to_vec();
        let one = store.store("a.pdf", pdf.clone()).await.unwrap();
        let two = store.store("b.pdf", pdf).await.unwrap();
        assert_eq!(one.sha256, two.sha256);
    }
}
