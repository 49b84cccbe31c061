//! From the table of addresses to an axum router.

use std::collections::HashMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, on};
use backend::access::guard::Caller;
use backend::infra::session::ACCOUNT;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderValue, StatusCode};
use leptos::prelude::*;
use tower_sessions::Session;
use uuid::Uuid;

use crate::account::login;
use crate::account::login::OWN_DEVICE;
use crate::call::{Answer, Call, Fault, Handler, Page, Shared, Visit};
use crate::draft::{GO_ON, STAY};
use crate::post::Post;
use crate::route::{Route, Wire, routes, wires};
use crate::shell::{Around, render};
use crate::ui::{Alone, Frame, Sheet, Viewer};
use crate::upload::{self, Part};
use crate::{door, fault, payment};

/// Every page, over what all requests share. The caller puts the session layer and [`Visit`] around it.
pub fn router(shared: Shared) -> Router {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, methods(route));
    }
    for wire in wires() {
        router = router.route(wire.path, wired(wire));
    }
    router
        .route("/api/pay/notice/{gateway}", axum::routing::post(payment::notice::take))
        .route("/api/{*door}", axum::routing::post(door::open))
        .fallback(get(nothing))
        .with_state(shared)
}

fn methods(route: Route) -> MethodRouter<Shared> {
    let Route { action, files, get: show, post, .. } = route;
    let mut methods = MethodRouter::new();
    if let Some(handler) = show {
        let serve = move |state, session, params, request| serve(state, session, params, request, action, handler, None);
        methods = methods.get(serve);
    }
    if let Some(handler) = post {
        let serve = move |state, session, params, request| serve(state, session, params, request, action, handler, Some(files));
        methods = methods.post(serve);
    }
    methods
}

fn wired(wire: Wire) -> MethodRouter<Shared> {
    let Wire { method, action, handler, .. } = wire;
    on(method, move |State(shared): State<Shared>, session: Session, params: RawPathParams, request: Request| async move {
        let who = match door::enter(&shared, &session, action).await {
            Ok(who) => who,
            Err(refusal) => return *refusal,
        };
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| Uuid::parse_str(id).ok());
        let (head, body) = request.into_parts();
        upload::serve(Part { app: shared.app, who, id, headers: head.headers, body }, handler).await
    })
}

/// What a request is before its handler sees it.
async fn serve(
    State(shared): State<Shared>,
    session: Session,
    params: RawPathParams,
    request: Request,
    action: domain::base::permission::Action,
    handler: Handler,
    post: Option<bool>,
) -> Response {
    let visit = request.extensions().get::<Visit>().cloned();
    let visit = visit.unwrap_or(Visit { nonce: String::new(), address: String::new() });
    let path = request.uri().path().to_owned();
    let next = request.uri().path_and_query().map_or(path.clone(), |p| p.as_str().to_owned());
    let stays = request.headers().contains_key(STAY);
    let own = own_device(&session).await;
    let frame = Frames { shared: shared.clone(), nonce: visit.nonce.clone(), own };
    let caller = match caller(&shared, &session).await {
        Ok(caller) => caller,
        Err(error) => return frame.fault(None, &error).await,
    };
    if let Err(denied) = backend::access::guard::open_to(&shared.app, caller.as_ref(), action) {
        return match Fault::from(denied) {
            // What was typed goes on after signing in.
            Fault::SignIn if post.is_some() => {
                // Files of nobody are not kept in memory.
                let held = Post::read(request, post.unwrap_or(false).then_some(0)).await;
                match held {
                    Ok(held) => frame.page(None, login::again(path, held)).await,
                    Err(_) => sign_in(&path),
                }
            }
            Fault::SignIn => sign_in(&next),
            fault => frame.fault(caller.as_ref(), &fault).await,
        };
    }
    let site = shared.site.clone().unwrap_or_else(|| site_asked(&request));
    let query = request.uri().query().unwrap_or("");
    let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let params: HashMap<String, String> = params.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let post = match post {
        Some(files) => Post::read(request, files.then(|| backend::workflow::files::upload_limit(&shared.app))).await,
        None => Ok(Post::default()),
    };
    let post = match post {
        Ok(post) => post,
        Err(fault) => return frame.fault(caller.as_ref(), &fault).await,
    };
    let call = Call {
        app: shared.app.clone(),
        caller: caller.clone(),
        session,
        address: visit.address,
        nonce: visit.nonce,
        assets: shared.assets.clone(),
        site,
        path,
        params,
        query,
        post,
        action,
    };
    match handler(call).await {
        Ok(Answer::Page(page)) => frame.page(caller.as_ref(), page).await,
        Ok(Answer::See(path)) if stays => told_where(&path),
        Ok(Answer::See(path)) => see(&path),
        Ok(Answer::Leave(path)) => {
            let mut response = see(&path);
            response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"storage\""));
            response
        }
        Ok(Answer::File { name, mime, bytes }) => file(&name, &mime, bytes),
        Err(Fault::SignIn) => sign_in(&next),
        Err(fault) => frame.fault(caller.as_ref(), &fault).await,
    }
}

