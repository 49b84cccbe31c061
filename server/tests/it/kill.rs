//! Two servers on one database, killed at random moments, while people save, upload, submit, decide, and pay online and
//! by voucher, up to a certificate. An act whose answer was lost is sent
//! again with the same key until it is answered. Nothing that was acknowledged may be lost, doubled or half done.

use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use backend::AppState;
use backend::database_test;
use backend::demo::testing::{ReadyDraft, create_applicants, find_faults, find_file_faults, matter_facts};
use backend::infra::clock::Clock;
use backend::infra::file::testing::pdf;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::wire::{Reply, Wire};

/// How long servers are killed, unless `KILL_SECONDS` says otherwise; `make fuzz` takes minutes.
const SECONDS: u64 = 10;
/// Applicants at a time.
const APPLICANTS: usize = 4;
/// The version of the upload protocol.
const TUS: (&str, &str) = ("Tus-Resumable", "1.0.0");
/// Bytes of a chunk.
const CHUNK: usize = 1 << 20;
/// How long an act may go without an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two servers on one database.
struct Servers {
    ports: [u16; 2],
    running: Mutex<[Option<Child>; 2]>,
}

impl Servers {
    fn start(folder: &Path, url: &str) -> Self {
        let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let servers = Self { ports: [port(), port()], running: Mutex::default() };
        for index in 0..2 {
            servers.start_one(index, folder, url);
        }
        servers
    }

    fn start_one(&self, index: usize, folder: &Path, url: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
        command.args(["serve", "--demo"]).current_dir(folder).env("DATA_DIR", folder.join("data"));
        command.env("DATABASE_URL", url).env("PORT", self.ports[index].to_string()).env("LOG", "error").env("DEMO_CROWD", "0");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.running.lock().unwrap()[index] = Some(child);
    }

    fn kill(&self, index: usize) {
        if let Some(mut child) = self.running.lock().unwrap()[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// One of the two, by turns, each with the same sessions.
    fn wire(&self, turn: u32) -> Wire {
        Wire::new(self.ports[usize::try_from(turn % 2).unwrap()])
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.kill(0);
        self.kill(1);
    }
}

/// A person at a browser.
struct Person<'a> {
    servers: &'a Servers,
    cookie: String,
    turn: AtomicU32,
}

impl<'a> Person<'a> {
    fn sign_in(servers: &'a Servers, account: &str) -> Self {
        let mut person = Self { servers, cookie: String::new(), turn: AtomicU32::new(0) };
        let form = [("account", account), ("password", "Demo-2026-pass"), ("next", "/")];
        let reply = person.surely(|wire, _| wire.post("/login", "", &form), &[303]);
        person.cookie = reply.cookie;
        person
    }

