//! A server under attack: in this process, or the program itself.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use server::accept::{SocketLimits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::browser::{ORIGIN, TestApp};

/// A server under attack.
#[derive(Clone)]
pub struct Target {
    pub at: SocketAddr,
    pub origin: String,
    /// The address from which it is asked.
    from: Ipv4Addr,
}

/// A response.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Answer {
    pub fn cookie(&self) -> String {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with("set-cookie: registrar="));
        line.map_or_else(String::new, |line| line[12..].split(';').next().unwrap().to_owned())
    }

    pub fn value(&self, name: &str) -> String {
        let tag = self.text.split('<').find(|t| t.starts_with("input") && t.contains(&format!("name=\"{name}\""))).unwrap_or("");
        tag.split("value=\"").nth(1).and_then(|v| v.split('"').next()).unwrap_or("").to_owned()
    }
}

impl Target {
    pub async fn in_process(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, app.router(), SocketLimits::default(), &[], std::future::pending()));
        Self { at, origin: ORIGIN.into(), from: Ipv4Addr::LOCALHOST }
    }

    /// The same server asked from another address.
    pub fn from(&self, last: u8) -> Self {
        Self { from: Ipv4Addr::new(127, 0, 0, last), ..self.clone() }
    }

    pub async fn connect(&self) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((self.from, 0).into())?;
        socket.connect(self.at).await
    }

    pub fn head(&self, method: &str, path: &str, cookie: &str, more: &str) -> String {
        let host = self.origin.trim_start_matches("http://");
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nAccept: text/html\r\nCookie: {cookie}\r\n{more}\r\n",
            self.origin
        )
    }

    /// Sends a request on a connection of its own.
    pub async fn ask(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect().await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a body may close before all of it is sent.
        let _ = stream.write_all(body).await;
        read(&mut stream).await
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&self.head("GET", path, cookie, "Connection: close\r\n"), b"").await
    }

    pub async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let body: String = form_urlencoded(form);
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let head = self.head("POST", path, cookie, &format!("{kind}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len()));
        self.ask(&head, body.as_bytes()).await
    }

    pub async fn sign_in(&self, account: &str) -> String {
        let answer = self.post("/login", "", &[("account", account), ("password", "Demo-2026-pass"), ("next", "/me")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.cookie()
    }

    /// Begins a draft; returns the address of its first page.
    pub async fn draft(&self, cookie: &str) -> String {
        let guide = self.get("/apply/registration", cookie).await;
        let begun = self.post("/apply/registration", cookie, &[("_id", &guide.value("_id"))]).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let location = begun.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
        format!("/matters/{}/edit", location.split('/').nth(2).unwrap())
    }

    /// Saves a page of a draft; returns status and time.
    pub async fn save(&self, draft: &str, cookie: &str) -> (u16, Duration) {
        let path = format!("{draft}/person");
        let revision = self.get(&path, cookie).await.value("_rev");
        let text = Uuid::now_v7().to_string();
        let begun = Instant::now();
        let saved = self.post(&path, cookie, &[("_rev", &revision), ("_action", "save"), ("address", &text)]).await;
        (saved.status, begun.elapsed())
    }

    /// Saves several times, which must succeed; returns the slowest but one.
    pub async fn saves(&self, draft: &str, cookie: &str, count: usize) -> Duration {
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
    pub async fn drip(&self, path: &str, cookie: &str, length: usize, lines: usize) -> Vec<TcpStream> {
        let kind = "Content-Type: multipart/form-data; boundary=X";
        let head = self.head("POST", path, cookie, &format!("{kind}\r\nContent-Length: {length}\r\n"));
        let mut streams = Vec::new();
        for _ in 0..lines {
            let mut stream = self.connect().await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"--X\r\n").await.unwrap();
            streams.push(stream);
        }
        streams
    }
}

pub async fn read(stream: &mut TcpStream) -> Answer {
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

/// The program itself, with demo data.
pub struct Program {
    child: Child,
    pub target: Target,
    folder: tempfile::TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
        for name in ["DATA_DIR", "DATABASE_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "BIND", "LOG", "REGISTRAR_CONFIG"] {
            command.env_remove(name);
        }
        let command =
            command.current_dir(folder.path()).env("PORT", "0").env("LOG", "error").env("DEMO_CROWD", "0").args(["serve", "--demo"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut banner = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        while !banner.contains("http://") {
            assert!(output.read_line(&mut banner).unwrap() > 0, "no banner: {banner}");
        }
        let address = banner.split("http://").nth(1).unwrap().trim().to_owned();
        Self {
            child,
            target: Target { at: address.parse().unwrap(), origin: format!("http://{address}"), from: Ipv4Addr::LOCALHOST },
            folder,
        }
    }

    /// Resident memory in megabytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Size of the data folder in megabytes.
    pub fn disk(&self) -> u64 {
        let (mut size, mut folders) = (0, vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.metadata() {
                    Ok(about) if about.is_dir() => folders.push(entry.path()),
                    Ok(about) => size += about.len(),
                    // A file that was removed meanwhile.
                    Err(_) => {}
                }
            }
        }
        size >> 20
    }

    /// The most memory while something runs.
    pub async fn peak(&self, work: impl Future<Output = ()>) -> u64 {
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
