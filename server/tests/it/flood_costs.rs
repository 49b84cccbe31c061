//! What each flood of one attacker costs others and the machine: the program itself, the attacker at an address of its own, and a person who
//! logs in, saves a page and sends a piece of a file all the while.
//!
//! In the short form everybody is answered, and memory and disk are bounded. `FLOOD_LINES` makes the floods larger, and then the time of
//! each act is compared with the quiet one: beside other tests it would measure those.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::floods::{Program, Target, bearable, lines};

/// Most that a flood may add to the memory of the program, in megabytes: what bodies and pictures may occupy by their limits.
const MEMORY: u64 = 256;
/// Most that a flood may add to the data folder, in megabytes.
const DISK: u64 = 64;
/// Times that each act of the person is measured.
const MEASURES: usize = 6;

/// A person at work.
struct Person {
    target: Target,
    cookie: String,
    draft: String,
}

impl Person {
    async fn new(target: &Target) -> Self {
        let cookie = target.sign_in("applicant").await;
        let draft = target.draft(&cookie).await;
        Self { target: target.clone(), cookie, draft }
    }

    /// The slowest but one of each act: log-in, save, piece of a file.
    async fn measure(&self, about: &str) -> [Duration; 3] {
        let mut times: [Vec<Duration>; 3] = Default::default();
        for _ in 0..MEASURES {
            let begun = Instant::now();
            self.target.sign_in("teacher").await;
            times[0].push(begun.elapsed());
            let (status, time) = self.target.save(&self.draft, &self.cookie).await;
            assert_eq!(status, 303, "{about}: a save");
            times[1].push(time);
            times[2].push(self.send_piece(about).await);
        }
        times.map(|mut all| {
            all.sort();
            all[all.len() - 2]
        })
    }

    /// Sends the first piece of a file.
    async fn send_piece(&self, about: &str) -> Duration {
        let (id, matter) = (Uuid::now_v7(), self.draft.split('/').nth(2).unwrap());
        let metadata = [("id", id.to_string()), ("matter", matter.to_owned()), ("path", "other".into()), ("filename", "a.pdf".into())];
        let metadata: Vec<String> = metadata.iter().map(|(name, value)| format!("{name} {}", STANDARD.encode(value))).collect();
        let tus = "Tus-Resumable: 1.0.0\r\nConnection: close\r\n";
        let begin = format!("{tus}Upload-Length: 2000000\r\nUpload-Metadata: {}\r\nContent-Length: 0\r\n", metadata.join(","));
        let begun = self.target.ask(&self.target.head("POST", "/api/uploads", &self.cookie, &begin), b"").await;
        assert_eq!(begun.status, 201, "{about}: {}", begun.text);
        let chunk = "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\nContent-Length: 1048576\r\n";
        let path = format!("/api/uploads/{id}");
        let head = self.target.head("PATCH", &path, &self.cookie, &format!("{tus}{chunk}"));
        let begun = Instant::now();
        let sent = self.target.ask(&head, &vec![b'x'; 1 << 20]).await;
        assert_eq!(sent.status, 204, "{about}: a piece: {}", sent.text);
        let time = begun.elapsed();
        // What is not finished counts against the account.
        let gone = self.target.ask(&self.target.head("DELETE", &path, &self.cookie, tus), b"").await;
        assert!(gone.status < 500, "{about}: {}", gone.status);
        time
    }
}

