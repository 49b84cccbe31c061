//! The program `registrar`: its commands, exit codes, settings and log.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The account of a server that is no demo: without it nobody could pay, and it does not start.
pub const BANK_ACCOUNT: [(&str, &str); 3] =
    [("BANK_ACCOUNT_HOLDER", "某某认证人员协会"), ("BANK_NAME", "某某银行"), ("BANK_ACCOUNT_NUMBER", "0200 0000 0000 0000 000")];

const SETTINGS: [&str; 16] = [
    "ALLOW_HTTP",
    "ALLOW_UNVERIFIED_DATABASE",
    "BIND",
    "PORT",
    "DATA_DIR",
    "DATABASE_URL",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
    "FORM_TARGETS",
    "SMS_COMMAND",
    "SMTP_URL",
    "MAIL_FROM",
    "DEMO",
    "LOG",
    "LOG_FORMAT",
    "REGISTRAR_CONFIG",
];

/// The program in its own folder, with no settings other than `env` and a free port, as tests run side by side.
pub fn registrar(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_registrar"));
    for name in SETTINGS {
        command.env_remove(name);
    }
    command.current_dir(folder).env("PORT", "0").env("DEMO_CROWD", "0").envs(BANK_ACCOUNT).envs(env.iter().copied()).args(args);
    command
}

pub fn done(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = registrar(folder, env, args).output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

pub struct Serving {
    pub child: Child,
    pub address: String,
    banner: String,
}

impl Serving {
    /// Ends it as a power failure would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.child.kill();
    }
}

