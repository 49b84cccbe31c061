//! Request bodies within their limits of size and time.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use app::capacity::Reservation;
use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// Why a request body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than allowed.
    #[error("the body is too large")]
    TooLarge,
    /// It arrives too slowly, or not at all.
    #[error("the body is too slow")]
    TooSlow,
    /// The connection broke, or the data was not HTTP.
    #[error("the body broke off")]
    Interrupted,
    /// Too many bytes of bodies are held at once.
    #[error("there is no room for the body")]
    NoCapacity,
}

/// Limits of one body.
#[derive(Debug, Clone, Copy)]
pub struct BodyRules {
    /// Maximum size in bytes.
    pub max_bytes: usize,
    /// Time in all.
    pub total: Duration,
    /// Time between two frames.
    pub idle: Duration,
    /// The rate at which it must arrive.
    pub least_rate: Option<LeastRate>,
}

/// A rate that a body must have on average.
#[derive(Debug, Clone, Copy)]
pub struct LeastRate {
    /// Bytes per second.
    pub bytes_per_second: u32,
    /// Time at the beginning that does not count.
    pub grace: Duration,
}

impl BodyRules {
    /// When a body that began at `start` and of which `received` bytes came has failed, if nothing more comes.
    fn deadline(&self, start: Instant, received: usize) -> Instant {
        let mut deadline = (start + self.total).min(Instant::now() + self.idle);
        if let Some(rate) = self.least_rate {
            let paid = received as f64 / f64::from(rate.bytes_per_second.max(1));
            deadline = deadline.min(start + rate.grace + Duration::from_secs_f64(paid));
        }
        deadline
    }
}

/// Reads a body into memory that is reserved as it arrives.
///
/// # Errors
/// See [`BodyError`].
pub async fn read_whole(body: Body, rules: BodyRules, memory: &mut Reservation) -> Result<Bytes, BodyError> {
    let (mut body, error) = LimitedBody::new(body, rules);
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(error.get().copied().unwrap_or(BodyError::Interrupted)) };
        let Ok(data) = frame.into_data() else { continue };
        if memory.grow(data.len()).is_err() {
            tokio::spawn(discard(body.body));
            return Err(BodyError::NoCapacity);
        }
        // Most bodies arrive in one frame, which need not be copied.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(before) => {
                whole.extend_from_slice(&before);
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

/// Reads and drops the rest of a body, within bounds: a browser shows the response only after it has sent everything.
pub async fn discard(mut body: Body) {
    const MAX_BYTES: usize = 64 << 20;
    const MAX_TIME: Duration = Duration::from_secs(30);
    let mut left = MAX_BYTES;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            left = match left.checked_sub(length) {
                Some(left) => left,
                None => break,
            };
        }
    };
    // The rest is cut off with the connection.
    let _ = timeout(MAX_TIME, reading).await;
}

/// A body that fails when it is too large or too slow.
pub struct LimitedBody {
    body: Body,
    rules: BodyRules,
    start: Instant,
    received: usize,
    timer: Pin<Box<Sleep>>,
    error: Arc<OnceLock<BodyError>>,
}

impl LimitedBody {
    /// Limits a body. The second value holds its error after it has failed.
    pub fn new(body: Body, rules: BodyRules) -> (Self, Arc<OnceLock<BodyError>>) {
        let (error, start) = (Arc::new(OnceLock::new()), Instant::now());
        let timer = Box::pin(sleep_until(rules.deadline(start, 0)));
        (Self { body, rules, start, received: 0, timer, error: error.clone() }, error)
    }

