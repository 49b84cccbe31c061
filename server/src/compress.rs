//! Compression of pages on their way to the browser. Everything else is compressed before it is asked for.

use axum::Router;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Response};
use axum::middleware::{Next, from_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Bytes below which a page is sent as it is.
const LEAST: u16 = 1024;

/// The routes with their pages compressed.
pub fn compress_pages(routes: Router) -> Router {
    let layer = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(Pages(SizeAbove::new(LEAST)));
    routes.layer(layer).layer(from_fn(refuse_other_sites))
}

/// Pages, and nothing that is downloaded.
#[derive(Clone, Copy)]
struct Pages(SizeAbove);

impl Predicate for Pages {
    fn should_compress<B: HttpBody>(&self, response: &Response<B>) -> bool {
        let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        kind.starts_with(b"text/html") && self.0.should_compress(response)
    }
}

/// Another site that makes a browser ask for pages could learn from their compressed sizes what they contain (BREACH), so only what the
/// browser asks for by itself or from a page of this site is compressed.
async fn refuse_other_sites(mut request: Request, next: Next) -> axum::response::Response {
    if !is_own(request.headers()) {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    next.run(request).await
}

fn is_own(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none")
}
