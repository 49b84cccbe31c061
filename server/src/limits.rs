//! Limits on one request: size of the body, time, and how many requests are answered at once.

use std::time::Duration;

use app::limits::{BodyLimit, Pool};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::body::{self, BodyError, LimitedBody};
use crate::error_pages::{refuse, refuse_with_status};
use crate::route_limits::RequestLimits;

/// Time limits.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Between two chunks of a body.
    pub idle: Duration,
    /// For a permit of the pool; after it the server counts as too busy.
    pub permit: Duration,
    /// For the response, where it is shorter than [`BodyLimit::timeout`].
    pub response: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30), permit: Duration::from_secs(2), response: Duration::MAX }
    }
}

/// How many requests of each pool are answered at once.
#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    /// See [`Pool::Public`].
    pub public: usize,
    /// See [`Pool::SignedIn`].
    pub signed_in: usize,
    /// See [`Pool::Staff`].
    pub staff: usize,
    /// See [`Pool::Upload`].
    pub upload: usize,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self { public: 64, signed_in: 128, staff: 64, upload: 64 }
    }
}

/// The pools and time limits of one server.
pub struct Limits {
    timeouts: Timeouts,
    public: Semaphore,
    signed_in: Semaphore,
    staff: Semaphore,
    upload: Semaphore,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(Timeouts::default(), PoolSizes::default())
    }
}

impl Limits {
    /// Limits of these sizes.
    pub fn new(timeouts: Timeouts, sizes: PoolSizes) -> Self {
        Self {
            timeouts,
            public: Semaphore::new(sizes.public),
            signed_in: Semaphore::new(sizes.signed_in),
            staff: Semaphore::new(sizes.staff),
            upload: Semaphore::new(sizes.upload),
        }
    }

    /// Runs `handler` for a request within its limits.
    pub async fn enforce<F>(&self, limits: RequestLimits, request: Request, handler: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        if request.body().size_hint().lower() > limits.body.max_bytes() as u64 {
            tokio::spawn(body::discard(request.into_body()));
            return too_large(limits.body);
        }
        if limits.body.is_streamed() {
            return self.enforce_on_stream(limits, request, handler).await;
        }
        // Read the body before taking a permit, so that slow senders do not block others.
        let request = match self.read_body(limits.body, request).await {
            Ok(request) => request,
            Err(error) => return refuse_body(error, limits.body),
        };
        self.answer(limits, handler(request)).await
    }

    async fn read_body(&self, limit: BodyLimit, request: Request) -> Result<Request, BodyError> {
        if request.body().is_end_stream() {
            return Ok(request);
        }
        let (head, body) = request.into_parts();
        let reading = body::read_whole(body, limit.max_bytes(), self.timeouts.idle);
        let whole = timeout(limit.timeout(), reading).await.unwrap_or(Err(BodyError::Idle))?;
        Ok(Request::from_parts(head, Body::from(whole)))
    }

    async fn enforce_on_stream<F>(&self, limits: RequestLimits, request: Request, handler: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        let (head, body) = request.into_parts();
        let (body, error) = LimitedBody::new(body, limits.body.max_bytes(), self.timeouts.idle);
        let response = self.answer(limits, handler(Request::from_parts(head, Body::new(body)))).await;
        // The handler only sees that the body ended early; the response must state the reason.
        match error.get() {
            Some(why) if !response.status().is_success() && !response.status().is_redirection() => refuse_body(*why, limits.body),
            _ => response,
        }
    }

    async fn answer(&self, limits: RequestLimits, response: impl Future<Output = Response>) -> Response {
        let _permit = match self.acquire(limits.pool).await {
            Ok(permit) => permit,
            Err(PoolExhausted) => return busy(),
        };
        match timeout(limits.body.timeout().min(self.timeouts.response), response).await {
            Ok(response) => response,
            Err(_) => busy(),
        }
    }

    async fn acquire(&self, pool: Option<Pool>) -> Result<Option<SemaphorePermit<'_>>, PoolExhausted> {
        let permits = match pool {
            None => return Ok(None),
            Some(Pool::Public) => &self.public,
            Some(Pool::SignedIn) => &self.signed_in,
            Some(Pool::Staff) => &self.staff,
            Some(Pool::Upload) => &self.upload,
        };
        if let Ok(permit) = permits.try_acquire() {
            return Ok(Some(permit));
        }
        match timeout(self.timeouts.permit, permits.acquire()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(PoolExhausted),
        }
    }
}

/// No permit became free in time.
struct PoolExhausted;

fn refuse_body(error: BodyError, limit: BodyLimit) -> Response {
    match error {
        BodyError::TooLarge => too_large(limit),
        BodyError::Idle => refuse_with_status(StatusCode::REQUEST_TIMEOUT),
        BodyError::Interrupted => refuse_with_status(StatusCode::BAD_REQUEST),
    }
}

