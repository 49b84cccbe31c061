//! 账号与安全 and log-in as a browser without scripts uses them.

use backend::access::account::totp::code_for_test;
use backend::demo_test;
use backend::infra::db::testing::count_rows;
use chrono::TimeDelta;
use domain::base::rule::RuleRow;

use crate::browser::{Browser, TestApp};
use crate::registration::register;

pub const PASSWORD: &str = "Demo-2026-pass";

pub async fn set_rules(app: &TestApp, rules: &[(&str, &str)]) {
    for (key, value) in rules {
        let rule = RuleRow { key: (*key).into(), value: (*value).into(), effective_from: "2026-01-02".parse().unwrap() };
        let write = app.state().db.write(move |tx| Box::pin(async move { backend::infra::db::rule::insert_rule(tx, &rule).await }));
        write.await.unwrap();
    }
    app.state().reload_tables().await.unwrap();
}

pub async fn rows(app: &TestApp, table: &'static str) -> i64 {
    let mut tx = app.state().db.read().await.unwrap();
    count_rows(&mut tx, table).await
}

pub fn pairs<'a>(form: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    form.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

pub async fn log_in(b: &mut Browser, account: &str, password: &str) -> u16 {
    b.post("/login", &pairs(&[("account", account), ("password", password), ("next", "/me")])).await.status
}

/// The codes of the newest messages, newest first.
pub async fn codes(app: &TestApp) -> Vec<String> {
    let outbox = backend::service::message::view::list_outbox(app.state()).await.unwrap();
    outbox.iter().filter_map(|message| message.body.split("验证码 ").nth(1).map(|rest| rest[..6].to_owned())).collect()
}

fn wrong(code: &str) -> String {
    if code == "000000" { "000001".to_owned() } else { "000000".to_owned() }
}

demo_test!(a_known_browser_signs_in_while_its_network_is_refused, |demo| async move {
    let app = TestApp::new(demo).await;
    set_rules(&app, &[("login.per_name_minute", "5"), ("login.per_name_day", "100"), ("login.per_ip_minute", "30")]).await;
    let mut owner = app.sign_in("applicant").await;
    owner.post("/logout", &[]).await;
    let mut stranger = app.browser();
    for _ in 0..5 {
        assert_eq!(log_in(&mut stranger, "applicant", "wrong").await, 422);
    }
    assert_eq!(log_in(&mut stranger, "applicant", PASSWORD).await, 429);
    assert_eq!(log_in(&mut owner, "applicant", PASSWORD).await, 303);
});

demo_test!(a_sign_out_has_the_browser_clear_its_storage_unless_it_holds_unsent_drafts_of_other_accounts, |demo| async move {
    let app = TestApp::new(demo).await;
    for (fields, cleared) in [(vec![], true), (vec![("others", "yes".to_owned())], false)] {
        let mut browser = app.sign_in("applicant").await;
        let page = browser.post("/logout", &fields).await;
        assert_eq!((page.status, page.headers.contains_key("clear-site-data")), (303, cleared));
    }
});

demo_test!(failed_log_ins_and_faulty_registrations_leave_no_session, |demo| async move {
    let app = TestApp::new(demo).await;
    let before = rows(&app, "session").await;
    for n in 0..10 {
        let mut b = app.browser();
        assert_eq!(log_in(&mut b, &format!("nobody{n}"), "wrong").await, 422);
        assert_eq!(b.post("/register/individual", &pairs(&[("account", "x")])).await.status, 422);
        assert_eq!(b.post("/recover", &pairs(&[("account", "x"), ("mobile", "1")])).await.status, 422);
        assert!(b.cookie().is_empty(), "{}", b.cookie());
    }
    assert_eq!(rows(&app, "session").await, before);
});

