//! Offline use and installation: the service worker, the manifest, the icons.

use std::sync::Arc;

use app::draft::device::with_names;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

use crate::asset_file::AssetFile;
use crate::headers::Cacheable;

const WORKER: &str = include_str!("site/worker.js");
const DEVICE: &str = include_str!("site/device.js");
/// Script of forms that are kept as drafts.
const FORM_DRAFT: &str = concat!(include_str!("site/form_controls.js"), include_str!("site/form_draft.js"));
/// Script of the off-line page.
const OFFLINE: &str = include_str!("site/offline.js");
/// Script of the buttons 复制.
const COPY: &str = include_str!("site/copy.js");
/// Script of every page.
const FRAME: &str = include_str!("site/frame.js");
/// Script of queues and of matters opened from one.
const QUEUE: &str = include_str!("site/queue.js");
const PROOF: &str = include_str!("site/proof.js");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A script without indentation and without the lines that are comments. None of them has a text of several lines.
fn compact(script: &str) -> Bytes {
    let is_comment = |line: &str| line.starts_with("//") || (line.starts_with("/**") && line.ends_with("*/"));
    let lines: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line)).collect();
    Bytes::from(lines.join("\n"))
}

/// The routes of the worker, which caches `files`, and of its companions.
pub fn routes(version: &str, files: &[String]) -> Router {
    let (worker, device) = (Bytes::from(worker(version, files)), compact(&with_names(DEVICE)));
    let form_draft = compact(&with_names(FORM_DRAFT));
    let [frame, offline, copy, proof, queue] = [FRAME, OFFLINE, COPY, PROOF, QUEUE].map(compact);
    let file = |text: Bytes| Arc::new(AssetFile::of_program(JAVASCRIPT, text));
    let script = |text: Bytes, cacheable: bool| {
        let file = file(text);
        get(move |headers: HeaderMap| async move { file.respond(&headers, Some(kept(cacheable))) })
    };
    let worker = file(worker);
    Router::new()
        // Never cached, or an old worker would stay for ever.
        .route(
            "/sw.js",
            get(move |headers: HeaderMap| async move {
                let mut response = worker.respond(&headers, Some(kept(false)));
                response.headers_mut().insert("service-worker-allowed", HeaderValue::from_static("/"));
                response
            }),
        )
        .route("/device.js", script(device, false))
        .route("/form_draft.js", script(form_draft, false))
        .route("/offline.js", script(offline, false))
        .route("/frame.js", script(frame, true))
        .route("/copy.js", script(copy, true))
        .route("/queue.js", script(queue, true))
        .route("/proof.js", script(proof, true))
        .route("/manifest.webmanifest", get(|| async { cached("application/manifest+json", include_bytes!("site/manifest.webmanifest")) }))
        .route("/icon.svg", get(|| async { cached("image/svg+xml", include_bytes!("site/icon.svg")) }))
        .route("/icon-192.png", get(|| async { cached("image/png", include_bytes!("site/icon-192.png")) }))
        .route("/icon-512.png", get(|| async { cached("image/png", include_bytes!("site/icon-512.png")) }))
}

fn worker(version: &str, files: &[String]) -> String {
    let files = serde_json::to_string(files).unwrap_or_else(|_| "[]".to_owned());
    // A new version of the script is a new version of what is cached.
    let script: String = Sha256::digest(FORM_DRAFT).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    WORKER.replace("@VERSION@", &format!("{version}-{script}")).replace("@FILES@", &files)
}

/// How long a file is kept; no time for one that is asked about each time.
fn kept(cacheable: bool) -> &'static str {
    if cacheable { "public, max-age=86400" } else { "no-cache" }
}

fn cached(kind: &'static str, bytes: &'static [u8]) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(kept(true)));
    // Without the mark the response would be `no-store`, which forbids revalidation too.
    response.extensions_mut().insert(Cacheable);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_names_its_files_and_changes_with_them() {
        let one = worker("1", &["/pkg/a.js".into()]);
        assert!(one.contains(r#"["/pkg/a.js"]"#) && one.contains("'1-") && !one.contains('@'), "{one}");
        assert_ne!(one, worker("2", &["/pkg/a.js".into()]));
    }

    #[test]
    fn a_script_is_served_without_its_comments_and_no_text_of_it_spans_lines() {
        assert_eq!(&compact("// a\n  /** b */\n  const c = '// d'; // e\n\n  f();\n")[..], b"const c = '// d'; // e\nf();");
        for script in [DEVICE, FORM_DRAFT, FRAME, OFFLINE, COPY, PROOF, QUEUE] {
            let code = script.lines().filter(|line| !compact(line).is_empty());
            assert!(code.clone().all(|line| line.matches('`').count() % 2 == 0), "a template over several lines");
            assert!(
                code.clone().all(|line| !line.trim_start().starts_with("/*") && !line.trim_start().starts_with('*')),
                "a comment over several lines"
            );
        }
    }

    #[test]
    fn the_worker_answers_reading_only_and_keeps_one_page() {
        assert!(WORKER.contains("request.method !== 'GET'"));
        assert_eq!(WORKER.matches("addAll").count(), 1);
        assert!(!WORKER.contains("cache.put"), "nothing is kept as it passes by");
    }
}
