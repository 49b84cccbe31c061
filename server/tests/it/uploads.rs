//! Resumable uploads over HTTP: broken connections, restarts, expired sessions, and missing permissions.

use crate::browser::{Browser, Response, TestApp};
use axum::body::Body;
use backend::demo_test;
use backend::infra::file::testing::pdf_of_size as pdf;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use uuid::Uuid;

const PIECE: usize = 1 << 20;
const SIZE: usize = 2 * PIECE + 4321;

fn offset(answer: &Response) -> usize {
    answer.headers.get("upload-offset").unwrap().to_str().unwrap().parse().unwrap()
}

fn code(answer: &Response) -> String {
    let fault: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    fault["code"].as_str().unwrap().to_owned()
}

async fn begin(b: &mut Browser, matter: &str, path: &str, name: &str, size: usize) -> Response {
    begin_as(b, Uuid::now_v7(), matter, path, name, size).await
}

async fn begin_as(b: &mut Browser, id: Uuid, matter: &str, path: &str, name: &str, size: usize) -> Response {
    let pairs = [("id", id.to_string()), ("matter", matter.to_owned()), ("path", path.to_owned()), ("filename", name.to_owned())];
    let metadata: Vec<String> = pairs.iter().map(|(n, v)| format!("{n} {}", STANDARD.encode(v))).collect();
    let headers = [("tus-resumable", "1.0.0".to_owned()), ("upload-length", size.to_string()), ("upload-metadata", metadata.join(","))];
    b.upload_request("POST", "/api/uploads", &headers, Body::empty()).await
}

async fn head(b: &mut Browser, upload: &str) -> Response {
    b.upload_request("HEAD", upload, &[("tus-resumable", "1.0.0".to_owned())], Body::empty()).await
}

async fn patch(b: &mut Browser, upload: &str, at: usize, body: Body) -> Response {
    let headers = [
        ("tus-resumable", "1.0.0".to_owned()),
        ("content-type", "application/offset+octet-stream".to_owned()),
        ("upload-offset", at.to_string()),
    ];
    b.upload_request("PATCH", upload, &headers, body).await
}

/// Sends the remaining chunks; returns the last response.
async fn rest(b: &mut Browser, upload: &str, bytes: &[u8]) -> Response {
    let mut answer = head(b, upload).await;
    while offset(&answer) < bytes.len() {
        let at = offset(&answer);
        let end = bytes.len().min(at + PIECE);
        answer = patch(b, upload, at, Body::from(bytes[at..end].to_vec())).await;
        if answer.status != 204 {
            break;
        }
    }
    answer
}

/// A connection that breaks off within a chunk.
fn broken() -> Body {
    let parts = [Ok(Bytes::from(vec![7; 1000])), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    Body::from_stream(futures::stream::iter(parts))
}

demo_test!(an_upload_goes_on_after_a_broken_line_and_a_restarted_server_and_stands_on_the_page, |demo| async move {
    let db = demo.db.clone();
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let (matter, bytes) = (app.begin(&mut b).await, pdf(SIZE));
    let begun = begin(&mut b, &matter, "other", "补充证明.pdf", SIZE).await;
    assert_eq!((begun.status, offset(&begun)), (201, 0), "{}", begun.text);
    let upload = begun.location.clone();
    assert!(upload.starts_with("/api/uploads/"));
    assert_eq!(patch(&mut b, &upload, 0, Body::from(bytes[..PIECE].to_vec())).await.status, 204);

    let cut = patch(&mut b, &upload, PIECE, broken()).await;
    assert_eq!(cut.status, 400, "{}", cut.text);
    assert_eq!(offset(&head(&mut b, &upload).await), PIECE);

    let cookie = b.cookie().to_owned();
    let app = app.restarted(db).await;
    let mut b = app.browser();
    b.set_cookie(&cookie);
    let there = head(&mut b, &upload).await;
    assert_eq!((there.status, offset(&there)), (200, PIECE));
    assert_eq!(there.headers.get("upload-length").unwrap(), &SIZE.to_string());
    assert_eq!(there.headers.get("cache-control").unwrap(), "no-store");
    assert_eq!(there.headers.get("tus-resumable").unwrap(), "1.0.0");

    let last = rest(&mut b, &upload, &bytes).await;
    assert_eq!((last.status, offset(&last)), (204, SIZE), "{}", last.text);
    let file = upload.rsplit('/').next().unwrap().to_owned();
    for _ in 0..3 {
        assert_eq!(patch(&mut b, &upload, SIZE, Body::empty()).await.status, 204);
        let page = b.get(&format!("/matters/{matter}/edit/attachments")).await;
        assert_eq!(page.text.matches("补充证明.pdf").count(), 1, "{}", page.text);
        assert!(page.text.contains(&format!("/matters/{matter}/files/{file}")));
    }
    let read = b.get(&format!("/matters/{matter}/files/{file}")).await;
    assert!(read.status == 200 && read.text.as_bytes() == bytes);
});

demo_test!(a_piece_elsewhere_is_told_where_to_go_on, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let (matter, bytes) = (app.begin(&mut b).await, pdf(SIZE));
    let upload = begin(&mut b, &matter, "other", "a.pdf", SIZE).await.location;
    for at in [PIECE, 1, SIZE] {
        let answer = patch(&mut b, &upload, at, Body::empty()).await;
        assert_eq!((answer.status, offset(&answer), code(&answer).as_str()), (409, 0, "offset"), "{at}");
    }
    patch(&mut b, &upload, 0, Body::from(bytes[..PIECE].to_vec())).await;
    let again = patch(&mut b, &upload, 0, Body::from(bytes[..PIECE].to_vec())).await;
    assert_eq!((again.status, offset(&again)), (409, PIECE), "a lost answer is found out");
    let over = patch(&mut b, &upload, PIECE, Body::from(vec![1; PIECE + 1])).await;
    assert_eq!(over.status, 413);
    assert_eq!(patch(&mut b, &upload, SIZE + 1, Body::empty()).await.status, 413);
    assert_eq!(rest(&mut b, &upload, &bytes).await.status, 204);
});

