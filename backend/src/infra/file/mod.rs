//! Uploaded files: judged by their content, images drawn anew, sealed in a folder under the hash of what was received.

pub mod judge;

pub use judge::{FileError, Media, jpeg_size, judge};

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::infra::secret::{Keys, Place, sha256};

const COLUMN: &str = "file.bytes";

/// The folder of files.
#[derive(Clone)]
pub struct Store {
    folder: Arc<Path>,
    keys: Keys,
    /// Pictures are decoded one at a time: each may need much memory.
    decoder: Arc<Semaphore>,
}

/// A file that was judged and kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its place in the store.
    pub sha256: Vec<u8>,
    /// Bytes kept.
    pub size: u64,
    /// What it is.
    pub media: Media,
}

impl Store {
    /// Opens the folder, or makes it.
    pub fn new(folder: &Path, keys: Keys) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.into(), keys, decoder: Arc::new(Semaphore::new(1)) })
    }

    /// Judges a file and keeps it. `name` is what it was called; its ending must agree with the content.
    pub async fn keep(&self, name: &str, bytes: Vec<u8>) -> Result<Kept, FileError> {
        let permit = Arc::clone(&self.decoder).acquire_owned().await.map_err(|_| FileError::Store)?;
        let (store, name) = (self.clone(), name.to_owned());
        tokio::task::spawn_blocking(move || {
            let (media, bytes) = judge(&name, bytes)?;
            drop(permit);
            let hash = sha256(&bytes);
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            store.write(&hash, &bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => FileError::Full,
                _ => FileError::Store,
            })?;
            Ok(Kept { sha256: hash, size, media })
        })
        .await
        .map_err(|_| FileError::Store)?
    }

    /// The bytes of a kept file.
    pub async fn read(&self, sha256: &[u8]) -> Result<Vec<u8>, FileError> {
        let path = self.path(sha256);
        let (keys, row) = (self.keys.clone(), row_of(sha256));
        tokio::task::spawn_blocking(move || {
            let sealed = std::fs::read(path).map_err(|_| FileError::Store)?;
            keys.open(Place::new(COLUMN, row), &sealed).map_err(|_| FileError::Store)
        })
        .await
        .map_err(|_| FileError::Store)?
    }

    /// Written beside its place, flushed, and moved there: a file at its place is whole.
    fn write(&self, sha256: &[u8], bytes: &[u8]) -> std::io::Result<()> {
        let path = self.path(sha256);
        if path.exists() {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let part = folder.join(format!("{}.part", Uuid::now_v7()));
        let sealed = self.keys.seal(Place::new(COLUMN, row_of(sha256)), bytes);
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

/// Files are sealed to their content's hash, which stands in for a row.
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
        let store = Store::new(folder.path(), Keys::random()).unwrap();
        let pdf = b"%PDF-1.4\nmarker-in-clear\n%%EOF\n".to_vec();
        let kept = store.keep("scan.pdf", pdf.clone()).await.unwrap();
        assert_eq!(kept.media, Media::Pdf);
        assert_eq!(store.read(&kept.sha256).await.unwrap(), pdf);
        let on_disk = std::fs::read(store.path(&kept.sha256)).unwrap();
        assert!(!on_disk.windows(15).any(|w| w == b"marker-in-clear"));
    }

    #[tokio::test]
    async fn the_same_file_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), Keys::random()).unwrap();
        let pdf = b"%PDF-1.4\n%%EOF\n".to_vec();
        let one = store.keep("a.pdf", pdf.clone()).await.unwrap();
        let two = store.keep("b.pdf", pdf).await.unwrap();
        assert_eq!(one.sha256, two.sha256);
    }
}
