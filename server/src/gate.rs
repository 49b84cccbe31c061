//! What every request passes on its way in, and every answer on its way out, in this order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use http::{HeaderName, HeaderValue, StatusCode};
use tracing::Instrument;

use crate::answer::{Dress, refuse_usual};
use crate::client::ClientIp;
use crate::headers::{CspNonce, Policy};
use crate::limits::Limits;
use crate::log::Call;
use crate::network::Network;
use crate::origin::Origins;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is decided for all requests of one server.
pub struct Gate {
    /// Headers of every answer.
    pub policy: Policy,
    /// Who may change something.
    pub origins: Origins,
    /// What a request may take.
    pub limits: Limits,
    /// Proxies of ours.
    pub proxies: Vec<Network>,
    /// Address of the style sheet, for error pages.
    pub style: String,
}

/// Lets one request through; the one layer around every route, fallbacks included.
pub async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let call = Call::begin(&request);
    let nonce = CspNonce::fresh();
    let dress = Dress::of(&request);
    let client = ClientIp::of(&request, &gate.proxies);
    let extensions = request.extensions_mut();
    extensions.insert(nonce.clone());
    extensions.insert(call.id.clone());
    extensions.insert(client);

    // A handler that panics must cost one answer, not the connection. Nothing it held is used again.
    let admitted = AssertUnwindSafe(admit(&gate, request, next)).catch_unwind();
    let mut response = admitted.instrument(call.span()).await.unwrap_or_else(|_| refuse_usual(StatusCode::INTERNAL_SERVER_ERROR));

    dress.put_on(&mut response, &gate.style, &call.id.0);
    gate.policy.put_on(&nonce, &mut response);
    if let Ok(id) = HeaderValue::from_str(&call.id.0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    call.end(response.status());
    response
}

async fn admit(gate: &Gate, request: Request, next: Next) -> Response {
    if let Err(refusal) = gate.origins.check(request.method(), request.uri().path(), request.headers()) {
        return *refusal;
    }
    gate.limits.keep(request, |request| next.run(request)).await
}
