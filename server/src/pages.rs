//! Where the pages of `app` join the server.

use axum::Router;

/// Every address of the product itself.
pub fn pages() -> Router {
    Router::new()
}
