//! What was posted: pairs of a form and, where a page takes files, the files.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use domain::engine::form::ReadError;

use crate::call::Fault;

/// A post.
#[derive(Default)]
pub struct Post {
    /// Names and values, in order.
    pub pairs: Vec<(String, String)>,
    /// Files, in order.
    pub files: Vec<PostedFile>,
}

/// A file of a post.
pub struct PostedFile {
    /// Name of the control.
    pub field: String,
    /// Name it came with.
    pub name: String,
    /// Its bytes; none if there were more than the limit.
    pub bytes: Option<Vec<u8>>,
}

/// Bytes of text a post may have; files are counted by themselves.
const TEXT_MAX: usize = 256 * 1024;
/// Bytes of a post with files. A file over its own limit is read to its end and let go, so that what was typed is kept.
const FILES_MAX: usize = 48 * 1024 * 1024;

impl Post {
    /// Reads a request's body. `file_limit`: bytes of one file; none where no files are taken.
    pub async fn read(request: Request, file_limit: Option<usize>) -> Result<Self, Fault> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_ascii_lowercase();
        match file_limit {
            Some(limit) if kind.starts_with("multipart/form-data") => Self::read_multipart(request, limit).await,
            _ if kind.starts_with("application/x-www-form-urlencoded") => {
                let body = axum::body::to_bytes(request.into_body(), TEXT_MAX).await.map_err(|_| Fault::TooLarge)?;
                Ok(Self { pairs: form_urlencoded::parse(&body).into_owned().collect(), files: Vec::new() })
            }
            _ => Err(Fault::Bad("请通过页面上的表单提交")),
        }
    }

    async fn read_multipart(request: Request, limit: usize) -> Result<Self, Fault> {
        let bad = || Fault::Bad("上传内容不完整，请重新提交");
        let length = request.headers().get(http::header::CONTENT_LENGTH);
        let length = length.and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
        if length.is_some_and(|l| l > FILES_MAX) {
            return Err(Fault::TooLarge);
        }
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| bad())?;
        let mut post = Self::default();
        let mut total = 0;
        while let Some(mut part) = parts.next_field().await.map_err(|_| bad())? {
            let field = part.name().unwrap_or("").to_owned();
            let name = part.file_name().map(str::to_owned);
            let most = if name.is_some() { limit } else { TEXT_MAX };
            let mut bytes = Vec::new();
            let mut over = false;
            while let Some(chunk) = part.chunk().await.map_err(|_| bad())? {
                total += chunk.len();
                if total > FILES_MAX {
                    return Err(Fault::TooLarge);
                }
                over = over || bytes.len() + chunk.len() > most;
                if over {
                    bytes = Vec::new();
                } else {
                    bytes.extend_from_slice(&chunk);
                }
            }
            match name {
                // A browser sends an empty part for a control without a file.
                Some(name) if name.is_empty() && bytes.is_empty() => {}
                Some(name) => post.files.push(PostedFile { field, name, bytes: (!over).then_some(bytes) }),
                None if over => return Err(Fault::TooLarge),
                None => post.pairs.push((field, String::from_utf8(bytes).map_err(|_| bad())?)),
            }
        }
        Ok(post)
    }

    /// The first value of a control; empty if it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// A value that is an id.
    pub fn id(&self, name: &str) -> Result<uuid::Uuid, Fault> {
        uuid::Uuid::parse_str(self.text(name)).map_err(|_| Fault::Bad("页面已过期，请刷新后重试"))
    }

    /// A value that is a whole number.
    pub fn number(&self, name: &str) -> Result<i64, Fault> {
        self.text(name).parse().map_err(|_| Fault::Bad("页面已过期，请刷新后重试"))
    }
}

impl From<ReadError> for Fault {
    fn from(_: ReadError) -> Self {
        Fault::Bad("提交的内容中有页面上没有的项目，请刷新后重试")
    }
}
