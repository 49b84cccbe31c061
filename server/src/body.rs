//! Request bodies within their limits of size and time.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep, timeout};

/// Why a request body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than allowed.
    #[error("the body is too large")]
    TooLarge,
    /// No data arrived for too long.
    #[error("the body stopped coming")]
    Idle,
    /// The connection broke, or the data was not HTTP.
    #[error("the body broke off")]
    Interrupted,
}

/// Reads a body of at most `limit` bytes into memory, waiting at most `idle` for each frame.
pub async fn read_whole(mut body: Body, limit: usize, idle: Duration) -> Result<Bytes, BodyError> {
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    loop {
        let frame = match timeout(idle, body.frame()).await {
            Err(_) => return Err(BodyError::Idle),
            Ok(Some(Err(_))) => return Err(BodyError::Interrupted),
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if whole.len() + first.as_ref().map_or(0, Bytes::len) + data.len() > limit {
            tokio::spawn(discard(body));
            return Err(BodyError::TooLarge);
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

/// A body that is streamed on, and fails when it is too large or too slow.
pub struct LimitedBody {
    body: Body,
    left: usize,
    idle: Duration,
    idle_timer: Pin<Box<Sleep>>,
    error: Arc<OnceLock<BodyError>>,
}

impl LimitedBody {
    /// Limits a body. The second value holds its error after it has failed.
    pub fn new(body: Body, limit: usize, idle: Duration) -> (Self, Arc<OnceLock<BodyError>>) {
        let error = Arc::new(OnceLock::new());
        let limited = Self { body, left: limit, idle, idle_timer: Box::pin(sleep(idle)), error: error.clone() };
        (limited, error)
    }

    fn fail(&self, why: BodyError) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // The first error is the one that is reported.
        let _ = self.error.set(why);
        Poll::Ready(Some(Err(axum::Error::new(why))))
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
            Poll::Pending => match self.idle_timer.as_mut().poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(()) => self.fail(BodyError::Idle),
            },
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                let Some(left) = self.left.checked_sub(length) else {
                    let rest = std::mem::replace(&mut self.body, Body::empty());
                    tokio::spawn(discard(rest));
                    return self.fail(BodyError::TooLarge);
                };
                self.left = left;
                let idle = self.idle;
                self.idle_timer.as_mut().reset(Instant::now() + idle);
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, stream};

    const IDLE: Duration = Duration::from_secs(30);

    /// A body of so many parts of ten bytes, each after so many seconds.
    fn parts(count: usize, seconds: u64) -> Body {
        let parts = stream::iter(0..count).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(&[7; 10]))
        });
        Body::from_stream(parts)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_whole_or_refused_for_its_reason() {
        for (count, seconds, result) in
            [(0, 0, Ok(0)), (1, 0, Ok(10)), (10, 29, Ok(100)), (11, 0, Err(BodyError::TooLarge)), (2, 31, Err(BodyError::Idle))]
        {
            let read = read_whole(parts(count, seconds), 100, IDLE).await;
            assert_eq!(read.as_ref().map(Bytes::len), result.as_ref().map(|n| *n), "{count} {seconds}");
            let (limited, error) = LimitedBody::new(parts(count, seconds), 100, IDLE);
            let read = limited.collect().await.map(|c| c.to_bytes().len());
            assert_eq!(read.ok(), result.ok(), "{count} {seconds}");
            assert_eq!(error.get().copied(), result.err(), "{count} {seconds}");
        }
    }

    #[tokio::test]
    async fn what_was_read_is_what_was_sent() {
        let sent: Vec<Bytes> = ["一", "二", "三"].map(|s| Bytes::from(s.as_bytes())).to_vec();
        let body = Body::from_stream(stream::iter(sent.into_iter().map(Ok::<_, std::io::Error>)));
        assert_eq!(read_whole(body, 100, IDLE).await.unwrap(), "一二三".as_bytes());
    }

    #[tokio::test]
    async fn a_broken_connection_is_not_taken_for_the_end() {
        let body = Body::from_stream(stream::iter([Ok(Bytes::from_static(b"x")), Err(std::io::Error::other("cut"))]));
        assert_eq!(read_whole(body, 100, IDLE).await, Err(BodyError::Interrupted));
    }
}
