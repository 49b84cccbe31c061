//! Many requests about one account at the same moment, over HTTP: one wins, the others learn it, and nobody gets a fault of the server.

use backend::demo_test;
use backend::infra::db::testing::count_rows;

use crate::browser::{Browser, Response, TestApp};
use crate::registration::registration;
use crate::security::{PASSWORD, codes, log_in, pairs, set_rules};

/// Requests of one race.
const ATTEMPTS: usize = 20;

/// Sends the same form from browsers at one moment; none of the responses is a fault of the server, whose pools are wide.
async fn post_at_once(browsers: Vec<Browser>, path: &str, forms: impl Fn(usize) -> Vec<(&'static str, String)>) -> Vec<Response> {
    let jobs = browsers.into_iter().enumerate().map(|(n, mut b)| {
        let form = forms(n);
        async move { b.post(path, &form).await }
    });
    let responses = futures::future::join_all(jobs).await;
    let statuses: Vec<u16> = responses.iter().map(|response| response.status).collect();
    assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
    responses
}

/// Number of responses that redirect to an address.
fn led_to(responses: &[Response], location: &str) -> usize {
    responses.iter().filter(|response| response.status == 303 && response.location == location).count()
}

fn statuses(responses: &[Response]) -> Vec<u16> {
    responses.iter().map(|response| response.status).collect()
}

fn clones(b: &Browser, count: usize) -> Vec<Browser> {
    (0..count).map(|_| b.clone()).collect()
}

/// Limits that are not the subject of a race.
async fn raise_limits(app: &TestApp) {
    let keys =
        ["signup.duplicate_checks_per_ip_hour", "signup.duplicate_checks_per_session", "sms.per_hour", "sms.per_day", "sms.per_ip_hour"];
    set_rules(app, &keys.map(|key| (key, "1000"))).await;
}

async fn outbox_len(app: &TestApp) -> i64 {
    let mut tx = app.state().db.read().await.unwrap();
    count_rows(&mut tx, "outbox").await
}

demo_test!(of_twenty_recoveries_with_one_code_one_sets_the_password, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let mut b = app.browser();
    let asked = b.post("/recover", &pairs(&[("account", "applicant"), ("mobile", "13800000001")])).await;
    assert_eq!(asked.location, "/recover/code", "{}", asked.text);
    let code = codes(&app).await.remove(0);
    let new = |n: usize| format!("Autumn-2026-leaf{n}");
    let form = |n: usize| pairs(&[("code", &code), ("password", &new(n)), ("password_again", &new(n))]);
    let all = post_at_once(clones(&b, ATTEMPTS), "/recover/code", form).await;
    assert_eq!(led_to(&all, "/login"), 1, "{:?}", statuses(&all));
    let winner = all.iter().position(|response| response.status == 303).unwrap();
    assert_eq!(log_in(&mut app.browser(), "applicant", &new(winner)).await, 303);
    assert_eq!(log_in(&mut app.browser(), "applicant", PASSWORD).await, 422);
});

demo_test!(of_twenty_registrations_of_one_document_mobile_name_or_mail_address_one_gets_the_account, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    raise_limits(&app).await;
    for (round, shared) in ["document_number", "mobile", "account", "email"].into_iter().enumerate() {
        let form = |n: usize| {
            let own = |field: &str| if field == shared { 0 } else { n };
            let (document, mobile, account, email) = (own("document_number"), own("mobile"), own("account"), own("email"));
            let mut form = registration();
            for (name, value) in &mut form {
                match *name {
                    "account" => *value = format!("racer-{round}-{account}"),
                    "document_type" => *value = "passport".to_owned(),
                    "document_number" => *value = format!("E{round}{document:07}"),
                    "mobile" => *value = format!("139{round}{mobile:07}"),
                    "email" => *value = format!("racer-{round}-{email}@example.com"),
                    _ => {}
                }
            }
            form.extend([("sex", "male".to_owned()), ("birth_date", "1990-03-07".to_owned())]);
            form
        };
        let mut waiting = Vec::new();
        for n in 0..ATTEMPTS {
            let mut b = app.browser();
            let begun = b.post("/register/individual", &form(n)).await;
            assert_eq!(begun.location, "/register/code", "{}", begun.text);
            assert_eq!(b.post("/register/code", &pairs(&[("_action", "send")])).await.status, 303);
            waiting.push((b, codes(&app).await.remove(0)));
        }
        let (browsers, codes): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        let all = post_at_once(browsers, "/register/code", |n| pairs(&[("_action", "confirm"), ("code", &codes[n])])).await;
        assert_eq!(led_to(&all, "/register/done"), 1, "{shared}: {:?}", statuses(&all));
        assert!(all.iter().filter(|r| r.status != 303).all(|r| r.status == 409 || r.status == 422), "{shared}: {:?}", statuses(&all));
    }
});

demo_test!(of_twenty_first_steps_of_a_registration_at_once_none_meets_a_fault_of_the_server, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    raise_limits(&app).await;
    let all = post_at_once((0..ATTEMPTS).map(|_| app.browser()).collect(), "/register/individual", |_| registration()).await;
    assert!(led_to(&all, "/register/code") >= 1, "{:?}", statuses(&all));
    assert!(all.iter().all(|response| response.status == 303 || response.status == 429), "{:?}", statuses(&all));
});

