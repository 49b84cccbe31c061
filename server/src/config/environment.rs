//! The sources of the settings, and the error of one that cannot be used.

use std::path::Path;

/// Why the server does not start, as one sentence for its operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StartupError(pub String);

/// The sources of the settings, so that tests need no process of their own.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The working folder.
    pub folder: &'a Path,
    /// The folder of the program.
    pub program: &'a Path,
}

impl Environment<'_> {
    /// The value of a variable; an empty one counts as not set.
    pub(super) fn var(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|v| !v.trim().is_empty())
    }
}
