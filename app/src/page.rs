//! Responses of page handlers.
//!
//! A handler knows the content of its page but not the layout around it: navigation, unread messages and the nonce of scripts belong
//! to the request. So [`PageResponse`] becomes a response that carries the page, and [`crate::respond`] renders it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use leptos::prelude::AnyView;

use crate::outcome::ActOutcome;

/// A page that is not rendered yet.
pub struct Page {
    /// Status of the response.
    pub status: StatusCode,
    /// Document title, without personal data.
    pub title: String,
    /// Builds the content; called inside the renderer.
    pub body: Box<dyn FnOnce() -> AnyView + Send>,
    /// Address of the navigation entry it belongs to; empty for none.
    pub current: &'static str,
    /// The layout around the content.
    pub kind: PageKind,
    /// Whether the page contains islands and therefore loads the scripts that hydrate them.
    pub has_islands: bool,
    /// Addresses of its own scripts.
    pub scripts: Vec<&'static str>,
}

/// The layout around a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageKind {
    /// Header with navigation, and footer.
    #[default]
    Site,
    /// Without navigation: login, registration.
    Standalone,
    /// For printing: content only.
    Print,
}

impl Page {
    /// A page with status 200.
    pub fn new(title: impl Into<String>, body: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            body: Box::new(body),
            current: "",
            kind: PageKind::Site,
            has_islands: false,
            scripts: Vec::new(),
        }
    }

    /// Sets the status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Marks a navigation entry as the current one.
    pub fn under(mut self, current: &'static str) -> Self {
        self.current = current;
        self
    }

    /// Leaves out the navigation.
    pub fn standalone(mut self) -> Self {
        self.kind = PageKind::Standalone;
        self
    }

    /// Lays the page out for printing.
    pub fn for_print(mut self) -> Self {
        self.kind = PageKind::Print;
        self
    }

    /// Loads a script of its own.
    pub fn with_script(mut self, script: &'static str) -> Self {
        self.scripts.push(script);
        self
    }

    /// Loads the scripts that hydrate islands.
    pub fn with_islands(mut self) -> Self {
        self.has_islands = true;
        self
    }
}

/// The response of a page handler.
pub enum PageResponse {
    /// A page.
    Page(Page),
    /// A redirect to another page of the site.
    Redirect(String),
    /// A redirect after an act; the page says what was done.
    Done(String, ActOutcome),
    /// A redirect after signing out; the browser also clears what it stores for the site.
    SignedOut(String),
    /// A file to download.
    File(Download),
    /// A file to be shown in place.
    Inline(Download),
    /// A file that is made while it is sent.
    Stream(StreamedDownload),
}

impl PageResponse {
    /// The response after signing out. `others`: `yes` if the device stores unsent drafts of other accounts. Then the script of the page has
    /// deleted the data of this account, and the browser is not asked to clear the rest.
    pub fn signed_out(others: &str) -> Self {
        let path = "/login".to_owned();
        if others == "yes" { Self::Redirect(path) } else { Self::SignedOut(path) }
    }
}

/// A file to download.
pub struct Download {
    /// File name.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Content.
    pub bytes: Bytes,
}

/// A file to download that is made while it is sent; it is never shown in place.
pub struct StreamedDownload {
    /// File name.
    pub name: String,
    /// Media type.
    pub mime: &'static str,
    /// Content.
    pub body: Body,
}

/// A file to be shown in place, in a page of this site.
pub struct InlineFile(pub Download);

/// Marks the response of a file that pages of this site show in a frame: a response extension. No other response can be framed.
#[derive(Clone, Copy)]
pub struct Framed;

impl From<Page> for PageResponse {
    fn from(page: Page) -> Self {
        PageResponse::Page(page)
    }
}

impl From<Download> for PageResponse {
    fn from(file: Download) -> Self {
        PageResponse::File(file)
    }
}

/// A redirect to a path of this site.
pub fn redirect(path: impl Into<String>) -> PageResponse {
    PageResponse::Redirect(path.into())
}

/// A redirect to a path of this site, where the page says what was done.
pub fn done(path: impl Into<String>, outcome: ActOutcome) -> PageResponse {
    PageResponse::Done(path.into(), outcome)
}

/// A page response that is not rendered yet. Shared, because extensions must be `Clone`; taken exactly once.
#[derive(Clone)]
struct Pending(Arc<Mutex<Option<PageResponse>>>);

impl IntoResponse for PageResponse {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        // A response that is never rendered must not have a status of success.
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(Pending(Arc::new(Mutex::new(Some(self)))));
        response
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        PageResponse::from(self).into_response()
    }
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        PageResponse::from(self).into_response()
    }
}

impl IntoResponse for InlineFile {
    fn into_response(self) -> Response {
        PageResponse::Inline(self.0).into_response()
    }
}

impl PageResponse {
    /// Removes the page response from the response of a handler; `None` if the handler made a complete response.
    pub fn take(response: &mut Response) -> Option<Self> {
        let Pending(pending) = response.extensions_mut().remove::<Pending>()?;
        pending.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
