//! Posted forms whose fields are data: name-value pairs and, where a page takes files, the files.
//!
//! The server reads the body before the request gets a place in a pool, and hands the form on as a [`ReceivedForm`].

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use uuid::Uuid;

use backend::infra::file::FileError;
use domain::engine::flow::with_phrase;
use domain::engine::upload::not_taken_message;

use crate::error::PageError;
use crate::spool::SpooledFile;
use crate::ui::PHRASE;

/// A posted form.
#[derive(Debug, Default)]
pub struct Post {
    /// Names and values, in order.
    pub pairs: Vec<(String, String)>,
    /// Files, in order.
    pub files: Vec<PostedFile>,
}

/// A file of a posted form.
#[derive(Debug)]
pub struct PostedFile {
    /// Name of the control.
    pub field: String,
    /// File name as it was sent.
    pub name: String,
    /// Content; none if it was larger than the limit of one file.
    pub content: Option<SpooledFile>,
}

/// The files of a post that were not accepted: a sentence for each, but one for all that an answer has no room for.
#[derive(Default)]
pub struct RefusedFiles {
    faults: Vec<(String, String)>,
    /// By control and reason: the names.
    beyond: BTreeMap<(String, String), Vec<String>>,
}

impl RefusedFiles {
    /// Adds one.
    pub fn add(&mut self, file: &PostedFile, error: FileError) {
        match error {
            FileError::TooMany(_) | FileError::MatterFull(_) => {
                self.beyond.entry((file.field.clone(), error.text())).or_default().push(file.name.clone());
            }
            _ => self.faults.push((file.field.clone(), error.text_of(&file.name))),
        }
    }

    /// Name of the control and text of each error.
    pub fn faults(self) -> Vec<(String, String)> {
        let beyond = self.beyond.into_iter().map(|((field, why), names)| (field, not_taken_message(&names, &why)));
        self.faults.into_iter().chain(beyond).collect()
    }
}

/// A form whose body has arrived; a request extension.
#[derive(Clone)]
pub enum ReceivedForm {
    /// The bytes of a URL-encoded form.
    UrlEncoded(Bytes),
    /// A form that may carry files.
    Multipart(Arc<Post>),
}

impl ReceivedForm {
    /// Names and values, in order.
    pub fn pairs(&self) -> Vec<(String, String)> {
        match self {
            ReceivedForm::UrlEncoded(body) => form_urlencoded::parse(body).into_owned().collect(),
            ReceivedForm::Multipart(post) => post.pairs.clone(),
        }
    }

    /// Whether files were chosen.
    pub fn has_files(&self) -> bool {
        matches!(self, ReceivedForm::Multipart(post) if !post.files.is_empty())
    }
}

/// The media type of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormType {
    /// `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
    /// Not a form.
    Other,
}

impl FormType {
    /// The media type of a request.
    pub fn of(request: &Request) -> Self {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_ascii_lowercase();
        if media_type.starts_with("application/x-www-form-urlencoded") {
            FormType::UrlEncoded
        } else if media_type.starts_with("multipart/form-data") {
            FormType::Multipart
        } else {
            FormType::Other
        }
    }
}

/// A URL-encoded form.
impl<S: Send + Sync> FromRequest<S> for Post {
    type Rejection = PageError;

    async fn from_request(mut request: Request, _: &S) -> Result<Self, PageError> {
        match request.extensions_mut().remove::<ReceivedForm>() {
            Some(form @ ReceivedForm::UrlEncoded(_)) => Ok(Self { pairs: form.pairs(), files: Vec::new() }),
            _ => Err(PageError::NOT_A_FORM),
        }
    }
}

/// A form that may carry files.
pub struct PostWithFiles(pub Arc<Post>);

impl<S: Send + Sync> FromRequest<S> for PostWithFiles {
    type Rejection = PageError;

    async fn from_request(mut request: Request, _: &S) -> Result<Self, PageError> {
        match request.extensions_mut().remove::<ReceivedForm>() {
            Some(ReceivedForm::Multipart(post)) => Ok(Self(post)),
            Some(form) => Ok(Self(Arc::new(Post { pairs: form.pairs(), files: Vec::new() }))),
            None => Err(PageError::NOT_A_FORM),
        }
    }
}

impl Post {
    /// The form with the chosen phrase in its opinion, where a script puts it at once.
    pub fn with_phrase(mut self) -> Self {
        let note = with_phrase(self.text("note"), self.text(PHRASE));
        if !self.text(PHRASE).is_empty() {
            self.pairs.retain(|(name, _)| name != "note" && name != PHRASE);
            self.pairs.push(("note".to_owned(), note));
        }
        self
    }

    /// The first value of a control; empty if it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// Every value of a control, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Every value of a control that is an id, in order; other values are ignored.
    pub fn ids(&self, name: &str) -> Vec<Uuid> {
        self.values(name).filter_map(|id| Uuid::parse_str(id).ok()).collect()
    }

    /// What the page showed of each of several things: the values `id:version` of a control; other values are ignored.
    pub fn versions(&self, name: &str) -> BTreeMap<Uuid, String> {
        let version = |value: &str| value.split_once(':').and_then(|(id, seen)| Some((Uuid::parse_str(id).ok()?, seen.to_owned())));
        self.values(name).filter_map(version).collect()
    }

    /// A value that is an id.
    ///
    /// # Errors
    /// It is missing or not an id: the page is outdated.
    pub fn id(&self, name: &str) -> Result<Uuid, PageError> {
        Uuid::parse_str(self.text(name)).map_err(|_| PageError::OUTDATED_FORM)
    }

    /// The revision that a page of a draft showed. A form that does not say it is merged as one of an empty draft: what it says otherwise
    /// than the draft becomes a question.
    pub fn base_revision(&self) -> i64 {
        self.number("_rev").unwrap_or(0)
    }

    /// A value that is a whole number.
    ///
    /// # Errors
    /// It is missing or not a number: the page is outdated.
    pub fn number(&self, name: &str) -> Result<i64, PageError> {
        self.text(name).parse().map_err(|_| PageError::OUTDATED_FORM)
    }
}
