//! How much one request may take: bytes, time, and how many are answered at once.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::answer::{refuse, refuse_usual};
use crate::body::{self, Broken, Watched};
use crate::place::{Place, Pool, Size};

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Between two parts of a body.
    pub idle: Duration,
    /// For a place in the pool; after it the server is too busy.
    pub place: Duration,
    /// For the answer, where it is shorter than what [`Size::time`] grants.
    pub answer: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { idle: Duration::from_secs(30), place: Duration::from_secs(2), answer: Duration::MAX }
    }
}

/// How many requests of each pool are answered at once.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// See [`Pool::Public`].
    pub public: usize,
    /// See [`Pool::SignedIn`].
    pub signed_in: usize,
    /// See [`Pool::Staff`].
    pub staff: usize,
    /// See [`Pool::Upload`].
    pub upload: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { public: 64, signed_in: 128, staff: 64, upload: 64 }
    }
}

/// The limits of one server.
pub struct Limits {
    times: Times,
    public: Semaphore,
    signed_in: Semaphore,
    staff: Semaphore,
    upload: Semaphore,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(Times::default(), Places::default())
    }
}

impl Limits {
    /// Limits of these sizes.
    pub fn new(times: Times, places: Places) -> Self {
        Self {
            times,
            public: Semaphore::new(places.public),
            signed_in: Semaphore::new(places.signed_in),
            staff: Semaphore::new(places.staff),
            upload: Semaphore::new(places.upload),
        }
    }

    /// Has a request answered, if it keeps within its place.
    pub async fn keep<F>(&self, request: Request, answer: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        let place = Place::of(&request);
        if request.body().size_hint().lower() > place.size.bytes() as u64 {
            tokio::spawn(body::discard(request.into_body()));
            return too_large(place.size);
        }
        if place.size.streams() {
            return self.keep_stream(place, request, answer).await;
        }
        // The body is read before a place is taken, so that slow senders wait among themselves.
        let request = match self.with_body(place.size, request).await {
            Ok(request) => request,
            Err(broken) => return refuse_broken(broken, place.size),
        };
        self.keep_place(place, answer(request)).await
    }

    async fn with_body(&self, size: Size, request: Request) -> Result<Request, Broken> {
        if request.body().is_end_stream() {
            return Ok(request);
        }
        let (head, body) = request.into_parts();
        let reading = body::read_whole(body, size.bytes(), self.times.idle);
        let whole = timeout(size.time(), reading).await.unwrap_or(Err(Broken::Idle))?;
        Ok(Request::from_parts(head, Body::from(whole)))
    }

    async fn keep_stream<F>(&self, place: Place, request: Request, answer: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        let (head, body) = request.into_parts();
        let (body, broken) = Watched::new(body, place.size.bytes(), self.times.idle);
        let response = self.keep_place(place, answer(Request::from_parts(head, Body::new(body)))).await;
        // Who reads a broken body sees an error; what the person needs to know is why it broke.
        match broken.get() {
            Some(why) if !response.status().is_success() && !response.status().is_redirection() => refuse_broken(*why, place.size),
            _ => response,
        }
    }

    async fn keep_place(&self, place: Place, answer: impl Future<Output = Response>) -> Response {
        let _permit = match self.take(place.pool).await {
            Ok(permit) => permit,
            Err(Busy) => return busy(),
        };
        match timeout(place.size.time().min(self.times.answer), answer).await {
            Ok(response) => response,
            Err(_) => busy(),
        }
    }

    async fn take(&self, pool: Option<Pool>) -> Result<Option<SemaphorePermit<'_>>, Busy> {
        let places = match pool {
            None => return Ok(None),
            Some(Pool::Public) => &self.public,
            Some(Pool::SignedIn) => &self.signed_in,
            Some(Pool::Staff) => &self.staff,
            Some(Pool::Upload) => &self.upload,
        };
        if let Ok(permit) = places.try_acquire() {
            return Ok(Some(permit));
        }
        match timeout(self.times.place, places.acquire()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(Busy),
        }
    }
}

struct Busy;

fn refuse_broken(why: Broken, size: Size) -> Response {
    match why {
        Broken::TooLarge => too_large(size),
        Broken::Idle => refuse_usual(StatusCode::REQUEST_TIMEOUT),
        Broken::Cut => refuse_usual(StatusCode::BAD_REQUEST),
    }
}

