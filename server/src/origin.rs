//! Protection against cross-site requests: only pages of this site may send writing requests, in the content types they use.

use std::str::FromStr;

use axum::response::Response;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};

use crate::error_pages::{refuse, refuse_with_status};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request names exactly one host, as HTTP/1.1 demands. A request with two is one that proxies and servers may understand differently.
pub fn has_valid_host(version: Version, headers: &HeaderMap) -> bool {
    match single(headers, &HOST) {
        HeaderCount::Missing => version == Version::HTTP_10,
        HeaderCount::One(host) => Authority::from_str(host).is_ok_and(|authority| !authority.as_str().contains('@')),
        HeaderCount::Invalid => false,
    }
}

/// Content types that pages of this site send: forms, forms with files, calls of islands, chunks of an upload.
const CONTENT_TYPES: &[&str] =
    &["application/x-www-form-urlencoded", "multipart/form-data", "application/json", "application/offset+octet-stream"];

/// The endpoint of payment notices, which come from no page and are authenticated by their signature.
const NOTICES: &str = "/api/pay/notice/";

/// The origin that writing requests must come from.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    public: Option<String>,
}

impl Origins {
    /// Takes the public origin; without one, the `Host` of each request counts.
    pub fn new(public: Option<String>) -> Self {
        Self { public }
    }

    /// Checks one request. Reading requests always pass.
    ///
    /// # Errors
    /// The response that refuses a writing request from elsewhere, or one with an unknown method or content type.
    pub fn check(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
        match *method {
            Method::GET | Method::HEAD => return Ok(()),
            Method::POST | Method::PUT | Method::PATCH | Method::DELETE => {}
            _ => {
                let mut response = refuse_with_status(StatusCode::METHOD_NOT_ALLOWED);
                let allowed = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
                response.headers_mut().insert(ALLOW, allowed);
                return Err(Box::new(response));
            }
        }
        if !path.starts_with(NOTICES) && !self.is_same_site(headers) {
            return Err(Box::new(refuse(StatusCode::FORBIDDEN, "无法确认这次提交来自本网站，已拒绝。请从本网站的页面重新操作。")));
        }
        if !has_known_content_type(headers) {
            return Err(Box::new(refuse_with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)));
        }
        Ok(())
    }

    fn is_same_site(&self, headers: &HeaderMap) -> bool {
        let (origin, site) = (single(headers, &ORIGIN), single(headers, &FETCH_SITE));
        match (origin, site) {
            (HeaderCount::Invalid, _) | (_, HeaderCount::Invalid) | (HeaderCount::Missing, HeaderCount::Missing) => false,
            (HeaderCount::Missing, HeaderCount::One(site)) => site == "same-origin",
            (HeaderCount::One(origin), site) => {
                self.is_own_origin(origin, headers)
                    // `none`: a browser that restores a page by itself.
                    && matches!(site, HeaderCount::Missing | HeaderCount::One("same-origin" | "none"))
            }
        }
    }

    fn is_own_origin(&self, origin: &str, headers: &HeaderMap) -> bool {
        match &self.public {
            Some(public) => origin.eq_ignore_ascii_case(public),
            // Without a public address there is no proxy, so `Host` is what the browser was given.
            None => match (single(headers, &HOST), origin.strip_prefix("http://")) {
                (HeaderCount::One(host), Some(origin)) => origin.eq_ignore_ascii_case(host),
                _ => false,
            },
        }
    }
}

enum HeaderCount<'a> {
    Missing,
    One(&'a str),
    /// More than once, or not text.
    Invalid,
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> HeaderCount<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => HeaderCount::Missing,
        (Some(one), None) => one.to_str().map_or(HeaderCount::Invalid, HeaderCount::One),
        _ => HeaderCount::Invalid,
    }
}

