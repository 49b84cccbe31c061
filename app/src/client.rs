//! The browser that sent a request: its session, network address and cookies.

use axum::extract::FromRequestParts;
use backend::AppState;
use backend::access::account::browser_name::browser_name;
use backend::access::account::{LoginOrigin, RequestOrigin, known_device};
use backend::infra::session::token_hash;
use http::header::USER_AGENT;
use http::request::Parts;
use tower_cookies::cookie::SameSite;
use tower_cookies::cookie::time::Duration;
use tower_cookies::{Cookie, Cookies};
use tower_sessions::Session;
use tower_sessions::session::Id;
use uuid::Uuid;

use crate::error::PageError;
use crate::request::{RequestMeta, SharedState};

/// Session key of a value that identifies the browser.
const BROWSER_ID: &str = "browser";

/// The browser that sent the request.
pub struct Client {
    /// Its session.
    pub session: Session,
    cookies: Cookies,
    address: String,
    browser: String,
    /// Whether the site is served over HTTPS.
    https: bool,
}

impl FromRequestParts<SharedState> for Client {
    type Rejection = <Session as FromRequestParts<SharedState>>::Rejection;

    async fn from_request_parts(parts: &mut Parts, shared: &SharedState) -> Result<Self, Self::Rejection> {
        let session = <Session as FromRequestParts<SharedState>>::from_request_parts(parts, shared).await?;
        let user_agent = parts.headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("");
        Ok(Self {
            session,
            cookies: parts.extensions.get::<Cookies>().cloned().unwrap_or_default(),
            address: parts.extensions.get::<RequestMeta>().map_or_else(String::new, |meta| meta.address.clone()),
            browser: browser_name(user_agent),
            https: shared.site.as_ref().is_some_and(|site| site.starts_with("https:")),
        })
    }
}

impl Client {
    /// Network address, for limits.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Name of the browser, as the list of sessions shows it.
    pub fn browser(&self) -> &str {
        &self.browser
    }

    /// Origin for rate limits: the browser, identified by a value in its session, and the network address. A new value is stored by
    /// [`Self::remember`] only, so a request that is refused leaves no session.
    ///
    /// # Errors
    /// The session cannot be read.
    pub async fn origin(&self) -> Result<RequestOrigin, PageError> {
        let known = self.session.get::<String>(BROWSER_ID).await?;
        // Requests of one session have one value, also before it is stored.
        let session = known.or_else(|| self.session.id().map(|id| hex(&token_hash(&id)))).unwrap_or_else(|| Uuid::now_v7().to_string());
        Ok(RequestOrigin { session, address: self.address.clone() })
    }

    /// Stores the value by which the browser is identified in its session.
    ///
    /// # Errors
    /// The session cannot be written.
    pub async fn remember(&self, origin: &RequestOrigin) -> Result<(), PageError> {
        Ok(self.session.insert(BROWSER_ID, &origin.session).await?)
    }

    /// Origin of an attempt to sign in to the account of this name.
    pub fn login_origin(&self, app: &AppState, account_name: &str) -> LoginOrigin {
        let device = self.cookies.get(&known_device::cookie_name(app, account_name)).map(|cookie| cookie.value().to_owned());
        LoginOrigin { address: self.address.clone(), device, browser: self.browser.clone() }
    }

    /// Makes the browser a known device of an account.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn remember_device(&self, app: &AppState, account: Uuid, account_name: &str) -> Result<(), PageError> {
        let Some(token) = known_device::issue(app, account).await? else {
            return Ok(());
        };
        let cookie = Cookie::build((known_device::cookie_name(app, account_name), token))
            .path("/login")
            .http_only(true)
            .secure(self.https)
            .same_site(SameSite::Strict)
            .max_age(Duration::seconds(known_device::lifetime(app).num_seconds()));
        self.cookies.add(cookie.build());
        Ok(())
    }

    /// The hash by which the session is stored; empty if it is new.
    pub fn session_hash(&self) -> Vec<u8> {
        self.session.id().map(|id| token_hash(&id)).unwrap_or_default()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The account of the session that the cookies of a request name, also after the end of the session: who has typed a form that arrives too late.
pub async fn account_of_ended_session(app: &AppState, cookies: Option<Cookies>) -> Option<Uuid> {
    for id in cookies?.list().iter().filter_map(|cookie| cookie.value().parse::<Id>().ok()) {
        if let Ok(Some(account)) = app.session_store().account_of(&id).await {
            return Some(account);
        }
    }
    None
}
