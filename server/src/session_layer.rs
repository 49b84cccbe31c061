//! The layer that gives each request its session, and keeps the session afterwards.
//!
//! In place of that of `tower-sessions`: a visitor whose request is refused gets no session row, and a session that cannot be written is
//! an error that says so (docs/adr/0035).

use std::sync::Arc;

use app::error::{HttpStatus, PageError};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use backend::infra::session::DbSessionStore;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tower_sessions::cookie::{Cookie, SameSite};
use tower_sessions::session::Id;
use tower_sessions::{Expiry, Session};

use crate::error_pages::refuse_with_status;

/// Name of the session cookie, without the `__Host-` prefix.
const NAME: &str = "registrar";

/// The sessions of one server.
pub struct Sessions {
    store: Arc<DbSessionStore>,
    cookie: String,
    secure: bool,
}

impl Sessions {
    /// Sessions in this store. `https`: whether the site has HTTPS.
    pub fn new(store: DbSessionStore, https: bool) -> Self {
        // Over HTTPS the prefix makes the browser accept the cookie from this host only.
        let cookie = if https { format!("__Host-{NAME}") } else { NAME.to_owned() };
        Self { store: Arc::new(store), cookie, secure: https }
    }

    fn cookie(&self, value: String) -> Cookie<'_> {
        Cookie::build((self.cookie.as_str(), value)).path("/").secure(self.secure).http_only(true).same_site(SameSite::Lax).build()
    }

    /// Keeps a session after its request.
    async fn keep(&self, session: &Session, sent: bool, mut response: Response) -> Response {
        if session.is_empty().await {
            if sent {
                let mut cookie = self.cookie(String::new());
                cookie.make_removal();
                set_cookie(&mut response, &cookie);
            }
            return response;
        }
        let (status, is_new) = (response.status(), session.id().is_none());
        if !session.is_modified() || status.is_server_error() || (is_new && status.as_u16() >= 400) {
            return response;
        }
        if let Err(error) = session.save().await {
            let status = PageError::from(error).http_status();
            return refuse_with_status(if status == StatusCode::INSUFFICIENT_STORAGE { status } else { StatusCode::SERVICE_UNAVAILABLE });
        }
        if let Some(id) = session.id() {
            let mut cookie = self.cookie(id.to_string());
            if let Some(Expiry::OnInactivity(age)) = session.expiry() {
                cookie.set_max_age(age);
            }
            set_cookie(&mut response, &cookie);
        }
        response
    }
}

fn set_cookie(response: &mut Response, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Gives a request its session. Nothing is read from the database before the session is used.
pub async fn session(State(sessions): State<Arc<Sessions>>, mut request: Request, next: Next) -> Response {
    let sent = cookie_value(request.headers(), &sessions.cookie);
    // A value that is no token is not looked up.
    let id = sent.and_then(|value| value.parse::<Id>().ok());
    let sent = sent.is_some();
    let session = Session::new(id, sessions.store.clone(), Some(Expiry::OnSessionEnd));
    request.extensions_mut().insert(session.clone());
    let response = next.run(request).await;
    sessions.keep(&session, sent, response).await
}

fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(sent, _)| *sent == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_by_its_whole_name() {
        let value = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(line));
            cookie_value(&headers, NAME).map(str::to_owned)
        };
        assert_eq!(value("a=1; registrar=x"), Some("x".to_owned()));
        for other in ["myregistrar=x", "__Host-registrar=x", "registrar", ""] {
            assert_eq!(value(other), None, "{other}");
        }
    }
}
