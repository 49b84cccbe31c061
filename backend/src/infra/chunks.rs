//! Pieces of files on their way in: sealed in a folder for each upload, each under a name of its own. Which of them count, and in which
//! order, stands in the row of the upload, so what a broken request leaves behind is never part of a file.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use crate::infra::file::FileError;
use crate::infra::secret::{Keys, Place};

const COLUMN: &str = "upload.pieces";

/// The folder of pieces.
#[derive(Clone)]
pub struct Pieces {
    folder: Arc<Path>,
    keys: Keys,
}

impl Pieces {
    /// Opens the folder, or makes it.
    pub fn new(folder: &Path, keys: Keys) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.into(), keys })
    }

    /// Puts a piece on the disk and gives its name. When this returns, it would outlive a failure of the machine.
    pub async fn put(&self, upload: Uuid, bytes: Vec<u8>) -> Result<Uuid, FileError> {
        let (pieces, piece) = (self.clone(), Uuid::now_v7());
        self.blocking(move || pieces.write(upload, piece, &bytes).map(|()| piece)).await
    }

    /// The pieces of these names, one behind the other.
    pub async fn whole(&self, upload: Uuid, names: Vec<Uuid>) -> Result<Vec<u8>, FileError> {
        let pieces = self.clone();
        self.blocking(move || {
            let mut whole = Vec::new();
            for name in names {
                let sealed = std::fs::read(pieces.path(upload, name))?;
                let bytes = pieces.keys.open(Place::new(COLUMN, name), &sealed);
                whole.append(&mut bytes.map_err(|_| std::io::Error::from(ErrorKind::InvalidData))?);
            }
            Ok(whole)
        })
        .await
    }

    /// Removes every piece of an upload.
    pub async fn remove(&self, upload: Uuid) -> Result<(), FileError> {
        let folder = self.home(upload);
        self.blocking(move || match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    /// The uploads that have pieces here.
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

    /// Written, flushed, and its folders flushed with it: its name is new, so nothing is written over.
    fn write(&self, upload: Uuid, piece: Uuid, bytes: &[u8]) -> std::io::Result<()> {
        let home = self.home(upload);
        if !home.exists() {
            std::fs::create_dir_all(&home)?;
            std::fs::File::open(&self.folder)?.sync_all()?;
        }
        let mut file = std::fs::File::create_new(self.path(upload, piece))?;
        file.write_all(&self.keys.seal(Place::new(COLUMN, piece), bytes))?;
        file.sync_all()?;
        std::fs::File::open(&home)?.sync_all()
    }

    fn home(&self, upload: Uuid) -> PathBuf {
        self.folder.join(upload.to_string())
    }

    fn path(&self, upload: Uuid, piece: Uuid) -> PathBuf {
        self.home(upload).join(piece.to_string())
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, FileError> {
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| FileError::Store)?;
        done.map_err(|error| if error.kind() == ErrorKind::StorageFull { FileError::Full } else { FileError::Store })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_are_sealed_on_the_disk_and_read_back_in_the_order_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let pieces = Pieces::new(folder.path(), Keys::random()).unwrap();
        let (upload, other) = (Uuid::now_v7(), Uuid::now_v7());
        let mut names = Vec::new();
        for part in ["marker-", "in-", "clear"] {
            names.push(pieces.put(upload, part.into()).await.unwrap());
        }
        let stray = pieces.put(upload, "stray".into()).await.unwrap();
        assert_eq!(pieces.whole(upload, names.clone()).await.unwrap(), b"marker-in-clear");
        let on_disk = std::fs::read(pieces.path(upload, names[0])).unwrap();
        assert!(!on_disk.windows(6).any(|w| w == b"marker"));
        std::fs::copy(pieces.path(upload, stray), pieces.path(upload, names[0])).unwrap();
        assert_eq!(pieces.whole(upload, names).await, Err(FileError::Store), "a piece counts only under its own name");
        assert_eq!(pieces.uploads().await.unwrap(), [upload]);
        pieces.remove(upload).await.unwrap();
        pieces.remove(other).await.unwrap();
        assert!(pieces.uploads().await.unwrap().is_empty());
    }
}
