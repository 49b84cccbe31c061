//! The program in the hands of an operator: lost keys, cut-off starts, wrong clocks, full disks, backups.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use backend::AppState;
use backend::database_test;
use backend::demo::testing::find_faults;
use backend::infra::clock::Clock;
use backend::infra::db::Db;
use backend::infra::db::maintenance::count_rows;
use backend::service::clock_check::record_tick;
use chrono::{DateTime, TimeDelta, Utc};

use crate::binary::{done, fetch, registrar, serving, stop};

fn ready(address: &str) -> bool {
    fetch(address, "/readyz").starts_with("HTTP/1.1 200")
}

/// A folder with demo data on this database.
async fn demo(db: &Db, folder: &Path) -> AppState {
    let data = folder.join("data");
    fs::DirBuilder::new().mode(0o700).create(&data).unwrap();
    let app = AppState::open(db.clone(), &data, Clock::system(), true).await.unwrap();
    backend::demo::fill_demo(&app, 0).await.unwrap();
    app
}

database_test!(a_server_does_not_start_without_the_keys_of_its_database, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    demo(&db, folder.path()).await;
    let (env, keys) = ([("DATABASE_URL", &*url), ("LOG", "off")], folder.path().join("data/keys/registrar.keys"));
    let aside = folder.path().join("aside");
    let refused = |part: &str| {
        for args in
            [&["serve"][..], &["serve", "--demo"], &["admin", "grant", "applicant", "expert"], &["keys", "create"], &["keys", "rotate"]]
        {
            let (code, text) = done(folder.path(), &env, args);
            assert_eq!(code, Some(1), "{args:?}: {text}");
            assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
            assert!(args[1..] == ["create"] || text.contains(part), "{args:?}: {text}");
        }
    };
    fs::rename(&keys, &aside).unwrap();
    refused("is missing");
    assert!(!keys.exists(), "no keys were created");
    backend::infra::secret::Keys::create(&keys).unwrap();
    refused("is not that of this database");
    fs::rename(&aside, &keys).unwrap();
    for mode in [0o640, 0o644] {
        fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).unwrap();
        refused("0600");
    }
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(keys.parent().unwrap(), fs::Permissions::from_mode(0o750)).unwrap();
    refused("0700");
    fs::set_permissions(keys.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    let server = serving(folder.path(), &env, &["serve"]);
    assert!(ready(&server.address));
    stop(server);
});

