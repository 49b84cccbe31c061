//! Which limits apply to a request: those of its route in the table of `app`.

use std::collections::HashMap;

use app::limits::{BodyLimit, Pool, RouteLimits};
use axum::extract::{MatchedPath, Request};
use http::HeaderMap;
use http::header::COOKIE;

/// Name of the session cookie, without the `__Host-` prefix.
pub const SESSION_COOKIE: &str = "registrar";

/// The limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// The pool that answers it; none for addresses of the server itself, which cost nothing or report its health.
    pub pool: Option<Pool>,
    /// Limit of the body.
    pub body: BodyLimit,
}

/// The limits of every route of `app`, by path.
pub struct LimitTable(HashMap<&'static str, RouteLimits>);

impl Default for LimitTable {
    fn default() -> Self {
        Self(app::routes::limits().collect())
    }
}

impl LimitTable {
    /// The limits of a request whose route is matched.
    pub fn limits_of(&self, request: &Request) -> RequestLimits {
        self.limits_at(request.extensions().get::<MatchedPath>().map(MatchedPath::as_str), request)
    }

    /// The limits of a request to the route with this path; `None` if there is no such route.
    pub fn limits_at(&self, path: Option<&str>, request: &Request) -> RequestLimits {
        let limits = match path.map(|path| self.0.get(path)) {
            Some(Some(limits)) => *limits,
            Some(None) => return RequestLimits { pool: None, body: BodyLimit::Form },
            None => RouteLimits::default(),
        };
        let pool = limits.pool(request.method(), has_session(request.headers()));
        RequestLimits { pool: Some(pool), body: limits.body }
    }
}

fn has_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok());
    cookies.flat_map(|line| line.split(';')).any(|pair| {
        let name = pair.split('=').next().unwrap_or("").trim();
        name.strip_prefix("__Host-").unwrap_or(name) == SESSION_COOKIE
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{Next, from_fn};
    use axum::routing::any;
    use tower::ServiceExt;

    /// The limits of a request, as the layer around all routes finds them.
    async fn limits(method: &str, path: &str, cookie: &str) -> RequestLimits {
        let found = Arc::new(Mutex::new(None));
        let layer = from_fn({
            let found = found.clone();
            move |request: Request, next: Next| {
                *found.lock().unwrap() = Some(LimitTable::default().limits_of(&request));
                next.run(request)
            }
        });
        let mut router = Router::new().route("/healthz", any(async || ())).route("/pkg/{*name}", any(async || ()));
        for (path, _) in app::routes::limits() {
            router = router.route(path, any(async || ()));
        }
        let request = Request::builder().method(method).uri(path).header(COOKIE, cookie).body(Body::empty()).unwrap();
        router.layer(layer).oneshot(request).await.unwrap();
        let found = found.lock().unwrap().take();
        found.unwrap()
    }

    #[tokio::test]
    async fn each_address_has_its_body_limit_and_its_pool() {
        use Pool::{Public, SignedIn, Staff, Upload};
        for (method, path, cookie, pool, body) in [
            ("GET", "/", "", Some(Public), BodyLimit::Form),
            ("GET", "/", "a=1; registrar=x", Some(SignedIn), BodyLimit::Form),
            ("GET", "/", "__Host-registrar=x", Some(SignedIn), BodyLimit::Form),
            ("GET", "/", "myregistrar=x", Some(Public), BodyLimit::Form),
            ("GET", "/healthz", "registrar=x", None, BodyLimit::Form),
            ("GET", "/pkg/a.b.js", "", None, BodyLimit::Form),
            ("GET", "/association", "registrar=x", Some(Staff), BodyLimit::Form),
            ("GET", "/association/payments?x=1", "registrar=x", Some(Staff), BodyLimit::Form),
            ("GET", "/associations", "registrar=x", Some(SignedIn), BodyLimit::Form),
            ("POST", "/matters/1/edit/2", "registrar=x", Some(Upload), BodyLimit::Files),
            ("POST", "/matters/1/edit/2/3", "registrar=x", Some(SignedIn), BodyLimit::Form),
            ("POST", "/matters/1/edit", "registrar=x", Some(SignedIn), BodyLimit::Form),
            ("POST", "/api/draft/save", "registrar=x", Some(SignedIn), BodyLimit::Draft),
            ("POST", "/matters/1/edit/2/3/4", "registrar=x", Some(Upload), BodyLimit::Files),
            ("GET", "/matters/1/edit/2", "registrar=x", Some(SignedIn), BodyLimit::Files),
            ("POST", "/api/uploads", "registrar=x", Some(SignedIn), BodyLimit::Form),
            ("PATCH", "/api/uploads/1", "registrar=x", Some(Upload), BodyLimit::Chunk),
            ("HEAD", "/api/uploads/1", "registrar=x", Some(SignedIn), BodyLimit::Chunk),
        ] {
            assert_eq!(limits(method, path, cookie).await, RequestLimits { pool, body }, "{method} {path} {cookie}");
        }
    }
}
