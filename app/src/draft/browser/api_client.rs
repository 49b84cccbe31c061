//! Calls of server functions.

use domain::engine::draft::sync::SyncFailure;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::web::post;
use crate::api::ApiError;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// What it means for the draft.
    pub failure: SyncFailure,
    /// The server's own sentence; empty without one.
    pub text: String,
}

impl From<SyncFailure> for CallError {
    fn from(failure: SyncFailure) -> Self {
        Self { failure, text: String::new() }
    }
}

/// Calls the server function at an address.
pub async fn call_api<A: Serialize, T: DeserializeOwned>(address: &str, arguments: &A) -> Result<T, CallError> {
    let text = call_api_text(address, arguments).await?;
    serde_json::from_str(&text).map_err(|_| SyncFailure::Gone.into())
}

/// Calls the server function at an address; returns its result as it was sent.
pub async fn call_api_text<A: Serialize>(address: &str, arguments: &A) -> Result<String, CallError> {
    let body = serde_json::to_string(arguments).map_err(|_| SyncFailure::Validation)?;
    let (status, text) = post(address, "application/json", &body).await.ok_or(SyncFailure::Server)?;
    match SyncFailure::from_status(status) {
        Some(failure) => Err(CallError { failure, text: serde_json::from_str::<ApiError>(&text).map(|e| e.text).unwrap_or_default() }),
        None => Ok(text),
    }
}