#[test]
fn keys_are_created_by_command_for_an_empty_database_and_rotated() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(done(folder.path(), &[], &["migrate"]).0, Some(0));
    let (code, text) = done(folder.path(), &[], &["keys", "create"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(done(folder.path(), &[], &["keys", "create"]).0, Some(1), "there are keys");
    let (code, text) = done(folder.path(), &[], &["keys", "rotate"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = done(folder.path(), &[], &["keys", "status"]);
    assert!(code == Some(0) && text.matches("seal ").count() == 2, "{text}");
    let (code, text) = done(folder.path(), &[], &["keys", "rotate", "--fingerprints"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = done(folder.path(), &[], &["keys", "status"]);
    assert!(code == Some(0) && text.matches("print ").count() == 2, "{text}");
    let (code, text) = done(folder.path(), &[], &["audit", "verify"]);
    assert!(code == Some(0) && text.contains("is whole"), "{text}");
}

database_test!(a_demo_is_not_served_on_a_database_with_a_real_account, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    demo(&db, folder.path()).await;
    let before = count_rows(&mut db.read().await.unwrap()).await.unwrap();
    db.execute_raw("update account set demo = false where name = 'teacher'").await;
    let (code, text) = done(folder.path(), &[("DATABASE_URL", &url)], &["serve", "--demo"]);
    assert!(code == Some(1) && text.contains("does not belong to a demo"), "{text}");
    assert_eq!(count_rows(&mut db.read().await.unwrap()).await.unwrap(), before);
});

#[test]
fn a_demo_answers_no_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving(folder.path(), &[], &["serve", "--demo"]);
    let ask = |headers: &str| {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
        write!(stream, "GET /dev/outbox HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    let host = format!("Host: {}\r\n", server.address);
    assert_eq!(ask(&host), "200");
    assert_eq!(ask(&format!("{host}X-Forwarded-For: 198.51.100.1\r\n")), "403");
    assert_eq!(ask("Host: demo.example.cn\r\n"), "403");
    stop(server);
}

database_test!(a_first_start_of_a_demo_that_is_killed_is_completed_by_the_next, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", &*url), ("DATA_DIR", "data"), ("LOG", "error")];
    let mut cut_off = 0;
    for round in 0..5_u64 {
        let mut command = registrar(folder.path(), &env, &["serve", "--demo"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(900 + round * 350)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let rows = count_rows(&mut db.read().await.unwrap()).await.unwrap();
        cut_off += u32::from(rows["account"] > 0 && rows["certificate"] == 0);
    }
    eprintln!("{cut_off} starts were cut off after the accounts");
    stop(serving(folder.path(), &env, &["serve", "--demo"]));
    let app = AppState::open(db.clone(), &folder.path().join("data"), Clock::system(), true).await.unwrap();
    assert!(!backend::demo::fill_demo(&app, 0).await.unwrap(), "it is complete");
    let rows = count_rows(&mut db.read().await.unwrap()).await.unwrap();
    assert!(rows["account"] >= 15 && rows["certificate"] > 0 && rows["matter"] > 5, "{rows:?}");
    assert_eq!(find_faults(&app).await.unwrap(), Vec::<String>::new());
});

database_test!(a_clock_that_jumped_is_asked_about_before_anything_expires, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    demo(&db, folder.path()).await;
    let env = [("DATABASE_URL", &*url)];
    let record = async |at: DateTime<Utc>| {
        let app = AppState::open(db.clone(), &folder.path().join("data"), Clock::fixed(at), true).await.unwrap();
        record_tick(&app).await.unwrap();
    };
    for (at, part) in
        [(Utc::now() + TimeDelta::days(1200), "more than a day behind"), (Utc::now() - TimeDelta::days(40), "more than 30 days ago")]
    {
        record(at).await;
        let before = count_rows(&mut db.read().await.unwrap()).await.unwrap();
        let (code, text) = done(folder.path(), &env, &["serve", "--demo"]);
        assert!(code == Some(1) && text.contains(part) && text.contains("--accept-clock"), "{text}");
        assert_eq!(count_rows(&mut db.read().await.unwrap()).await.unwrap(), before);
        stop(serving(folder.path(), &env, &["serve", "--demo", "--accept-clock"]));
        stop(serving(folder.path(), &env, &["serve", "--demo"]));
    }
});

database_test!(nothing_ends_by_a_clock_that_is_days_ahead_until_the_operator_accepts_it, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    let app = demo(&db, folder.path()).await;
    let env = [("DATABASE_URL", &*url)];
    // A server last ran three days ago, and by the clock of now a certificate is past its term.
    let earlier =
        AppState::open(db.clone(), &folder.path().join("data"), Clock::fixed(Utc::now() - TimeDelta::days(3)), true).await.unwrap();
    db.execute_raw("update certificate set valid_until = '2026-01-01', look_on = '2026-01-01' where status = 'valid'").await;
    let valid = async || backend::infra::db::testing::count_rows(&mut db.read().await.unwrap(), "certificate where status = 'valid'").await;
    let before = valid().await;
    assert!(before > 0);
    backend::service::clock_check::accept_clock(&earlier).await.unwrap();
    let server = serving(folder.path(), &env, &["serve", "--demo"]);
    let readiness = fetch(&server.address, "/readyz");
    assert!(readiness.contains("200 OK") && readiness.contains("registrar clock accept"), "{readiness}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(valid().await, before, "nothing has expired");
    stop(server);
    let server = serving(folder.path(), &env, &["serve", "--demo"]);
    assert!(fetch(&server.address, "/readyz").contains("registrar clock accept"), "it is asked again");
    let (code, text) = done(folder.path(), &env, &["clock", "accept"]);
    assert_eq!(code, Some(0), "{text}");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(fetch(&server.address, "/readyz").ends_with("ready\n"));
    stop(server);
    drop(app);
});

database_test!(an_older_program_does_not_start_on_a_newer_database, |db, url| async move {
    let folder = tempfile::tempdir().unwrap();
    db.execute_raw("insert into schema_migration (number, name, checksum) values (9001, 'x', '')").await;
    for args in [&["serve"][..], &["serve", "--demo"], &["migrate"], &["admin", "grant", "x", "expert"]] {
        let (code, text) = done(folder.path(), &[("DATABASE_URL", &url)], args);
        assert!(code == Some(1) && text.contains("newer release"), "{args:?}: {text}");
    }
});

backend::test_on_both!(five_migrations_at_once_all_end_well, |database| {
    backend::infra::db::testing::with_database(database, |db, url| async move {
        let folder = tempfile::tempdir().unwrap();
        db.execute_raw(if db.is_sqlite() { "select 1" } else { "drop schema public cascade; create schema public" }).await;
        let url = if db.is_sqlite() { format!("sqlite:{}", folder.path().join("new.sqlite").display()) } else { url };
        let start = |n: usize| {
            let data = format!("data{n}");
            let mut command = registrar(folder.path(), &[("DATABASE_URL", &*url), ("DATA_DIR", &*data)], &["migrate"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let all: Vec<_> = (0..5).map(start).collect();
        for child in all {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    });
});

#[test]
fn what_is_wrong_with_a_database_is_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text.sqlite"), "not a database, but long enough to be read as the header of one. ".repeat(20)).unwrap();
    fs::create_dir(folder.path().join("folder.sqlite")).unwrap();
    assert_eq!(done(folder.path(), &[], &["migrate"]).0, Some(0));
    let mut bytes = fs::read(folder.path().join("data/registrar.sqlite")).unwrap();
    for byte in bytes.iter_mut().skip(100) {
        *byte = 0xaa;
    }
    fs::write(folder.path().join("damaged.sqlite"), bytes).unwrap();
    for (path, part) in [("text.sqlite", "not an SQLite database"), ("folder.sqlite", "cannot be opened"), ("damaged.sqlite", "damaged")] {
        let (code, text) = done(folder.path(), &[("DATABASE_URL", &format!("sqlite:{path}"))], &["serve"]);
        assert!(code == Some(1) && text.contains(part), "{path}: {text}");
    }
}

database_test!(a_backup_by_command_is_restored_by_command, |db, url| async move {
    if !db.is_sqlite() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let app = demo(&db, folder.path()).await;
    let env = [("DATABASE_URL", &*url)];
    let (code, text) = done(folder.path(), &env, &["backup", "copy"]);
    assert!(code == Some(0) && text.contains("keys are not part of it"), "{text}");
    let back = [("DATA_DIR", "back")];
    assert_eq!(done(folder.path(), &env, &["backup", "copy"]).0, Some(1), "the folder is not empty");
    let (code, text) = done(folder.path(), &back, &["restore", "copy"]);
    assert!(code == Some(0) && text.contains("Put the key file"), "{text}");
    let (code, text) = done(folder.path(), &back, &["serve"]);
    assert!(code == Some(1) && text.contains("is missing"), "{text}");
    fs::DirBuilder::new().mode(0o700).create(folder.path().join("back/keys")).unwrap();
    fs::copy(folder.path().join("data/keys/registrar.keys"), folder.path().join("back/keys/registrar.keys")).unwrap();
    let server = serving(folder.path(), &back, &["serve", "--demo"]);
    assert!(ready(&server.address));
    stop(server);
    let restored = Db::open(&format!("sqlite:{}", folder.path().join("back/registrar.sqlite").display())).await.unwrap();
    let of = async |db: &Db| count_rows(&mut db.read().await.unwrap()).await.unwrap()["matter"];
    assert_eq!(of(&restored).await, of(&app.db).await);
    restored.close().await;
});

/// A small file system of its own; `None` where none can be mounted.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"]).arg(at).stderr(Stdio::null()).status();
        mounted.is_ok_and(|s| s.success()).then(|| Self(at.to_owned()))
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Waits until the server is ready or not.
fn becomes(address: &str, wanted: bool) {
    for _ in 0..40 {
        if ready(address) == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    panic!("ready is not {wanted}");
}

#[test]
fn a_read_only_or_full_disk_is_not_ready_and_recovers_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    // Only an administrator can mount a file system. Whoever runs the tests as another user says so.
    if std::env::var_os("WITHOUT_MOUNT").is_some() {
        return;
    }
    let disk = SmallDisk::mount(&folder.path().join("disk")).expect("a file system is mounted; WITHOUT_MOUNT=1 leaves this test out");
    let env = [("DATA_DIR", "disk/data"), ("LOG", "off")];
    // Without its index beside it, SQLite does not read a database on a read-only disk: the index stays when a server is killed.
    serving(folder.path(), &env, &["serve", "--demo"]).kill();

    disk.remount("ro");
    let server = serving(folder.path(), &env, &["serve", "--demo"]);
    becomes(&server.address, false);
    assert!(fetch(&server.address, "/").starts_with("HTTP/1.1 200"), "pages can be read");
    disk.remount("rw");
    becomes(&server.address, true);

    let full = folder.path().join("disk/data/full");
    let mut file = fs::File::create(&full).unwrap();
    while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    drop(file);
    becomes(&server.address, false);
    fs::remove_file(&full).unwrap();
    becomes(&server.address, true);
    stop(server);
}
