//! A file that is served from memory, in the encoding that the client accepts.

use std::io::Write;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

use crate::headers::Cacheable;

/// A file with its encodings.
pub(crate) struct AssetFile {
    /// Media type.
    pub content_type: &'static str,
    /// Its content.
    pub plain: Bytes,
    /// The content in Brotli.
    pub br: Option<Bytes>,
    /// The content in gzip.
    pub gz: Option<Bytes>,
}

impl AssetFile {
    /// A file that the program holds, with its compressed form.
    pub(crate) fn of_program(content_type: &'static str, plain: Bytes) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let packed = encoder.write_all(&plain).and_then(|()| encoder.finish());
        let gz = packed.ok().filter(|packed| packed.len() < plain.len()).map(Bytes::from);
        Self { content_type, plain, br: None, gz }
    }

    /// The response in the smallest encoding the client accepts. `kept`: how long it may be kept, if it may.
    pub(crate) fn respond(&self, asked: &HeaderMap, kept: Option<&'static str>) -> Response {
        let (body, encoding) = self.for_client(asked);
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if let Some(kept) = kept {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
            response.extensions_mut().insert(Cacheable);
        }
        response
    }

    /// The smallest encoding the client accepts.
    fn for_client(&self, headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
        for (bytes, encoding) in [(&self.br, "br"), (&self.gz, "gzip")] {
            if let Some(bytes) = bytes
                && accepts(headers, encoding)
            {
                return (bytes.clone(), Some(encoding));
            }
        }
        (self.plain.clone(), None)
    }
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| {
        let mut parts = item.split(';');
        let named = parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case(encoding));
        let refused = parts.filter_map(|p| p.trim().strip_prefix("q=")).any(|q| q.parse() == Ok(0.0_f32));
        named && !refused
    })
}
