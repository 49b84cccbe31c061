//! Reading and writing the key file: only its owner may read it, and it is never half written.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::infra::secret::error::KeyError;
use crate::infra::secret::random::random;

/// Reads the file if only its owner can, and nobody else can look into its folder.
pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    check_private(path)?;
    Ok(Zeroizing::new(fs::read_to_string(path)?))
}

/// Creates the file and its folder. A file that is there is never touched.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), KeyError> {
    create_folder(folder_of(path))?;
    let part = write_part(path, text)?;
    // A link fails if the name is taken, a rename would replace the keys of another process.
    let linked = fs::hard_link(&part, path);
    fs::remove_file(&part)?;
    linked.map_err(|error| if error.kind() == ErrorKind::AlreadyExists { KeyError::Exists } else { error.into() })?;
    sync_folder(path)
}

/// Replaces the file: until the end it has its old content, then the new one.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), KeyError> {
    let part = write_part(path, text)?;
    fs::rename(&part, path)?;
    sync_folder(path)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn create_folder(folder: &Path) -> Result<(), KeyError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}

fn write_part(path: &Path, text: &str) -> Result<PathBuf, KeyError> {
    let part = folder_of(path).join(format!("{:016x}.part", u64::from_be_bytes(random())));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = fs::remove_file(&part);
        return Err(error.into());
    }
    Ok(part)
}

fn sync_folder(path: &Path) -> Result<(), KeyError> {
    Ok(fs::File::open(folder_of(path))?.sync_all()?)
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let open = |path: &Path| Ok::<_, KeyError>(fs::metadata(path)?.permissions().mode() & 0o077 != 0);
    if open(path)? {
        return Err(KeyError::InsecurePermissions);
    }
    let folder = folder_of(path);
    if open(folder)? { Err(KeyError::InsecureFolder(folder.display().to_string())) } else { Ok(()) }
}

#[cfg(not(unix))]
fn check_private(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}
