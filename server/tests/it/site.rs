//! The headers and error pages of every response, whichever layer produced it.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use axum::body::Body;
use axum::extract::{ConnectInfo, Extension, Request};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form, Router};
use http::StatusCode;
use http_body_util::BodyExt;
use server::assets::Assets;
use server::client::ClientIp;
use server::config::{Config, Environment};
use server::headers::CspNonce;
use server::log::RequestId;
use server::serve::site;
use tower::ServiceExt;

const HERE: &str = "https://registrar.example.cn";

fn app(folder: &Path) -> Router {
    fs::create_dir_all(folder.join("target/site/pkg")).unwrap();
    fs::write(folder.join("target/site/pkg/registrar.css"), "body{}").unwrap();
    let env = |name: &str| match name {
        "PUBLIC_URL" => Some(HERE.to_owned()),
        "TRUSTED_PROXIES" => Some("10.0.0.0/8".to_owned()),
        _ => None,
    };
    let config = Config::read(Environment { env: &env, folder, program: folder }, false).unwrap();
    let assets = Assets::read(&config.leptos).unwrap();
    async fn panics() {
        panic!("王伟 110101199003070073");
    }
    let routes = Router::new()
        .route("/nonce", get(|Extension(CspNonce(nonce)): Extension<CspNonce>| async { nonce }))
        .route("/client", get(|Extension(ClientIp(ip)): Extension<ClientIp>| async move { ip.to_string() }))
        .route("/id", get(|Extension(RequestId(id)): Extension<RequestId>| async { id }))
        .route("/panic", get(panics))
        .route("/fails", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/form", post(|_: Form<Vec<(String, String)>>| async { "saved" }));
    site(&config, &assets, routes)
}

async fn answer(request: Request) -> Response {
    let folder = tempfile::tempdir().unwrap();
    app(folder.path()).oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn browse(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "registrar.example.cn").header("accept", "text/html").header("origin", HERE)
}

fn form(path: &str, body: impl Into<Body>) -> Request {
    let builder = browse("POST", path).header("content-type", "application/x-www-form-urlencoded");
    builder.body(body.into()).unwrap()
}

#[tokio::test]
async fn every_answer_carries_every_header_whatever_it_is() {
    let empty = |method: &str, path: &str| browse(method, path).body(Body::empty()).unwrap();
    let foreign = Request::post("/form").header("host", "x").header("origin", "https://evil.example").header("accept", "text/html");
    let hostless = Request::get("/nonce").header("accept", "text/html");
    let odd = browse("POST", "/form").header("content-type", "text/plain");
    for (request, status) in [
        (empty("GET", "/nonce"), 200),
        (empty("HEAD", "/nonce"), 200),
        (empty("GET", "/pkg/registrar.css"), 200),
        (empty("GET", "/favicon.ico"), 200),
        (empty("GET", "/robots.txt"), 200),
        (empty("GET", "/gone"), 404),
        (empty("GET", "/pkg/gone.js"), 404),
        (empty("GET", "/form"), 405),
        (empty("TRACE", "/nonce"), 405),
        (empty("GET", "/fails"), 500),
        (empty("GET", "/panic"), 500),
        (foreign.body(Body::empty()).unwrap(), 403),
        (odd.body("x".into()).unwrap(), 415),
        (form("/form", "a=1"), 200),
        (hostless.body(Body::empty()).unwrap(), 400),
    ] {
        let asked = format!("{} {}", request.method(), request.uri());
        let response = answer(request).await;
        assert_eq!(response.status().as_u16(), status, "{asked}");
        let headers = response.headers();
        for name in [
            "content-security-policy",
            "strict-transport-security",
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "cache-control",
            "x-request-id",
        ] {
            assert!(headers.contains_key(name), "{asked} lacks {name}");
        }
        let kind = headers["content-type"].to_str().unwrap();
        assert!(!kind.starts_with("text/") || kind.contains("charset=utf-8"), "{asked}: {kind}");
        if status >= 400 {
            let page = text(response).await;
            assert!(page.contains("返回首页") && page.contains("registrar.css"), "{asked}: {page}");
        }
    }
}

#[tokio::test]
async fn the_nonce_of_the_page_is_the_one_of_the_header_and_new_each_time() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = answer(browse("GET", "/nonce").body(Body::empty()).unwrap()).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let nonce = text(response).await;
        assert!(policy.contains(&format!("script-src 'nonce-{nonce}' 'strict-dynamic'")), "{policy}");
        seen.push(nonce);
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn the_number_of_a_request_is_in_the_answer_and_on_the_page_of_an_error() {
    let response = answer(browse("GET", "/id").body(Body::empty()).unwrap()).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(text(response).await, id);
    let response = answer(browse("GET", "/panic").body(Body::empty()).unwrap()).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let page = text(response).await;
    assert!(page.contains(&id) && !page.contains("王伟"), "{page}");
}

#[tokio::test]
async fn the_client_is_the_one_before_the_proxies_that_are_ours() {
    for (peer, forwarded, client) in [("10.1.2.3", "198.51.100.9", "198.51.100.9"), ("203.0.113.5", "198.51.100.9", "203.0.113.5")] {
        let mut request = browse("GET", "/client").header("x-forwarded-for", forwarded).body(Body::empty()).unwrap();
        let peer: IpAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 1)));
        assert_eq!(text(answer(request).await).await, client);
    }
}

#[tokio::test]
async fn a_refusal_before_the_body_was_read_says_that_the_connection_ends() {
    for (request, closes) in [
        (form("/form", "a=1"), false),
        (browse("GET", "/nonce").body(Body::empty()).unwrap(), false),
        (browse("POST", "/form").header("content-type", "text/plain").body("x".into()).unwrap(), true),
        (browse("POST", "/form").header("origin", "https://evil.example").body("x".into()).unwrap(), true),
    ] {
        let response = answer(request).await;
        let status = response.status();
        let connection = response.headers().get("connection").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(connection.as_deref(), closes.then_some("close"), "{status}");
    }
}