demo_test!(nobody_else_sees_an_upload_or_sends_to_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let upload = begin(&mut b, &matter, "other", "a.pdf", SIZE).await.location;
    for name in ["certified", "inst-a", "officer", "admin", "expert1"] {
        let mut other = app.sign_in(name).await;
        assert_eq!(head(&mut other, &upload).await.status, 404, "{name}");
        assert_eq!(patch(&mut other, &upload, 0, Body::from("x")).await.status, 404, "{name}");
        assert_eq!(begin(&mut other, &matter, "other", "a.pdf", SIZE).await.status, 404, "{name}");
        let gone = other.upload_request("DELETE", &upload, &[("tus-resumable", "1.0.0".into())], Body::empty()).await;
        assert_eq!(gone.status, 404, "{name}");
    }
    assert_eq!(offset(&head(&mut b, &upload).await), 0);
    let gone = b.upload_request("DELETE", &upload, &[("tus-resumable", "1.0.0".into())], Body::empty()).await;
    assert_eq!(gone.status, 204);
    assert_eq!(head(&mut b, &upload).await.status, 404);
});

demo_test!(an_upload_whose_session_has_ended_goes_on_after_signing_in, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let (matter, bytes) = (app.begin(&mut b).await, pdf(SIZE));
    let upload = begin(&mut b, &matter, "other", "a.pdf", SIZE).await.location;
    patch(&mut b, &upload, 0, Body::from(bytes[..PIECE].to_vec())).await;
    b.set_cookie("");
    let out = patch(&mut b, &upload, PIECE, Body::from(bytes[PIECE..2 * PIECE].to_vec())).await;
    assert_eq!((out.status, code(&out).as_str()), (401, "sign_in"));
    assert_eq!(head(&mut b, &upload).await.status, 401);
    assert_eq!(begin(&mut b, &matter, "other", "a.pdf", SIZE).await.status, 401);
    let mut b = app.sign_in("applicant").await;
    assert_eq!(offset(&head(&mut b, &upload).await), PIECE);
    assert_eq!(rest(&mut b, &upload, &bytes).await.status, 204);
    assert!(b.get(&format!("/matters/{matter}/edit/attachments")).await.text.contains("a.pdf"));
});

demo_test!(what_is_too_large_or_not_taken_is_refused_in_words_for_its_field, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let large = begin(&mut b, &matter, "other", "a.pdf", 5 * PIECE + 1).await;
    assert_eq!((large.status, code(&large).as_str()), (413, "file_too_large"));
    assert!(large.text.contains("文件超过 5 MB，请压缩后再上传"));
    assert_eq!(begin(&mut b, &matter, "other", "a.pdf", 0).await.status, 422);

    let upload = begin(&mut b, &matter, "other", "a.pdf", SIZE).await.location;
    let mut bytes = pdf(SIZE);
    bytes[..5].copy_from_slice(b"GIF89");
    for _ in 0..2 {
        let last = match rest(&mut b, &upload, &bytes).await {
            answer if answer.status == 200 => patch(&mut b, &upload, SIZE, Body::empty()).await,
            answer => answer,
        };
        assert_eq!(last.status, 422);
        assert!(last.text.contains("只能上传 JPG、PNG、PDF 文件"), "{}", last.text);
    }
    assert!(!b.get(&format!("/matters/{matter}/edit/attachments")).await.text.contains("a.pdf"));
    // The field accepts another file after that.
    let upload = begin(&mut b, &matter, "other", "b.pdf", SIZE).await.location;
    assert_eq!(rest(&mut b, &upload, &pdf(SIZE)).await.status, 204);

    let submitted = app.matter_of("applicant", "质量管理体系").await.to_string();
    assert_eq!(begin(&mut b, &submitted, "other", "a.pdf", SIZE).await.status, 403);
    for path in ["name_pinyin", "nothing"] {
        assert_eq!(begin(&mut b, &matter, path, "a.pdf", SIZE).await.status, 404, "{path}");
    }
});

