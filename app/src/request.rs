//! Extractors of handlers besides path, query and body.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, Request};
use backend::AppState;
use backend::access::guard::{Allowed, Caller};
use backend::infra::session::{ACCOUNT_KEY, VERSION_KEY};
use http::header::HOST;
use http::request::Parts;
use tower_sessions::Session;
use uuid::Uuid;

use crate::error::PageError;
use crate::operator::Operator;
use crate::shell::Assets;

/// Session key: whether the person called the device their own when signing in.
pub const OWN_DEVICE: &str = "own_device";

/// State of the router.
#[derive(Clone)]
pub struct SharedState {
    /// The application.
    pub app: AppState,
    /// Addresses of the built assets.
    pub assets: Arc<Assets>,
    /// Public origin of the site, if one is configured.
    pub site: Option<String>,
    /// Who runs the platform.
    pub operator: Arc<Operator>,
}

impl FromRef<SharedState> for AppState {
    fn from_ref(shared: &SharedState) -> Self {
        shared.app.clone()
    }
}

/// The operator, for handlers.
#[derive(Clone)]
pub struct SiteOperator(pub Arc<Operator>);

impl FromRef<SharedState> for SiteOperator {
    fn from_ref(shared: &SharedState) -> Self {
        Self(Arc::clone(&shared.operator))
    }
}

/// Metadata of a request set by the server before routing; a request extension.
#[derive(Debug, Clone, Default)]
pub struct RequestMeta {
    /// Nonce of the scripts of the response.
    pub nonce: String,
    /// Network address of the client, for rate limits only; these count IPv6 by network.
    pub address: String,
}

/// The session's caller; a request extension for the handlers of pages.
#[derive(Clone, Default)]
pub struct Identity {
    /// The signed-in account; none for a visitor.
    pub caller: Option<Caller>,
    /// Whether the caller called this device their own.
    pub own_device: bool,
}

/// The session's caller as the server looked it up before the request got a place in a pool; a request extension. The error is that of a
/// database that could not be read: then nobody knows who asks.
#[derive(Clone)]
pub struct Identified(pub Result<Identity, PageError>);

impl Identified {
    /// Removes it from a request; a request without it comes from a visitor.
    pub fn take(request: &mut Request) -> Result<Identity, PageError> {
        request.extensions_mut().remove::<Self>().map_or_else(|| Ok(Identity::default()), |identified| identified.0)
    }
}

/// Marks a request whose body was not read, because its caller does not have the permission of the address; a request extension.
#[derive(Debug, Clone, Copy)]
pub struct BodyRefused;

impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Proof that the signed-in caller has the permission of the route; the layer that checks the permission provides it.
pub struct Authorized(pub Allowed);

impl<S: Send + Sync> FromRequestParts<S> for Authorized {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts.extensions.get::<Allowed>().cloned().map(Self).ok_or(PageError::SignIn)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Authorized {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Allowed>().cloned().map(Self))
    }
}

/// The public origin of the site, as people type it: scheme and host, without a path.
pub struct SiteOrigin(pub String);

impl FromRequestParts<SharedState> for SiteOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shared: &SharedState) -> Result<Self, Infallible> {
        // Only a server on one's own machine has no configured origin.
        let requested = || {
            let host = parts.headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("");
            format!("http://{host}")
        };
        Ok(Self(shared.site.clone().unwrap_or_else(requested)))
    }
}

/// The account a session belongs to, as it is now; nobody for a visitor, or if the account was closed or has ended its sessions.
///
/// # Errors
/// The session or the database cannot be read.
pub async fn identify(app: &AppState, session: &Session) -> Result<Identity, PageError> {
    let Some(account) = session.get::<Uuid>(ACCOUNT_KEY).await? else {
        return Ok(Identity::default());
    };
    let own_device = session.get::<bool>(OWN_DEVICE).await? == Some(true);
    let version = session.get::<i64>(VERSION_KEY).await?.unwrap_or_default();
    let caller = backend::access::guard::load_caller(app, account).await?;
    Ok(Identity { caller: caller.filter(|caller| caller.session_version == version), own_device })
}

/// A path of this site to continue at after signing in; anything else becomes the home page.
pub fn safe_next(next: &str) -> &str {
    let printable = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if next.starts_with('/') && !next.starts_with("//") && printable { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_gone_to() {
        for next in ["", "//evil.example", "https://evil.example", "/\\evil", "/a b", "javascript:x", "/中文", "\\/x"] {
            assert_eq!(safe_next(next), "/", "{next}");
        }
        assert_eq!(safe_next("/matters/1?x=2"), "/matters/1?x=2");
    }
}