/// The address the request came to: only a server on one's own machine is without a set one.
fn site_asked(request: &Request) -> String {
    let host = request.headers().get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("");
    format!("http://{host}")
}

pub(crate) async fn caller(shared: &Shared, session: &Session) -> Result<Option<Caller>, Fault> {
    let Some(account) = session.get::<Uuid>(ACCOUNT).await? else {
        return Ok(None);
    };
    Ok(backend::access::guard::caller(&shared.app, account).await?)
}

/// What was ticked at log-in; not knowing is no.
async fn own_device(session: &Session) -> bool {
    matches!(session.get::<bool>(OWN_DEVICE).await, Ok(Some(true)))
}

async fn nothing(State(shared): State<Shared>, session: Session, request: Request) -> Response {
    let nonce = request.extensions().get::<Visit>().map_or_else(String::new, |v| v.nonce.clone());
    let caller = caller(&shared, &session).await.ok().flatten();
    Frames { shared, nonce, own: own_device(&session).await }.fault(caller.as_ref(), &Fault::NotFound).await
}

/// Puts pages into their frames.
struct Frames {
    shared: Shared,
    nonce: String,
    /// Whether who is signed in called the device their own.
    own: bool,
}

impl Frames {
    async fn fault(&self, caller: Option<&Caller>, fault: &Fault) -> Response {
        if let Fault::Db(error) = fault {
            tracing::error!(%error, "a request failed");
        }
        self.page(caller, fault::page(fault)).await
    }

    async fn page(&self, caller: Option<&Caller>, page: Page) -> Response {
        let viewer = match caller {
            Some(caller) if !page.alone && !page.paper => Some(self.viewer(caller).await),
            _ => None,
        };
        let (status, current, alone, paper) = (page.status, page.current, page.alone, page.paper);
        // The page that browsers keep is nobody's.
        let device = caller.filter(|_| !alone && !paper).map(|caller| (caller.account, self.own));
        let around = Around {
            device,
            nonce: self.nonce.clone(),
            assets: self.shared.assets.clone(),
            frame: Box::new(move |body| match (alone, paper) {
                (_, true) => view! { <Sheet>{body}</Sheet> }.into_any(),
                (true, false) => view! { <Alone>{body}</Alone> }.into_any(),
                (false, false) => view! { <Frame viewer=viewer current=current>{body}</Frame> }.into_any(),
            }),
        };
        let html = render(page, around);
        let mut response = (status, html).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn viewer(&self, caller: &Caller) -> Viewer {
        let mut desks = Vec::new();
        if !caller.desks.is_empty() {
            desks.push(("机构工作台", "/institution"));
        }
        if caller.roles.contains(&domain::base::permission::Role::Expert) {
            desks.push(("专家评价", "/expert"));
        }
        if caller.roles.iter().any(|r| r.staff()) {
            desks.push(("协会工作台", "/association"));
        }
        // The page matters more than its badge.
        let unread = backend::service::message::unread(&self.shared.app, caller.account).await.unwrap_or(0);
        Viewer { name: caller.person.name.clone(), desks, unread }
    }
}

fn see(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Where a page that stays until there is an answer is to go.
fn told_where(path: &str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(GO_ON, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn sign_in(next: &str) -> Response {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    see(&format!("/login?next={next}"))
}

/// A file is saved, never shown in place, and can run nothing.
fn file(name: &str, mime: &str, bytes: bytes::Bytes) -> Response {
    let encoded: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}"));
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(mime).unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