demo_test!(a_new_password_ends_the_other_sessions_and_this_one_goes_on, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut here, mut there) = (app.sign_in("applicant").await, app.sign_in("applicant").await);
    let change =
        |present: &str, password: &str, again: &str| pairs(&[("present", present), ("password", password), ("password_again", again)]);
    for (form, text) in [
        (change("wrong", "Autumn-2026-leaf", "Autumn-2026-leaf"), "密码不正确"),
        (change(PASSWORD, "Autumn-2026-leaf", "Autumn-2026-leav"), "两次填写的密码不一致"),
        (change(PASSWORD, PASSWORD, PASSWORD), "不能与原密码相同"),
        (change(PASSWORD, "short", "short"), "e-password"),
    ] {
        let page = here.post("/me/security/password", &form).await;
        assert!(page.status == 422 && page.text.contains(text), "{text}: {} {}", page.status, page.text);
    }
    let done = here.post("/me/security/password", &change(PASSWORD, "Autumn-2026-leaf", "Autumn-2026-leaf")).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/me/security?done=password"), "{}", done.text);
    assert!(here.get(&done.location).await.text.contains("密码已修改"));
    assert_eq!(there.get("/me").await.location, "/login?next=%2Fme");
    let mut new = app.browser();
    assert_eq!(log_in(&mut new, "applicant", PASSWORD).await, 422);
    assert_eq!(log_in(&mut new, "applicant", "Autumn-2026-leaf").await, 303);
});

demo_test!(own_sessions_are_listed_and_ended_one_by_one_or_together, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut browsers = Vec::new();
    for _ in 0..4 {
        browsers.push(app.sign_in("certified").await);
    }
    let mut stranger = app.sign_in("applicant").await;
    let overview = browsers[0].get("/me/security").await;
    assert_eq!(overview.text.matches(">退出</button>").count(), 3, "those of the three others: {}", overview.text);
    assert_eq!(overview.text.matches("本机").count(), 1);
    let buttons: Vec<&str> = overview.text.split("name=\"_action\" value=\"").skip(1).map(|t| t.split('"').next().unwrap()).collect();
    let other = (*buttons.iter().find(|id| id.len() == 16).unwrap()).to_owned();
    assert_eq!(stranger.post("/me/security", &pairs(&[("_action", &other)])).await.status, 409, "the session of another account");
    assert_eq!(browsers[0].post("/me/security", &pairs(&[("_action", &other)])).await.status, 303);
    let mut live = 0;
    for b in &mut browsers {
        live += usize::from(b.get("/me").await.status == 200);
    }
    assert_eq!(live, 3);
    assert_eq!(browsers[0].post("/me/security", &pairs(&[("_action", "others")])).await.status, 303);
    for (place, b) in browsers.iter_mut().enumerate() {
        assert_eq!(b.get("/me").await.status, if place == 0 { 200 } else { 303 });
    }
    assert_eq!(stranger.get("/me").await.status, 200);
});

demo_test!(the_history_shows_right_and_wrong_passwords, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    log_in(&mut b, "teacher", "wrong").await;
    for _ in 0..25 {
        log_in(&mut b, "teacher", PASSWORD).await;
    }
    let page = b.get("/me/security").await.text;
    assert_eq!((page.matches("登录成功").count(), page.matches("密码错误").count()), (20, 1));
});

demo_test!(a_mobile_number_is_changed_by_codes_to_both_numbers, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let path = "/me/security/mobile";
    let same = b.post(path, &pairs(&[("_action", "send"), ("mobile", "13800000001")])).await;
    assert!(same.status == 422 && same.text.contains("与原号码相同"));
    let sent = b.post(path, &pairs(&[("_action", "send"), ("mobile", "13912345678")])).await;
    assert_eq!((sent.status, sent.location.as_str()), (303, path), "{}", sent.text);
    let form = b.get(path).await.text;
    assert!(form.contains("138******01") && form.contains("139******78") && !form.contains("13912345678"), "{form}");
    let newest = codes(&app).await;
    let (before, after) = (&newest[0], &newest[1]);
    let confirm = |before: &str, after: &str| pairs(&[("_action", "confirm"), ("code_before", before), ("code_after", after)]);
    let half = b.post(path, &confirm(before, &wrong(after))).await;
    assert!(half.status == 422 && half.text.contains("id=\"e-code_after\""), "{}", half.text);
    let done = b.post(path, &confirm(before, after)).await;
    assert_eq!(done.location, "/me/security?done=mobile", "{}", done.text);
    assert!(b.get("/me/security").await.text.contains("139******78"));
});