demo_test!(a_code_asked_for_twenty_times_at_once_is_sent_once, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    set_rules(&app, &[("sms.min_interval_seconds", "120")]).await;
    let mut b = app.browser();
    assert_eq!(b.post("/register/individual", &registration()).await.location, "/register/code");
    let before = outbox_len(&app).await;
    let all = post_at_once(clones(&b, ATTEMPTS), "/register/code", |_| pairs(&[("_action", "send")])).await;
    assert_eq!(led_to(&all, "/register/code"), 1, "{:?}", statuses(&all));
    assert_eq!(outbox_len(&app).await, before + 1);

    let signed_in = app.sign_in("applicant").await;
    let before = outbox_len(&app).await;
    let form = |n: usize| pairs(&[("_action", "send"), ("mobile", &format!("139123456{n:02}"))]);
    set_rules(&app, &[("sms.per_hour", "1")]).await;
    let all = post_at_once(clones(&signed_in, ATTEMPTS), "/me/security/mobile", form).await;
    assert_eq!(led_to(&all, "/me/security/mobile"), 1, "{:?}", statuses(&all));
    assert_eq!(outbox_len(&app).await, before + 2, "one to each number");
});

demo_test!(of_twenty_new_passwords_one_is_set_and_the_others_are_told, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let (b, mut other) = (app.sign_in("applicant").await, app.sign_in("applicant").await);
    let new = |n: usize| format!("Autumn-2026-leaf{n}");
    let form = |n: usize| pairs(&[("present", PASSWORD), ("password", &new(n)), ("password_again", &new(n))]);
    let all = post_at_once(clones(&b, ATTEMPTS), "/me/security/password", form).await;
    assert_eq!(led_to(&all, "/me/security?done=password"), 1, "{:?}", statuses(&all));
    let told = |response: &Response| response.status == 409 && response.text.contains("本次操作没有生效");
    assert!(all.iter().any(told), "{:?}", statuses(&all));
    let refused = all.iter().filter(|response| response.status != 303 && !told(response));
    assert!(refused.map(|response| response.status).all(|status| status == 429), "{:?}", statuses(&all));
    let winner = all.iter().position(|response| response.location == "/me/security?done=password").unwrap();
    assert_eq!(other.get("/me").await.status, 303, "another session has ended");
    assert_eq!(log_in(&mut other, "applicant", &new(winner)).await, 303);
});

demo_test!(of_twenty_closings_one_closes_the_account, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let mut b = app.browser();
    b.post("/register/individual", &registration()).await;
    b.post("/register/code", &pairs(&[("_action", "send")])).await;
    let code = codes(&app).await.remove(0);
    b.post("/register/code", &pairs(&[("_action", "confirm"), ("code", &code)])).await;
    assert_eq!(log_in(&mut b, "zhangwei", "Spring-2026-leaf").await, 303);
    let form = |_| pairs(&[("password", "Spring-2026-leaf"), ("sure", "yes")]);
    let all = post_at_once(clones(&b, ATTEMPTS), "/me/security/close", form).await;
    assert_eq!(led_to(&all, "/login"), 1, "{:?}", statuses(&all));
    assert_eq!(b.get("/me").await.status, 303);
});

demo_test!(no_session_of_an_old_password_outlives_a_new_one, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let mut here = app.sign_in("applicant").await;
    let mut present = PASSWORD.to_owned();
    for round in 0..5 {
        let new = format!("Autumn-2026-leaf{round}");
        let form = pairs(&[("present", &present), ("password", &new), ("password_again", &new)]);
        let mut strangers: Vec<Browser> = (0..3).map(|_| app.browser()).collect();
        let log_ins = futures::future::join_all(strangers.iter_mut().map(|b| log_in(b, "applicant", &present)));
        let (changed, entered) = tokio::join!(here.post("/me/security/password", &form), log_ins);
        assert_eq!(changed.status, 303, "{}", changed.text);
        assert!(entered.iter().all(|status| *status < 500), "{entered:?}");
        for b in &mut strangers {
            assert_eq!(b.get("/me").await.status, 303, "round {round}: {entered:?}");
        }
        assert_eq!(here.get("/me").await.status, 200, "the session that changed it goes on");
        present = new;
    }
});

demo_test!(a_session_that_begins_a_log_in_belongs_to_nobody_until_the_code, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let mut owner = app.sign_in("certified").await;
    owner.post("/me/security/totp", &pairs(&[("_action", "begin"), ("password", PASSWORD)])).await;
    let form = owner.get("/me/security/totp").await.text;
    let secret = form.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().to_owned();
    let code = backend::access::account::totp::code_for_test(&secret, app.clock.now());
    let mut other = app.sign_in("certified").await;
    assert_eq!(owner.post("/me/security/totp", &pairs(&[("_action", "confirm"), ("code", &code)])).await.status, 200);
    assert_eq!(other.get("/me").await.status, 303, "no second factor was asked of it");
    assert_eq!(owner.get("/me").await.status, 200);
    let mut b = app.sign_in("applicant").await;
    assert_eq!(log_in(&mut b, "certified", PASSWORD).await, 200, "asks for the code");
    assert_eq!(b.get("/me").await.status, 303);
});