    fn fail(&self, why: BodyError) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // The first error is the one that is reported.
        let _ = self.error.set(why);
        Poll::Ready(Some(Err(axum::Error::new(why))))
    }

    /// Drops the rest of the body, after reading it within bounds.
    fn give_up(&mut self, why: BodyError) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let rest = std::mem::replace(&mut self.body, Body::empty());
        tokio::spawn(discard(rest));
        self.fail(why)
    }
}

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(why) = self.error.get().copied() {
            return self.fail(why);
        }
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Pending => match self.timer.as_mut().poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(()) => self.fail(BodyError::TooSlow),
            },
            Poll::Ready(Some(Ok(frame))) => {
                self.received += frame.data_ref().map_or(0, Bytes::len);
                if self.received > self.rules.max_bytes {
                    return self.give_up(BodyError::TooLarge);
                }
                if Instant::now() > self.timer.deadline() {
                    return self.fail(BodyError::TooSlow);
                }
                let deadline = self.rules.deadline(self.start, self.received);
                self.timer.as_mut().reset(deadline);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => self.fail(BodyError::Interrupted),
            Poll::Ready(None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response body that holds a guard until it is read or dropped.
pub struct GuardedBody<G> {
    body: Body,
    _guard: G,
}

impl<G> GuardedBody<G> {
    /// Holds `guard` for as long as the body lives.
    pub fn new(body: Body, guard: G) -> Self {
        Self { body, _guard: guard }
    }
}

impl<G: Unpin> HttpBody for GuardedBody<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that records whether it was read to its end.
pub struct TrackedBody {
    body: Body,
    ended: Arc<OnceLock<()>>,
}

impl TrackedBody {
    /// Records the end of a body in the second value.
    pub fn new(body: Body) -> (Self, Arc<OnceLock<()>>) {
        let ended = Arc::new(OnceLock::new());
        let tracked = Self { body, ended: ended.clone() };
        tracked.record();
        (tracked, ended)
    }

    fn record(&self) {
        if self.body.is_end_stream() {
            // It may be recorded already.
            let _ = self.ended.set(());
        }
    }
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match polled {
            Poll::Ready(None) => {
                let _ = self.ended.set(());
            }
            Poll::Ready(Some(_)) => self.record(),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::capacity::Capacity;
    use app::limits::ShareKey;
    use futures::{StreamExt, stream};
    use uuid::Uuid;

    const RULES: BodyRules = BodyRules { max_bytes: 100, total: Duration::from_secs(300), idle: Duration::from_secs(30), least_rate: None };

    /// A body of so many parts of ten bytes, each after so many seconds.
    fn parts(count: usize, seconds: u64) -> Body {
        let parts = stream::iter(0..count).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(&[7; 10]))
        });
        Body::from_stream(parts)
    }

    fn memory(bytes: usize) -> Reservation {
        Capacity::new(bytes, bytes).reservation(ShareKey::Account(Uuid::nil()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_whole_or_refused_for_its_reason() {
        for (count, seconds, result) in
            [(0, 0, Ok(0)), (1, 0, Ok(10)), (10, 29, Ok(100)), (11, 0, Err(BodyError::TooLarge)), (2, 31, Err(BodyError::TooSlow))]
        {
            let read = read_whole(parts(count, seconds), RULES, &mut memory(1000)).await;
            assert_eq!(read.as_ref().map(Bytes::len), result.as_ref().map(|n| *n), "{count} {seconds}");
            let (limited, error) = LimitedBody::new(parts(count, seconds), RULES);
            let read = limited.collect().await.map(|c| c.to_bytes().len());
            assert_eq!(read.ok(), result.ok(), "{count} {seconds}");
            assert_eq!(error.get().copied(), result.err(), "{count} {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_fails_by_its_rate_and_its_whole_time() {
        let rate = LeastRate { bytes_per_second: 10, grace: Duration::from_secs(5) };
        let (quick, slow) = (BodyRules { least_rate: Some(rate), ..RULES }, BodyRules { total: Duration::from_secs(20), ..RULES });
        for (rules, seconds, result, took) in [
            (quick, 1, Ok(100), 10),
            (quick, 2, Err(BodyError::TooSlow), 9),
            (slow, 1, Ok(100), 10),
            (slow, 9, Err(BodyError::TooSlow), 20),
        ] {
            let begun = Instant::now();
            let read = read_whole(parts(10, seconds), rules, &mut memory(1000)).await.map(|body| body.len());
            assert_eq!((read, begun.elapsed().as_secs()), (result, took), "{rules:?} {seconds}");
        }
    }

    #[tokio::test]
    async fn a_body_for_which_there_is_no_memory_is_refused() {
        assert_eq!(read_whole(parts(4, 0), RULES, &mut memory(39)).await, Err(BodyError::NoCapacity));
        assert_eq!(read_whole(parts(4, 0), RULES, &mut memory(40)).await.map(|body| body.len()), Ok(40));
    }

    #[tokio::test]
    async fn what_was_read_is_what_was_sent() {
        let sent: Vec<Bytes> = ["一", "二", "三"].map(|s| Bytes::from(s.as_bytes())).to_vec();
        let body = Body::from_stream(stream::iter(sent.into_iter().map(Ok::<_, std::io::Error>)));
        assert_eq!(read_whole(body, RULES, &mut memory(100)).await.unwrap(), "一二三".as_bytes());
    }

    #[tokio::test]
    async fn a_broken_connection_is_not_taken_for_the_end() {
        let body = Body::from_stream(stream::iter([Ok(Bytes::from_static(b"x")), Err(std::io::Error::other("cut"))]));
        assert_eq!(read_whole(body, RULES, &mut memory(100)).await, Err(BodyError::Interrupted));
    }

    #[tokio::test]
    async fn the_end_of_a_body_is_recorded_when_it_was_read() {
        let (empty, ended) = TrackedBody::new(Body::empty());
        assert!(ended.get().is_some());
        drop(empty);
        let (mut body, ended) = TrackedBody::new(parts(2, 0));
        body.frame().await.unwrap().unwrap();
        assert!(ended.get().is_none());
        body.collect().await.unwrap();
        assert!(ended.get().is_some());
    }
}