/// Starts a server on a free port and reads its banner.
pub fn serving(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Serving {
    let mut command = registrar(folder, env, args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut banner = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    while !banner.contains("http://") {
        assert!(lines.read_line(&mut banner).unwrap() > 0, "no banner: {banner}");
    }
    let address = banner.split("http://").nth(1).unwrap().trim().to_owned();
    // The banner is printed at once, so its remaining lines can be read.
    if args.contains(&"--demo") {
        for _ in 0..3 {
            lines.read_line(&mut banner).unwrap();
        }
    }
    Serving { child, address, banner }
}

pub fn fetch(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn post(address: &str, path: &str, form: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let kind = "application/x-www-form-urlencoded";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nContent-Type: {kind}\r\nContent-Length: {}",
        form.len()
    );
    write!(stream, "{head}\r\nConnection: close\r\n\r\n{form}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub fn stop(mut serving: Serving) -> (Option<i32>, Duration, String) {
    let begun = Instant::now();
    Command::new("kill").arg(serving.child.id().to_string()).status().unwrap();
    let code = serving.child.wait().unwrap().code();
    let mut log = String::new();
    serving.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    (code, begun.elapsed(), log)
}

#[test]
fn what_is_not_understood_ends_with_2_and_what_is_refused_with_1() {
    let folder = tempfile::tempdir().unwrap();
    for (env, args, code, said) in [
        (&[][..], &["--help"][..], 0, "serve --demo"),
        (&[], &["--version"], 0, env!("CARGO_PKG_VERSION")),
        (&[], &["sevre"], 2, "There is no command `sevre`."),
        (&[], &[], 2, "A command is missing."),
        (&[("PORT", "x")], &["serve"], 1, "PORT: `x` is not a port number"),
        (&[("BIND", "0.0.0.0")], &["serve", "--demo"], 1, "this machine only"),
        (&[], &["serve"], 1, "Run `registrar migrate` first"),
        (&[("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/x")], &["serve"], 1, "DATABASE_URL: the database cannot be used"),
    ] {
        let (status, text) = done(folder.path(), env, args);
        assert_eq!(status, Some(code), "{args:?}: {text}");
        assert!(text.contains(said) && !text.contains("hunter2"), "{args:?}: {text}");
    }
}

#[test]
fn a_fresh_folder_is_migrated_and_then_served() {
    let folder = tempfile::tempdir().unwrap();
    let (status, text) = done(folder.path(), &[], &["migrate"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("0001_"), "{text}");
    assert!(done(folder.path(), &[], &["migrate"]).1.contains("(0 applied)"));
    let (status, text) = done(folder.path(), &[("SMS_COMMAND", "no/such/program")], &["serve"]);
    assert!(status == Some(1) && text.contains("SMS_COMMAND: there is no program"), "{text}");
    let serving = serving(folder.path(), &[], &["serve"]);
    assert!(fetch(&serving.address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(!serving.banner.contains("Demo"));
    // The outbox is delivered every second; a missing transport is logged once.
    std::thread::sleep(Duration::from_millis(2200));
    let (code, _, log) = stop(serving);
    assert_eq!(code, Some(0));
    for setting in ["SMS_COMMAND is not set", "SMTP_URL and MAIL_FROM are not set"] {
        assert_eq!(log.matches(setting).count(), 1, "{log}");
    }
}

#[test]
fn a_server_on_which_nobody_could_pay_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(done(folder.path(), &[], &["migrate"]).0, Some(0));
    let unset = [("BANK_ACCOUNT_HOLDER", ""), ("BANK_NAME", ""), ("BANK_ACCOUNT_NUMBER", "")];
    for (env, said) in [
        (&unset[..], "Nobody could pay a fee: set BANK_ACCOUNT_HOLDER, BANK_NAME and BANK_ACCOUNT_NUMBER"),
        (&unset[..1], "BANK_ACCOUNT_HOLDER, BANK_NAME and BANK_ACCOUNT_NUMBER belong together"),
        (&[("BANK_ACCOUNT_NUMBER", "0200-O000")], "BANK_ACCOUNT_NUMBER: `0200-O000` is not a number of 6 to 32 digits"),
    ] {
        let (code, text) = done(folder.path(), env, &["serve"]);
        assert!(code == Some(1) && text.contains(said), "{env:?}: {text}");
    }
    stop(serving(folder.path(), &unset, &["serve", "--demo"]));
}

#[test]
fn a_demo_says_its_accounts_and_stops_at_once_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serving(folder.path(), &[("LOG_FORMAT", "json")], &["serve", "--demo"]);
    assert!(serving.banner.contains("applicant") && serving.banner.contains("Demo-2026-pass"), "{}", serving.banner);
    assert!(fetch(&serving.address, "/healthz").ends_with("ok\n"));
    let secret = fetch(&serving.address, "/matters/110101199003070073?phone=13800138000");
    assert!(secret.starts_with("HTTP/1.1 303"), "{secret}");
    let _idle = TcpStream::connect(&serving.address).unwrap();
    let (code, took, log) = stop(serving);
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(3), "{took:?}");
    let lines: Vec<serde_json::Value> = log.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let healthy = lines.iter().find(|l| l["route"] == "/healthz").unwrap();
    assert_eq!((&healthy["status"], &healthy["method"]), (&200.into(), &"GET".into()));
    assert!(healthy["ms"].is_number() && healthy["id"].is_string());
    assert!(!log.contains("110101199003070073") && !log.contains("13800138000") && !log.contains("127.0.0.1"), "{log}");
}

#[test]
fn scores_are_put_in_by_the_command_line_and_by_no_page_of_a_real_server() {
    let folder = tempfile::tempdir().unwrap();
    let scores = "account=applicant&subject=MSB&day=2026-04-25&score=85";
    let demo = serving(folder.path(), &[], &["serve", "--demo"]);
    assert!(post(&demo.address, "/dev/scores", scores).starts_with("HTTP/1.1 303"));
    stop(demo);
    for (args, code, said) in [
        (&["applicant", "GEN", "2026-04-25", "85"][..], 0, ""),
        (&["nobodyy", "GEN", "2026-04-25", "85"], 1, "no account of this name"),
        (&["applicant", "XYZ", "2026-04-25", "85"], 1, "no such subject"),
        (&["applicant", "GEN", "2026-02-30", "85"], 1, "not a day"),
        (&["applicant", "GEN", "2026-04-25", "101"], 1, "full mark"),
        (&["applicant", "GEN"], 1, "are needed"),
    ] {
        let (status, text) = done(folder.path(), &[], &[&["admin", "score"], args].concat());
        assert_eq!(status, Some(code), "{args:?}: {text}");
        assert!(text.contains(said), "{args:?}: {text}");
    }
    let real = serving(folder.path(), &[], &["serve"]);
    assert!(fetch(&real.address, "/dev/scores").starts_with("HTTP/1.1 403"));
    assert!(post(&real.address, "/dev/scores", scores).starts_with("HTTP/1.1 403"));
    stop(real);
}
