//! The door for notices of payment gateways. Nobody is signed in there: a notice is let in by its signature.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::call::Shared;

/// Takes a notice; answers `success` when it need not come again, as gateways expect it.
pub async fn take(State(shared): State<Shared>, Path(gateway): Path<String>, body: Bytes) -> Response {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    match backend::service::payment::order::take_notice(&shared.app, &gateway, &pairs).await {
        Ok(()) => "success".into_response(),
        Err(error) => {
            tracing::warn!(%error, "a payment notice was not taken");
            (StatusCode::BAD_REQUEST, "fail").into_response()
        }
    }
}
