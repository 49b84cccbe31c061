//! Where the pages of `app` join the server.

use std::sync::Arc;

use app::call::{Shared, Visit};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use backend::AppState;
use backend::service::certificate::print::Press;
use leptos::config::LeptosOptions;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::assets::Assets;
use crate::client::ClientIp;
use crate::config::{Config, Leptos};
use crate::headers::CspNonce;
use crate::place::SESSION_COOKIE;

/// Every address of the product itself.
pub fn pages(config: &Config, assets: &Assets, mut app: AppState) -> Router {
    app.press = Press::new(config.font_dir.clone());
    if !app.press.ready() {
        tracing::warn!(folder = %config.font_dir.display(), "no fonts: certificates cannot be printed; tools/setup.sh brings them, FONT_DIR names their folder");
    }
    let https = config.https();
    // Over https the name itself tells the browser to take the cookie from this host only.
    let name = if https { format!("__Host-{SESSION_COOKIE}") } else { SESSION_COOKIE.to_owned() };
    let sessions = SessionManagerLayer::new(app.sessions())
        .with_name(name)
        .with_path("/")
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnSessionEnd);
    let assets = app::shell::Assets::new(&options(&config.leptos), &assets.css);
    let site = config.public_url.as_ref().map(|u| u.origin().to_owned());
    app::serve::router(Shared { app, assets: Arc::new(assets), site }).layer(sessions).layer(from_fn(visit))
}

/// What Leptos must know to write the scripts that wake the islands.
fn options(leptos: &Leptos) -> LeptosOptions {
    let hashed = leptos.hash_file.as_ref().is_some_and(|f| f.is_file());
    LeptosOptions::builder()
        .output_name(leptos.output_name.as_str())
        .site_root(leptos.site_root.to_string_lossy().into_owned())
        .site_pkg_dir(leptos.pkg_dir.as_str())
        .hash_files(hashed)
        .build()
}

/// Hands on what the gate found out, in the words of the pages.
async fn visit(mut request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let visit = Visit {
        nonce: extensions.get::<CspNonce>().map_or_else(String::new, |n| n.0.clone()),
        address: extensions.get::<ClientIp>().map_or_else(String::new, |c| c.0.to_string()),
    };
    request.extensions_mut().insert(visit);
    next.run(request).await
}
