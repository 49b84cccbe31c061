//! Joins the pages of `app` to the server: sessions, assets, request metadata.

use std::sync::Arc;

use app::request::{RequestMeta, SharedState};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use backend::AppState;
use backend::infra::pdf::PdfRenderer;
use leptos::config::LeptosOptions;
use tower_cookies::CookieManagerLayer;

use crate::admission::{Admission, admit};
use crate::assets::Assets;
use crate::client::ClientIp;
use crate::config::{Config, Leptos};
use crate::headers::CspNonce;
use crate::limits::Limits;
use crate::session_layer::{Sessions, session};

/// All pages and server functions.
pub fn pages(config: &Config, assets: &Assets, app: AppState) -> Router {
    pages_within(config, assets, app, Limits::default())
}

/// The same within these limits.
pub fn pages_within(config: &Config, assets: &Assets, mut app: AppState, limits: Limits) -> Router {
    app.pdf_renderer = PdfRenderer::new(config.font_dir.clone());
    if !app.pdf_renderer.fonts_available() {
        tracing::warn!(folder = %config.font_dir.display(), "no fonts: certificates cannot be printed; tools/setup.sh brings them, FONT_DIR names their folder");
    }
    let sessions = Arc::new(Sessions::new(app.session_store(), config.https()));
    let admission = Arc::new(Admission::new(app.clone(), limits, config.data_dir.join("uploads")));
    let assets = app::shell::Assets::new(&leptos_options(&config.leptos), &assets.css);
    let site = config.public_url.as_ref().map(|u| u.origin().to_owned());
    app::router::router(SharedState { app, assets: Arc::new(assets), site, operator: Arc::new(config.operator()) })
        .layer(from_fn_with_state(admission, admit))
        .layer(from_fn_with_state(sessions, session))
        // Cookies beside that of the session.
        .layer(CookieManagerLayer::new())
        .layer(from_fn(insert_request_meta))
}

/// The options with which Leptos writes the scripts that hydrate islands.
fn leptos_options(leptos: &Leptos) -> LeptosOptions {
    let hashed = leptos.hash_file.as_ref().is_some_and(|f| f.is_file());
    LeptosOptions::builder()
        .output_name(leptos.output_name.as_str())
        .site_root(leptos.site_root.to_string_lossy().into_owned())
        .site_pkg_dir(leptos.pkg_dir.as_str())
        .hash_files(hashed)
        .build()
}

/// Hands the nonce and the client address to the pages.
async fn insert_request_meta(mut request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let meta = RequestMeta {
        nonce: extensions.get::<CspNonce>().map_or_else(String::new, |n| n.0.clone()),
        address: extensions.get::<ClientIp>().map_or_else(String::new, |c| c.0.to_string()),
    };
    request.extensions_mut().insert(meta);
    next.run(request).await
}
