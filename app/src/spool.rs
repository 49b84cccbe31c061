//! Files of a posted form, on disk until they are stored: a body that arrives slowly then costs no memory and no place in a pool.
//!
//! The file has no name, so it ends with the request or the process.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

use crate::capacity::{Capacity, CapacityExceeded, Reservation};
use crate::limits::ShareKey;

/// Bytes that are collected before they are written.
const BUFFER_SIZE: usize = 64 << 10;

/// Where the files of posted forms are collected.
#[derive(Clone)]
pub struct Spool {
    folder: Arc<Path>,
    capacity: Capacity,
}

/// Why a file could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Too many bytes of posted files are on disk.
    #[error(transparent)]
    Capacity(#[from] CapacityExceeded),
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl SpoolError {
    /// Whether the disk is full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, SpoolError::Io(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

impl Spool {
    /// Collects files in this folder, which is created when it is needed.
    pub fn new(folder: PathBuf, capacity: Capacity) -> Self {
        Self { folder: folder.into(), capacity }
    }

    /// A writer for the files of one form.
    pub fn writer(&self, key: ShareKey) -> SpoolWriter {
        SpoolWriter { folder: self.folder.clone(), reservation: self.capacity.reservation(key), file: None, length: 0 }
    }
}

/// Writes the files of one form, one after the other.
pub struct SpoolWriter {
    folder: Arc<Path>,
    reservation: Reservation,
    /// Opened with the first byte.
    file: Option<tokio::fs::File>,
    length: u64,
}

impl SpoolWriter {
    /// Bytes written so far, which is where the next file begins.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// The disk, or too many bytes at once.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        self.reservation.grow(bytes.len())?;
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut file = tokio::fs::File::from_std(open(self.folder.clone()).await?);
                file.set_max_buf_size(BUFFER_SIZE);
                self.file.insert(file)
            }
        };
        file.write_all(bytes).await?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Ends the writing.
    ///
    /// # Errors
    /// The disk.
    pub async fn finish(self) -> Result<Spooled, SpoolError> {
        let Self { reservation, file, .. } = self;
        let file = match file {
            None => None,
            Some(mut file) => {
                // A write is reported by the call after it.
                file.flush().await?;
                Some(file.into_std().await)
            }
        };
        Ok(Spooled(Arc::new(SpooledForm { file, _reservation: reservation })))
    }
}

async fn open(folder: Arc<Path>) -> io::Result<fs::File> {
    let opened = spawn_blocking(move || match tempfile::tempfile_in(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(&folder)?;
            tempfile::tempfile_in(&folder)
        }
        opened => opened,
    });
    opened.await.map_err(io::Error::other)?
}

/// The collected files of one form.
#[derive(Clone)]
pub struct Spooled(Arc<SpooledForm>);

struct SpooledForm {
    file: Option<fs::File>,
    _reservation: Reservation,
}

impl Spooled {
    /// The file that begins at `start` and has `length` bytes.
    pub fn file(&self, start: u64, length: usize) -> SpooledFile {
        SpooledFile { form: self.clone(), start, length }
    }
}

/// One collected file.
pub struct SpooledFile {
    form: Spooled,
    start: u64,
    length: usize,
}

impl std::fmt::Debug for SpooledFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpooledFile({} bytes)", self.length)
    }
}

impl SpooledFile {
    /// Reads the file into memory.
    ///
    /// # Errors
    /// The disk.
    pub async fn read(&self) -> io::Result<Vec<u8>> {
        let (form, start, length) = (self.form.clone(), self.start, self.length);
        let read = spawn_blocking(move || {
            let mut bytes = vec![0; length];
            match &form.0.file {
                Some(file) => file.read_exact_at(&mut bytes, start)?,
                None if length == 0 => {}
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
            Ok(bytes)
        });
        read.await.map_err(io::Error::other)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KEY: ShareKey = ShareKey::Account(Uuid::nil());

    #[tokio::test]
    async fn each_file_is_read_back_whole_and_nothing_has_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let capacity = Capacity::new(100, 100);
        let mut writer = Spool::new(folder.path().join("new"), capacity.clone()).writer(KEY);
        writer.write(b"first").await.unwrap();
        let second = writer.length();
        writer.write(b"the ").await.unwrap();
        writer.write(b"second").await.unwrap();
        let spooled = writer.finish().await.unwrap();
        let (one, two, none) = (spooled.file(0, 5), spooled.file(second, 10), spooled.file(second, 0));
        drop(spooled);
        assert_eq!((one.read().await.unwrap(), two.read().await.unwrap()), (b"first".to_vec(), b"the second".to_vec()));
        assert_eq!(none.read().await.unwrap(), b"");
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
        assert_eq!(capacity.held(), 15);
        drop((one, two, none));
        assert_eq!(capacity.held(), 0);
    }

    #[tokio::test]
    async fn a_form_larger_than_the_share_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Spool::new(folder.path().to_owned(), Capacity::new(100, 8)).writer(KEY);
        writer.write(b"12345678").await.unwrap();
        assert!(matches!(writer.write(b"9").await, Err(SpoolError::Capacity(_))));
    }
}
