//! The security headers of every response.

use app::page::Framed;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, SET_COOKIE, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};

/// The nonce of the scripts of a page in its content security policy, new for every response. A request extension for the renderer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CspNonce(pub String);

impl CspNonce {
    /// A random nonce of 128 bits. It is empty if the system has no randomness; then no script runs.
    pub fn fresh() -> Self {
        let mut bytes = [0; 16];
        match getrandom::fill(&mut bytes) {
            Ok(()) => Self(URL_SAFE_NO_PAD.encode(bytes)),
            Err(_) => Self(String::new()),
        }
    }
}

/// Marks a response that shared caches may store: a response extension. All others get `no-store`.
#[derive(Clone, Copy)]
pub struct Cacheable;

/// The security headers of one server.
pub struct Policy {
    before_nonce: &'static str,
    after_nonce: String,
    https: bool,
}

static FIXED: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What is added to the policy of a file that pages of this site show in a frame.
const FRAMED: &str = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

impl Policy {
    /// A policy that lets forms lead to this site and to `form_targets`, with HSTS where the site has HTTPS.
    pub fn new(form_targets: &[String], https: bool) -> Self {
        let mut after_nonce = String::from(
            "' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; \
             connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; object-src 'none'; \
             frame-ancestors 'none'; frame-src 'self'; form-action 'self'",
        );
        for target in form_targets {
            after_nonce.push(' ');
            after_nonce.push_str(target);
        }
        Self { before_nonce: "default-src 'none'; script-src 'nonce-", after_nonce, https }
    }

    /// Sets the headers of a response.
    pub fn apply(&self, nonce: &CspNonce, response: &mut Response) {
        let cacheable = response.extensions().get::<Cacheable>().is_some() && !response.headers().contains_key(SET_COOKIE);
        let framed = response.extensions().get::<Framed>().is_some();
        let headers = response.headers_mut();
        for (name, value) in &FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.https {
            let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers.insert(STRICT_TRANSPORT_SECURITY, year);
        }
        if !cacheable {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        let policy = match framed {
            true => FRAMED.to_owned(),
            false => [self.before_nonce, &nonce.0, &self.after_nonce].concat(),
        };
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            // Added to a policy the response may have already: then both apply.
            headers.append(CONTENT_SECURITY_POLICY, policy);
        }
        let bare_text = headers
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .filter(|kind| kind.starts_with("text/") && !kind.contains("charset"))
            .and_then(|kind| HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok());
        if let Some(kind) = bare_text {
            headers.insert(CONTENT_TYPE, kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn put(policy: &Policy, mut response: Response) -> Response {
        policy.apply(&CspNonce("n0".into()), &mut response);
        response
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |v| v.to_str().unwrap())
    }

    #[test]
    fn every_response_carries_the_whole_set() {
        let response = put(&Policy::new(&[], true), Response::new(Body::empty()));
        for (name, part) in [
            ("content-security-policy", "default-src 'none'; script-src 'nonce-n0' 'strict-dynamic' 'wasm-unsafe-eval';"),
            ("content-security-policy", "frame-ancestors 'none'"),
            ("content-security-policy", "form-action 'self'"),
            ("strict-transport-security", "max-age=31536000"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("permissions-policy", "camera=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert!(header(&response, name).contains(part), "{name}: {}", header(&response, name));
        }
    }

    #[test]
    fn browsers_are_held_to_https_only_where_the_site_has_it() {
        let response = put(&Policy::new(&[], false), Response::new(Body::empty()));
        assert!(!response.headers().contains_key(STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn only_what_is_marked_is_cached_and_never_with_a_cookie() {
        let policy = Policy::new(&[], false);
        let answer = |marked: bool, cookie: bool| {
            let mut response = Response::new(Body::empty());
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public"));
            if marked {
                response.extensions_mut().insert(Cacheable);
            }
            if cookie {
                response.headers_mut().insert(SET_COOKIE, HeaderValue::from_static("a=1"));
            }
            put(&policy, response)
        };
        assert_eq!(header(&answer(true, false), "cache-control"), "public");
        assert_eq!(header(&answer(false, false), "cache-control"), "no-store");
        assert_eq!(header(&answer(true, true), "cache-control"), "no-store");
    }

    #[test]
    fn every_text_says_its_charset() {
        for (kind, said) in [
            ("text/css", "text/css; charset=utf-8"),
            ("text/html; charset=utf-8", "text/html; charset=utf-8"),
            ("application/wasm", "application/wasm"),
        ] {
            let mut response = Response::new(Body::empty());
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            assert_eq!(header(&put(&Policy::new(&[], false), response), "content-type"), said);
        }
    }

    #[test]
    fn a_response_with_a_policy_of_its_own_is_held_to_both() {
        let mut response = Response::new(Body::empty());
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        let response = put(&Policy::new(&[], false), response);
        assert_eq!(response.headers().get_all(CONTENT_SECURITY_POLICY).iter().count(), 2);
    }

    #[test]
    fn only_a_file_that_is_shown_in_place_can_be_framed_and_only_by_this_site() {
        let mut file = Response::new(Body::empty());
        file.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        file.extensions_mut().insert(Framed);
        let file = put(&Policy::new(&[], false), file);
        let policies: Vec<&str> = file.headers().get_all(CONTENT_SECURITY_POLICY).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(policies, ["sandbox", FRAMED]);
        let page = put(&Policy::new(&[], false), Response::new(Body::empty()));
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("frame-src 'self'"));
    }

    #[test]
    fn forms_may_lead_to_the_gateways_that_are_set() {
        let response = put(&Policy::new(&["https://openapi.alipay.com".into()], true), Response::new(Body::empty()));
        assert!(header(&response, "content-security-policy").ends_with("form-action 'self' https://openapi.alipay.com"));
    }

    #[test]
    fn no_two_nonces_are_equal() {
        let (one, other) = (CspNonce::fresh(), CspNonce::fresh());
        assert_eq!(one.0.len(), 22);
        assert_ne!(one, other);
    }
}
