//! Resumable uploads in a subset of tus 1.0: POST creates an upload, HEAD reports its progress, PATCH appends a chunk, DELETE cancels it.
//! Left out are deferred lengths, checksums and expiry headers. One chunk at a time is in memory.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use backend::AppState;
use backend::matter::MatterError;
use backend::service::upload::UploadError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::engine::upload::{CHUNK_SIZE, Upload};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use uuid::Uuid;

use crate::api::{ApiError, error_response};
use crate::error::HttpStatus;
use crate::part_headers::decode_name;
use crate::request::Authorized;

/// The supported version of the protocol.
const TUS: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSION: HeaderName = HeaderName::from_static("tus-version");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const CHUNK_TYPE: &str = "application/offset+octet-stream";

/// Why an upload request was rejected.
pub enum UploadRejection {
    /// The client uses another version of the protocol.
    Version,
    /// Headers or body cannot be read.
    Malformed,
    /// The body is not declared as a chunk of a file.
    MediaType,
    /// The operation failed.
    Upload(UploadError),
}

impl From<UploadError> for UploadRejection {
    fn from(error: UploadError) -> Self {
        UploadRejection::Upload(error)
    }
}

/// The id of the upload in the address.
pub struct UploadId(Uuid);

impl<S: Send + Sync> FromRequestParts<S> for UploadId {
    type Rejection = UploadRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, UploadRejection> {
        let id = axum::extract::Path::<Uuid>::from_request_parts(parts, state).await;
        id.map(|axum::extract::Path(id)| Self(id)).map_err(|_| UploadError::NotFound.into())
    }
}

/// Creates an upload. Its metadata are `id`, `matter`, `path` and `filename`, and nothing else.
pub async fn create(State(app): State<AppState>, Authorized(who): Authorized, headers: HeaderMap) -> Result<Response, UploadRejection> {
    let upload = read_creation(&headers).ok_or(UploadRejection::Malformed)?;
    let upload = backend::service::upload::begin_upload(&app, &who, upload).await?;
    let mut response = upload_response(StatusCode::CREATED, &upload);
    let location = format!("/api/uploads/{}", upload.id);
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(&location).map_err(|_| UploadRejection::Malformed)?);
    Ok(response)
}

/// Reports how much of an upload was received.
pub async fn progress(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    UploadId(id): UploadId,
) -> Result<Response, UploadRejection> {
    let upload = backend::service::upload::upload_status(&app, &who, id).await?;
    Ok(upload_response(StatusCode::OK, &upload))
}

/// Appends a chunk to an upload.
pub async fn append(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    UploadId(id): UploadId,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, UploadRejection> {
    if headers.get(CONTENT_TYPE).is_none_or(|media_type| media_type != CHUNK_TYPE) {
        return Err(UploadRejection::MediaType);
    }
    let offset = read_number(&headers, &OFFSET).ok_or(UploadRejection::Malformed)?;
    let limit = usize::try_from(CHUNK_SIZE).unwrap_or(usize::MAX);
    let bytes = to_bytes(body, limit).await.map_err(|_| UploadRejection::Malformed)?;
    let upload = backend::service::upload::receive_chunk(&app, &who, id, offset, bytes.into()).await?;
    Ok(upload_response(StatusCode::NO_CONTENT, &upload))
}

/// Cancels an upload.
pub async fn cancel(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    UploadId(id): UploadId,
) -> Result<StatusCode, UploadRejection> {
    backend::service::upload::delete_upload(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Layer around the upload routes: checks the version of the protocol and sets its response headers.
pub async fn protocol(request: Request, next: Next) -> Response {
    let supported = request.headers().get(RESUMABLE).is_some_and(|version| version == TUS);
    let mut response = if supported { next.run(request).await } else { UploadRejection::Version.into_response() };
    response.headers_mut().insert(RESUMABLE, HeaderValue::from_static(TUS));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn upload_response(status: StatusCode, upload: &Upload) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(OFFSET, upload.received.into());
    if status == StatusCode::OK {
        response.headers_mut().insert(LENGTH, upload.size.into());
    }
    response
}

impl IntoResponse for UploadRejection {
    fn into_response(self) -> Response {
        let error = match self {
            UploadRejection::Version => {
                let mut response = error_response(StatusCode::PRECONDITION_FAILED, &ApiError::new("version", "页面已过期，请刷新后重试"));
                response.headers_mut().insert(VERSION, HeaderValue::from_static(TUS));
                return response;
            }
            UploadRejection::Malformed => {
                return error_response(StatusCode::BAD_REQUEST, &ApiError::new("unreadable", "上传内容不完整，请重新提交"));
            }
            UploadRejection::MediaType => {
                return error_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &ApiError::new("kind", "上传内容不完整，请重新提交"));
            }
            UploadRejection::Upload(error) => error,
        };
        if let UploadError::Matter(MatterError::Db(error)) = &error {
            tracing::error!(%error, "an upload failed");
        }
        let mut response = error_response(error.http_status(), &ApiError::new(error.code(), error.text()));
        if let UploadError::Offset(at) = error {
            response.headers_mut().insert(OFFSET, at.into());
        }
        response
    }
}

fn read_creation(headers: &HeaderMap) -> Option<Upload> {
    let metadata = headers.get(METADATA)?.to_str().ok()?;
    let (mut id, mut matter, mut path, mut filename) = (None, None, None, None);
    for pair in metadata.split(',') {
        let (name, value) = pair.trim().split_once(' ')?;
        let value = STANDARD.decode(value).ok()?;
        // A name may have any bytes, since a device chose it.
        let value = if name == "filename" { decode_name(&value) } else { String::from_utf8(value).ok()? };
        let value_of = match name {
            "id" => &mut id,
            "matter" => &mut matter,
            "path" => &mut path,
            "filename" => &mut filename,
            _ => return None,
        };
        if value_of.replace(value).is_some() {
            return None;
        }
    }
    let (id, matter) = (id?.parse().ok()?, matter?.parse().ok()?);
    Some(Upload { id, matter, path: path?.parse().ok()?, name: filename?, size: read_number(headers, &LENGTH)?, received: 0 })
}

fn read_number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
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
        read_creation(&headers)
    }

    #[test]
    fn an_upload_is_created_with_exactly_the_metadata_it_needs() {
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
        let mut headers = HeaderMap::new();
        headers.insert(LENGTH, "5".parse().unwrap());
        let pairs = [("id", ID.as_bytes()), ("matter", ID.as_bytes()), ("path", b"other"), ("filename", b"\xD6\xA4\xCA\xE9\0\n.pdf")];
        let metadata: Vec<String> = pairs.iter().map(|(n, v)| format!("{n} {}", STANDARD.encode(v))).collect();
        headers.insert(METADATA, metadata.join(",").parse().unwrap());
        assert_eq!(read_creation(&headers).unwrap().name, "证书\0\n.pdf");
        assert_eq!(read("5", &[("id", "x"), all[1], all[2], all[3]]), None);
        assert_eq!(read("5", &[all[0], all[1], ("path", "../x"), all[3]]), None);
    }
}
