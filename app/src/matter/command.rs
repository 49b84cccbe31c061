//! The form of a command on a matter.

use serde::Deserialize;
use uuid::Uuid;

use crate::error::PageError;

/// A command, as the buttons of a matter's pages post it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CommandForm {
    /// Name of the command.
    #[serde(rename = "_action")]
    pub action: String,
    /// Opinion.
    pub note: String,
    #[serde(rename = "_key")]
    key: String,
    #[serde(rename = "_rev")]
    revision: String,
}

impl CommandForm {
    /// Idempotency key: the page creates it, so that two clicks are one command.
    ///
    /// # Errors
    /// It is missing: the page is outdated.
    pub fn key(&self) -> Result<Uuid, PageError> {
        Uuid::parse_str(&self.key).map_err(|_| PageError::OUTDATED_FORM)
    }

    /// The revision of the answers that the person saw.
    ///
    /// # Errors
    /// It is missing: the page is outdated.
    pub fn revision(&self) -> Result<i64, PageError> {
        self.revision.parse().map_err(|_| PageError::OUTDATED_FORM)
    }
}
