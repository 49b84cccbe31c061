//! Endpoint for notices of payment gateways. It has no session; a notice is authenticated by its signature.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::request::SharedState;

/// Processes a notice. The response `success` tells the gateway not to repeat it.
pub async fn take(State(shared): State<SharedState>, Path(gateway): Path<String>, body: Bytes) -> Response {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    match backend::service::payment::order::handle_notice(&shared.app, &gateway, &pairs).await {
        Ok(()) => "success".into_response(),
        Err(error) => {
            tracing::warn!(%error, "a payment notice was not taken");
            (StatusCode::BAD_REQUEST, "fail").into_response()
        }
    }
}
