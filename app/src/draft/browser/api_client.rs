//! Calls of server functions.

use domain::engine::draft::sync::SyncFailure;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::web::post;

/// Calls the server function at an address.
pub async fn call_api<A: Serialize, T: DeserializeOwned>(address: &str, arguments: &A) -> Result<T, SyncFailure> {
    let text = call_api_text(address, arguments).await?;
    serde_json::from_str(&text).map_err(|_| SyncFailure::Gone)
}

/// Calls the server function at an address; returns its result as it was sent.
pub async fn call_api_text<A: Serialize>(address: &str, arguments: &A) -> Result<String, SyncFailure> {
    let body = serde_json::to_string(arguments).map_err(|_| SyncFailure::Validation)?;
    let (status, text) = post(address, "application/json", &body).await.ok_or(SyncFailure::Server)?;
    match SyncFailure::from_status(status) {
        Some(failure) => Err(failure),
        None => Ok(text),
    }
}
