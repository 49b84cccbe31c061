//! Requests for one upload and the meaning of their responses.

use domain::engine::draft::sync::SyncFailure;
use domain::engine::upload::Upload;
use leptos::wasm_bindgen::JsValue;

use super::web::{DeviceError, UploadResponse, base64, upload_request};
use crate::api::ApiError;

const ADDRESS: &str = "/api/uploads";

/// Why an attempt failed.
pub enum UploadStop {
    /// The server is unreachable.
    Unreachable,
    /// The server is busy.
    Busy,
    /// Not signed in.
    SignIn,
    /// The draft has not reached the server, or other files come first.
    Deferred,
    /// The draft cannot reach the server before something is done.
    Blocked(SyncFailure),
    /// The file was refused, with the reason.
    Rejected(String),
}

impl From<SyncFailure> for UploadStop {
    fn from(failure: SyncFailure) -> Self {
        match failure {
            SyncFailure::Server => UploadStop::Unreachable,
            SyncFailure::Identity => UploadStop::SignIn,
            SyncFailure::Gone
            | SyncFailure::Discarded
            | SyncFailure::Unknown
            | SyncFailure::Validation
            | SyncFailure::TooLarge
            | SyncFailure::Permission => UploadStop::Blocked(failure),
        }
    }
}

impl From<DeviceError> for UploadStop {
    fn from(_: DeviceError) -> Self {
        UploadStop::Deferred
    }
}

fn address(upload: &Upload) -> String {
    format!("{ADDRESS}/{}", upload.id)
}

/// Offset of an upload; `None` if the server does not know it.
pub async fn fetch_offset(upload: &Upload) -> Result<Option<u64>, UploadStop> {
    let answer = upload_request("HEAD", &address(upload), &[], None).await.ok_or(UploadStop::Unreachable)?;
    match answer.status {
        404 => Ok(None),
        _ => offset_of(answer).map(Some),
    }
}

/// Begins an upload; returns the offset.
pub async fn begin(upload: &Upload) -> Result<u64, UploadStop> {
    let (id, matter, path) = (upload.id.to_string(), upload.matter.to_string(), upload.path.to_string());
    let pairs = [("id", &id), ("matter", &matter), ("path", &path), ("filename", &upload.name)];
    let metadata = pairs.map(|(name, value)| format!("{name} {}", base64(value))).join(",");
    let headers = [("upload-length", JsValue::from(upload.size.to_string())), ("upload-metadata", metadata.into())];
    offset_of(upload_request("POST", ADDRESS, &headers, None).await.ok_or(UploadStop::Unreachable)?)
}

/// Sends a chunk; returns the new offset.
pub async fn send(upload: &Upload, at: u64, bytes: &[u8]) -> Result<u64, UploadStop> {
    let headers = [("content-type", JsValue::from("application/offset+octet-stream")), ("upload-offset", JsValue::from(at.to_string()))];
    let answer = upload_request("PATCH", &address(upload), &headers, Some(bytes)).await.ok_or(UploadStop::Unreachable)?;
    match answer.status {
        // It was deleted meanwhile; begin again.
        404 => Err(UploadStop::Busy),
        _ => offset_of(answer),
    }
}

/// The offset in a response, or why the attempt failed.
fn offset_of(answer: UploadResponse) -> Result<u64, UploadStop> {
    match (answer.status, answer.offset) {
        (200..=299 | 409, Some(at)) => Ok(at),
        (401, _) => Err(UploadStop::SignIn),
        (429, _) => Err(UploadStop::Deferred),
        (400..=499, _) => {
            let fault = serde_json::from_str::<ApiError>(&answer.text);
            Err(UploadStop::Rejected(fault.map_or_else(|_| SyncFailure::Validation.text().to_owned(), |fault| fault.text)))
        }
        _ => Err(UploadStop::Busy),
    }
}

/// Cancels an upload. A lost request does not matter: the server deletes idle uploads.
pub async fn cancel_upload(upload: &Upload) {
    let _ = upload_request("DELETE", &address(upload), &[], None).await;
}
