//! Health checks for monitoring.

use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use tokio::time::timeout;

use crate::error_pages::refuse;
use crate::jobs::CLOCK_DOUBTED;
use crate::readiness::{Readiness, Ready};

/// How long the database may take to respond.
const TIMEOUT: Duration = Duration::from_secs(1);

/// `/healthz`: the process runs. `/readyz`: the database responds, is up to date, and can be written, as can the data folder.
pub fn routes(ready: Readiness) -> Router {
    let check = move || {
        let ready = ready.clone();
        async move { readiness(ready.is_ready()).await }
    };
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(check))
}

async fn readiness(check: impl Future<Output = Ready>) -> Response {
    match timeout(TIMEOUT, check).await {
        Ok(Ready::Yes) => "ready\n".into_response(),
        Ok(Ready::ClockDoubted) => format!("ready, but {CLOCK_DOUBTED}\n").into_response(),
        Ok(Ready::No) | Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "系统没有就绪。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::Request;
    use backend::infra::db::Db;
    use tower::ServiceExt;

    async fn status(db: &Db, path: &str) -> u16 {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        std::fs::create_dir(folder.path().join("uploads")).unwrap();
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes(Readiness::new(db.clone(), folder.path().to_owned())).oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn ready_means_that_the_database_is_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}/test.sqlite", folder.path().display())).await.unwrap();
        assert_eq!((status(&db, "/healthz").await, status(&db, "/readyz").await), (200, 503));
        db.migrate().await.unwrap();
        assert_eq!((status(&db, "/healthz").await, status(&db, "/readyz").await), (200, 200));
        db.close().await;
        assert_eq!((status(&db, "/healthz").await, status(&db, "/readyz").await), (200, 503));
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_does_not_respond_is_not_waited_for() {
        let begun = tokio::time::Instant::now();
        assert_eq!(readiness(std::future::pending()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(begun.elapsed(), TIMEOUT);
    }
}