fn too_large(limit: BodyLimit) -> Response {
    let text: String = match limit {
        BodyLimit::Files => format!("文件过大，每次最多上传 {}。请压缩后重新上传。", limit.label()),
        _ => format!("提交的内容过大，最多 {}。请减少内容后重试。", limit.label()),
    };
    refuse(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn busy() -> Response {
    let mut response = refuse_with_status(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route_limits::LimitTable;
    use bytes::Bytes;
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;
    use std::sync::Arc;
    use tokio::sync::Notify;

    /// A post to the route with this path, and its limits.
    fn post(path: &str, body: Body) -> (RequestLimits, Request) {
        let request = Request::builder().method("POST").body(body).unwrap();
        (LimitTable::default().limits_at(Some(path), &request), request)
    }

    /// Has a post answered within limits.
    async fn send<F>(limits: &Limits, (of_request, request): (RequestLimits, Request), handler: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        limits.enforce(of_request, request, handler).await
    }

    /// A stream of unknown length.
    fn unannounced(bytes: usize) -> Body {
        let parts = (0..bytes).step_by(1000).map(move |at| Ok::<_, std::io::Error>(Bytes::from(vec![1; 1000.min(bytes - at)])));
        Body::from_stream(stream::iter(parts))
    }

    /// One frame, then nothing.
    fn stalled() -> Body {
        Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"x"))]).chain(stream::pending()))
    }

    /// Responds with the length of the body.
    async fn length(request: Request) -> Response {
        match request.into_body().collect().await {
            Ok(body) => Response::new(Body::from(body.to_bytes().len().to_string())),
            Err(_) => refuse_with_status(StatusCode::BAD_REQUEST),
        }
    }

    #[tokio::test]
    async fn each_route_accepts_bodies_up_to_its_limit_and_not_a_byte_more() {
        for (path, limit) in [
            ("/recover", 64 << 10),
            ("/login", 256 << 10),
            ("/api/draft/save", 256 << 10),
            ("/api/uploads/{id}", 1 << 20),
            ("/matters/{id}/edit/{step}", (48 << 20) + (256 << 10)),
        ] {
            let limits = Limits::default();
            for announced in [true, false] {
                let body = |n: usize| {
                    if announced { Body::from(vec![1; n]) } else { unannounced(n) }
                };
                let most = send(&limits, post(path, body(limit)), length).await;
                assert_eq!(most.status(), 200, "{path} {announced}");
                assert_eq!(most.into_body().collect().await.unwrap().to_bytes(), limit.to_string());
                let more = send(&limits, post(path, body(limit + 1)), length).await;
                assert_eq!(more.status(), 413, "{path} {announced}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_is_a_408() {
        for path in ["/login", "/matters/{id}/edit/{step}"] {
            let begun = tokio::time::Instant::now();
            assert_eq!(send(&Limits::default(), post(path, stalled()), length).await.status(), 408, "{path}");
            assert_eq!(begun.elapsed().as_secs(), 30);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_does_not_come_is_a_503_after_half_a_minute() {
        let begun = tokio::time::Instant::now();
        let response = send(&Limits::default(), post("/login", Body::empty()), |_| std::future::pending()).await;
        assert_eq!((response.status().as_u16(), begun.elapsed().as_secs()), (503, 30));
        assert!(response.headers().contains_key(RETRY_AFTER));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_pool_is_a_503_and_leaves_the_others_alone() {
        let sizes = PoolSizes { public: 1, signed_in: 1, staff: 1, upload: 1 };
        let limits = Arc::new(Limits::new(Timeouts::default(), sizes));
        let (go, inside) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let holder = tokio::spawn({
            let (limits, go, inside) = (limits.clone(), go.clone(), inside.clone());
            async move {
                let answer = |_| async move {
                    inside.notify_one();
                    go.notified().await;
                    Response::new(Body::empty())
                };
                send(&limits, post("/login", Body::empty()), answer).await.status()
            }
        });
        inside.notified().await;
        let begun = tokio::time::Instant::now();
        let second = send(&limits, post("/login", Body::empty()), length).await;
        assert_eq!((second.status().as_u16(), begun.elapsed().as_secs()), (503, 2));
        for path in ["/association", "/matters/{id}/edit/{step}", "/healthz"] {
            assert_eq!(send(&limits, post(path, Body::empty()), length).await.status(), 200, "{path}");
        }
        go.notify_one();
        assert_eq!(holder.await.unwrap(), 200);
        assert_eq!(send(&limits, post("/login", Body::empty()), length).await.status(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_senders_take_no_permit() {
        let sizes = PoolSizes { public: 1, signed_in: 1, staff: 1, upload: 1 };
        let limits = Arc::new(Limits::new(Timeouts::default(), sizes));
        let slow = tokio::spawn({
            let limits = limits.clone();
            async move { send(&limits, post("/login", stalled()), length).await.status() }
        });
        tokio::task::yield_now().await;
        assert_eq!(send(&limits, post("/login", Body::from("x")), length).await.status(), 200);
        assert_eq!(slow.await.unwrap(), 408);
    }
}
