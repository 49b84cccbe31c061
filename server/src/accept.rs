//! The sockets: how many, how slow, and how they end.
//!
//! hyper's own limits need a timer, which `axum::serve` does not give it; so this is done here.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower::Service;

use crate::stall::Stall;

/// The limits of sockets.
#[derive(Debug, Clone, Copy)]
pub struct Sockets {
    /// How many there may be; one more is closed at once.
    pub most: u32,
    /// For the head of a request, from the opening of the socket or from the answer before.
    pub head: Duration,
    /// For the other end to take something of an answer.
    pub stall: Duration,
    /// For everything under way when the server stops.
    pub stop: Duration,
    /// For the last bytes of a socket that waits for nothing when the server stops.
    pub quiet: Duration,
}

impl Default for Sockets {
    fn default() -> Self {
        Self {
            most: 2_000,
            head: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            stop: Duration::from_secs(10),
            quiet: Duration::from_millis(500),
        }
    }
}

/// The largest head of a request, and what is read ahead of a body.
const BUFFER: usize = 64 << 10;

/// Serves until `stop`, then finishes what is under way. True when all of it was finished in time.
pub async fn serve(listener: TcpListener, app: Router, sockets: Sockets, stop: impl Future<Output = ()>) -> bool {
    let places = Arc::new(Semaphore::new(sockets.most as usize));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = accept(&listener) => next,
        };
        // Without a place the stream is dropped, which closes it.
        if let Ok(place) = places.clone().try_acquire_owned() {
            tokio::spawn(connection(stream, peer, app.clone(), sockets, stopped.clone(), place));
        }
    }
    drop(listener);
    // Fails only when there is no connection to tell.
    let _ = stopping.send(true);
    timeout(sockets.stop, places.acquire_many(sockets.most)).await.is_ok()
}

/// The next socket, set up.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // A page is several small writes; waiting to join them costs 40 ms each time.
                if stream.set_nodelay(true).is_ok() {
                    return (stream, peer);
                }
            }
            Err(error) => {
                // Out of file handles, most often: better with time.
                tracing::warn!(kind = ?error.kind(), "no socket could be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    sockets: Sockets,
    stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let under_way = Arc::new(AtomicUsize::new(0));
    let service = service_fn(|mut request: Request<Incoming>| {
        let busy = Busy::begin(&under_way);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = app.clone().call(request);
        async move {
            let response: Result<Response<Body>, Infallible> = answer.await;
            response.map(|r| r.map(|body| Held { body, _busy: busy }))
        }
    });
    let io = TokioIo::new(Stall::new(stream, sockets.stall));
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).header_read_timeout(sockets.head).max_buf_size(BUFFER).serve_connection(io, service);
    let mut connection = pin!(connection);
    tokio::select! {
        // Broken lines are everyday life.
        _ = connection.as_mut() => return,
        () = stop_of(stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            // A head that was half sent may never be whole.
            () = sleep(sockets.quiet) => if under_way.load(Ordering::Acquire) == 0 { return },
        }
    }
}

async fn stop_of(mut stopped: watch::Receiver<bool>) {
    // An error means that there is nobody left to say it.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Counts one request from its head to the end of its answer.
struct Busy(Arc<AtomicUsize>);

impl Busy {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The body of an answer that is under way until it is dropped.
struct Held {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Held {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_accepted_socket_sends_without_delay() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = accept(&listener).await;
        assert!(stream.nodelay().unwrap());
        assert_eq!(peer, client.local_addr().unwrap());
    }
}
