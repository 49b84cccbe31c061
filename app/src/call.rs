//! One request: who asks for what, with what, and what they are answered.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use backend::AppState;
use backend::access::account::Origin;
use backend::access::guard::{Allowed, Caller, Denied};
use backend::infra::db::DbError;
use backend::matter::MatterError;
use bytes::Bytes;
use domain::base::permission::Action;
use http::StatusCode;
use leptos::prelude::AnyView;
use tower_sessions::Session;
use uuid::Uuid;

use crate::post::Post;
use crate::shell::Assets;

/// What the server knows of a request before anything is asked: put in as a request extension.
#[derive(Clone)]
pub struct Visit {
    /// Nonce of this answer's scripts.
    pub nonce: String,
    /// Network address, for limits only.
    pub address: String,
}

/// What every request shares.
#[derive(Clone)]
pub struct Shared {
    /// The app.
    pub app: AppState,
    /// Names of the built assets.
    pub assets: Arc<Assets>,
    /// The address people type, if it is set.
    pub site: Option<String>,
}

/// One request, let through by the guard.
pub struct Call {
    /// The app.
    pub app: AppState,
    /// Who asks; none if nobody is signed in.
    pub caller: Option<Caller>,
    /// Their session.
    pub session: Session,
    /// Network address, for limits only.
    pub address: String,
    /// Nonce of this answer's scripts.
    pub nonce: String,
    /// Names of the built assets.
    pub assets: Arc<Assets>,
    /// The address of this site as people type it, for what is read elsewhere: without a path.
    pub site: String,
    /// The path asked for.
    pub path: String,
    /// Parts of the path, by name.
    pub params: HashMap<String, String>,
    /// The query.
    pub query: Vec<(String, String)>,
    /// What was posted.
    pub post: Post,
    /// The action the guard let through.
    pub action: Action,
}

/// What a handler gives.
pub enum Answer {
    /// A page.
    Page(Page),
    /// Go and see another page.
    See(String),
    /// The same, and the browser forgets what it keeps of this site.
    Leave(String),
    /// A file, to be saved and never shown in place.
    File {
        /// Name it came with.
        name: String,
        /// Media type.
        mime: String,
        /// Bytes.
        bytes: Bytes,
    },
}

/// A page, not yet rendered.
pub struct Page {
    /// Status of the answer.
    pub status: StatusCode,
    /// Title, without personal data.
    pub title: String,
    /// What it shows, made inside the renderer.
    pub body: Box<dyn FnOnce() -> AnyView + Send>,
    /// Which entry of the navigation it belongs to.
    pub current: &'static str,
    /// Whether it stands alone, without navigation (login, registration).
    pub alone: bool,
    /// Whether it is for paper: nothing stands around it.
    pub paper: bool,
    /// Whether it holds islands, and so loads what wakes them.
    pub islands: bool,
}

impl Page {
    /// A page with status 200.
    pub fn new(title: impl Into<String>, body: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self { status: StatusCode::OK, title: title.into(), body: Box::new(body), current: "", alone: false, paper: false, islands: false }
    }

    /// With another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Under this entry of the navigation.
    pub fn under(mut self, current: &'static str) -> Self {
        self.current = current;
        self
    }

    /// Without navigation.
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// For paper.
    pub fn on_paper(mut self) -> Self {
        self.paper = true;
        self
    }

    /// With islands.
    pub fn with_islands(mut self) -> Self {
        self.islands = true;
        self
    }
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Answer::Page(page)
    }
}

/// Why there is no answer but a page that says so.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nobody is signed in.
    SignIn,
    /// Not open to this person.
    Forbidden,
    /// Nothing there, or nothing for this person.
    NotFound,
    /// A post that the page could not have sent.
    Bad(&'static str),
    /// The post is too large.
    TooLarge,
    /// A limit.
    TooMany(String),
    /// Something the server lacks for now.
    Later(String),
    /// It cannot be done in the state things are in.
    Conflict(String),
    /// The database.
    Db(DbError),
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        Fault::Db(error)
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignIn => Fault::SignIn,
            Denied::Forbidden => Fault::Forbidden,
        }
    }
}

impl From<MatterError> for Fault {
    fn from(error: MatterError) -> Self {
        match error {
            MatterError::NotFound => Fault::NotFound,
            MatterError::Db(error) => Fault::Db(error),
            other => Fault::Conflict(other.text()),
        }
    }
}

impl From<tower_sessions::session::Error> for Fault {
    fn from(_: tower_sessions::session::Error) -> Self {
        Fault::Db(DbError::Unavailable)
    }
}

/// What a handler is.
pub type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send>>;

impl Call {
    /// Proof that the guard let this caller through to the route's action.
    pub fn allowed(&self) -> Result<Allowed, Fault> {
        Ok(backend::access::guard::guard(&self.app, self.caller.as_ref(), self.action)?)
    }

    /// A part of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A part of the path that is an id.
    pub fn id(&self, name: &str) -> Result<Uuid, Fault> {
        Uuid::parse_str(self.param(name)).map_err(|_| Fault::NotFound)
    }

    /// A value of the query.
    pub fn asked(&self, name: &str) -> &str {
        self.query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// What limits are counted against: the browser, known by a value in its session, and the network address.
    pub async fn origin(&self) -> Result<Origin, Fault> {
        const BROWSER: &str = "browser";
        let session = match self.session.get::<String>(BROWSER).await? {
            Some(known) => known,
            None => {
                let new = Uuid::now_v7().to_string();
                self.session.insert(BROWSER, &new).await?;
                new
            }
        };
        Ok(Origin { session, address: self.address.clone() })
    }
}

/// Where a list goes on, as it stands in an address: microseconds and id.
pub fn read_cursor(text: &str) -> Option<(chrono::DateTime<chrono::Utc>, Uuid)> {
    let (micros, id) = text.split_once('_')?;
    let at = chrono::DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    Some((at, Uuid::parse_str(id).ok()?))
}

/// Writes what [`read_cursor`] reads.
pub fn write_cursor((at, id): (chrono::DateTime<chrono::Utc>, Uuid)) -> String {
    format!("{}_{id}", at.timestamp_micros())
}

/// A path of this site to go to after signing in; anything else becomes the home page.
pub fn safe_next(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if next.starts_with('/') && !next.starts_with("//") && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_gone_to() {
        for next in ["", "//evil.example", "https://evil.example", "/\\evil", "/a b", "javascript:x", "/中文", "\\/x"] {
            assert_eq!(safe_next(next), "/", "{next}");
        }
        assert_eq!(safe_next("/matters/1?x=2"), "/matters/1?x=2");
    }

    #[test]
    fn a_cursor_reads_back_as_it_was_written() {
        let cursor = (chrono::DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(), Uuid::from_u128(5));
        assert_eq!(read_cursor(&write_cursor(cursor)), Some(cursor));
        for text in ["", "x", "1_", "_1", "1_2"] {
            assert_eq!(read_cursor(text), None);
        }
    }
}
