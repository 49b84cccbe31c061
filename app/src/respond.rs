//! Writes the responses of page handlers: pages in their layout, error pages, redirects and downloads.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use backend::access::guard::Caller;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use leptos::prelude::*;
use tower_cookies::Cookies;

use crate::draft::{NO_REDIRECT, REDIRECT_TO};
use crate::error::PageError;
use crate::navigation;
use crate::outcome::{self, ActOutcome};
use crate::page::{Download, Framed, Page, PageKind, PageResponse};
use crate::request::{Identity, RequestMeta, SharedState};
use crate::shell::{Layout, render};
use crate::typed_form::TypedForm;
use crate::ui::{Footing, Frame, Menus, Notice, PrintFrame, StandaloneFrame, Tone, Viewer};
use crate::workbench::way::{self, way_view};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HOME: HeaderValue = HeaderValue::from_static("/");

/// The context of a response, in addition to the handler's result.
pub struct Responder {
    shared: SharedState,
    nonce: String,
    /// The caller; none if the database could not say who it is. Then no page says that nobody is signed in.
    identity: Option<Identity>,
    /// Where to continue after signing in: path and query of the request.
    next: String,
    /// Whether the page remains open and gets the target in a header instead of a redirect.
    no_redirect: bool,
    cookies: Cookies,
}

impl Responder {
    /// For a request of this caller.
    pub fn new(shared: SharedState, identity: Option<Identity>, request: &axum::extract::Request) -> Self {
        let uri = request.uri();
        Self {
            shared,
            nonce: request.extensions().get::<RequestMeta>().map_or_else(String::new, |meta| meta.nonce.clone()),
            identity,
            next: uri.path_and_query().map_or_else(|| uri.path().to_owned(), |p| p.as_str().to_owned()),
            no_redirect: request.headers().contains_key(NO_REDIRECT),
            cookies: request.extensions().get::<Cookies>().cloned().unwrap_or_default(),
        }
    }

