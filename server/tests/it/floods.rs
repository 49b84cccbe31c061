//! What anonymous clients, or one account, can cost the others. The server runs on real sockets; where memory is measured, it is the
//! program itself.
//!
//! Short forms. `FLOOD_LINES` makes the floods larger.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use backend::demo_test;
use server::accept::{SocketLimits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::browser::{ORIGIN, TestApp};

/// Number of parallel connections of a flood.
fn lines() -> usize {
    std::env::var("FLOOD_LINES").ok().and_then(|n| n.parse().ok()).unwrap_or(70)
}

/// A server under attack.
#[derive(Clone)]
struct Target {
    at: SocketAddr,
    origin: String,
}

/// A response.
struct Answer {
    status: u16,
    head: String,
    text: String,
}

impl Answer {
    fn cookie(&self) -> String {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with("set-cookie: registrar="));
        line.map_or_else(String::new, |line| line[12..].split(';').next().unwrap().to_owned())
    }

    fn value(&self, name: &str) -> String {
        let tag = self.text.split('<').find(|t| t.starts_with("input") && t.contains(&format!("name=\"{name}\""))).unwrap_or("");
        tag.split("value=\"").nth(1).and_then(|v| v.split('"').next()).unwrap_or("").to_owned()
    }
}

impl Target {
    async fn in_process(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, app.router(), SocketLimits::default(), &[], std::future::pending()));
        Self { at, origin: ORIGIN.into() }
    }

    fn head(&self, method: &str, path: &str, cookie: &str, more: &str) -> String {
        let host = self.origin.trim_start_matches("http://");
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nAccept: text/html\r\nCookie: {cookie}\r\n{more}\r\n",
            self.origin
        )
    }

    /// Sends a request on a connection of its own.
    async fn ask(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a body may close before all of it is sent.
        let _ = stream.write_all(body).await;
        read(&mut stream).await
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&self.head("GET", path, cookie, "Connection: close\r\n"), b"").await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let body: String = form_urlencoded(form);
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let head = self.head("POST", path, cookie, &format!("{kind}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len()));
        self.ask(&head, body.as_bytes()).await
    }

    async fn sign_in(&self, account: &str) -> String {
        let answer = self.post("/login", "", &[("account", account), ("password", "Demo-2026-pass"), ("next", "/me")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.cookie()
    }

    /// Begins a draft; returns the address of its first page.
    async fn draft(&self, cookie: &str) -> String {
        let guide = self.get("/apply/registration", cookie).await;
        let begun = self.post("/apply/registration", cookie, &[("_id", &guide.value("_id"))]).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let location = begun.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
        format!("/matters/{}/edit", location.split('/').nth(2).unwrap())
    }

    /// Saves a page of a draft; returns status and time.
    async fn save(&self, draft: &str, cookie: &str) -> (u16, Duration) {
        let path = format!("{draft}/person");
        let revision = self.get(&path, cookie).await.value("_rev");
        let text = Uuid::now_v7().to_string();
        let begun = Instant::now();
        let saved = self.post(&path, cookie, &[("_rev", &revision), ("_action", "save"), ("address", &text)]).await;
        (saved.status, begun.elapsed())
    }

    /// Saves several times, which must succeed; returns the slowest but one.
    async fn saves(&self, draft: &str, cookie: &str, count: usize) -> Duration {
        let mut times = Vec::new();
        for _ in 0..count {
            let (status, time) = self.save(draft, cookie).await;
            assert_eq!(status, 303);
            times.push(time);
        }
        times.sort();
        times[times.len().saturating_sub(2)]
    }

    /// Opens lines that begin a form with files and then send a byte now and then, until it is dropped.
    async fn drip(&self, path: &str, cookie: &str, length: usize, lines: usize) -> Vec<TcpStream> {
        let kind = "Content-Type: multipart/form-data; boundary=X";
        let head = self.head("POST", path, cookie, &format!("{kind}\r\nContent-Length: {length}\r\n"));
        let mut streams = Vec::new();
        for _ in 0..lines {
            let mut stream = TcpStream::connect(self.at).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"--X\r\n").await.unwrap();
            streams.push(stream);
        }
        streams
    }
}

async fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, text) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), text: text.to_owned() }
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    pairs.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&")
}

/// A flood may slow others down by this much: twice, and a constant for the noise of a busy machine.
fn bearable(quiet: Duration) -> Duration {
    quiet * 2 + Duration::from_millis(500)
}

