//! What anonymous clients, or one account, can cost the others. The server runs on real sockets; where memory is measured, it is the
//! program itself.
//!
//! Short forms. `FLOOD_LINES` makes the floods larger.

mod target;

use std::time::Duration;

use backend::demo_test;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;
use uuid::Uuid;

pub use target::{Program, Target, read};

use crate::browser::TestApp;

/// Number of parallel connections of a flood.
pub fn lines() -> usize {
    std::env::var("FLOOD_LINES").ok().and_then(|n| n.parse().ok()).unwrap_or(70)
}

/// A flood may slow others down by this much: twice, and a constant for the noise of a busy machine.
pub fn bearable(quiet: Duration) -> Duration {
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

/// A form of 46 MB with one part, posted at full speed.
async fn post_large(target: &Target, path: &str, cookie: &str, part: &str, byte: u8) -> u16 {
    const LENGTH: usize = 46_000_000;
    let begin = format!("--X\r\nContent-Disposition: form-data; {part}\r\n\r\n");
    let kind = "Content-Type: multipart/form-data; boundary=X";
    let head = target.head("POST", path, cookie, &format!("{kind}\r\nContent-Length: {LENGTH}\r\nConnection: close\r\n"));
    let mut stream = target.connect().await.unwrap();
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
