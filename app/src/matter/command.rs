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
    /// Name of a person to be excluded.
    pub person: String,
    post: Post,
}

impl<S: Send + Sync> FromRequest<S> for CommandForm {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let post = Post::from_request(request, state).await?.with_phrase();
        let text = |name: &str| post.text(name).to_owned();
        Ok(Self { action: text("_action"), note: text("note"), person: text("person"), post })
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
    pub fn seen(&self) -> Seen {
        self.post.seen()
    }

    /// What the page of a submission showed; none from a device, which says it by the revision alone.
    pub fn seen_by_page(&self) -> Option<Seen> {
        self.post.names_seen().then(|| self.post.seen())
    }

    /// The whole form.
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// The revision of the answers that the person saw; if the form does not say it, a number that no revision has.
    pub fn revision(&self) -> i64 {
        self.post.number("_rev").unwrap_or(Seen::NOTHING.revision)
    }
}