demo_test!(a_number_of_another_account_is_refused_after_its_code, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let path = "/me/security/mobile";
    b.post(path, &pairs(&[("_action", "send"), ("mobile", "13800000002")])).await;
    let newest = codes(&app).await;
    let taken = b.post(path, &pairs(&[("_action", "confirm"), ("code_before", &newest[0]), ("code_after", &newest[1])])).await;
    assert!(taken.status == 409 && taken.text.contains("已被其他账号使用"), "{} {}", taken.status, taken.text);
});

demo_test!(a_mail_address_is_verified_by_a_code_sent_to_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let path = "/me/security/email";
    let sent = b.post(path, &pairs(&[("_action", "send"), ("email", "new@example.com")])).await;
    assert_eq!(sent.location, path, "{}", sent.text);
    let code = codes(&app).await.remove(0);
    let refused = b.post(path, &pairs(&[("_action", "confirm"), ("code", &wrong(&code))])).await;
    assert!(refused.status == 422 && refused.text.contains("还可尝试 4 次"), "{}", refused.text);
    let done = b.post(path, &pairs(&[("_action", "confirm"), ("code", &code)])).await;
    assert_eq!(done.location, "/me/security?done=email", "{}", done.text);
    assert!(b.get("/me/security").await.text.contains("已验证"));
});

demo_test!(with_a_second_factor_the_password_alone_does_not_open_an_account, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let path = "/me/security/totp";
    assert_eq!(b.post(path, &pairs(&[("_action", "begin"), ("password", "wrong")])).await.status, 422);
    assert_eq!(b.post(path, &pairs(&[("_action", "begin"), ("password", PASSWORD)])).await.location, path);
    let form = b.get(path).await.text;
    let secret = form.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().to_owned();
    assert!(form.contains(" class=\"qr-code\"><rect") && form.contains(&format!("<dd>{secret}</dd>")), "{form}");
    assert!(!form.contains(".wasm") && !form.contains("style=\""), "without scripts, and within the policy of styles");
    let now = || code_for_test(&secret, app.clock.now());
    assert_eq!(b.post(path, &pairs(&[("_action", "confirm"), ("code", &wrong(&now()))])).await.status, 422);
    let on = b.post(path, &pairs(&[("_action", "confirm"), ("code", &now())])).await;
    assert!(on.status == 200 && on.text.contains("恢复码 10"), "{}", on.text);
    let again = b.post(path, &pairs(&[("_action", "confirm"), ("code", &now())])).await;
    assert!(again.status == 409 && again.text.contains("状态已变化"), "the code is not looked at: {}", again.text);
    for action in ["renew", "remove"] {
        let unconfirmed = b.post(path, &pairs(&[("_action", action), ("code", &now())])).await;
        assert!(unconfirmed.status == 422 && unconfirmed.text.contains("id=\"e-password\""), "{action}: {}", unconfirmed.text);
    }
    let recovery = on.text.split("<dd>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    b.post("/logout", &[]).await;

    let mut b = app.browser();
    let asked = b.post("/login", &pairs(&[("account", "applicant"), ("password", PASSWORD), ("next", "/me/profile")])).await;
    assert!(asked.status == 200 && asked.value("next") == "/me/profile", "{}", asked.text);
    assert_eq!(b.get("/me").await.status, 303, "not signed in yet");
    let enter = |code: &str| pairs(&[("code", code), ("next", "/me/profile")]);
    assert_eq!(b.post("/login/code", &enter(&now())).await.status, 422, "the code was used to confirm the set-up");
    app.clock.advance(TimeDelta::seconds(30));
    let entered = b.post("/login/code", &enter(&now())).await;
    assert_eq!(entered.location, "/me/profile", "{}", entered.text);
    assert_eq!(b.get("/me").await.status, 200);
    let used = now();

    let mut b = app.browser();
    assert_eq!(b.post("/login/code", &enter(&now())).await.location, "/login", "no password before");
    log_in(&mut b, "applicant", PASSWORD).await;
    assert_eq!(b.post("/login/code", &enter(&used)).await.status, 422, "used once");
    assert_eq!(b.post("/login/code", &enter(&recovery.to_lowercase())).await.status, 303);
    let mut c = app.browser();
    log_in(&mut c, "applicant", PASSWORD).await;
    assert_eq!(c.post("/login/code", &enter(&recovery)).await.status, 422, "a recovery code is used once");

    app.clock.advance(TimeDelta::seconds(30));
    let off = b.post(path, &pairs(&[("_action", "remove"), ("password", PASSWORD), ("code", &now())])).await;
    assert_eq!(off.location, "/me/security?done=totp", "{}", off.text);
    assert_eq!(log_in(&mut app.browser(), "applicant", PASSWORD).await, 303);
});

