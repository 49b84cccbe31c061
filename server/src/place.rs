//! What each address may take: how large a body, how long, and with whom it shares the server.

use std::time::Duration;

use axum::extract::Request;
use http::header::COOKIE;
use http::{HeaderMap, Method};

/// The name of the session cookie, less `__Host-`.
pub const SESSION_COOKIE: &str = "registrar";

/// Requests that share one limit on how many are answered at once, so that a flood of one kind leaves the others their part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Without a session.
    Public,
    /// With one.
    SignedIn,
    /// The desks of institutions, experts, teachers and the association.
    Staff,
    /// Files on their way in.
    Upload,
}

/// How large a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// An ordinary form.
    Form,
    /// A whole draft.
    Draft,
    /// Files, with the form around them. A single file has a limit of its own, which the page tells without losing what was typed.
    File,
}

impl Size {
    /// In bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Size::Form => 64 << 10,
            Size::Draft => 256 << 10,
            Size::File => (48 << 20) + (256 << 10),
        }
    }

    /// As it is told to people.
    pub const fn text(self) -> &'static str {
        match self {
            Size::Form => "64 KB",
            Size::Draft => "256 KB",
            Size::File => "48 MB",
        }
    }

    /// How long the body and the answer may take each. A file of 10 MB over a poor line needs minutes.
    pub const fn time(self) -> Duration {
        match self {
            Size::Form | Size::Draft => Duration::from_secs(30),
            Size::File => Duration::from_secs(300),
        }
    }
}

/// Addresses that take more than a form. `{}` stands for one part, `{*}` for all that follow.
const LARGE: &[(&str, Size)] = &[
    ("/api/draft/{*}", Size::Draft),
    ("/login", Size::Draft),
    ("/matters/{}/edit/{}", Size::File),
    ("/matters/{}/edit/{}/{}/{}", Size::File),
    ("/matters/{}/pay", Size::File),
    ("/institution/bills", Size::File),
];

/// Addresses that wait for nobody: they cost nothing, or tell whether the server is well.
const FREE: &[&str] = &[
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    "/robots.txt",
    "/sw.js",
    "/device.js",
    "/manifest.webmanifest",
    "/icon.svg",
    "/icon-192.png",
    "/icon-512.png",
    "/pkg/{*}",
];

const STAFF: &[&str] = &["/institution", "/association", "/expert", "/teaching"];

/// What one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whom it shares the server with; nobody if it is free.
    pub pool: Option<Pool>,
    /// What it may send.
    pub size: Size,
}

impl Place {
    /// The place of this request.
    pub fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let size = LARGE.iter().find(|(p, _)| matches(p, path)).map_or(Size::Form, |(_, size)| *size);
        let pool = if FREE.iter().any(|p| matches(p, path)) {
            None
        } else if size == Size::File && !matches!(*request.method(), Method::GET | Method::HEAD) {
            Some(Pool::Upload)
        } else if STAFF.iter().any(|s| path.strip_prefix(s).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))) {
            Some(Pool::Staff)
        } else if has_session(request.headers()) {
            Some(Pool::SignedIn)
        } else {
            Some(Pool::Public)
        };
        Self { pool, size }
    }
}

fn has_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok());
    cookies.flat_map(|line| line.split(';')).any(|pair| {
        let name = pair.split('=').next().unwrap_or("").trim();
        name.strip_prefix("__Host-").unwrap_or(name) == SESSION_COOKIE
    })
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in pattern.split('/') {
        match (wanted, parts.next()) {
            ("{*}", Some(_)) => return true,
            ("{}", Some(part)) if !part.is_empty() => {}
            (wanted, Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn place(method: &str, path: &str, cookie: &str) -> Place {
        let request = Request::builder().method(method).uri(path).header(COOKIE, cookie);
        Place::of(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn each_address_has_its_size_and_its_pool() {
        use Pool::{Public, SignedIn, Staff, Upload};
        for (method, path, cookie, pool, size) in [
            ("GET", "/", "", Some(Public), Size::Form),
            ("GET", "/", "a=1; registrar=x", Some(SignedIn), Size::Form),
            ("GET", "/", "__Host-registrar=x", Some(SignedIn), Size::Form),
            ("GET", "/", "myregistrar=x", Some(Public), Size::Form),
            ("GET", "/healthz", "registrar=x", None, Size::Form),
            ("GET", "/pkg/a.b.js", "", None, Size::Form),
            ("GET", "/association", "registrar=x", Some(Staff), Size::Form),
            ("GET", "/association/queues?x=1", "registrar=x", Some(Staff), Size::Form),
            ("GET", "/associations", "registrar=x", Some(SignedIn), Size::Form),
            ("POST", "/matters/1/edit/2", "registrar=x", Some(Upload), Size::File),
            ("POST", "/matters/1/edit/2/3", "registrar=x", Some(SignedIn), Size::Form),
            ("POST", "/matters//edit/2", "registrar=x", Some(SignedIn), Size::Form),
            ("POST", "/api/draft/save", "registrar=x", Some(SignedIn), Size::Draft),
            ("POST", "/matters/1/edit/2/3/4", "registrar=x", Some(Upload), Size::File),
            ("GET", "/matters/1/edit/2", "registrar=x", Some(SignedIn), Size::File),
        ] {
            assert_eq!(place(method, path, cookie), Place { pool, size }, "{method} {path} {cookie}");
        }
    }
}