fn too_large(size: Size) -> Response {
    let text: String = match size {
        Size::File => format!("文件过大，每次最多上传 {}。请压缩后重新上传。", size.text()),
        _ => format!("提交的内容过大，最多 {}。请减少内容后重试。", size.text()),
    };
    refuse(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn busy() -> Response {
    let mut response = refuse_usual(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;
    use std::sync::Arc;
    use tokio::sync::Notify;

    fn post(path: &str, body: Body) -> Request {
        Request::builder().method("POST").uri(path).body(body).unwrap()
    }

    /// A stream of so many bytes whose length is not told beforehand.
    fn untold(bytes: usize) -> Body {
        let parts = (0..bytes).step_by(1000).map(move |at| Ok::<_, std::io::Error>(Bytes::from(vec![1; 1000.min(bytes - at)])));
        Body::from_stream(stream::iter(parts))
    }

    /// One part, then nothing.
    fn stuck() -> Body {
        Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"x"))]).chain(stream::pending()))
    }

    /// Reads the body and says how long it was.
    async fn length(request: Request) -> Response {
        match request.into_body().collect().await {
            Ok(body) => Response::new(Body::from(body.to_bytes().len().to_string())),
            Err(_) => refuse_usual(StatusCode::BAD_REQUEST),
        }
    }

    #[tokio::test]
    async fn each_place_takes_what_it_should_and_not_a_byte_more() {
        for (path, limit) in [
            ("/recover", 64 << 10),
            ("/login", 256 << 10),
            ("/api/draft/save", 256 << 10),
            ("/api/uploads/1", 1 << 20),
            ("/matters/1/edit/2", (48 << 20) + (256 << 10)),
        ] {
            let limits = Limits::default();
            for told in [true, false] {
                let body = |n: usize| {
                    if told { Body::from(vec![1; n]) } else { untold(n) }
                };
                let most = limits.keep(post(path, body(limit)), length).await;
                assert_eq!(most.status(), 200, "{path} {told}");
                assert_eq!(most.into_body().collect().await.unwrap().to_bytes(), limit.to_string());
                let more = limits.keep(post(path, body(limit + 1)), length).await;
                assert_eq!(more.status(), 413, "{path} {told}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_coming_is_a_408() {
        for path in ["/login", "/matters/1/edit/2"] {
            let begun = tokio::time::Instant::now();
            assert_eq!(Limits::default().keep(post(path, stuck()), length).await.status(), 408, "{path}");
            assert_eq!(begun.elapsed().as_secs(), 30);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_come_is_a_503_after_half_a_minute() {
        let begun = tokio::time::Instant::now();
        let response = Limits::default().keep(post("/login", Body::empty()), |_| std::future::pending()).await;
        assert_eq!((response.status().as_u16(), begun.elapsed().as_secs()), (503, 30));
        assert!(response.headers().contains_key(RETRY_AFTER));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_pool_is_a_503_and_leaves_the_others_alone() {
        let places = Places { public: 1, signed_in: 1, staff: 1, upload: 1 };
        let limits = Arc::new(Limits::new(Times::default(), places));
        let (go, inside) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let holder = tokio::spawn({
            let (limits, go, inside) = (limits.clone(), go.clone(), inside.clone());
            async move {
                let answer = |_| async move {
                    inside.notify_one();
                    go.notified().await;
                    Response::new(Body::empty())
                };
                limits.keep(post("/login", Body::empty()), answer).await.status()
            }
        });
        inside.notified().await;
        let begun = tokio::time::Instant::now();
        let second = limits.keep(post("/login", Body::empty()), length).await;
        assert_eq!((second.status().as_u16(), begun.elapsed().as_secs()), (503, 2));
        for path in ["/association/queues", "/matters/1/edit/2", "/healthz"] {
            assert_eq!(limits.keep(post(path, Body::empty()), length).await.status(), 200, "{path}");
        }
        go.notify_one();
        assert_eq!(holder.await.unwrap(), 200);
        assert_eq!(limits.keep(post("/login", Body::empty()), length).await.status(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_senders_take_no_place() {
        let places = Places { public: 1, signed_in: 1, staff: 1, upload: 1 };
        let limits = Arc::new(Limits::new(Times::default(), places));
        let slow = tokio::spawn({
            let limits = limits.clone();
            async move { limits.keep(post("/login", stuck()), length).await.status() }
        });
        tokio::task::yield_now().await;
        assert_eq!(limits.keep(post("/login", Body::from("x")), length).await.status(), 200);
        assert_eq!(slow.await.unwrap(), 408);
    }
}
