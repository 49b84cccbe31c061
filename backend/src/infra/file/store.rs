//! The store of uploaded files: sealed in a folder, under the hash of their content.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::infra::file::error::FileError;
use crate::infra::file::sanitize::{MediaType, sanitize};
use crate::infra::sealed_folder::{count_in_folder, reseal_folder};
use crate::infra::secret::{Keys, SealContext, sha256};

const COLUMN: &str = "file.bytes";
/// Extension of a file that is being written.
const PART: &str = "part";

/// The file store.
#[derive(Clone)]
pub struct FileStore {
    folder: Arc<Path>,
    keys: Keys,
    /// One image or document is decoded at a time, since each may need much memory.
    decoder: Arc<Semaphore>,
    /// Those of one account wait for each other first, so that many of one do not delay those of others.
    queues: AccountQueues,
    /// Held while content is found to exist or is removed.
    removal: Arc<Mutex<()>>,
}

/// A place to decode one file, until it is dropped.
pub(crate) struct Decoding {
    _own: OwnedMutexGuard<()>,
    _place: OwnedSemaphorePermit,
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Keyed digest of the stored content; its name in the store. A copy of the folder does not show which known documents it has.
    pub digest: Vec<u8>,
    /// Stored size in bytes.
    pub size: u64,
    /// Media type found by content.
    pub media: MediaType,
}

impl FileStore {
    /// Opens the folder, creating it if needed.
    pub fn new(folder: &Path, keys: Keys) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.into(),
            keys,
            decoder: Arc::new(Semaphore::new(1)),
            queues: AccountQueues::default(),
            removal: Arc::default(),
        })
    }

    /// Checks and stores a file of an account.
    pub async fn store(&self, account: Uuid, bytes: Vec<u8>) -> Result<StoredFile, FileError> {
        let permit = match MediaType::of(&bytes) {
            Ok(_) => Some(self.decoding(account).await?),
            Err(_) => None,
        };
        let store = self.clone();
        tokio::task::spawn_blocking(move || {
            let (media, bytes) = sanitize(bytes)?;
            drop(permit);
            let digest = store.keys.mac(&[COLUMN.as_bytes(), &sha256(&bytes)]);
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            store.write(&digest, &bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => FileError::StorageFull,
                _ => FileError::Storage,
            })?;
            Ok(StoredFile { digest, size, media })
        })
        .await
        .map_err(|_| FileError::Storage)?
    }

    /// A place to decode one file of an account, or for it.
    pub(crate) async fn decoding(&self, account: Uuid) -> Result<Decoding, FileError> {
        let own = self.queues.of(account).lock_owned().await;
        let place = Arc::clone(&self.decoder).acquire_owned().await.map_err(|_| FileError::Storage)?;
        Ok(Decoding { _own: own, _place: place })
    }

    /// Reads a stored file.
    pub async fn read(&self, digest: &[u8]) -> Result<Vec<u8>, FileError> {
        let path = self.path(digest);
        let (keys, row) = (self.keys.clone(), row_of(digest));
        tokio::task::spawn_blocking(move || {
            let sealed = std::fs::read(path).map_err(|_| FileError::Storage)?;
            keys.unseal(SealContext::new(COLUMN, row), &sealed).map_err(|_| FileError::Storage)
        })
        .await
        .map_err(|_| FileError::Storage)?
    }

    /// Writes to a temporary file, flushes it and renames it, so that a file in the store is complete.
    fn write(&self, digest: &[u8], bytes: &[u8]) -> std::io::Result<()> {
        let path = self.path(digest);
        if self.touch(&path)? {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let part = folder.join(format!("{}.{PART}", Uuid::now_v7()));
        let sealed = self.keys.seal(SealContext::new(COLUMN, row_of(digest)), bytes);
        let written = write_synced(&part, &sealed).and_then(|()| std::fs::rename(&part, &path));
        if written.is_err() {
            // On a full disk the part would only take more room; what cannot be removed now is swept later.
            let _ = std::fs::remove_file(&part);
        }
        written?;
        std::fs::File::open(folder)?.sync_all()
    }

    /// Makes existing content as new, so that it is not removed before its row is inserted; returns whether there is any.
    fn touch(&self, path: &Path) -> std::io::Result<bool> {
        let _removal = self.removal.lock().unwrap_or_else(PoisonError::into_inner);
        match std::fs::File::open(path) {
            Ok(file) => file.set_modified(SystemTime::now()).map(|()| true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes parts of failed writes that are older than `before` from the folder of the names that begin with this byte. Returns the names
    /// of the content in it that is as old.
    pub async fn sweep_parts(&self, first: u8, before: SystemTime) -> std::io::Result<Vec<Vec<u8>>> {
        let folder = self.folder.join(format!("{first:02x}"));
        tokio::task::spawn_blocking(move || {
            let entries = match std::fs::read_dir(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut old = Vec::new();
            for entry in entries {
                let entry = entry?;
                if entry.metadata()?.modified()? >= before {
                    continue;
                }
                match entry.file_name().to_str().and_then(read_name) {
                    Some(digest) => old.push(digest),
                    None if entry.path().extension().is_some_and(|e| e == PART) => std::fs::remove_file(entry.path())?,
                    None => {}
                }
            }
            Ok(old)
        })
        .await
        .map_err(std::io::Error::other)?
    }

    /// Removes content that was not stored again since `before`.
    pub async fn remove_older(&self, digest: Vec<u8>, before: SystemTime) {
        let store = self.clone();
        let removed = tokio::task::spawn_blocking(move || {
            let path = store.path(&digest);
            let _removal = store.removal.lock().unwrap_or_else(PoisonError::into_inner);
            if std::fs::metadata(&path)?.modified()? < before { std::fs::remove_file(path) } else { Ok(()) }
        });
        if let Ok(Err(error)) = removed.await {
            tracing::warn!(kind = ?error.kind(), "a file without a row was not removed");
        }
    }

    /// The digests of all names in the store; `None` for a name that is none.
    #[cfg(any(test, feature = "testing"))]
    pub fn list_names(&self) -> std::io::Result<Vec<Option<Vec<u8>>>> {
        let mut names = Vec::new();
        for folder in std::fs::read_dir(&self.folder)? {
            for entry in std::fs::read_dir(folder?.path())? {
                names.push(entry?.file_name().to_str().and_then(read_name));
            }
        }
        Ok(names)
    }

    /// Makes all content as old as content can be, for tests of what is swept.
    #[cfg(any(test, feature = "testing"))]
    pub fn age_all(&self) -> std::io::Result<()> {
        for folder in std::fs::read_dir(&self.folder)? {
            for entry in std::fs::read_dir(folder?.path())? {
                std::fs::File::open(entry?.path())?.set_modified(SystemTime::UNIX_EPOCH)?;
            }
        }
        Ok(())
    }

    /// Seals all content with the newest key; returns how much was sealed, and how much no key opens.
    pub async fn reseal(&self) -> std::io::Result<(u64, u64)> {
        let store = self.clone();
        let context_of = |name: &str| read_name(name).map(|digest| SealContext::new(COLUMN, row_of(&digest)));
        let done = tokio::task::spawn_blocking(move || reseal_folder(&store.folder, &store.keys, context_of));
        done.await.map_err(std::io::Error::other)?
    }

    /// Amount of content that begins with `head`, the mark of one key.
    pub async fn count_sealed_with(&self, head: Vec<u8>) -> std::io::Result<i64> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || count_in_folder(&folder, &head)).await.map_err(std::io::Error::other)?
    }

    fn path(&self, digest: &[u8]) -> PathBuf {
        let name: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        let shelf: String = name.chars().take(2).collect();
        self.folder.join(shelf).join(name)
    }
}

/// The digest that a name in the store stands for; `None` for other names.
fn read_name(name: &str) -> Option<Vec<u8>> {
    let digits = |at: usize| u8::from_str_radix(name.get(at..at + 2)?, 16).ok();
    if name.len() == 64 { (0..64).step_by(2).map(digits).collect() } else { None }
}

/// Writes a new file and flushes it.
fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// One queue for each account with a file in work.
#[derive(Clone, Default)]
struct AccountQueues(Arc<Mutex<HashMap<Uuid, Weak<AsyncMutex<()>>>>>);

impl AccountQueues {
    fn of(&self, account: Uuid) -> Arc<AsyncMutex<()>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&account).and_then(Weak::upgrade) {
            return queue;
        }
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::default();
        queues.insert(account, Arc::downgrade(&queue));
        queue
    }
}

