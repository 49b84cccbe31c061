//! Whole pages and responses, compared with the ones recorded in `snapshots/`. A change on purpose is recorded with
//! `INSTA_UPDATE=always cargo test -p server pages`. Left out is what differs between two runs (ids, nonces, codes), and what no
//! reader of a page sees (classes, scripts, properties of islands).

use backend::demo_test;

use crate::browser::{Browser, TestApp};
use crate::outline::{outline, without_ids};

/// Compares a page with its record. Both databases must give the same.
async fn compare(b: &mut Browser, name: &str, path: &str) {
    let page = b.get(path).await;
    let text = format!("{}\n{}", page.status, outline(&page.text));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

demo_test!(pages_for_everybody, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    for (name, path) in [
        ("home", "/"),
        ("login", "/login"),
        ("register_individual", "/register/individual"),
        ("recover", "/recover"),
        ("published", "/published"),
        ("verify", "/verify"),
        ("terms", "/terms"),
        ("not_found", "/no-such-page"),
        ("sign_in_first", "/matters"),
    ] {
        compare(&mut b, name, path).await;
    }
});

demo_test!(pages_of_an_applicant, |demo| async move {
    let app = TestApp::new(demo).await;
    let submitted = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("applicant").await;
    for (name, path) in [
        ("apply", "/apply".to_owned()),
        ("apply_registration", "/apply/registration".to_owned()),
        ("matters", "/matters".to_owned()),
        ("matter", format!("/matters/{submitted}")),
        ("matter_print", format!("/matters/{submitted}/print")),
        ("me", "/me".to_owned()),
        ("me_messages", "/me/messages".to_owned()),
    ] {
        compare(&mut b, name, &path).await;
    }
    let draft = app.begin(&mut b).await;
    compare(&mut b, "wizard_person", &format!("/matters/{draft}/edit/person")).await;
    compare(&mut b, "wizard_review", &format!("/matters/{draft}/review")).await;
    let state = b.call("/api/draft/state", &serde_json::json!({ "matter": draft })).await;
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("api_draft_state", format!("{}\n{}", state.status, without_ids(&state.text))));
});

demo_test!(pages_of_a_certified_person, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let certificates = b.get("/me/certificates").await.text;
    let code = certificates.split("href=\"").find(|part| part.starts_with("/verify?c=")).and_then(|part| part.split('"').next()).unwrap();
    compare(&mut b, "me_certificates", "/me/certificates").await;
    compare(&mut app.browser(), "verify_code", &code.replace("&amp;", "&")).await;
    compare(&mut b, "apply_annual_confirmation", "/apply/annual_confirmation").await;
    compare(&mut b, "apply_transfer", "/apply/transfer").await;
});

demo_test!(pages_of_workbenches, |demo| async move {
    let app = TestApp::new(demo).await;
    let submitted = app.matter_of("applicant", "质量管理体系").await;
    for (account, name, path) in [
        ("inst-a", "institution_messages", "/me/messages".to_owned()),
        ("inst-a", "me_messages_settings", "/me/messages/settings".to_owned()),
        ("expert1", "expert", "/expert".to_owned()),
        ("inst-a", "institution", "/institution".to_owned()),
        ("inst-a", "institution_matter", format!("/matters/{submitted}")),
        ("officer", "association", "/association".to_owned()),
        ("finance", "association_finance", "/association".to_owned()),
    ] {
        compare(&mut app.sign_in(account).await, name, &path).await;
    }
});
