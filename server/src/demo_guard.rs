//! Keeps a demo on this machine: its accounts have a published password, and it shows every message.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{FORWARDED, HOST, VIA};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, StatusCode};

use crate::error_pages::refuse;

/// Headers that proxies add.
const PROXY_HEADERS: [HeaderName; 7] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-client-ip"),
];

/// Refuses requests of a demo that come from another machine, directly or through a proxy.
pub async fn refuse_other_machines(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    if from_other_machine(peer, request.headers()) {
        return refuse(StatusCode::FORBIDDEN, "演示系统只能在本机使用，不能通过代理访问。");
    }
    next.run(request).await
}

fn from_other_machine(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let forwarded = PROXY_HEADERS.iter().any(|name| headers.contains_key(name));
    let beyond = peer.is_some_and(|ip| !ip.to_canonical().is_loopback());
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    forwarded || beyond || host.is_some_and(|host| !is_this_machine(host))
}

/// Whether a `Host` header names this machine. A site elsewhere can give its own name the address 127.0.0.1.
fn is_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_answers_this_machine_only() {
        for (peer, name, value, refused) in [
            ("127.0.0.1", "host", "127.0.0.1:3000", false),
            ("::1", "host", "[::1]:3000", false),
            ("::ffff:127.0.0.1", "host", "localhost", false),
            ("127.0.0.1", "host", "demo.example.cn", true),
            ("127.0.0.1", "host", "127.0.0.1.example.cn", true),
            ("192.0.2.1", "host", "localhost", true),
            ("127.0.0.1", "x-forwarded-for", "127.0.0.1", true),
            ("127.0.0.1", "forwarded", "for=192.0.2.1", true),
            ("127.0.0.1", "via", "1.1 proxy", true),
            ("127.0.0.1", "x-real-ip", "192.0.2.1", true),
            ("127.0.0.1", "accept", "*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
            assert_eq!(from_other_machine(Some(peer.parse().unwrap()), &headers), refused, "{peer} {name}: {value}");
        }
    }
}
