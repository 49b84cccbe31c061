//! The accept loop: limits on connections, timeouts of slow clients, graceful shutdown.
//!
//! It replaces `axum::serve`, which gives hyper no timer for its header timeout.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tower::Service;

use crate::body::GuardedBody;
use crate::client::share_keys;
use crate::connections::{Connection, Connections};
use crate::network::Network;
use crate::write_timeout::WriteTimeout;

/// Limits of connections.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// Maximum number of connections. For one more, a connection that waits for its client is closed.
    pub max_connections: usize,
    /// Maximum number of connections of one client, an IPv4 address or an IPv6 /64. Trusted proxies have no such limit.
    pub per_address: usize,
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
            per_address: PER_ADDRESS,
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(10),
            idle_shutdown: Duration::from_millis(500),
        }
    }
}

/// The default of [`SocketLimits::per_address`]. A browser opens six connections.
pub const PER_ADDRESS: usize = 256;

/// Maximum size of a request head, and of what is read ahead of a body.
const BUFFER_SIZE: usize = 64 << 10;

/// Serves until `stop`, then finishes the active requests. Returns whether all of them finished in time. `proxies`: the trusted ones.
pub async fn serve(listener: TcpListener, app: Router, limits: SocketLimits, proxies: &[Network], stop: impl Future<Output = ()>) -> bool {
    let connections = Arc::new(Connections::new(limits.max_connections, limits.per_address));
    let (stopping, stopped) = watch::channel(false);
    // Every connection holds the sender until it has ended.
    let (running, mut ended) = mpsc::channel::<()>(1);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = accept(&listener) => next,
        };
        let trusted = proxies.iter().any(|proxy| proxy.contains(peer.ip()));
        let address = share_keys(peer.ip()).first().copied().filter(|_| !trusted);
        // Without room the stream is dropped, which closes it.
        if let Some(counted) = connections.open(address) {
            let (app, stopped, running) = (app.clone(), stopped.clone(), running.clone());
            tokio::spawn(async move {
                connection(stream, peer, app, limits, stopped, counted).await;
                drop(running);
            });
        }
    }
    drop(listener);
    // Fails only when there is no connection.
    let _ = stopping.send(true);
    drop(running);
    timeout(limits.shutdown_timeout, ended.recv()).await.is_ok()
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
    counted: Connection,
) {
    let activity = counted.activity.clone();
    let service = service_fn(|mut request: Request<Incoming>| {
        let guard = activity.start();
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(activity.clone());
        let responding = app.clone().call(request);
        async move {
            // A client that sends many requests at once gets one response at a time, in turn with the others.
            yield_now().await;
            let response: Result<Response<Body>, Infallible> = responding.await;
            response.map(|r| r.map(|body| GuardedBody::new(body, guard)))
        }
    });
    let io = TokioIo::new(WriteTimeout::new(stream, limits.write_timeout, activity.blocked.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(BUFFER_SIZE)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut stopping = pin!(wait_for_stop(stopped));
    loop {
        tokio::select! {
            // A head that has arrived is read before the connection gives way to another.
            biased;
            // Broken connections are normal.
            _ = connection.as_mut() => return,
            () = stopping.as_mut() => break,
            // A request that is answered by now is finished first.
            () = activity.evicted() => if activity.is_answering() {
                connection.as_mut().graceful_shutdown();
            } else {
                return;
            },
        }
    }
    connection.as_mut().graceful_shutdown();
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            // A half-sent request head may never be completed.
            () = sleep(limits.idle_shutdown) => if !activity.is_active() { return },
        }
    }
}

async fn wait_for_stop(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
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
