//! Which rules apply to a request: those of its route in the table of `app`.

use std::collections::HashMap;

use app::routes::RouteRules;
use axum::extract::{MatchedPath, Request};

/// The rules of every route of `app`, by path.
pub struct RouteTable(HashMap<&'static str, RouteRules>);

impl Default for RouteTable {
    fn default() -> Self {
        Self(app::routes::rules().collect())
    }
}

impl RouteTable {
    /// The rules of a request whose route is matched; those of a public page if there is no such route.
    pub fn rules_of(&self, request: &Request) -> RouteRules {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        path.and_then(|path| self.0.get(path)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use app::limits::{BodyLimit, Pool, RequestTraits};
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::{Next, from_fn};
    use axum::routing::any;
    use tower::ServiceExt;

    use super::*;

    /// The rules of a request, as a layer around all routes finds them.
    async fn rules(path: &str) -> RouteRules {
        let found = Arc::new(Mutex::new(None));
        let layer = from_fn({
            let found = found.clone();
            move |request: Request, next: Next| {
                *found.lock().unwrap() = Some(RouteTable::default().rules_of(&request));
                next.run(request)
            }
        });
        let mut router = Router::new();
        for (path, _) in app::routes::rules() {
            router = router.route(path, any(async || ()));
        }
        router.layer(layer).oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let found = found.lock().unwrap().take();
        found.unwrap()
    }

    #[tokio::test]
    async fn each_address_has_its_body_limit_and_its_pool() {
        use Pool::{Public, SignIn, SignedIn, Staff, Upload};
        let visitor = RequestTraits { writes: false, signed_in: false, permitted: false, files: false };
        let account = RequestTraits { signed_in: true, ..visitor };
        let permitted = RequestTraits { permitted: true, ..account };
        let save = RequestTraits { writes: true, ..permitted };
        let upload = RequestTraits { files: true, ..save };
        for (path, request, pool, body) in [
            ("/", visitor, Public, BodyLimit::Form),
            ("/", permitted, SignedIn, BodyLimit::Form),
            ("/nowhere", visitor, Public, BodyLimit::Form),
            ("/login", visitor, Public, BodyLimit::Form),
            ("/login", RequestTraits { writes: true, ..visitor }, SignIn, BodyLimit::Form),
            ("/recover/code", RequestTraits { writes: true, ..visitor }, SignIn, BodyLimit::Form),
            ("/association", visitor, Public, BodyLimit::Form),
            ("/association", account, SignedIn, BodyLimit::Form),
            ("/association", permitted, Staff, BodyLimit::Form),
            ("/association/payments?x=1", permitted, Staff, BodyLimit::Form),
            ("/associations", permitted, SignedIn, BodyLimit::Form),
            ("/matters/1/edit/2", RequestTraits { writes: true, files: true, ..visitor }, Public, BodyLimit::Files),
            ("/matters/1/edit/2", save, SignedIn, BodyLimit::Files),
            ("/matters/1/edit/2", upload, Upload, BodyLimit::Files),
            ("/matters/1/edit/2/3/4", upload, Upload, BodyLimit::Files),
            ("/institution/bills", save, Staff, BodyLimit::Files),
            ("/institution/bills", upload, Upload, BodyLimit::Files),
            ("/api/draft/save", save, SignedIn, BodyLimit::Draft),
            ("/api/uploads/1", upload, Upload, BodyLimit::Chunk),
        ] {
            let limits = rules(path).await.limits;
            assert_eq!((limits.pool(request), limits.body), (pool, body), "{path} {request:?}");
        }
    }
}
