//! Sealing the files of a folder anew, and counting them by their key.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use uuid::Uuid;

use crate::infra::secret::{Keys, SealContext, sealed_head};

/// Seals the files in the subfolders of `root` with the newest key. `context_of` gives the context of a file by its name, and `None` for
/// files that are not sealed. Returns how many were sealed, and how many no key opens.
///
/// # Errors
/// A file that cannot be read or written. What is done stays done.
pub fn reseal_folder(root: &Path, keys: &Keys, context_of: impl Fn(&str) -> Option<SealContext>) -> std::io::Result<(u64, u64)> {
    let head = sealed_head(keys.sealing_id());
    let (mut sealed, mut unreadable) = (0, 0);
    for_each_file(root, |path, name| {
        let Some(context) = context_of(name) else { return Ok(()) };
        if begins_with(path, &head)? {
            return Ok(());
        }
        match keys.unseal(context, &fs::read(path)?) {
            Ok(plain) => {
                replace(path, &keys.seal(context, &plain))?;
                sealed += 1;
            }
            Err(_) => unreadable += 1,
        }
        Ok(())
    })?;
    Ok((sealed, unreadable))
}

/// Number of files in the subfolders of `root` that begin with `head`.
///
/// # Errors
/// A file that cannot be read.
pub fn count_in_folder(root: &Path, head: &[u8]) -> std::io::Result<i64> {
    let mut count = 0;
    for_each_file(root, |path, _| {
        count += i64::from(begins_with(path, head)?);
        Ok(())
    })?;
    Ok(count)
}

/// Visits the files of the subfolders. A file that disappears meanwhile is passed over.
fn for_each_file(root: &Path, mut visit: impl FnMut(&Path, &str) -> std::io::Result<()>) -> std::io::Result<()> {
    for folder in fs::read_dir(root)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder.path())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match visit(&path, name) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn begins_with(path: &Path, head: &[u8]) -> std::io::Result<bool> {
    let mut begin = Vec::with_capacity(head.len());
    File::open(path)?.take(u64::try_from(head.len()).unwrap_or(u64::MAX)).read_to_end(&mut begin)?;
    Ok(begin == head)
}

/// Replaces a file: it has its old or its new content at any time.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let part = folder.join(format!("{}.part", Uuid::now_v7()));
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&part, path)) {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    File::open(folder)?.sync_all()
}
