//! Files in pieces, in the shape of tus 1.0: begun by POST, asked how far it is by HEAD, gone on with by PATCH, let go by DELETE. One piece
//! at a time is in memory. Faults are told as the doors tell them.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use backend::AppState;
use backend::access::guard::Allowed;
use backend::infra::file::FileError;
use backend::matter::MatterError;
use backend::service::upload::UploadError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::engine::upload::{PIECE, Upload};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use uuid::Uuid;

use crate::door::{DoorFault, answer};

/// The version spoken here.
const TUS: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSION: HeaderName = HeaderName::from_static("tus-version");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const PIECE_TYPE: &str = "application/offset+octet-stream";

/// One request about an upload, let through by the guard.
pub struct Part {
    /// The app.
    pub app: AppState,
    /// Who asks.
    pub who: Allowed,
    /// The upload in the address; none where one is begun, and where it is no id.
    pub id: Option<Uuid>,
    /// Headers.
    pub headers: HeaderMap,
    /// A piece.
    pub body: Body,
}

/// Why a part was not taken.
pub enum Fault {
    /// Another version is spoken.
    Version,
    /// It cannot be read as what it should be.
    Bad,
    /// Not a piece of a file.
    Kind,
    /// The upload.
    Upload(UploadError),
}

impl From<UploadError> for Fault {
    fn from(error: UploadError) -> Self {
        Fault::Upload(error)
    }
}

/// Begins an upload. Its metadata say `id`, `matter`, `path` and `filename`, and nothing else.
pub async fn begin(part: Part) -> Result<Response, Fault> {
    let upload = read_begun(&part.headers).ok_or(Fault::Bad)?;
    let upload = backend::service::upload::begin_upload(&part.app, &part.who, upload).await?;
    let mut response = told(StatusCode::CREATED, &upload);
    let location = format!("/api/uploads/{}", upload.id);
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(&location).map_err(|_| Fault::Bad)?);
    Ok(response)
}

/// Says how far an upload is.
pub async fn tell(part: Part) -> Result<Response, Fault> {
    let upload = backend::service::upload::upload(&part.app, &part.who, part.id()?).await?;
    Ok(told(StatusCode::OK, &upload))
}

/// Takes a piece.
pub async fn take(part: Part) -> Result<Response, Fault> {
    let id = part.id()?;
    if part.headers.get(CONTENT_TYPE).is_none_or(|kind| kind != PIECE_TYPE) {
        return Err(Fault::Kind);
    }
    let offset = number(&part.headers, &OFFSET).ok_or(Fault::Bad)?;
    let most = usize::try_from(PIECE).unwrap_or(usize::MAX);
    let bytes = to_bytes(part.body, most).await.map_err(|_| Fault::Bad)?;
    let upload = backend::service::upload::take_piece(&part.app, &part.who, id, offset, bytes.into()).await?;
    Ok(told(StatusCode::NO_CONTENT, &upload))
}