demo_test!(a_part_that_no_page_of_ours_sends_is_refused, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let id = Uuid::now_v7();
    let upload = begin_as(&mut b, id, &matter, "other", "a.pdf", SIZE).await.location;
    assert_eq!(begin_as(&mut b, id, &matter, "other", "a.pdf", SIZE).await.status, 201, "begun twice is begun once");
    assert_eq!(begin_as(&mut b, id, &matter, "other", "a.pdf", SIZE + 1).await.status, 409);
    let spoken = b.upload_request("HEAD", &upload, &[], Body::empty()).await;
    assert_eq!((spoken.status, spoken.headers.get("tus-version").unwrap().to_str().unwrap()), (412, "1.0.0"));
    let version = ("tus-resumable", "1.0.0".to_owned());
    let kind = |kind: &str| ("content-type", kind.to_owned());
    let at = ("upload-offset", "0".to_owned());
    for (headers, status) in [
        (vec![version.clone(), at.clone(), kind("application/json")], 415),
        (vec![version.clone(), at.clone(), kind("text/plain")], 415),
        (vec![version.clone(), kind("application/offset+octet-stream")], 400),
        (vec![version.clone(), ("upload-offset", "-1".to_owned()), kind("application/offset+octet-stream")], 400),
    ] {
        assert_eq!(b.upload_request("PATCH", &upload, &headers, Body::from("x")).await.status, status, "{headers:?}");
    }
    assert_eq!(b.upload_request("POST", "/api/uploads", std::slice::from_ref(&version), Body::empty()).await.status, 400);
    assert_eq!(head(&mut b, "/api/uploads/x").await.status, 404);
    b.origin = "http://evil.test".into();
    assert_eq!(patch(&mut b, &upload, 0, Body::from("x")).await.status, 403);
    assert_eq!(begin(&mut b, &matter, "other", "a.pdf", SIZE).await.status, 403);
});

demo_test!(a_file_of_a_form_is_taken_under_any_name_and_gets_one_of_ours, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let path = format!("/matters/{matter}/edit/attachments");
    for (number, (sent, stored)) in (10..).zip([
        ("a\nb.jfif".to_owned(), "a b.jpg".to_owned()),
        ("a\0b.png".to_owned(), "a b.jpg".to_owned()),
        ("..\\..\\windows\\证书.jpg.".to_owned(), "证书.jpg".to_owned()),
        ("证明\u{202E}gpj".to_owned(), "证明gpj.jpg".to_owned()),
        ("字".repeat(5_000), format!("{}…{}.jpg", "字".repeat(32), "字".repeat(32))),
    ]) {
        let revision = b.get(&path).await.value("_rev");
        let picture = backend::infra::file::testing::jpeg(number, number);
        let sent = b.upload(&path, &[("_rev", &revision), ("_action", "save")], "other", &sent, picture).await;
        assert_eq!(sent.status, 303, "{stored}: {}", sent.text);
        let page = b.get(&path).await.text;
        let link = page.split("href=\"").find(|part| part.contains(&format!(">{stored}("))).unwrap_or_else(|| panic!("{stored}: {page}"));
        let download = b.get(link.split('"').next().unwrap()).await;
        let header = download.headers.get("content-disposition").unwrap();
        assert!(download.status == 200 && header.len() < 700, "{header:?}");
    }
});

demo_test!(of_twenty_files_those_beyond_the_limit_are_named_in_one_sentence, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let path = format!("/matters/{matter}/edit/attachments");
    let files: Vec<_> = (1..=20).map(|n| (format!("材料{n:02}.jpg"), backend::infra::file::testing::jpeg(20 + n, 20))).collect();
    let revision = b.get(&path).await.value("_rev");
    let page = b.upload_files(&path, &[("_rev", &revision), ("_action", "save")], "other", &files).await;
    assert_eq!(page.status, 422);
    let error = page.text.split("id=\"e-other\"").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert!(
        error.contains("“材料06.jpg”、“材料07.jpg”") && error.contains("“材料20.jpg”这 15 个文件没有上传：最多上传 5 个文件"),
        "{error}"
    );
    assert!(!error.contains("材料05.jpg"), "{error}");
    assert_eq!(page.text.matches("href=\"#f-other\"").count(), 1, "one entry of the summary");
    let shown = b.get(&path).await.text;
    assert!((1..=5).all(|n| shown.contains(&format!("材料{n:02}.jpg"))) && !shown.contains("材料06.jpg"), "{shown}");
});

demo_test!(the_same_form_twice_attaches_its_file_once, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let path = format!("/matters/{matter}/edit/attachments");
    let revision = b.get(&path).await.value("_rev");
    for _ in 0..2 {
        for field in ["other", "id_card_front"] {
            let sent = b.upload(&path, &[("_rev", &revision), ("_action", "save")], field, "一次.pdf", pdf(2_000)).await;
            assert_eq!(sent.status, 303, "{}", sent.text);
        }
    }
    assert_eq!(b.get(&path).await.text.matches("一次.pdf").count(), 2);
});