demo_test!(the_own_document_number_is_shown_after_the_password, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let path = "/me/security/document";
    let refused = b.post(path, &pairs(&[("password", "wrong")])).await;
    assert!(refused.status == 422 && !refused.text.contains("11010119900307002X"));
    let shown = b.post(path, &pairs(&[("password", PASSWORD)])).await;
    assert!(shown.status == 200 && shown.text.contains("11010119900307002X"), "{}", shown.text);
});

demo_test!(own_data_is_exported_after_the_password_and_holds_nothing_of_others, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    assert_eq!(b.post("/me/security/export", &pairs(&[("password", "wrong")])).await.status, 422);
    let file = b.post("/me/security/export", &pairs(&[("password", PASSWORD)])).await;
    assert_eq!(file.status, 200);
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let data: serde_json::Value = serde_json::from_str(&file.text).unwrap();
    assert_eq!(data["account"]["person"]["document_number"], "11010119900307002X");
    assert!(!data["matters"].as_array().unwrap().is_empty() && data["matters"][0]["answers"].is_object());
    for name in ["沈文博", "孙立新", "周建国"] {
        assert!(!file.text.contains(name), "{name}");
    }
});

demo_test!(an_account_is_closed_only_without_open_matters_and_duties, |demo| async move {
    let app = TestApp::new(demo).await;
    let close = pairs(&[("password", PASSWORD), ("sure", "yes")]);
    for (account, text) in [("applicant", "正在办理"), ("officer", "角色或机构用户身份"), ("inst-a", "角色或机构用户身份")]
    {
        let mut b = app.sign_in(account).await;
        assert!(b.get("/me/security/close").await.text.contains(text), "{account}");
        let refused = b.post("/me/security/close", &close).await;
        assert!(refused.status == 409 && refused.text.contains(text), "{account}: {}", refused.text);
    }
    set_rules(&app, &[("sms.per_hour", "5")]).await;
    let mut b = app.browser();
    register(&app, &mut b).await;
    assert_eq!(log_in(&mut b, "zhangwei", "Spring-2026-leaf").await, 303);
    let mut other = b.clone();
    assert_eq!(b.post("/me/security/close", &pairs(&[("password", "Spring-2026-leaf")])).await.status, 422);
    let closed = b.post("/me/security/close", &pairs(&[("password", "Spring-2026-leaf"), ("sure", "yes")])).await;
    assert_eq!(closed.location, "/login", "{}", closed.text);
    assert_eq!(other.get("/me").await.status, 303);
    assert_eq!(log_in(&mut other, "zhangwei", "Spring-2026-leaf").await, 422);
});

demo_test!(staff_are_signed_out_after_a_quarter_of_an_hour, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut officer, mut applicant) = (app.sign_in("officer").await, app.sign_in("applicant").await);
    app.clock.advance(TimeDelta::minutes(14));
    assert_eq!(officer.get("/me").await.status, 200);
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!(officer.get("/me").await.status, 303);
    assert_eq!(applicant.get("/me").await.status, 200);
});

