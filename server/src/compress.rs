//! Compression of pages, and of the files that the program holds, on their way to the browser. The build compresses its files itself.

use axum::Router;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Response};
use axum::middleware::{Next, from_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Bytes below which an answer is sent as it is.
const LEAST: u16 = 1024;

/// The routes with their pages compressed.
pub fn compress_pages(routes: Router) -> Router {
    compress(routes, &["text/html"]).layer(from_fn(refuse_other_sites))
}

/// The routes with their scripts and pictures of lines compressed, which are the same for everybody.
pub fn compress_files(routes: Router) -> Router {
    compress(routes, &["text/javascript", "image/svg+xml"])
}

fn compress(routes: Router, types: &'static [&'static str]) -> Router {
    let when = OfTypes { types, size: SizeAbove::new(LEAST) };
    routes.layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(when))
}

/// Answers of some types, and nothing that is downloaded.
#[derive(Clone, Copy)]
struct OfTypes {
    types: &'static [&'static str],
    size: SizeAbove,
}

impl Predicate for OfTypes {
    fn should_compress<B: HttpBody>(&self, response: &Response<B>) -> bool {
        let of = response.headers().get(CONTENT_TYPE).map_or(&b""[..], |of| of.as_bytes());
        self.types.iter().any(|kind| of.starts_with(kind.as_bytes())) && self.size.should_compress(response)
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