/// Lets an upload go.
pub async fn drop(part: Part) -> Result<Response, Fault> {
    backend::service::upload::drop_upload(&part.app, &part.who, part.id()?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl Part {
    fn id(&self) -> Result<Uuid, Fault> {
        self.id.ok_or(Fault::Upload(UploadError::NotFound))
    }
}

/// Answers a request with what it came to.
pub async fn serve<F>(part: Part, handler: impl FnOnce(Part) -> F) -> Response
where
    F: Future<Output = Result<Response, Fault>>,
{
    let spoken = part.headers.get(RESUMABLE).is_some_and(|version| version == TUS);
    let done = if spoken { handler(part).await } else { Err(Fault::Version) };
    let mut response = done.unwrap_or_else(refused);
    response.headers_mut().insert(RESUMABLE, HeaderValue::from_static(TUS));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn told(status: StatusCode, upload: &Upload) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(OFFSET, upload.received.into());
    if status == StatusCode::OK {
        response.headers_mut().insert(LENGTH, upload.size.into());
    }
    response
}

fn refused(fault: Fault) -> Response {
    let error = match fault {
        Fault::Version => {
            let mut response = answer(StatusCode::PRECONDITION_FAILED, &DoorFault::new("version", "页面已过期，请刷新后重试"));
            response.headers_mut().insert(VERSION, HeaderValue::from_static(TUS));
            return response;
        }
        Fault::Bad => return answer(StatusCode::BAD_REQUEST, &DoorFault::new("unreadable", "上传内容不完整，请重新提交")),
        Fault::Kind => return answer(StatusCode::UNSUPPORTED_MEDIA_TYPE, &DoorFault::new("kind", "上传内容不完整，请重新提交")),
        Fault::Upload(error) => error,
    };
    if let UploadError::Matter(MatterError::Db(error)) = &error {
        tracing::error!(%error, "an upload failed");
    }
    let mut response = answer(status(&error), &DoorFault::new(error.code(), error.text()));
    if let UploadError::Offset(at) = error {
        response.headers_mut().insert(OFFSET, at.into());
    }
    response
}

fn status(error: &UploadError) -> StatusCode {
    match error {
        UploadError::NotFound | UploadError::Matter(MatterError::NotFound) => StatusCode::NOT_FOUND,
        UploadError::Offset(_) | UploadError::Reused => StatusCode::CONFLICT,
        UploadError::Piece | UploadError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        UploadError::TooMany => StatusCode::TOO_MANY_REQUESTS,
        UploadError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        UploadError::Matter(MatterError::Closed | MatterError::Locked) => StatusCode::FORBIDDEN,
        UploadError::Matter(MatterError::File(FileError::Full)) => StatusCode::INSUFFICIENT_STORAGE,
        UploadError::Matter(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn read_begun(headers: &HeaderMap) -> Option<Upload> {
    let metadata = headers.get(METADATA)?.to_str().ok()?;
    let (mut id, mut matter, mut path, mut filename) = (None, None, None, None);
    for pair in metadata.split(',') {
        let (name, value) = pair.trim().split_once(' ')?;
        let value = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        let place = match name {
            "id" => &mut id,
            "matter" => &mut matter,
            "path" => &mut path,
            "filename" => &mut filename,
            _ => return None,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let (id, matter) = (id?.parse().ok()?, matter?.parse().ok()?);
    Some(Upload { id, matter, path: path?.parse().ok()?, name: filename?, size: number(headers, &LENGTH)?, received: 0 })
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f3d2c-0000-7000-8000-000000000001";

    fn read(length: &str, pairs: &[(&str, &str)]) -> Option<Upload> {
        let metadata: Vec<String> = pairs.iter().map(|(n, v)| format!("{n} {}", STANDARD.encode(v))).collect();
        let mut headers = HeaderMap::new();
        headers.insert(LENGTH, length.parse().unwrap());
        headers.insert(METADATA, metadata.join(",").parse().unwrap());
        read_begun(&headers)
    }

    #[test]
    fn an_upload_is_begun_with_exactly_what_it_needs() {
        let all = [("id", ID), ("matter", ID), ("path", "other"), ("filename", "证明 1.pdf")];
        let upload = read("5", &all).unwrap();
        assert_eq!((upload.size, upload.name.as_str(), upload.path.to_string().as_str()), (5, "证明 1.pdf", "other"));
        for at in 0..all.len() {
            let mut less = all.to_vec();
            less.remove(at);
            assert_eq!(read("5", &less), None);
        }
        for more in [("owner", "x"), ("path", "other")] {
            assert_eq!(read("5", &[&all[..], &[more]].concat()), None);
        }
        for length in ["", "+5", "-1", "5.0", "99999999999999999999999"] {
            assert_eq!(read(length, &all), None, "{length}");
        }
        assert_eq!(read("5", &[("id", "x"), all[1], all[2], all[3]]), None);
        assert_eq!(read("5", &[all[0], all[1], ("path", "../x"), all[3]]), None);
    }
}
