//! Errors of the key file.

/// Why the keys could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or created.
    #[error("the key file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Users other than its owner can read it.
    #[error("the key file can be read by others: it must have mode 0600")]
    InsecurePermissions,
    /// Users other than its owner can look into its folder.
    #[error("the folder of the key file is open to others: it must have mode 0700 (`chmod 700 {0}`)")]
    InsecureFolder(String),
    /// There is a file already.
    #[error("there is a key file already")]
    Exists,
    /// A line is not a key.
    #[error("line {0} of the key file is not a key")]
    Malformed(usize),
    /// A key has the id of another.
    #[error("line {0} of the key file has the id of another key")]
    SharedId(usize),
    /// A kind of key is missing.
    #[error("the key file lacks a {0} key")]
    Missing(&'static str),
}
