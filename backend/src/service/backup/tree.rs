//! Copying folders with a digest of every file.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::infra::write_check::PROBE_FILE;

/// Extension of files that are being written.
const PART: &str = "part";

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedFile {
    /// Path in the backup.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the stored bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Files of a backup by their path.
pub type CopiedFiles = BTreeMap<String, CopiedFile>;

/// Copies the files below `from/part` that are not copied yet to `to/part`. Files that disappear meanwhile are left out: content is never
/// changed, only added and removed.
pub fn copy_new(from: &Path, to: &Path, part: &str, copied: &mut CopiedFiles) -> std::io::Result<()> {
    let mut folders = vec![PathBuf::from(part)];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(from.join(&folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if !is_temporary(&path) {
                copy_one(from, to, &path, copied)?;
            }
        }
    }
    Ok(())
}

/// Copies one file unless it is copied already or does not exist; returns whether the copy exists.
pub fn copy_one(from: &Path, to: &Path, path: &Path, copied: &mut CopiedFiles) -> std::io::Result<bool> {
    let name = path.to_string_lossy().into_owned();
    if copied.contains_key(&name) {
        return Ok(true);
    }
    let content = match File::open(from.join(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        content => content?,
    };
    write_durably(&to.join(path), content)?;
    copied.insert(name.clone(), describe(to, &name)?);
    Ok(true)
}

/// Path, size and digest of a file below a folder, which may be large.
pub fn describe(folder: &Path, path: &str) -> std::io::Result<CopiedFile> {
    let mut file = File::open(folder.join(path))?;
    let (mut digest, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(CopiedFile { path: path.to_owned(), size, sha256: hex(&digest.finalize()) });
        }
        digest.update(buffer.get(..read).unwrap_or_default());
        size += u64::try_from(read).unwrap_or(0);
    }
}

/// Writes a new file that only its owner can read, with its folders, and flushes it.
pub fn write_durably(path: &Path, mut content: impl Read) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    std::io::copy(&mut content, &mut file)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

/// Whether a path of a manifest stays below its folder.
pub fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Creates a folder that only its owner can look into.
pub fn create_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn is_temporary(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == PART) || path.file_name().is_some_and(|name| name == PROBE_FILE)
}
