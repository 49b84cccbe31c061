//! From the route table to an axum router: each route gets the layer that checks its permission and writes its responses.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use backend::access::guard::{authorize, check_access};
use domain::base::permission::Action;
use http::Method;
use tower_cookies::Cookies;

use crate::account::login;
use crate::api;
use crate::client::account_of_ended_session;
use crate::error::PageError;
use crate::multipart::read_text;
use crate::post::ReceivedForm;
use crate::request::{BodyRefused, Identified, SharedState};
use crate::respond::Responder;
use crate::routes::{ErrorFormat, routes};
use crate::text_check::check_request;
use crate::typed_form::TypedForm;

/// State of the layer around a route.
#[derive(Clone)]
struct RouteGuard {
    shared: SharedState,
    action: Action,
}

/// Every address. The server puts layers around it that provide the session, [`crate::request::RequestMeta`], [`Identified`] and, for a
/// form, [`ReceivedForm`].
pub fn router(shared: SharedState) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guard = RouteGuard { shared: shared.clone(), action: route.action };
        let methods = match route.format {
            ErrorFormat::Page => route.methods.route_layer(from_fn_with_state(guard, serve_page)),
            ErrorFormat::Json => route.methods.route_layer(from_fn_with_state(guard, serve_endpoint)),
        };
        router = router.route(route.path, methods);
    }
    let anywhere = RouteGuard { shared: shared.clone(), action: Action::Public };
    let not_found = get(async || PageError::NotFound).route_layer(from_fn_with_state(anywhere, serve_page));
    router.fallback_service(not_found.with_state(())).with_state(shared)
}

/// The layer around a page: checks the permission and renders the result of the handler.
async fn serve_page(State(guard): State<RouteGuard>, mut request: Request, next: Next) -> Response {
    let RouteGuard { shared, action } = guard;
    let form = request.extensions().get::<ReceivedForm>();
    let typed = form.and_then(|form| TypedForm::of(request.uri(), form));
    let identity = match Identified::take(&mut request) {
        Ok(identity) => identity,
        Err(error) => return Responder::new(shared, None, &request).error(&error, typed).await,
    };
    let responder = Responder::new(shared.clone(), Some(identity.clone()), &request);
    // A body cannot be shared between threads, so nothing borrows the request while the page is written.
    let checked = check_request(&request);
    if let Err(unclean) = checked {
        return responder.error(&unclean.into(), None).await;
    }
    if let Err(denied) = check_access(&shared.app, identity.caller.as_ref(), action) {
        return match PageError::from(denied) {
            PageError::SignIn if *request.method() == Method::POST => ask_to_sign_in(&shared, &responder, request).await,
            error => responder.error(&error, None).await,
        };
    }
    if let Ok(allowed) = authorize(&shared.app, identity.caller.as_ref(), action) {
        request.extensions_mut().insert(allowed);
    }
    request.extensions_mut().insert(identity);
    responder.finish(next.run(request).await, typed).await
}

/// Answers a post whose session has ended: what was typed continues after signing in, files must be chosen again.
async fn ask_to_sign_in(shared: &SharedState, responder: &Responder, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let author = account_of_ended_session(&shared.app, request.extensions().get::<Cookies>().cloned()).await;
    let refused = request.extensions().get::<BodyRefused>().is_some();
    let post = if refused { None } else { read_text(request).await.ok() };
    responder.page(login::again(path, author, post)).await
}

/// The layer around an endpoint for scripts: checks the permission.
async fn serve_endpoint(State(guard): State<RouteGuard>, mut request: Request, next: Next) -> Response {
    let RouteGuard { shared, action } = guard;
    if check_request(&request).is_err() {
        return api::unclean();
    }
    if action == Action::Public {
        return next.run(request).await;
    }
    let identity = match Identified::take(&mut request) {
        Ok(identity) => identity,
        Err(error) => return api::unavailable(&error),
    };
    if let Err(denied) = check_access(&shared.app, identity.caller.as_ref(), action) {
        return api::denied(denied);
    }
    if let Ok(allowed) = authorize(&shared.app, identity.caller.as_ref(), action) {
        request.extensions_mut().insert(allowed);
    }
    next.run(request).await
}