    /// Asks until there is an answer with one of these statuses.
    fn surely(&self, ask: impl Fn(&Wire, &str) -> std::io::Result<Reply>, good: &[u16]) -> Reply {
        let begun = Instant::now();
        loop {
            let wire = self.servers.wire(self.turn.fetch_add(1, Ordering::Relaxed));
            match ask(&wire, &self.cookie) {
                Ok(reply) if good.contains(&reply.status) => return reply,
                // A server that was killed, or one that could not reach the database.
                Ok(reply) if reply.status == 503 => {}
                Ok(reply) => panic!("{}: {}", reply.status, reply.body),
                Err(_) => {}
            }
            assert!(begun.elapsed() < PATIENCE, "no answer");
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    fn page(&self, path: &str) -> Reply {
        self.surely(|wire, cookie| wire.get(path, cookie), &[200])
    }

    fn post(&self, path: &str, form: &[(&str, &str)], good: &[u16]) -> Reply {
        self.surely(|wire, cookie| wire.post(path, cookie, form), good)
    }

    fn call(&self, path: &str, body: &Value) -> Value {
        let reply = self.surely(|wire, cookie| wire.call(path, cookie, body), &[200]);
        serde_json::from_str(&reply.body).unwrap()
    }

    /// Posts the hidden values of the first form of a page with these.
    fn send(&self, page: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        let shown = self.page(page);
        let mut all: Vec<(&str, &str)> = form.to_vec();
        for (name, value) in shown.hidden() {
            if !all.iter().any(|(n, _)| *n == name) {
                all.push((name, value));
            }
        }
        self.post(path, &all, &[303])
    }
}

impl Person<'_> {
    /// Uploads a file in chunks to a field of a draft.
    fn upload(&self, matter: Uuid, bytes: &[u8]) {
        let id = Uuid::now_v7();
        let about = [("id", id.to_string()), ("matter", matter.to_string()), ("path", "other".into()), ("filename", format!("{id}.pdf"))];
        let about: Vec<String> = about.iter().map(|(name, value)| format!("{name} {}", STANDARD.encode(value))).collect();
        let (about, length) = (about.join(","), bytes.len().to_string());
        let headers = [TUS, ("Upload-Length", length.as_str()), ("Upload-Metadata", about.as_str())];
        self.surely(|wire, cookie| wire.send("POST", "/api/uploads", cookie, &headers, b""), &[200, 201]);
        let path = format!("/api/uploads/{id}");
        loop {
            let at = self.surely(|wire, cookie| wire.send("HEAD", &path, cookie, &[TUS], b""), &[200, 204]).offset.unwrap();
            if at == bytes.len() {
                // The file is attached with its last chunk, which may have to be asked for again.
                self.surely(|wire, cookie| wire.send("PATCH", &path, cookie, &chunk_headers(&at.to_string()), b""), &[204]);
                return;
            }
            let part = &bytes[at..bytes.len().min(at + CHUNK)];
            self.surely(|wire, cookie| wire.send("PATCH", &path, cookie, &chunk_headers(&at.to_string()), part), &[204, 409]);
        }
    }

    /// Gives a command from the page of a matter.
    fn command(&self, matter: Uuid, name: &str) {
        let page = format!("/matters/{matter}");
        self.send(&page, &page, &[("_key", &Uuid::now_v7().to_string()), ("_action", name), ("note", "意见")]);
    }

    /// Pays the fee of a matter by a voucher; returns the order.
    fn send_voucher(&self, matter: Uuid) -> String {
        let pay = format!("/matters/{matter}/pay");
        let shown = self.page(&pay);
        let seen = shown.hidden().into_iter().find(|(name, _)| *name == "_seen").map_or("", |(_, value)| value);
        let number = matter.simple().to_string();
        let form = [
            ("_seen", seen),
            ("method", "offline"),
            ("remitter", "张伟"),
            ("remitted_on", "2026-11-20"),
            ("remitted_amount", "200"),
            ("remittance_no", number.as_str()),
        ];
        let slip = pdf(matter.as_bytes());
        // One that was sent already is told so.
        self.surely(|wire, cookie| wire.upload(&pay, cookie, &form, ("voucher", "回单.pdf"), &slip), &[303, 409, 422]);
        let page = self.page(&pay).body;
        page.split("/payments/").nth(1).unwrap_or_else(|| panic!("no voucher: {page}"))[..36].to_owned()
    }

    /// Accepts a voucher as finance.
    fn accept_voucher(&self, order: &str) {
        let (path, button) = ("/association/payments", format!("accept:{order}"));
        let page = self.page(path).body;
        let form = page.split("<form").find(|form| form.contains(&button)).unwrap();
        let seen = form.split("name=\"_seen\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)).unwrap().split('"').next().unwrap();
        self.post(path, &[("_key", &Uuid::now_v7().to_string()), ("_seen", seen), ("_action", &button)], &[303]);
    }
}

fn chunk_headers(offset: &str) -> [(&'static str, &str); 3] {
    [TUS, ("Content-Type", "application/offset+octet-stream"), ("Upload-Offset", offset)]
}

/// A document of two chunks that no other one is like.
fn document() -> Vec<u8> {
    pdf(Uuid::now_v7().simple().to_string().repeat(40_000).as_bytes())
}

/// Saves of one draft: what was acknowledged last.
struct Saves<'a> {
    person: &'a Person<'a>,
    matter: Uuid,
    device: Uuid,
    revision: i64,
    seq: i64,
    address: String,
    /// Records that were added.
    records: Vec<Uuid>,
}

impl<'a> Saves<'a> {
    fn of(person: &'a Person<'a>, matter: Uuid) -> Self {
        let state = person.call("/api/draft/state", &json!({ "matter": matter }));
        let revision = state["answered"]["revision"].as_i64().unwrap();
        Self { person, matter, device: Uuid::now_v7(), revision, seq: 0, address: String::new(), records: Vec::new() }
    }

    fn save(&mut self) {
        self.seq += 1;
        self.address = format!("示例路 {} 号", Uuid::now_v7().simple());
        let mut ops = vec![json!({ "path": "address", "value": self.address })];
        // A list takes so many records.
        if self.records.len() < 5 {
            let record = Uuid::now_v7();
            ops.push(json!({ "path": format!("education/{record}"), "value": "kept" }));
            ops.push(json!({ "path": format!("education/{record}/school"), "value": format!("学校 {record}") }));
            self.records.push(record);
        }
        let patch = json!({ "matter": self.matter, "base_rev": self.revision, "device": self.device, "seq": self.seq, "ops": ops });
        let reply = self.person.call("/api/draft/patch", &json!({ "kind": "registration", "patch": patch }));
        let revision = reply["revision"].as_i64().unwrap();
        assert_eq!(revision, self.revision + 1, "one save is one revision");
        self.revision = revision;
    }
}

/// What an applicant got acknowledged.
struct Acknowledged {
    matter: Uuid,
    revision: i64,
    /// A second draft, its revision and its address, its records and the number of its files.
    other: (Uuid, i64, String),
    records: Vec<Uuid>,
    files: usize,
}

/// Saves, submits, has it passed, paid and decided up to a certificate, and then fills another draft until the end.
fn apply(servers: &Servers, (index, draft): (usize, &ReadyDraft), stop: &AtomicBool) -> Acknowledged {
    let person = Person::sign_in(servers, &draft.account);
    let matter = draft.matter;
    let mut saves = Saves::of(&person, matter);
    saves.records = vec![Uuid::nil(); 5];
    for _ in 0..5 {
        saves.save();
    }
    let revision = saves.revision;
    let review = format!("/matters/{matter}/review");
    person.send(&review, &review, &[("_key", &Uuid::now_v7().to_string())]);
    Person::sign_in(servers, "inst-a").command(matter, "pass");
    if index % 2 == 0 {
        let pay = format!("/matters/{matter}/pay");
        let order = person.send(&pay, &pay, &[("method", "online"), ("invoice", "no")]);
        person.post(&order.location, &[("_action", "pay")], &[303]);
    } else {
        let order = person.send_voucher(matter);
        Person::sign_in(servers, "finance").accept_voucher(&order);
    }
    let officer = Person::sign_in(servers, "officer");
    for name in ["accept", "waive", "propose"] {
        officer.command(matter, name);
    }
    Person::sign_in(servers, "approver2").command(matter, "approve");

    let other = Uuid::now_v7();
    person.post("/apply/registration", &[("_id", &other.to_string())], &[303]);
    let (mut saves, mut files) = (Saves::of(&person, other), 0);
    while !stop.load(Ordering::SeqCst) || files == 0 {
        saves.save();
        if files < 4 {
            person.upload(other, &document());
            files += 1;
            // The file is a revision of its own.
            saves.revision = person.call("/api/draft/state", &json!({ "matter": other }))["answered"]["revision"].as_i64().unwrap();
        }
    }
    Acknowledged { matter, revision, other: (other, saves.revision, saves.address), records: saves.records, files }
}

fn kill_for(servers: &Servers, folder: &Path, url: &str, time: Duration) -> u32 {
    let (begun, mut kills) = (Instant::now(), 0);
    while begun.elapsed() < time {
        // Seldom the same moment twice, and seldom both at once.
        std::thread::sleep(Duration::from_millis(300 + u64::from(kills * 377 % 900)));
        let index = usize::try_from(kills % 3 % 2).unwrap();
        servers.kill(index);
        servers.start_one(index, folder, url);
        kills += 1;
    }
    kills
}

database_test!(two_servers_that_are_killed_at_random_lose_and_double_nothing, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::DirBuilder::new().mode(0o700).create(&data).unwrap();
    let app = AppState::open(db, &data, Clock::system(), true).await.unwrap();
    backend::demo::fill_demo(&app, 0).await.unwrap();
    let drafts = create_applicants(&app, APPLICANTS).await.unwrap();
    let seconds = std::env::var("KILL_SECONDS").map_or(SECONDS, |n| n.parse().unwrap());

    let (acknowledged, kills) = tokio::task::block_in_place(|| {
        let (servers, stop) = (Servers::start(folder.path(), &url), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let people: Vec<_> = drafts
                .iter()
                .enumerate()
                .map(|(index, draft)| {
                    let (servers, stop) = (&servers, &stop);
                    scope.spawn(move || apply(servers, (index, draft), stop))
                })
                .collect();
            let kills = kill_for(&servers, folder.path(), &url, Duration::from_secs(seconds));
            stop.store(true, Ordering::SeqCst);
            (people.into_iter().map(|p| p.join().unwrap()).collect::<Vec<_>>(), kills)
        })
    });

    assert!(kills > 5, "{kills}");
    assert_eq!(find_faults(&app).await.unwrap(), Vec::<String>::new());
    for done in acknowledged {
        let facts = matter_facts(&app, done.matter).await.unwrap().unwrap();
        for command in ["submit", "pass", "paid", "accept", "waive", "propose", "approve"] {
            assert_eq!(facts.commands.iter().filter(|c| *c == command).count(), 1, "{command}: {facts:?}");
        }
        assert_eq!((facts.certificates.len(), facts.revision), (1, done.revision), "{facts:?}");
        let (other, revision, address) = done.other;
        let facts = matter_facts(&app, other).await.unwrap().unwrap();
        assert_eq!(facts.revision, revision);
        let owner = backend::access::guard::load_caller(&app, facts.owner).await.unwrap();
        let who = backend::access::guard::authorize(&app, owner.as_ref(), domain::base::permission::Action::Matter).unwrap();
        let answers = backend::matter::load(&app, &who, other).await.unwrap().answers;
        assert_eq!(answers.fields.get("address"), Some(&address.as_str().into()));
        let records: Vec<Uuid> = answers.records("education").map(|record| record.id).collect();
        assert_eq!(records, done.records, "records");
        assert_eq!(answers.fields.get("other").map_or(0, |value| value.files().len()), done.files, "files");
    }
    // What a kill leaves is swept once it is old.
    app.files.age_all().unwrap();
    for hour in 0..24 {
        let clock = Clock::fixed(format!("2026-11-30T{hour:02}:00:00Z").parse().unwrap());
        let later = AppState::open(app.db.clone(), &data, clock, true).await.unwrap();
        backend::service::storage::sweep_file_store(&later).await.unwrap();
    }
    assert_eq!(find_file_faults(&app).await.unwrap(), Vec::<String>::new());
});
