//! From the route table to an axum router: each route gets the layer that checks its permission and writes its responses.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use backend::access::guard::{authorize, check_access};
use domain::base::permission::Action;
use http::Method;
use tower_sessions::Session;

use crate::account::login;
use crate::api;
use crate::error::PageError;
use crate::limits::BodyLimit;
use crate::post::Post;
use crate::request::{Identity, SharedState, caller, own_device};
use crate::respond::{self, Responder};
use crate::routes::{ErrorFormat, routes};

/// State of the layer around a route.
#[derive(Clone)]
struct RouteGuard {
    shared: SharedState,
    action: Action,
    /// Whether its posts may carry files.
    takes_files: bool,
}

/// Every address. The server puts the session layer and [`crate::request::RequestMeta`] around it.
pub fn router(shared: SharedState) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let takes_files = route.limits.body == BodyLimit::Files;
        let guard = RouteGuard { shared: shared.clone(), action: route.action, takes_files };
        let methods = match route.format {
            ErrorFormat::Page => route.methods.route_layer(from_fn_with_state(guard, serve_page)),
            ErrorFormat::Json => route.methods.route_layer(from_fn_with_state(guard, serve_endpoint)),
        };
        router = router.route(route.path, methods);
    }
    let anywhere = RouteGuard { shared: shared.clone(), action: Action::Public, takes_files: false };
    let not_found = get(async || PageError::NotFound).route_layer(from_fn_with_state(anywhere, serve_page));
    router.fallback_service(not_found.with_state(())).with_state(shared)
}

/// The layer around a page: loads the caller, checks the permission, and renders the result of the handler.
async fn serve_page(State(guard): State<RouteGuard>, session: Session, mut request: Request, next: Next) -> Response {
    let RouteGuard { shared, action, takes_files } = guard;
    let own_device = own_device(&session).await;
    let caller = match caller(&shared.app, &session).await {
        Ok(caller) => caller,
        Err(error) => {
            let nobody = Identity { caller: None, own_device };
            return Responder::new(shared, nobody, &request).error(&error).await;
        }
    };
    let identity = Identity { caller, own_device };
    let responder = Responder::new(shared.clone(), identity.clone(), &request);
    if let Err(denied) = check_access(&shared.app, identity.caller.as_ref(), action) {
        return match PageError::from(denied) {
            PageError::SignIn if *request.method() == Method::POST => ask_to_sign_in(&responder, request, takes_files).await,
            error => responder.error(&error).await,
        };
    }
    if let Ok(allowed) = authorize(&shared.app, identity.caller.as_ref(), action) {
        request.extensions_mut().insert(allowed);
    }
    request.extensions_mut().insert(identity);
    responder.finish(next.run(request).await).await
}

/// Answers a post whose session has ended: what was typed continues after signing in, files must be chosen again.
async fn ask_to_sign_in(responder: &Responder, request: Request, takes_files: bool) -> Response {
    let path = request.uri().path().to_owned();
    // Files of a visitor who is not signed in are not read into memory.
    match Post::read(request, takes_files.then_some(0)).await {
        Ok(post) => responder.page(login::again(path, post)).await,
        Err(_) => respond::login(&path),
    }
}

/// The layer around an endpoint for scripts: checks the permission.
async fn serve_endpoint(State(guard): State<RouteGuard>, session: Session, mut request: Request, next: Next) -> Response {
    let RouteGuard { shared, action, .. } = guard;
    if action == Action::Public {
        return next.run(request).await;
    }
    let Ok(caller) = caller(&shared.app, &session).await else {
        return api::unavailable();
    };
    match authorize(&shared.app, caller.as_ref(), action) {
        Ok(allowed) => {
            request.extensions_mut().insert(allowed);
            next.run(request).await
        }
        Err(denied) => api::denied(denied),
    }
}
