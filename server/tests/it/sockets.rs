//! The accept loop on real sockets.

use std::future::pending;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use server::accept::{SocketLimits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const SHORT: SocketLimits = SocketLimits {
    max_connections: 100,
    per_address: 100,
    header_timeout: Duration::from_millis(300),
    write_timeout: Duration::from_millis(300),
    shutdown_timeout: Duration::from_secs(3),
    idle_shutdown: Duration::from_millis(100),
};

struct Running {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<bool>,
}

async fn run(sockets: SocketLimits) -> Running {
    let app = Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
        .route(
            "/slow",
            get(|| async {
                sleep(Duration::from_millis(800)).await;
                "slow but whole"
            }),
        )
        .route("/never", get(pending::<()>))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(serve(listener, app, sockets, &[], async { stopped.await.unwrap() }));
    Running { at, stop, done }
}

async fn open(at: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// Reads until the other end closes or resets the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ask(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

#[tokio::test]
async fn a_handler_knows_the_address_of_the_socket() {
    let running = run(SHORT).await;
    let mut stream = open(running.at, &ask("/")).await;
    let own = stream.local_addr().unwrap().to_string();
    assert!(rest(&mut stream).await.ends_with(&own));
}

#[tokio::test]
async fn a_socket_without_a_whole_head_dies_in_time_and_so_does_one_that_asks_for_nothing_more() {
    let running = run(SHORT).await;
    for head in ["", "GET / HTTP/1.1\r\nHo", &ask("/")] {
        let mut stream = open(running.at, head).await;
        let begun = Instant::now();
        timeout(Duration::from_secs(2), rest(&mut stream)).await.unwrap();
        assert!(begun.elapsed() >= SHORT.header_timeout, "{head:?} died after {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn drops_of_a_head_do_not_prolong_it() {
    let running = run(SHORT).await;
    let mut stream = open(running.at, "GET / HTTP/1.1\r\n").await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        if stream.write_all(b"A: b\r\n").await.is_err() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_off_in_time_and_at_once_for_another() {
    let running = run(SocketLimits { max_connections: 2, ..SHORT }).await;
    let mut deaf = open(running.at, &ask("/large")).await;
    sleep(Duration::from_millis(900)).await;
    assert!(rest(&mut deaf).await.len() < 64 << 20, "cut off in time");
    let _deaf = [open(running.at, &ask("/large")).await, open(running.at, &ask("/large")).await];
    sleep(Duration::from_millis(100)).await;
    assert!(rest(&mut open(running.at, &ask("/")).await).await.contains("200 OK"));
}

#[tokio::test]
async fn one_socket_too_many_is_closed_at_once() {
    let running = run(SocketLimits { max_connections: 2, header_timeout: Duration::from_secs(30), ..SHORT }).await;
    let _held = [open(running.at, &ask("/never")).await, open(running.at, &ask("/never")).await];
    sleep(Duration::from_millis(50)).await;
    let mut third = TcpStream::connect(running.at).await.unwrap();
    assert_eq!(timeout(Duration::from_millis(500), rest(&mut third)).await.unwrap(), "");
}

/// Connects from an address of this machine.
async fn open_from(from: [u8; 4], at: SocketAddr, bytes: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    let mut stream = socket.connect(at).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn one_client_with_very_many_sockets_keeps_nobody_out_itself_included() {
    const HEAD: &str = "GET / HTTP/1.1\r\nHost: x\r\n";
    const ATTACKER: [u8; 4] = [127, 0, 0, 1];
    let sockets = SocketLimits { max_connections: 60, per_address: 20, header_timeout: Duration::from_secs(30), ..SHORT };
    let running = run(sockets).await;
    let mut known = open_from([127, 0, 0, 3], running.at, &ask("/slow")).await;
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(open_from(ATTACKER, running.at, HEAD).await);
    }
    for from in [[127, 0, 0, 2], ATTACKER, [127, 0, 0, 4]] {
        let mut stream = open_from(from, running.at, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        let text = timeout(Duration::from_secs(2), rest(&mut stream)).await;
        assert!(text.is_ok_and(|text| text.contains("200 OK")), "{from:?}");
    }
    assert!(rest(&mut known).await.contains("slow but whole"), "a request that is answered is not cut off");
    sleep(Duration::from_millis(100)).await;
    let mut open = 0;
    for stream in &held {
        let mut byte = [0];
        open += usize::from(stream.try_read(&mut byte).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    }
    assert!(open <= 20, "{open} sockets of one client are open");
}

#[tokio::test]
async fn when_all_sockets_are_taken_by_many_clients_a_newcomer_gets_in() {
    let sockets = SocketLimits { max_connections: 30, per_address: 20, header_timeout: Duration::from_secs(30), ..SHORT };
    let running = run(sockets).await;
    let mut held = Vec::new();
    for n in 0..60 {
        held.push(open_from([127, 0, 1, n], running.at, "GET / HTTP/1.1\r\n").await);
    }
    let mut stream = open_from([127, 0, 0, 2], running.at, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut stream).await.contains("200 OK"));
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_waits_for_nothing_else() {
    let running = run(SocketLimits { header_timeout: Duration::from_secs(30), ..SHORT }).await;
    let mut slow = open(running.at, &ask("/slow")).await;
    let mut idle = open(running.at, &ask("/")).await;
    let mut half = open(running.at, "GET / HTTP/1.1\r\nHo").await;
    let mut silent = open(running.at, "").await;
    sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    running.stop.send(()).unwrap();
    assert!(rest(&mut slow).await.contains("slow but whole"));
    assert!(rest(&mut idle).await.contains("200 OK"));
    rest(&mut half).await;
    rest(&mut silent).await;
    assert!(running.done.await.unwrap(), "everything was finished");
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(running.at).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn stopping_gives_up_on_what_does_not_end() {
    let running = run(SocketLimits { shutdown_timeout: Duration::from_millis(500), ..SHORT }).await;
    let _never = open(running.at, &ask("/never")).await;
    sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    running.stop.send(()).unwrap();
    assert!(!running.done.await.unwrap());
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
}