demo_test!(what_one_account_typed_is_not_sent_by_another_that_signs_in_after_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let guide = b.get("/apply/registration").await;
    app.clock.advance(TimeDelta::hours(1));
    let asked = b.post("/apply/registration", &[("_id", guide.value("_id"))]).await;
    assert_eq!(asked.status, 401);
    let form = |account: &str| {
        let mut form = pairs(&[("account", account), ("password", PASSWORD), ("next", "/apply/registration")]);
        form.push(("_held", asked.value("_held")));
        form
    };
    let other = b.clone().post("/login", &form("certified")).await;
    assert!(other.status == 409 && other.text.contains("属于另一个账号"), "{}", other.text);
    assert_eq!(other.value("_id"), "", "the typed text is not there");
    let same = b.post("/login", &form("applicant")).await;
    assert!(same.status == 200 && same.value("_id") == guide.value("_id"), "{}", same.text);
});

demo_test!(staff_without_a_second_factor_are_led_to_set_one_up_before_anything_else, |demo| async move {
    use domain::base::permission::{GrantStatus, Role};
    let app = TestApp::new(demo).await.without_demo();
    let mut b = app.browser();
    register(&app, &mut b).await;
    backend::service::admin::set_role(app.state(), "zhangwei", Role::Officer, GrantStatus::Active).await.unwrap();
    assert_eq!(log_in(&mut b, "zhangwei", "Spring-2026-leaf").await, 303);
    let path = "/me/security/totp";
    for page in ["/me", "/association", "/matters", "/apply/registration"] {
        assert_eq!(b.get(page).await.location, path, "{page}");
    }
    assert_eq!(b.call("/api/draft/state", &serde_json::json!({ "matter": uuid::Uuid::nil() })).await.status, 403);
    assert!(b.get(path).await.text.contains("须先设置两步验证"));
    b.post(path, &pairs(&[("_action", "begin"), ("password", "Spring-2026-leaf")])).await;
    let form = b.get(path).await.text;
    let secret = form.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().to_owned();
    let on = b.post(path, &pairs(&[("_action", "confirm"), ("code", &code_for_test(&secret, app.clock.now()))])).await;
    assert_eq!(on.status, 200);
    assert_eq!(b.get("/association").await.status, 200);
    assert!(!b.get(path).await.text.contains("关闭两步验证"), "staff cannot end it");
    let reset = backend::service::admin::AccountMeasure::ResetSecondFactor;
    backend::service::admin::change_account(app.state(), "zhangwei", reset).await.unwrap();
    assert_eq!(b.get("/association").await.location, "/login?next=%2Fassociation");
    assert_eq!(log_in(&mut b, "zhangwei", "Spring-2026-leaf").await, 303, "without a code");
    assert_eq!(b.get("/association").await.location, path);
});

demo_test!(a_forgotten_account_name_is_sent_to_its_number_and_the_page_is_the_same_for_all, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut pages = Vec::new();
    for (document, mobile, sent) in [("110101199003070011", "13800000001", 0), ("11010119900307002X", "13800000001", 1)] {
        let mut b = app.browser();
        let form = pairs(&[("document_type", "resident_id"), ("document_number", document), ("mobile", mobile)]);
        let page = b.post("/recover/account", &form).await;
        pages.push((page.status, crate::browser::without_nonce(&page.text)));
        let outbox = backend::service::message::view::list_outbox(app.state()).await.unwrap();
        assert_eq!(outbox.iter().filter(|message| message.body.contains("登录账号为 applicant")).count(), sent, "{document}");
        assert!(b.cookie().is_empty(), "no session");
    }
    assert_eq!(pages[0].0, 200);
    assert_eq!(pages[0], pages[1]);
});

demo_test!(every_page_of_the_own_account_opens_for_its_person_only, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut visitor = app.browser();
    for account in ["applicant", "officer", "inst-a", "expert1"] {
        let mut b = app.sign_in(account).await;
        for page in ["", "/password", "/mobile", "/email", "/totp", "/document", "/export", "/close"] {
            let path = format!("/me/security{page}");
            assert_eq!(b.get(&path).await.status, 200, "{account} {path}");
            assert_eq!(visitor.get(&path).await.status, 303, "{path}");
        }
    }
});
