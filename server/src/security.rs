//! The layer around every route: request id, origin check, limits, error pages, security headers, request log.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use backend::infra::db::wait::with_limit;
use futures::FutureExt;
use http::header::CONNECTION;
use http::{HeaderName, HeaderValue, StatusCode};
use tracing::Instrument;

use crate::body::TrackedBody;
use crate::client::{ClientIp, share_keys};
use crate::error_pages::{ErrorFormat, refuse_with_status};
use crate::headers::{CspNonce, Policy};
use crate::limits::busy;
use crate::log::RequestLog;
use crate::network::Network;
use crate::origin::{Origins, has_valid_host};
use crate::places::Places;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The settings of the layer, the same for all requests of a server.
pub struct Security {
    /// Headers of every response.
    pub policy: Policy,
    /// The origins that may send writing requests.
    pub origins: Origins,
    /// Requests that are being received or answered, by client. Behind a proxy the sockets do not say whose they are.
    pub in_flight: Places,
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

    let (body, body_ended) = TrackedBody::new(std::mem::take(request.body_mut()));
    *request.body_mut() = Body::new(body);

    // A handler that panics must cost one response, not the connection. Nothing it borrowed is used again.
    let admitted = AssertUnwindSafe(with_limit(admit(&security, client, request, next))).catch_unwind();
    let mut response = admitted.instrument(log.span()).await.unwrap_or_else(|_| refuse_with_status(StatusCode::INTERNAL_SERVER_ERROR));

    error_format.apply(&mut response, &security.style, &log.id.0);
    if body_ended.get().is_none() {
        // The connection cannot be used again with the rest of a body in it.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    security.policy.apply(&nonce, &mut response);
    if let Ok(id) = HeaderValue::from_str(&log.id.0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    log.finish(response.status());
    response
}

async fn admit(security: &Security, client: ClientIp, request: Request, next: Next) -> Response {
    if !has_valid_host(request.version(), request.headers()) {
        return refuse_with_status(StatusCode::BAD_REQUEST);
    }
    // A direct client is limited by its connections.
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
    let forwarded = peer.is_some_and(|peer| peer != client.0);
    let _place = match security.in_flight.try_take(&share_keys(client.0)) {
        None if forwarded => return busy(),
        place => place,
    };
    if let Err(refusal) = security.origins.check(request.method(), request.uri().path(), request.headers()) {
        return *refusal;
    }
    next.run(request).await
}
