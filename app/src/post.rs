//! Posted forms whose fields are data: name-value pairs and, where a page takes files, the files.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use uuid::Uuid;

use crate::error::PageError;
use crate::request::SharedState;

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
    pub bytes: Option<Vec<u8>>,
}

/// Maximum size of the text of a form, in bytes; files are counted separately.
const TEXT_MAX: usize = 256 * 1024;
/// Maximum size of a form with files, in bytes. A file over its own limit is read to its end and dropped, so that what was typed is
/// not lost.
const FILES_MAX: usize = 48 * 1024 * 1024;

/// A URL-encoded form.
impl<S: Send + Sync> FromRequest<S> for Post {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &S) -> Result<Self, PageError> {
        Self::read(request, None).await
    }
}

/// A form that may carry files.
pub struct PostWithFiles(pub Post);

impl FromRequest<SharedState> for PostWithFiles {
    type Rejection = PageError;

    async fn from_request(request: Request, shared: &SharedState) -> Result<Self, PageError> {
        Post::read(request, Some(backend::workflow::files::upload_limit(&shared.app))).await.map(Self)
    }
}

impl Post {
    /// Reads a request's body. `file_limit`: maximum size of one file in bytes; none where files are not accepted.
    ///
    /// # Errors
    /// The body is too large, incomplete, or not a form.
    pub async fn read(request: Request, file_limit: Option<usize>) -> Result<Self, PageError> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_ascii_lowercase();
        match file_limit {
            Some(limit) if media_type.starts_with("multipart/form-data") => Self::read_multipart(request, limit).await,
            _ if media_type.starts_with("application/x-www-form-urlencoded") => {
                let body = axum::body::to_bytes(request.into_body(), TEXT_MAX).await.map_err(|_| PageError::TooLarge)?;
                Ok(Self { pairs: form_urlencoded::parse(&body).into_owned().collect(), files: Vec::new() })
            }
            _ => Err(PageError::NOT_A_FORM),
        }
    }

    async fn read_multipart(request: Request, file_limit: usize) -> Result<Self, PageError> {
        let incomplete = || PageError::BadRequest("上传内容不完整，请重新提交");
        let length = request.headers().get(http::header::CONTENT_LENGTH);
        let length = length.and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
        if length.is_some_and(|l| l > FILES_MAX) {
            return Err(PageError::TooLarge);
        }
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| incomplete())?;
        let mut post = Self::default();
        let mut total = 0;
        while let Some(mut part) = parts.next_field().await.map_err(|_| incomplete())? {
            let field = part.name().unwrap_or("").to_owned();
            let name = part.file_name().map(str::to_owned);
            let limit = if name.is_some() { file_limit } else { TEXT_MAX };
            let mut bytes = Vec::new();
            let mut too_large = false;
            while let Some(chunk) = part.chunk().await.map_err(|_| incomplete())? {
                total += chunk.len();
                if total > FILES_MAX {
                    return Err(PageError::TooLarge);
                }
                too_large = too_large || bytes.len() + chunk.len() > limit;
                if too_large {
                    bytes = Vec::new();
                } else {
                    bytes.extend_from_slice(&chunk);
                }
            }
            match name {
                // A browser sends an empty part for a control without a file.
                Some(name) if name.is_empty() && bytes.is_empty() => {}
                Some(name) => post.files.push(PostedFile { field, name, bytes: (!too_large).then_some(bytes) }),
                None if too_large => return Err(PageError::TooLarge),
                None => post.pairs.push((field, String::from_utf8(bytes).map_err(|_| incomplete())?)),
            }
        }
        Ok(post)
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

    /// A value that is an id.
    ///
    /// # Errors
    /// It is missing or not an id: the page is outdated.
    pub fn id(&self, name: &str) -> Result<Uuid, PageError> {
        Uuid::parse_str(self.text(name)).map_err(|_| PageError::OUTDATED_FORM)
    }

    /// A value that is a whole number.
    ///
    /// # Errors
    /// It is missing or not a number: the page is outdated.
    pub fn number(&self, name: &str) -> Result<i64, PageError> {
        self.text(name).parse().map_err(|_| PageError::OUTDATED_FORM)
    }
}
