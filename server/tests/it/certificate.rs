//! Certificates over HTTP: public verification, the public list, the holder's own.

use crate::browser::{Browser, TestApp};
use backend::demo_test;
use chrono::TimeDelta;

/// The first link on a page whose address begins with `begin`.
fn address(text: &str, begin: &str) -> String {
    let at = text.find(&format!("href=\"{begin}")).unwrap_or_else(|| panic!("no {begin}: {text}"));
    text[at + 6..].split('"').next().unwrap().replace("&amp;", "&")
}

async fn proof(app: &TestApp) -> (Browser, String) {
    let mut b = app.sign_in("certified").await;
    let page = b.get("/me/certificates").await;
    assert_eq!(page.status, 200);
    (b, address(&page.text, "/verify?c="))
}

demo_test!(a_code_shows_what_it_proves_and_how_the_certificate_stands, |demo| async move {
    let app = TestApp::new(demo).await;
    let (_, address) = proof(&app).await;
    let page = app.browser().get(&address).await;
    assert_eq!(page.status, 200);
    for text in ["签名有效", "周建国", "质量管理体系", "当前状态", "有效"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
});

demo_test!(a_code_that_was_changed_is_refused_and_shows_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let (_, address) = proof(&app).await;
    let mut b = app.browser();
    for at in ["/verify?c=".len() + 8, address.len() - 40, address.len() - 1] {
        let mut changed = address.clone();
        let other = if &changed[at..=at] == "A" { "B" } else { "A" };
        changed.replace_range(at..=at, other);
        let page = b.get(&changed).await;
        assert_eq!(page.status, 422, "{at}");
        assert!(page.text.contains("未通过核验") && !page.text.contains("周建国") && !page.text.contains("签名有效"), "{}", page.text);
    }
    for cut in ["/verify?c=", "/verify?c=A", &address[..60]] {
        let page = b.get(cut).await;
        assert_eq!(page.status, 422, "{cut}");
        assert!(page.text.contains("核验码不完整"), "{}", page.text);
    }
});

demo_test!(a_code_is_checked_while_the_database_does_not_answer, |demo| async move {
    let db = demo.db.clone();
    let app = TestApp::new(demo).await;
    let (_, address) = proof(&app).await;
    let mut b = app.browser();
    db.close().await;
    let page = b.get(&address).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("签名有效") && page.text.contains("暂时查不到当前状态"), "{}", page.text);
});

demo_test!(a_superseded_certificate_leads_to_the_one_in_its_place, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut b, _) = proof(&app).await;
    let mine = b.get("/me/certificates").await.text;
    let past = &mine[mine.find("历史证书（1）").unwrap()..];
    assert!(past.contains("已换发新证书") && past.contains("N0ENMS"), "{past}");
    let new = address(past, "/verify/");
    assert!(new.contains("N1ENMS"));
    let old = past.split("N0ENMS").next().unwrap().rsplit('>').next().unwrap().to_owned();
    let old = format!("/verify/{old}N0ENMS{}", &past.split("N0ENMS").nth(1).unwrap()[..8]);
    let page = app.browser().get(&old).await;
    assert_eq!(page.status, 200, "{old}");
    assert!(page.text.contains("已换发新证书") && page.text.contains(&format!("href=\"{new}\"")), "{}", page.text);
});

demo_test!(the_public_list_masks_names_and_opens_to_anyone, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    let page = b.get("/published").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("公告") && page.text.contains("N1ENMS") && page.text.contains("周*国"), "{}", page.text);
    assert!(!page.text.contains("周建国") && !page.text.contains("N0QMS"), "a name, or what is not public yet");
    app.clock.advance(TimeDelta::days(3));
    assert!(b.get("/published").await.text.contains("N0QMS"));
    let none = b.get("/published?words=%E4%B8%9C%E5%B2%B3").await;
    assert!(none.status == 200 && none.text.contains("没有查到符合条件的证书公告"));
    assert_eq!(b.get(&format!("/published?words={}", "a".repeat(51))).await.status, 422);
    for odd in ["/published?before=x", "/published?before=2026-11-26_x", "/published?before=_"] {
        assert_eq!(b.get(odd).await.status, 200, "{odd}");
    }
});