fn has_known_content_type(headers: &HeaderMap) -> bool {
    match single(headers, &CONTENT_TYPE) {
        HeaderCount::One(kind) => {
            let kind = kind.split(';').next().unwrap_or("").trim();
            CONTENT_TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known))
        }
        HeaderCount::Missing => !headers.contains_key(TRANSFER_ENCODING) && headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0"),
        HeaderCount::Invalid => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://registrar.example.cn";

    fn status(public: Option<&str>, method: &str, pairs: &[(&str, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        match Origins::new(public.map(str::to_owned)).check(&method.parse().unwrap(), "/matters", &headers) {
            Ok(()) => 200,
            Err(response) => response.status().as_u16(),
        }
    }

    #[test]
    fn a_request_names_one_host() {
        for (version, hosts, valid) in [
            (Version::HTTP_11, &["registrar.example.cn"][..], true),
            (Version::HTTP_11, &["127.0.0.1:3000"], true),
            (Version::HTTP_11, &["[::1]:3000"], true),
            (Version::HTTP_11, &[], false),
            (Version::HTTP_11, &[""], false),
            (Version::HTTP_11, &["a", "b"], false),
            (Version::HTTP_11, &["a", "a"], false),
            (Version::HTTP_11, &["user@a"], false),
            (Version::HTTP_11, &["a/b"], false),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_10, &["a", "b"], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, host.parse().unwrap());
            }
            assert_eq!(has_valid_host(version, &headers), valid, "{version:?} {hosts:?}");
        }
    }

    #[test]
    fn only_a_page_of_this_site_may_change_something() {
        for (pairs, expected) in [
            (&[("origin", HERE)][..], 200),
            (&[("origin", HERE), ("sec-fetch-site", "same-origin")], 200),
            (&[("origin", HERE), ("sec-fetch-site", "none")], 200),
            (&[("sec-fetch-site", "same-origin")], 200),
            (&[], 403),
            (&[("origin", "null")], 403),
            (&[("origin", "https://evil.example")], 403),
            (&[("origin", "http://registrar.example.cn")], 403),
            (&[("origin", "https://registrar.example.cn.evil.example")], 403),
            (&[("origin", "https://registrar.example.cn:8443")], 403),
            (&[("origin", "https://evil.example"), ("host", "evil.example")], 403),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], 403),
            (&[("origin", HERE), ("sec-fetch-site", "cross-site")], 403),
            (&[("origin", HERE), ("sec-fetch-site", "same-site")], 403),
            (&[("sec-fetch-site", "cross-site")], 403),
            (&[("sec-fetch-site", "same-site")], 403),
            (&[("sec-fetch-site", "none")], 403),
            (&[("origin", HERE), ("origin", "https://evil.example")], 403),
            (&[("referer", "https://registrar.example.cn/login")], 403),
        ] {
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                assert_eq!(status(Some(HERE), method, pairs), expected, "{method} {pairs:?}");
            }
        }
    }

    #[test]
    fn without_a_public_address_the_host_of_the_request_is_this_site() {
        let host = ("host", "127.0.0.1:3000");
        for (origin, expected) in [
            ("http://127.0.0.1:3000", 200),
            ("http://localhost:3000", 403),
            ("http://127.0.0.1:3001", 403),
            ("https://127.0.0.1:3000", 403),
            ("http://127.0.0.1", 403),
        ] {
            assert_eq!(status(None, "POST", &[host, ("origin", origin)]), expected, "{origin}");
        }
        assert_eq!(status(None, "POST", &[("origin", "http://127.0.0.1:3000")]), 403, "no host");
    }

    #[test]
    fn only_forms_that_pages_send_are_read() {
        for (pairs, expected) in [
            (&[("content-type", "application/x-www-form-urlencoded")][..], 200),
            (&[("content-type", "application/x-www-form-urlencoded; charset=UTF-8")], 200),
            (&[("content-type", "multipart/form-data; boundary=x")], 200),
            (&[("content-type", "Application/JSON")], 200),
            (&[("content-type", "application/offset+octet-stream")], 200),
            (&[("content-length", "0")], 200),
            (&[], 200),
            (&[("content-type", "text/plain")], 415),
            (&[("content-type", "text/plain; application/json")], 415),
            (&[("content-type", "application/xml")], 415),
            (&[("content-type", "application/cbor")], 415),
            (&[("content-type", "application/jsonx")], 415),
            (&[("content-length", "3")], 415),
            (&[("transfer-encoding", "chunked")], 415),
            (&[("content-type", "application/json"), ("content-type", "text/plain")], 415),
        ] {
            let mut all = vec![("origin", HERE)];
            all.extend_from_slice(pairs);
            assert_eq!(status(Some(HERE), "POST", &all), expected, "{pairs:?}");
        }
    }

    #[test]
    fn reading_is_open_and_odd_methods_are_refused() {
        for (method, expected) in [("GET", 200), ("HEAD", 200), ("TRACE", 405), ("CONNECT", 405), ("OPTIONS", 405), ("PROPFIND", 405)] {
            assert_eq!(status(Some(HERE), method, &[("origin", "https://evil.example")]), expected, "{method}");
        }
    }
}