demo_test!(lines_that_drip_without_a_session_refuse_nobody_a_save, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    let cookie = target.sign_in("applicant").await;
    let draft = target.draft(&cookie).await;
    let quiet = target.saves(&draft, &cookie, 10).await;
    let nowhere = format!("/matters/{}/edit/x", Uuid::now_v7());
    let invented = "registrar=AAAAAAAAAAAAAAAAAAAAAA";
    let _held = [
        target.drip(&nowhere, "", 100_000, lines()).await,
        target.drip(&nowhere, "", 60_000, lines()).await,
        target.drip(&nowhere, invented, 60_000, lines()).await,
        target.drip("/institution/bills", "", 60_000, lines() / 4).await,
    ];
    sleep(Duration::from_millis(300)).await;
    let flooded = target.saves(&draft, &cookie, 20).await;
    assert!(flooded <= bearable(quiet), "{quiet:?} {flooded:?}");
});

demo_test!(an_account_whose_bodies_drip_takes_no_place_from_itself_or_others, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    let (slow, other) = (target.sign_in("applicant").await, target.sign_in("certified").await);
    let (of_slow, of_other) = (target.draft(&slow).await, target.draft(&other).await);
    let held = target.drip(&format!("{of_slow}/attachments"), &slow, 40_000_000, lines()).await;
    sleep(Duration::from_millis(300)).await;
    target.saves(&of_other, &other, 5).await;
    target.saves(&of_slow, &slow, 5).await;
    drop(held);
});

demo_test!(a_cookie_that_is_invented_takes_no_place_of_staff, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    let officer = target.sign_in("officer").await;
    let flood: Vec<_> = (0..lines())
        .map(|n| {
            let target = target.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    let cookie = format!("registrar={n:022}");
                    assert_eq!(target.get("/association", &cookie).await.status, 303);
                }
            })
        })
        .collect();
    for _ in 0..10 {
        assert_eq!(target.get("/association", &officer).await.status, 200);
    }
    for line in flood {
        line.await.unwrap();
    }
});

demo_test!(a_post_whose_session_has_ended_is_carried_or_the_page_says_that_it_is_not, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    let path = format!("/matters/{}/edit/person", Uuid::now_v7());
    let carried = target.post(&path, "", &[("address", &"x".repeat(40_000))]).await;
    assert_eq!(carried.status, 401);
    assert!(carried.text.contains("会继续提交") && carried.value("_held").len() > 40_000);
    for length in [46_000, 64_000, 300_000] {
        let plain = target.post(&path, "", &[("address", &"x".repeat(length))]).await;
        assert_eq!(plain.status, 401, "{length}");
        assert!(plain.text.contains("没有随登录页保留") && plain.value("_held").is_empty(), "{}", plain.text);
        assert!(plain.text.len() < 20_000, "{} bytes of a page", plain.text.len());
    }
    assert_eq!(target.post("/login", "", &[("account", &"x".repeat(70_000))]).await.status, 413);
    assert_eq!(target.post("/api/draft/save", "", &[("x", &"x".repeat(200_000))]).await.status, 401);
});

demo_test!(a_refused_post_of_a_visitor_leaves_no_session, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    for (path, form) in [
        ("/login", &[("account", "nobodyy"), ("password", "wrong")][..]),
        ("/register/individual", &[("account", "zhangwei")]),
        ("/recover", &[("account", "x"), ("mobile", "1")]),
    ] {
        let answer = target.post(path, "", form).await;
        assert!(matches!(answer.status, 422 | 429), "{path} {}", answer.status);
        assert_eq!(answer.cookie(), "", "{path}");
    }
});

demo_test!(a_post_that_the_database_cannot_take_keeps_what_was_typed_and_says_nothing_of_who_is_signed_in, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    let cookie = target.sign_in("applicant").await;
    let draft = target.draft(&cookie).await;
    app.state().db.clone().close().await;
    let busy = target.post(&format!("{draft}/person"), &cookie, &[("_rev", "1"), ("_action", "next"), ("address", "\"北\"")]).await;
    assert_eq!(busy.status, 503);
    for part in ["重新提交", "name=\"_rev\" value=\"1\"", "value=\"next\"", "北", "/person"] {
        assert!(busy.text.contains(part), "{part}: {}", busy.text);
    }
    assert!(!busy.text.contains("证书查询</a></li>") && !busy.text.contains("退出"), "{}", busy.text);
    assert_eq!(target.post("/login", "", &[("account", "applicant"), ("password", "Demo-2026-pass")]).await.status, 503);
});

