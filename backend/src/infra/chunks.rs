//! Chunks of unfinished uploads, sealed in one folder for each upload, each under a random name. The row of the upload lists the valid
//! chunks in their order, so leftovers of an interrupted request never become part of a file.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use crate::infra::file::FileError;
use crate::infra::sealed_folder::{count_in_folder, reseal_folder};
use crate::infra::secret::{Keys, SealContext};

const COLUMN: &str = "upload.pieces";

/// The store of chunks.
#[derive(Clone)]
pub struct UploadChunks {
    folder: Arc<Path>,
    keys: Keys,
}

impl UploadChunks {
    /// Opens the folder, creating it if needed.
    pub fn new(folder: &Path, keys: Keys) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.into(), keys })
    }

    /// Stores a chunk durably and returns its name.
    pub async fn put(&self, upload: Uuid, bytes: Vec<u8>) -> Result<Uuid, FileError> {
        let (chunks, chunk) = (self.clone(), Uuid::now_v7());
        self.blocking(move || chunks.write(upload, chunk, &bytes).map(|()| chunk)).await
    }

    /// Concatenates the chunks of these names.
    pub async fn read_all(&self, upload: Uuid, names: Vec<Uuid>) -> Result<Vec<u8>, FileError> {
        let chunks = self.clone();
        self.blocking(move || {
            let mut file = Vec::new();
            for name in names {
                let sealed = std::fs::read(chunks.path(upload, name))?;
                let bytes = chunks.keys.unseal(SealContext::new(COLUMN, name), &sealed);
                file.append(&mut bytes.map_err(|_| std::io::Error::from(ErrorKind::InvalidData))?);
            }
            Ok(file)
        })
        .await
    }

    /// Removes all chunks of an upload.
    pub async fn remove(&self, upload: Uuid) -> Result<(), FileError> {
        let folder = self.upload_folder(upload);
        self.blocking(move || match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    /// Seals all chunks with the newest key; returns how many were sealed, and how many no key opens.
    pub async fn reseal(&self) -> Result<(u64, u64), FileError> {
        let chunks = self.clone();
        let context_of = |name: &str| Uuid::parse_str(name).ok().map(|chunk| SealContext::new(COLUMN, chunk));
        self.blocking(move || reseal_folder(&chunks.folder, &chunks.keys, context_of)).await
    }

    /// Number of chunks that begin with `head`, the mark of one key.
    pub async fn count_sealed_with(&self, head: Vec<u8>) -> Result<i64, FileError> {
        let folder = self.folder.clone();
        self.blocking(move || count_in_folder(&folder, &head)).await
    }

    /// Ids of the uploads with stored chunks.
    pub async fn uploads(&self) -> Result<Vec<Uuid>, FileError> {
        let folder = self.folder.clone();
        self.blocking(move || {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(folder)? {
                found.extend(entry?.file_name().to_str().and_then(|name| Uuid::parse_str(name).ok()));
            }
            Ok(found)
        })
        .await
    }

    /// Writes and flushes the file and its folders. The name is new, so nothing is overwritten.
    fn write(&self, upload: Uuid, chunk: Uuid, bytes: &[u8]) -> std::io::Result<()> {
        let upload_folder = self.upload_folder(upload);
        if !upload_folder.exists() {
            std::fs::create_dir_all(&upload_folder)?;
            std::fs::File::open(&self.folder)?.sync_all()?;
        }
        let path = self.path(upload, chunk);
        let mut file = std::fs::File::create_new(&path)?;
        let sealed = self.keys.seal(SealContext::new(COLUMN, chunk), bytes);
        if let Err(error) = file.write_all(&sealed).and_then(|()| file.sync_all()) {
            // What cannot be removed now goes with the upload.
            let _ = std::fs::remove_file(path);
            return Err(error);
        }
        std::fs::File::open(&upload_folder)?.sync_all()
    }

    fn upload_folder(&self, upload: Uuid) -> PathBuf {
        self.folder.join(upload.to_string())
    }

    fn path(&self, upload: Uuid, chunk: Uuid) -> PathBuf {
        self.upload_folder(upload).join(chunk.to_string())
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, FileError> {
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| FileError::Storage)?;
        done.map_err(|error| if error.kind() == ErrorKind::StorageFull { FileError::StorageFull } else { FileError::Storage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn chunks_are_sealed_on_the_disk_and_read_back_in_the_order_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let chunks = UploadChunks::new(folder.path(), Keys::random()).unwrap();
        let (upload, other) = (Uuid::now_v7(), Uuid::now_v7());
        let mut names = Vec::new();
        for part in ["marker-", "in-", "clear"] {
            names.push(chunks.put(upload, part.into()).await.unwrap());
        }
        let stray = chunks.put(upload, "stray".into()).await.unwrap();
        assert_eq!(chunks.read_all(upload, names.clone()).await.unwrap(), b"marker-in-clear");
        let on_disk = std::fs::read(chunks.path(upload, names[0])).unwrap();
        assert!(!on_disk.windows(6).any(|w| w == b"marker"));
        std::fs::copy(chunks.path(upload, stray), chunks.path(upload, names[0])).unwrap();
        assert_eq!(chunks.read_all(upload, names).await, Err(FileError::Storage), "a chunk counts only under its own name");
        assert_eq!(chunks.uploads().await.unwrap(), [upload]);
        chunks.remove(upload).await.unwrap();
        chunks.remove(other).await.unwrap();
        assert!(chunks.uploads().await.unwrap().is_empty());
    }
}
