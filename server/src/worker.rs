//! What makes the site work without a network, and stand on a home screen: the service worker, the manifest, the icons.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::headers::Keepable;

const WORKER: &str = include_str!("site/worker.js");
const DEVICE: &[u8] = include_bytes!("site/device.js");

/// The worker over these files, and what stands beside it.
pub fn routes(version: &str, files: &[String]) -> Router {
    let worker = Bytes::from(worker(version, files));
    Router::new()
        // Asked for anew each time, or an old worker would stay for ever.
        .route(
            "/sw.js",
            get(move || async move {
                let mut response = answer("text/javascript; charset=utf-8", worker, false);
                response.headers_mut().insert("service-worker-allowed", HeaderValue::from_static("/"));
                response
            }),
        )
        .route("/device.js", get(|| async { answer("text/javascript; charset=utf-8", Bytes::from_static(DEVICE), false) }))
        .route("/manifest.webmanifest", get(|| async { kept("application/manifest+json", include_bytes!("site/manifest.webmanifest")) }))
        .route("/icon.svg", get(|| async { kept("image/svg+xml", include_bytes!("site/icon.svg")) }))
        .route("/icon-192.png", get(|| async { kept("image/png", include_bytes!("site/icon-192.png")) }))
        .route("/icon-512.png", get(|| async { kept("image/png", include_bytes!("site/icon-512.png")) }))
}

fn worker(version: &str, files: &[String]) -> String {
    let files = serde_json::to_string(files).unwrap_or_else(|_| "[]".to_owned());
    WORKER.replace("@VERSION@", version).replace("@FILES@", &files)
}

fn kept(kind: &'static str, bytes: &'static [u8]) -> Response {
    answer(kind, Bytes::from_static(bytes), true)
}

fn answer(kind: &'static str, bytes: Bytes, keepable: bool) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let age = if keepable { "public, max-age=86400" } else { "no-cache" };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(age));
    // Without this mark the gate would let nobody keep it, not even to ask whether it is still the same.
    response.extensions_mut().insert(Keepable);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_names_its_files_and_changes_with_them() {
        let one = worker("1", &["/pkg/a.js".into()]);
        assert!(one.contains(r#"["/pkg/a.js"]"#) && one.contains("'1'") && !one.contains('@'), "{one}");
        assert_ne!(one, worker("2", &["/pkg/a.js".into()]));
    }

    #[test]
    fn the_worker_answers_reading_only_and_keeps_one_page() {
        assert!(WORKER.contains("request.method !== 'GET'"));
        assert_eq!(WORKER.matches("addAll").count(), 1);
        assert!(!WORKER.contains("cache.put"), "nothing is kept as it passes by");
    }
}