demo_test!(a_request_without_exactly_one_host_is_refused_and_a_body_that_was_not_read_ends_the_connection, |demo| async move {
    let app = TestApp::new(demo).await;
    let target = Target::in_process(&app).await;
    let close = "Connection: close\r\n\r\n";
    for (head, status) in [
        (format!("GET / HTTP/1.1\r\n{close}"), 400),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n{close}"), 400),
        (format!("GET / HTTP/1.1\r\nHost: registrar.test\r\n{close}"), 200),
        (format!("GET / HTTP/1.0\r\n{close}"), 200),
    ] {
        assert_eq!(target.ask(&head, b"").await.status, status, "{head}");
    }
    for (kind, length, status) in [("text/plain", 10, 415), ("application/x-www-form-urlencoded", 20 << 20, 413)] {
        let head = target.head("POST", "/login", "", &format!("Content-Type: {kind}\r\nContent-Length: {length}\r\n"));
        let refused = target.ask(&head, &vec![b'x'; length]).await;
        assert_eq!(refused.status, status);
        assert!(refused.head.to_lowercase().contains("connection: close"), "{}", refused.head);
    }
    let chunked = target.head("POST", "/login", "", "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n");
    let body = [format!("{:x}\r\n", 20 << 20).into_bytes(), vec![b'x'; 20 << 20], b"\r\n0\r\n\r\n".to_vec()].concat();
    assert_eq!(target.ask(&chunked, &body).await.status, 413);
});

/// The program itself, with demo data.
struct Program {
    child: Child,
    target: Target,
    _folder: tempfile::TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
        for name in ["DATA_DIR", "DATABASE_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "BIND", "LOG", "REGISTRAR_CONFIG"] {
            command.env_remove(name);
        }
        let command = command.current_dir(folder.path()).env("PORT", "0").env("LOG", "error").args(["serve", "--demo"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut banner = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        while !banner.contains("http://") {
            assert!(output.read_line(&mut banner).unwrap() > 0, "no banner: {banner}");
        }
        let address = banner.split("http://").nth(1).unwrap().trim().to_owned();
        Self { child, target: Target { at: address.parse().unwrap(), origin: format!("http://{address}") }, _folder: folder }
    }

    /// Resident memory in megabytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// The most memory while something runs.
    async fn peak(&self, work: impl Future<Output = ()>) -> u64 {
        let mut peak = self.memory();
        tokio::pin!(work);
        loop {
            tokio::select! {
                () = &mut work => return peak.max(self.memory()),
                () = sleep(Duration::from_millis(20)) => peak = peak.max(self.memory()),
            }
        }
    }
}

/// A form of 46 MB with one part, posted at full speed.
async fn post_large(target: &Target, path: &str, cookie: &str, part: &str, byte: u8) -> u16 {
    const LENGTH: usize = 46_000_000;
    let begin = format!("--X\r\nContent-Disposition: form-data; {part}\r\n\r\n");
    let kind = "Content-Type: multipart/form-data; boundary=X";
    let head = target.head("POST", path, cookie, &format!("{kind}\r\nContent-Length: {LENGTH}\r\nConnection: close\r\n"));
    let mut stream = TcpStream::connect(target.at).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(begin.as_bytes()).await.unwrap();
    let piece = vec![byte; 64 << 10];
    let mut left = LENGTH - begin.len();
    while left > 0 {
        let next = left.min(piece.len());
        if stream.write_all(&piece[..next]).await.is_err() {
            break;
        }
        left -= next;
    }
    read(&mut stream).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_forms_cost_little_memory_whoever_sends_them() {
    let program = Program::start();
    let target = program.target.clone();
    let cookie = target.sign_in("applicant").await;
    let draft = target.draft(&cookie).await;
    target.saves(&draft, &cookie, 3).await;
    let before = program.memory();
    for (path, cookie, expected) in
        [(format!("/matters/{}/edit/x", Uuid::now_v7()), "", 401), (format!("{draft}/attachments"), cookie.as_str(), 400)]
    {
        for (part, byte) in [("name=\"other\"; filename=\"a.pdf\"", b'z'), ("name=\"text\"", 1)] {
            let count = if std::env::var("FLOOD_LINES").is_ok() { 100 } else { 12 };
            let posts = (0..count).map(|_| post_large(&target, &path, cookie, part, byte));
            let statuses = std::sync::Mutex::new(Vec::new());
            let peak = program.peak(async { *statuses.lock().unwrap() = futures::future::join_all(posts).await }).await;
            let statuses = statuses.into_inner().unwrap();
            assert!(peak.saturating_sub(before) <= 64, "{path} {part}: {before} to {peak} MB");
            let refused = if part.contains("file") { expected } else { expected.max(401) };
            assert!(statuses.iter().all(|status| [expected, refused, 413, 503].contains(status)), "{path} {part}: {statuses:?}");
        }
    }
    target.saves(&draft, &cookie, 3).await;
}