    /// Renders the handler's result. A complete response is unchanged. `typed`: the form that was posted.
    pub async fn finish(&self, mut response: Response, typed: Option<TypedForm>) -> Response {
        if let Some(error) = response.extensions_mut().remove::<PageError>() {
            return self.error(&error, typed).await;
        }
        match PageResponse::take(&mut response) {
            Some(PageResponse::Page(page)) => self.page(page).await,
            Some(PageResponse::Redirect(path)) => self.redirect(&path),
            Some(PageResponse::Done(path, outcome)) => {
                outcome::remember(&self.cookies, outcome);
                self.redirect(&path)
            }
            Some(PageResponse::SignedOut(path)) => {
                let mut response = see_other(&path);
                response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"storage\""));
                response
            }
            Some(PageResponse::File(file)) => download(file),
            Some(PageResponse::Inline(file)) => inline(file),
            Some(PageResponse::Stream(file)) => file_response((&file.name, file.mime), "attachment", SEALED_OFF, file.body),
            None => response,
        }
    }

    fn redirect(&self, path: &str) -> Response {
        if self.no_redirect { destination(path) } else { see_other(path) }
    }

    /// Writes an error page; a visitor who must sign in is sent to the login page. After an error of the server the page keeps what was
    /// typed; where there is nothing to send it to any more, it shows it.
    pub async fn error(&self, error: &PageError, typed: Option<TypedForm>) -> Response {
        match error {
            PageError::SignIn => return login(&self.next),
            PageError::SecondFactor => return see_other("/me/security/totp"),
            PageError::Db(error) => tracing::error!(%error, "a request failed"),
            _ => {}
        }
        let page = error.page();
        match typed {
            Some(typed) if page.status.is_server_error() => self.page(typed.add_to(page)).await,
            Some(typed) if matches!(page.status, StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::GONE) => {
                self.page(typed.show_on(page)).await
            }
            _ => self.page(page).await,
        }
    }

    /// Renders a page in its layout.
    pub async fn page(&self, mut page: Page) -> Response {
        let (status, current) = (page.status, page.current);
        let kind = if self.identity.is_none() && page.kind == PageKind::Site { PageKind::Standalone } else { page.kind };
        // Standalone pages are the same for everybody: browsers keep one of them for use without a network.
        let identity = self.identity.as_ref().filter(|_| kind == PageKind::Site);
        let caller = identity.and_then(|identity| identity.caller.as_ref());
        let viewer = match caller {
            Some(caller) => Some(self.viewer(caller).await),
            None => None,
        };
        let (menus, footing) = (self.menus(caller), self.footing());
        // Said once, on the page that follows the act.
        let done = (kind == PageKind::Site).then(|| outcome::take(&self.cookies)).flatten();
        let ways = match caller.filter(|_| status != StatusCode::NOT_FOUND) {
            Some(caller) => self.ways(caller, done).await,
            None => None,
        };
        if ways.is_some() {
            page = page.with_script(way::SCRIPT);
        }
        let layout = Layout {
            device: caller.map(|caller| (caller.account, identity.is_some_and(|identity| identity.own_device))),
            nonce: self.nonce.clone(),
            assets: self.shared.assets.clone(),
            frame: Box::new(move |body| match kind {
                PageKind::Print => view! { <PrintFrame>{body}</PrintFrame> }.into_any(),
                PageKind::Standalone => view! { <StandaloneFrame footing=footing>{body}</StandaloneFrame> }.into_any(),
                PageKind::Site => {
                    let said = || done.map(|outcome| view! { <Notice tone=Tone::Good>{outcome.text()}</Notice> }.into_any());
                    let above = ways.or_else(said);
                    view! {
                        <Frame viewer=viewer menus=menus footing=footing current=current>
                            {above}
                            {body}
                        </Frame>
                    }
                    .into_any()
                }
            }),
        };
        let mut response = (status, render(page, layout)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HTML);
        response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        response
    }

    /// The way through the queue that a matter was opened from. The page matters more.
    async fn ways(&self, caller: &Caller, done: Option<ActOutcome>) -> Option<AnyView> {
        way_view(&self.shared.app, caller, &self.cookies, &self.next, done).await.unwrap_or_default()
    }

    async fn viewer(&self, caller: &Caller) -> Viewer {
        // The page matters more than its badge.
        let unread = backend::service::message::count_unread(&self.shared.app, caller.account).await.unwrap_or(0);
        Viewer { name: caller.person.name.clone(), unread, more: navigation::account_menu(caller) }
    }

    fn menus(&self, caller: Option<&Caller>) -> Menus {
        let path = self.next.split('?').next().unwrap_or_default();
        Menus {
            main: navigation::main_menu(caller),
            bar: navigation::bar(caller),
            side: caller.and_then(|caller| navigation::side_menu(path, caller)),
        }
    }

    fn footing(&self) -> Footing {
        let operator = &self.shared.operator;
        Footing { name: operator.name.clone(), contacts: operator.contacts(), filing_number: operator.filing_number.clone() }
    }
}

fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(path).unwrap_or(HOME));
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

/// The redirect for a page that remains open until the response.
fn destination(path: &str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(REDIRECT_TO, HeaderValue::from_str(path).unwrap_or(HOME));
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

/// Sends a visitor to the login page, to continue at `next` afterwards.
fn login(next: &str) -> Response {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    see_other(&format!("/login?next={next}"))
}

/// A download is saved, never shown in place, and cannot run anything.
fn download(file: Download) -> Response {
    file_response((&file.name, &file.mime), "attachment", SEALED_OFF, Body::from(file.bytes))
}

/// The policy of a file that runs nothing and loads nothing.
const SEALED_OFF: &str = "sandbox; default-src 'none'";

/// The policies of what can be shown in place, by media type. Viewers of PDF do not open in a sandbox; they run no script of the site's origin,
/// and draw the document as an object with styles of their own.
const INLINE: &[(&str, &str)] = &[
    ("image/jpeg", SEALED_OFF),
    ("image/png", SEALED_OFF),
    ("application/pdf", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"),
];

/// A file that is shown in place, if its media type is one of those; otherwise it is saved.
fn inline(file: Download) -> Response {
    let Some((_, policy)) = INLINE.iter().find(|(mime, _)| *mime == file.mime) else { return download(file) };
    let mut response = file_response((&file.name, &file.mime), "inline", policy, Body::from(file.bytes));
    response.extensions_mut().insert(Framed);
    response
}

fn file_response((name, mime): (&str, &str), disposition: &str, policy: &'static str, body: Body) -> Response {
    let encoded: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let disposition = HeaderValue::from_str(&format!("{disposition}; filename*=UTF-8''{encoded}"));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(mime).unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}