/// Files are sealed for the digest of their content, in place of a row id.
fn row_of(digest: &[u8]) -> Uuid {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest) {
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
        let pdf = crate::infra::file::testing::pdf(b"marker-in-clear");
        let stored = store.store(Uuid::nil(), pdf.clone()).await.unwrap();
        assert_eq!(stored.media, MediaType::Pdf);
        assert_eq!(store.read(&stored.digest).await.unwrap(), pdf);
        let on_disk = std::fs::read(store.path(&stored.digest)).unwrap();
        assert!(!on_disk.windows(15).any(|w| w == b"marker-in-clear"));
    }

    #[tokio::test]
    async fn the_same_file_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path(), Keys::random()).unwrap();
        let pdf = crate::infra::file::testing::pdf(b"");
        let one = store.store(Uuid::nil(), pdf.clone()).await.unwrap();
        let two = store.store(Uuid::nil(), pdf).await.unwrap();
        assert_eq!(one.digest, two.digest);
    }

    #[tokio::test]
    async fn many_images_of_one_account_do_not_delay_those_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path(), Keys::random()).unwrap();
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let image = |shade: u8| {
            let mut bytes = Vec::new();
            let image = image::RgbImage::from_pixel(8, 8, image::Rgb([shade; 3]));
            image.write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut bytes)).unwrap();
            bytes
        };
        let busy = Arc::clone(&store.decoder).acquire_owned().await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (place, account) in [one; 24].into_iter().chain([two]).enumerate() {
            let (store, order, bytes) = (store.clone(), Arc::clone(&order), image(u8::try_from(place).unwrap()));
            tasks.push(tokio::spawn(async move {
                store.store(account, bytes).await.unwrap();
                order.lock().unwrap().push(account);
            }));
            tokio::task::yield_now().await;
        }
        drop(busy);
        for task in tasks {
            task.await.unwrap();
        }
        let place = order.lock().unwrap().iter().position(|account| *account == two);
        // It is decoded second, and would be last in one queue; how long the disk takes for each is not known.
        assert!(place.is_some_and(|place| place < 12), "{place:?}");
    }
}
