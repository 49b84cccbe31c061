//! The layer around every route: request id, origin check, limits, error pages, security headers, request log.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use http::{HeaderName, HeaderValue, StatusCode};
use tracing::Instrument;

use crate::client::ClientIp;
use crate::error_pages::{ErrorFormat, refuse_with_status};
use crate::headers::{CspNonce, Policy};
use crate::limits::Limits;
use crate::log::RequestLog;
use crate::network::Network;
use crate::origin::Origins;
use crate::route_limits::LimitTable;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The settings of the layer, the same for all requests of a server.
pub struct Security {
    /// Headers of every response.
    pub policy: Policy,
    /// The origins that may send writing requests.
    pub origins: Origins,
    /// Limits on body size, time and concurrency.
    pub limits: Limits,
    /// Which limits apply to which route.
    pub limit_table: LimitTable,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Vec<Network>,
    /// Address of the style sheet, for error pages.
    pub style: String,
}

/// Handles one request. Wraps every route, fallbacks included.
pub async fn handle(State(security): State<Arc<Security>>, mut request: Request, next: Next) -> Response {
    let log = RequestLog::start(&request);
    let nonce = CspNonce::fresh();
    let error_format = ErrorFormat::of(&request);
    let client = ClientIp::of(&request, &security.proxies);
    let extensions = request.extensions_mut();
    extensions.insert(nonce.clone());
    extensions.insert(log.id.clone());
    extensions.insert(client);

    // A handler that panics must cost one response, not the connection. Nothing it borrowed is used again.
    let admitted = AssertUnwindSafe(admit(&security, request, next)).catch_unwind();
    let mut response = admitted.instrument(log.span()).await.unwrap_or_else(|_| refuse_with_status(StatusCode::INTERNAL_SERVER_ERROR));

    error_format.apply(&mut response, &security.style, &log.id.0);
    security.policy.apply(&nonce, &mut response);
    if let Ok(id) = HeaderValue::from_str(&log.id.0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    log.finish(response.status());
    response
}

async fn admit(security: &Security, request: Request, next: Next) -> Response {
    if let Err(refusal) = security.origins.check(request.method(), request.uri().path(), request.headers()) {
        return *refusal;
    }
    let limits = security.limit_table.limits_of(&request);
    security.limits.enforce(limits, request, |request| next.run(request)).await
}