demo_test!(a_certificate_is_downloaded_by_its_holder_and_by_nobody_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut b, _) = proof(&app).await;
    let file = address(&b.get("/me/certificates").await.text, "/me/certificates/");
    assert!(file.ends_with("/pdf"), "{file}");
    let pdf = b.get(&file).await;
    assert_eq!((pdf.status, pdf.headers["content-type"].to_str().unwrap()), (200, "application/pdf"));
    assert!(pdf.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename*=UTF-8''"));
    assert!(pdf.text.starts_with("%PDF-"));
    assert_eq!(app.sign_in("officer").await.get(&file).await.status, 200, "the association prints it too");
    assert_eq!(app.sign_in("applicant").await.get(&file).await.status, 404);
    assert_eq!(app.browser().get(&file).await.status, 303, "who is not signed in signs in first");
});

demo_test!(the_public_key_is_public, |demo| async move {
    let app = TestApp::new(demo).await;
    let page = app.browser().get("/verify/key").await;
    assert!(page.status == 200 && page.text.contains("-----BEGIN PUBLIC KEY-----"), "{}", page.text);
});

/// The number of the first published certificate, and its page.
async fn published(app: &TestApp) -> String {
    let page = app.browser().get("/published").await;
    address(&page.text, "/verify/")
}

demo_test!(a_number_alone_shows_a_masked_name_and_the_name_of_the_holder_the_whole_one, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = published(&app).await;
    let mut b = app.browser();
    let masked = b.get(&path).await;
    assert_eq!(masked.status, 200);
    assert!(masked.text.contains("周*国") && !masked.text.contains("周建国"), "{}", masked.text);
    let number = path.rsplit('/').next().unwrap().to_owned();
    let ask = |name: &str| [("number", number.clone()), ("name", name.to_owned())];
    let other = b.post("/verify", &ask("周建军")).await;
    assert_eq!(other.status, 422);
    assert!(!other.text.contains("周建国") && other.text.contains("姓名与证书登记的不一致"), "{}", other.text);
    let named = b.post("/verify", &ask(" 周 建国 ")).await;
    assert!(named.status == 200 && named.text.contains("周建国"), "{}", named.text);
    let holder = app.sign_in("certified").await.get(&path).await;
    assert!(holder.text.contains("周建国"), "the holder sees the own one");
});

demo_test!(a_certificate_that_is_not_published_yet_is_found_by_its_holder_alone, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut holder = app.sign_in("certified").await;
    let mine = holder.get("/me/certificates").await.text;
    let listed = app.browser().get("/published").await.text;
    let numbers = mine.split("/verify/").skip(1).filter_map(|part| part.split('"').next());
    let unpublished = numbers.into_iter().find(|number| !listed.contains(number)).unwrap().to_owned();
    let path = format!("/verify/{unpublished}");
    assert_eq!(app.browser().get(&path).await.status, 404);
    assert_eq!(app.sign_in("applicant").await.get(&path).await.status, 404);
    assert_eq!(holder.get(&path).await.status, 200);
});

demo_test!(who_counts_through_the_numbers_is_stopped, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    let mut refused = 0;
    for n in 0..60 {
        let page = b.get(&format!("/verify/2026-N0QMS-{:07}", 4_000_000 + n)).await;
        refused += usize::from(page.status == 429);
        assert!(matches!(page.status, 200 | 404 | 429), "{}", page.status);
    }
    assert_eq!(refused, 30);
    app.clock.advance(TimeDelta::minutes(1));
    assert_ne!(b.get("/verify/2026-N0QMS-4000001").await.status, 429, "a minute later");
});
