//! The form of a command on a matter.

use axum::extract::{FromRequest, Request};
use backend::matter::Seen;
use uuid::Uuid;

use crate::error::PageError;
use crate::post::Post;

/// A command, as the buttons of a matter's pages post it. A control that is sent several times counts once.
pub struct CommandForm {
    /// Name of the command.
    pub action: String,
    /// Opinion.
    pub note: String,
    post: Post,
}

impl<S: Send + Sync> FromRequest<S> for CommandForm {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let post = Post::from_request(request, state).await?;
        Ok(Self { action: post.text("_action").to_owned(), note: post.text("note").to_owned(), post })
    }
}

impl CommandForm {
    /// Idempotency key: the page creates it, so that two clicks are one command.
    ///
    /// # Errors
    /// It is missing: the page is outdated.
    pub fn key(&self) -> Result<Uuid, PageError> {
        self.post.id("_key")
    }

    /// What the page showed on which the command was given.
    ///
    /// # Errors
    /// No page writes such a field.
    pub fn seen(&self) -> Result<Option<Seen>, PageError> {
        self.post.seen()
    }

    /// The revision of the answers that the person saw.
    ///
    /// # Errors
    /// It is missing: the page is outdated.
    pub fn revision(&self) -> Result<i64, PageError> {
        self.post.number("_rev")
    }
}
