//! Limits of an address: size and time of the request body, and the capacity pool.

use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;

/// A set of requests with one limit on how many are answered at once, so that a flood of one kind leaves the others their capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Requests of visitors who are not signed in.
    Public,
    /// Posts that hash a password or send a code, whoever sends them.
    SignIn,
    /// Requests of signed-in accounts, saves without files included.
    SignedIn,
    /// The workbenches of institutions, experts, teachers and the association, for accounts with their permission.
    Staff,
    /// Posts with files, and chunks of uploads.
    Upload,
}

/// Whose share of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShareKey {
    /// An account.
    Account(Uuid),
    /// An IPv4 address, or the first address of an IPv6 /64, which is one customer.
    Address(IpAddr),
    /// The first address of an IPv6 /48, which is one site. IPv4 addresses have none.
    Block(IpAddr),
}

/// How large a request body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyLimit {
    /// An ordinary form; also the limit of every address for callers without its permission.
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
    /// Whether the body is that of a file, so that it may take minutes and must arrive at a least rate.
    pub const fn carries_files(self) -> bool {
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
    /// Limit of the request body, for callers who have the permission of the address.
    pub body: BodyLimit,
    /// Whether the address belongs to a workbench and is answered from [`Pool::Staff`].
    pub staff: bool,
    /// Whether its posts hash a password and are answered from [`Pool::SignIn`].
    pub hashes: bool,
}

/// The properties of a request that decide its pool. The caller is known by then: a cookie alone proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestTraits {
    /// Whether the method is one that changes something.
    pub writes: bool,
    /// Whether an account is signed in.
    pub signed_in: bool,
    /// Whether the caller has the permission of the address.
    pub permitted: bool,
    /// Whether the body carries a file or a part of one.
    pub files: bool,
}

impl RouteLimits {
    /// The pool that answers a request to this address.
    pub fn pool(self, request: RequestTraits) -> Pool {
        let RequestTraits { writes, signed_in, permitted, files } = request;
        if self.hashes && writes {
            Pool::SignIn
        } else if !signed_in {
            Pool::Public
        } else if files && permitted {
            Pool::Upload
        } else if self.staff && permitted {
            Pool::Staff
        } else {
            Pool::SignedIn
        }
    }
}
