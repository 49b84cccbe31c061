//! What is said to the server about one file, and what its answers mean.

use domain::engine::draft::sync::Failure;
use domain::engine::upload::Upload;
use leptos::wasm_bindgen::JsValue;

use super::js::{Answer, Broken, base64, part};
use crate::door::DoorFault;

const ADDRESS: &str = "/api/uploads";

/// Why an attempt came to nothing.
pub enum Stop {
    /// There is no server.
    Away,
    /// It answers, and not with this.
    Busy,
    /// Nobody is signed in.
    SignIn,
    /// The draft itself is not there, or other files go first.
    NotYet,
    /// The file is not taken, and why.
    Refused(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Server => Stop::Away,
            Failure::Identity => Stop::SignIn,
            Failure::Gone | Failure::Validation | Failure::Permission => Stop::NotYet,
        }
    }
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Self {
        Stop::NotYet
    }
}

fn address(upload: &Upload) -> String {
    format!("{ADDRESS}/{}", upload.id)
}

/// How far an upload is; none if the server does not know it.
pub async fn ask_offset(upload: &Upload) -> Result<Option<u64>, Stop> {
    let answer = part("HEAD", &address(upload), &[], None).await.ok_or(Stop::Away)?;
    match answer.status {
        404 => Ok(None),
        _ => told(answer).map(Some),
    }
}

/// Begins an upload; gives where to go on.
pub async fn begin(upload: &Upload) -> Result<u64, Stop> {
    let (id, matter, path) = (upload.id.to_string(), upload.matter.to_string(), upload.path.to_string());
    let pairs = [("id", &id), ("matter", &matter), ("path", &path), ("filename", &upload.name)];
    let metadata = pairs.map(|(name, value)| format!("{name} {}", base64(value))).join(",");
    let headers = [("upload-length", JsValue::from(upload.size.to_string())), ("upload-metadata", metadata.into())];
    told(part("POST", ADDRESS, &headers, None).await.ok_or(Stop::Away)?)
}

/// Sends a piece; gives where to go on.
pub async fn send(upload: &Upload, at: u64, bytes: &[u8]) -> Result<u64, Stop> {
    let headers = [("content-type", JsValue::from("application/offset+octet-stream")), ("upload-offset", JsValue::from(at.to_string()))];
    let answer = part("PATCH", &address(upload), &headers, Some(bytes)).await.ok_or(Stop::Away)?;
    match answer.status {
        // It was swept meanwhile, and is begun anew.
        404 => Err(Stop::Busy),
        _ => told(answer),
    }
}

/// Where an upload goes on, or why it does not.
fn told(answer: Answer) -> Result<u64, Stop> {
    match (answer.status, answer.offset) {
        (200..=299 | 409, Some(at)) => Ok(at),
        (401, _) => Err(Stop::SignIn),
        (429, _) => Err(Stop::NotYet),
        (400..=499, _) => {
            let fault = serde_json::from_str::<DoorFault>(&answer.text);
            Err(Stop::Refused(fault.map_or_else(|_| Failure::Validation.text().to_owned(), |fault| fault.text)))
        }
        _ => Err(Stop::Busy),
    }
}

/// Lets an upload go. Whether or not it is heard: what nobody goes on with is swept there.
pub async fn drop_upload(upload: &Upload) {
    let _ = part("DELETE", &address(upload), &[], None).await;
}
