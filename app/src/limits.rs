//! Limits of an address: size and time of the request body, and the capacity pool.

use std::time::Duration;

use http::Method;

/// A set of requests with one limit on how many are answered at once, so that a flood of one kind leaves the others their capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Requests without a session cookie.
    Public,
    /// Requests with a session cookie.
    SignedIn,
    /// The workbenches of institutions, experts, teachers and the association.
    Staff,
    /// Uploads of files.
    Upload,
}

/// How large a request body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyLimit {
    /// An ordinary form.
    #[default]
    Form,
    /// A whole draft.
    Draft,
    /// One chunk of a resumable upload.
    Chunk,
    /// A multipart form with files. A single file has its own limit, which the page reports without losing typed text.
    Files,
}

impl BodyLimit {
    /// Whether the body is handed to the handler as it arrives, in the pool of uploads, instead of being read first.
    pub const fn is_streamed(self) -> bool {
        matches!(self, BodyLimit::Chunk | BodyLimit::Files)
    }

    /// Maximum size in bytes.
    pub const fn max_bytes(self) -> usize {
        match self {
            BodyLimit::Form => 64 << 10,
            BodyLimit::Draft => 256 << 10,
            BodyLimit::Chunk => 1 << 20,
            BodyLimit::Files => (48 << 20) + (256 << 10),
        }
    }

    /// The maximum size as error messages state it.
    pub const fn label(self) -> &'static str {
        match self {
            BodyLimit::Form => "64 KB",
            BodyLimit::Draft => "256 KB",
            BodyLimit::Chunk => "1 MB",
            BodyLimit::Files => "48 MB",
        }
    }

    /// Time allowed for receiving the body, and again for answering. A file of 10 MB needs minutes on a slow connection.
    pub const fn timeout(self) -> Duration {
        match self {
            BodyLimit::Form | BodyLimit::Draft => Duration::from_secs(30),
            BodyLimit::Chunk | BodyLimit::Files => Duration::from_secs(300),
        }
    }
}

/// The limits of one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RouteLimits {
    /// Limit of the request body.
    pub body: BodyLimit,
    /// Whether the address belongs to a workbench and is answered from [`Pool::Staff`].
    pub staff: bool,
}

impl RouteLimits {
    /// The pool that answers a request to this address.
    pub fn pool(self, method: &Method, has_session: bool) -> Pool {
        if self.body.is_streamed() && !matches!(*method, Method::GET | Method::HEAD) {
            Pool::Upload
        } else if self.staff {
            Pool::Staff
        } else if has_session {
            Pool::SignedIn
        } else {
            Pool::Public
        }
    }
}