/// One line of a flood, which goes on until the flag is set.
type Line = fn(Target, usize, Arc<AtomicBool>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Every flood: what it is, how many lines it has in the short form, and what each does.
const FLOODS: &[(&str, usize, Line)] = &[
    ("log-ins", 20, |target, line, stop| {
        Box::pin(async move {
            let mut tries = 0;
            while !stop.load(Ordering::Relaxed) {
                tries += 1;
                let name = format!("nobody{line}x{tries}");
                target.post("/login", "", &[("account", &name), ("password", "Wrong-2026-x"), ("next", "/")]).await;
            }
        })
    }),
    ("recoveries", 20, |target, line, stop| {
        Box::pin(async move {
            let mobile = format!("1390000{line:04}");
            let cookie = target.post("/recover", "", &[("account", "somebody"), ("mobile", &mobile)]).await.cookie();
            let form = [("code", "000000"), ("password", "Kite-2026-leaf"), ("password_again", "Kite-2026-leaf")];
            while !stop.load(Ordering::Relaxed) {
                target.post("/recover/code", &cookie, &form).await;
            }
        })
    }),
    ("answers that nobody reads", 60, |target, _, stop| {
        Box::pin(async move {
            let head = target.head("GET", "/terms", "", "");
            while !stop.load(Ordering::Relaxed) {
                // A server that closes the connection or accepts none is asked again.
                let Ok(mut stream) = target.connect().await else { continue };
                let until = Instant::now() + Duration::from_secs(2);
                while Instant::now() < until && !stop.load(Ordering::Relaxed) {
                    match timeout(Duration::from_millis(200), stream.write_all(head.as_bytes())).await {
                        Ok(Ok(())) => {}
                        // Its buffers are full.
                        Err(_) => sleep(Duration::from_millis(200)).await,
                        Ok(Err(_)) => break,
                    }
                }
            }
        })
    }),
    ("drafts", 6, |target, _, stop| {
        Box::pin(async move {
            let cookie = target.sign_in("certified").await;
            let text = "长".repeat(20_000);
            let mut tries = 0;
            while !stop.load(Ordering::Relaxed) {
                tries += 1;
                let ops: Vec<_> = (0..10)
                    .map(|_| serde_json::json!({ "path": format!("_responses/{}/answer", Uuid::now_v7()), "value": text }))
                    .collect();
                let matter = Uuid::now_v7();
                let patch = serde_json::json!({ "matter": matter, "base_rev": 0, "device": Uuid::now_v7(), "seq": tries, "ops": ops });
                let body = serde_json::json!({ "kind": "registration", "patch": patch }).to_string();
                let kind = format!("Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
                target.ask(&target.head("POST", "/api/draft/patch", &cookie, &kind), body.as_bytes()).await;
                target.post("/apply/registration", &cookie, &[("_id", &Uuid::now_v7().to_string())]).await;
            }
        })
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_flood_keeps_others_out_or_fills_memory_or_disk() {
    let program = Program::start();
    let person = Person::new(&program.target).await;
    let quiet = person.measure("quiet").await;
    for (about, count, line) in FLOODS {
        let (memory, disk, stop) = (program.memory(), program.disk(), Arc::new(AtomicBool::new(false)));
        let is_long = std::env::var("FLOOD_LINES").is_ok();
        let count = if is_long { lines().max(*count) } else { *count };
        let attacker = program.target.from(2);
        let flood: Vec<_> = (0..count).map(|n| tokio::spawn(line(attacker.clone(), n, Arc::clone(&stop)))).collect();
        sleep(Duration::from_millis(700)).await;
        let flooded = std::sync::Mutex::new(quiet);
        let peak = program.peak(async { *flooded.lock().unwrap() = person.measure(about).await }).await;
        stop.store(true, Ordering::Relaxed);
        for line in flood {
            line.await.unwrap();
        }
        let flooded = flooded.into_inner().unwrap();
        for (act, (quiet, flooded)) in ["log-in", "save", "piece"].iter().zip(quiet.iter().zip(&flooded)) {
            assert!(!is_long || *flooded <= bearable(*quiet), "{about}, {act}: {quiet:?} became {flooded:?}");
        }
        assert!(peak <= memory + MEMORY, "{about}: {memory} MB became {peak} MB");
        let more = program.disk().saturating_sub(disk);
        assert!(more <= DISK, "{about}: {more} MB more on disk");
        eprintln!("{about}: {quiet:?} {flooded:?}, memory {memory} to {peak} MB, disk +{more} MB");
    }
}
