//! 个人注册: the form, its proof, and what it says of others.

use backend::demo_test;
use chrono::TimeDelta;

use crate::browser::{Browser, TestApp};
use crate::security::{codes, pairs, rows, set_rules};

pub fn registration() -> Vec<(&'static str, String)> {
    pairs(&[
        ("account", "zhangwei"),
        ("password", "Spring-2026-leaf"),
        ("password_again", "Spring-2026-leaf"),
        ("name", "张伟"),
        ("document_type", "resident_id"),
        ("document_number", "11010119900307707X"),
        ("mobile", "13812345678"),
        ("email", "zhangwei@example.com"),
        ("agreed", "yes"),
    ])
}

pub async fn register(app: &TestApp, b: &mut Browser) {
    assert_eq!(b.post("/register/individual", &registration()).await.location, "/register/code");
    b.post("/register/code", &pairs(&[("_action", "send")])).await;
    let code = codes(app).await.remove(0);
    assert_eq!(b.post("/register/code", &pairs(&[("_action", "confirm"), ("code", &code)])).await.location, "/register/done");
}

/// The sum that the question of a form asks for.
fn answer(page: &str) -> String {
    let question = page.split("防机器问题：").nth(1).unwrap();
    let (left, rest) = question.split_once('加').unwrap();
    let right = rest.split("等于").next().unwrap();
    let digit = |text: &str| "零一二三四五六七八九".chars().position(|c| text == c.to_string()).unwrap();
    (digit(left) + digit(right)).to_string()
}

demo_test!(a_field_of_the_registration_is_checked_with_a_proof_of_its_own, |demo| async move {
    let app = TestApp::new(demo).await;
    set_rules(&app, &[("proof.work_bits", "4")]).await;
    let mut b = app.browser();
    let mut token = b.get("/register/individual").await.value("_proof");
    let sessions = rows(&app, "session").await;
    for (field, value, fault) in [
        ("mobile", "13800000001", Some("该手机号码已注册")),
        ("mobile", "13812345678", None),
        ("account", "applicant", Some("该登录账号已被使用")),
    ] {
        let work =
            (0..).map(|n: u32| n.to_string()).find(|n| backend::infra::secret::sha256(format!("{token}:{n}").as_bytes())[0] < 16).unwrap();
        let asked = pairs(&[("_field", field), (field, value), ("_proof", &token), ("_work", &work)]);
        let answer = b.post("/api/register/field", &asked).await;
        let json: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!((answer.status, json["fault"].as_str().is_some()), (200, fault.is_some()), "{json}");
        assert!(fault.is_none_or(|text| json["fault"].as_str().unwrap().contains(text)), "{json}");
        assert_ne!(json["proof"]["token"], token.as_str(), "an answer is accepted once");
        let again = b.post("/api/register/field", &asked).await;
        assert!(again.status == 422 && !again.text.contains("已"), "{}", again.text);
        token = json["proof"]["token"].as_str().unwrap().to_owned();
    }
    // What is wrong in itself is said without a proof, which stays valid.
    let answer = b.post("/api/register/field", &pairs(&[("_field", "mobile"), ("mobile", "138"), ("_proof", &token)])).await;
    let json: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert!(json["fault"].is_string() && json["proof"]["token"] == token.as_str(), "{json}");
    assert_eq!(rows(&app, "session").await, sessions);
});

demo_test!(registration_and_recovery_ask_for_a_proof_that_a_person_without_scripts_can_give, |demo| async move {
    let app = TestApp::new(demo).await;
    set_rules(&app, &[("proof.work_bits", "15")]).await;
    let (sessions, counters) = (rows(&app, "session").await, rows(&app, "rate").await);
    let taken: Vec<_> = registration().into_iter().filter(|(n, _)| *n != "mobile").chain([("mobile", "13800000001".into())]).collect();
    for path in ["/register/individual", "/recover"] {
        let mut b = app.browser();
        let refused = b.post(path, &taken).await;
        assert!(refused.status == 422 && refused.text.contains("请用数字回答") && !refused.text.contains("已注册"), "{}", refused.text);
    }
    assert_eq!((rows(&app, "session").await, rows(&app, "rate").await), (sessions, counters), "nothing is written before the proof");

    let mut b = app.browser();
    let page = b.get("/register/individual").await;
    assert!(page.text.contains("src=\"/proof.js\""));
    let proof = |page: &crate::browser::Response| [("_proof", page.value("_proof")), ("_answer", answer(&page.text))];
    let fast = b.post("/register/individual", &[registration(), proof(&page).to_vec()].concat()).await;
    assert!(fast.status == 422 && fast.text.contains("秒后再提交"), "{}", fast.text);
    assert_eq!(fast.value("_proof"), page.value("_proof"), "the wait goes on");
    app.clock.advance(TimeDelta::seconds(5));
    let found = b.post("/register/individual", &[taken, proof(&page).to_vec()].concat()).await;
    assert!(found.status == 422 && found.text.contains("该手机号码已注册"), "{}", found.text);
    assert_ne!(found.value("_proof"), page.value("_proof"), "each look for duplicates needs a proof");
    app.clock.advance(TimeDelta::seconds(5));
    let sent = b.post("/register/individual", &[registration(), proof(&found).to_vec()].concat()).await;
    assert_eq!(sent.location, "/register/code", "{}", sent.text);

    let page = b.get("/recover").await;
    app.clock.advance(TimeDelta::seconds(5));
    let form = [pairs(&[("account", "applicant"), ("mobile", "13800000001")]), proof(&page).to_vec()].concat();
    assert_eq!(b.post("/recover", &form).await.location, "/recover/code");
    let used = b.post("/recover", &form).await;
    assert!(used.status == 422 && used.text.contains("页面已过期"), "{}", used.text);
});
