//! The accept loop: limits on connections, timeouts of slow clients, graceful shutdown.
//!
//! It replaces `axum::serve`, which gives hyper no timer for its header timeout.

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

use crate::write_timeout::WriteTimeout;

/// Limits of connections.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// Maximum number of connections; one more is closed at once.
    pub max_connections: u32,
    /// Time for the head of a request, from the opening of the connection or the response before.
    pub header_timeout: Duration,
    /// Time in which the client must read something of a response.
    pub write_timeout: Duration,
    /// Time for the active requests when the server stops.
    pub shutdown_timeout: Duration,
    /// Time after which a connection without an active request is closed when the server stops.
    pub idle_shutdown: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            max_connections: 2_000,
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(10),
            idle_shutdown: Duration::from_millis(500),
        }
    }
}

/// Maximum size of a request head, and of what is read ahead of a body.
const BUFFER_SIZE: usize = 64 << 10;

/// Serves until `stop`, then finishes the active requests. Returns whether all of them finished in time.
pub async fn serve(listener: TcpListener, app: Router, limits: SocketLimits, stop: impl Future<Output = ()>) -> bool {
    let slots = Arc::new(Semaphore::new(limits.max_connections as usize));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = accept(&listener) => next,
        };
        // Without a free slot the stream is dropped, which closes it.
        if let Ok(slot) = slots.clone().try_acquire_owned() {
            tokio::spawn(connection(stream, peer, app.clone(), limits, stopped.clone(), slot));
        }
    }
    drop(listener);
    // Fails only when there is no connection.
    let _ = stopping.send(true);
    timeout(limits.shutdown_timeout, slots.acquire_many(limits.max_connections)).await.is_ok()
}

/// Accepts and configures the next connection.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // A page is several small writes; Nagle's algorithm costs 40 ms each time.
                if stream.set_nodelay(true).is_ok() {
                    return (stream, peer);
                }
            }
            Err(error) => {
                // Most often out of file descriptors, which passes.
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
    limits: SocketLimits,
    stopped: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
) {
    let active = Arc::new(AtomicUsize::new(0));
    let service = service_fn(|mut request: Request<Incoming>| {
        let guard = ActiveRequest::start(&active);
        request.extensions_mut().insert(ConnectInfo(peer));
        let responding = app.clone().call(request);
        async move {
            let response: Result<Response<Body>, Infallible> = responding.await;
            response.map(|r| r.map(|body| TrackedBody { body, _guard: guard }))
        }
    });
    let io = TokioIo::new(WriteTimeout::new(stream, limits.write_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(BUFFER_SIZE)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    tokio::select! {
        // Broken connections are normal.
        _ = connection.as_mut() => return,
        () = wait_for_stop(stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            // A half-sent request head may never be completed.
            () = sleep(limits.idle_shutdown) => if active.load(Ordering::Acquire) == 0 { return },
        }
    }
}

async fn wait_for_stop(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Counts one request from its head to the end of its response.
struct ActiveRequest(Arc<AtomicUsize>);

impl ActiveRequest {
    fn start(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count.clone())
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A response body whose request is active until the body is dropped.
struct TrackedBody {
    body: Body,
    _guard: ActiveRequest,
}

impl HttpBody for TrackedBody {
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
