//! Pages are compressed for browsers that ask for them by themselves, and for nobody that another site sent.

use backend::demo_test;

use crate::browser::TestApp;

demo_test!(a_page_is_compressed_unless_another_site_asks_for_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    for (site, accept, is_compressed) in [
        ("same-origin", "gzip, deflate, br", true),
        ("none", "gzip", true),
        ("same-origin", "br", false),
        ("same-origin", "", false),
        ("cross-site", "gzip", false),
        ("same-site", "gzip", false),
        ("", "gzip", false),
    ] {
        let page = b.raw("GET", "/matters", &[("sec-fetch-site", site), ("accept-encoding", accept), ("accept", "text/html")], "").await;
        let encoding = page.headers.get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!((page.status, encoding.as_deref()), (200, is_compressed.then_some("gzip")), "{site} {accept}");
        assert_eq!(page.text.contains("我的事项"), !is_compressed, "{site} {accept}");
    }
});

demo_test!(what_is_downloaded_is_sent_as_it_is, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let export = b.get("/me/certificates").await.text;
    let certificate = export.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|href| href.ends_with("/pdf"));
    let certificate = certificate.expect("a certificate can be downloaded").to_owned();
    let answer = b.raw("GET", &certificate, &[("sec-fetch-site", "same-origin"), ("accept-encoding", "gzip")], "").await;
    assert_eq!((answer.status, answer.headers.get("content-encoding")), (200, None));
});

demo_test!(scripts_of_the_program_are_compressed_for_everybody, |demo| async move {
    let app = TestApp::new(demo).await;
    for path in ["/device.js", "/form_draft.js"] {
        let answer = app.browser().raw("GET", path, &[("sec-fetch-site", "cross-site"), ("accept-encoding", "gzip")], "").await;
        assert_eq!((answer.status, answer.headers.get("content-encoding").unwrap().as_bytes()), (200, &b"gzip"[..]), "{path}");
    }
});
