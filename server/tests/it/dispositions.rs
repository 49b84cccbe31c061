//! 证书处置 from the page of a certificate to `/verify`, by every role that takes part and by those that do not.

use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::decide_ok;
use crate::browser::{Browser, Response, TestApp};

/// Number of a valid certificate of `certified`.
async fn number(app: &TestApp) -> String {
    let page = app.sign_in("certified").await.get("/me/certificates").await.text;
    let pdf = page.split("/me/certificates/").find(|rest| rest.contains("/pdf")).unwrap();
    pdf.split('/').next().unwrap().to_owned()
}

fn path(number: &str) -> String {
    format!("/association/certificates/{number}")
}

/// Sends the form of a page that was read before.
async fn send(b: &mut Browser, number: &str, page: &Response, measure: &str, day: &str, reason: &str) -> Response {
    let form = [
        ("_key", page.value("_key")),
        ("_seen", page.value("_seen")),
        ("measure", measure.to_owned()),
        ("effective_on", day.to_owned()),
        ("reason", reason.to_owned()),
    ];
    b.post(&path(number), &form).await
}

async fn propose(b: &mut Browser, number: &str, measure: &str) -> Uuid {
    let page = b.get(&path(number)).await;
    let sent = send(b, number, &page, measure, "2026-11-23", "超出能力范围审核").await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    sent.location.rsplit('/').next().unwrap().parse().unwrap()
}

demo_test!(an_officer_suspends_a_certificate_and_everybody_who_asks_is_told, |demo| async move {
    let app = TestApp::new(demo).await;
    let number = number(&app).await;
    let mut officer = app.sign_in("officer").await;
    let search = officer.get(&format!("/association/certificates?number={}", number.to_lowercase())).await;
    assert_eq!((search.status, search.location), (303, path(&number)));
    assert_eq!(officer.get("/association/certificates?number=123").await.status, 422);
    assert!(officer.get("/association").await.text.contains("证书处置"));
    let id = propose(&mut officer, &number, "suspend").await;
    let proposed = officer.get(&format!("/matters/{id}")).await.text;
    assert!(proposed.contains("持证人") && proposed.contains("超出能力范围审核") && !proposed.contains(">批准处置<"), "{proposed}");
    decide_ok(&mut app.sign_in("admin").await, id, "approve", "暂停三个月").await;
    let mut stranger = app.browser();
    let mut certified = app.sign_in("certified").await;
    let own = certified.get("/me/certificates").await.text;
    let code = own.split("href=\"").find(|part| part.starts_with("/verify?c=")).and_then(|part| part.split('"').next()).unwrap();
    let code = code.replace("&amp;", "&");
    assert!(own.contains("暂停，自 2026-11-23 起") && own.contains(&format!("/matters/{id}")), "{own}");
    officer.get("/association").await;
    let shown = officer.get(&format!("/verify/{number}")).await.text;
    let proven = stranger.get(&code).await.text;
    for page in [&shown, &proven] {
        assert!(page.contains("已暂停") && page.contains("协会处置：暂停，自 2026-11-23 起"), "{page}");
    }
    assert_eq!(certified.get(&format!("/me/certificates/{number}/pdf")).await.status, 409, "a suspended certificate is not printed");
    let told = certified.get("/me/messages").await.text;
    assert!(told.contains("处置决定：暂停三个月"), "{told}");
    let seen = app.sign_in("inst-a").await.get(&format!("/matters/{id}")).await;
    assert!(seen.status == 200 && seen.text.contains("超出能力范围审核"));
    let appeal = certified.get("/apply/appeal").await;
    assert!(!appeal.text.contains("没有可以申诉的决定"), "the measure can be appealed");
});

demo_test!(a_proposal_with_mistakes_or_of_an_outdated_page_keeps_what_was_typed_and_changes_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let number = number(&app).await;
    let mut officer = app.sign_in("officer").await;
    let page = officer.get(&path(&number)).await;
    for (measure, day, reason, fault) in [
        ("suspend", "2026-11-22", "理由一二三", "生效日期不能早于今天"),
        ("suspend", "2027-11-23", "理由一二三", "生效日期最晚为"),
        ("suspend", "二月三十日", "理由一二三", "日期"),
        ("resume", "2026-11-23", "理由一二三", "不能作出“恢复”处置"),
        ("", "2026-11-23", "理由一二三", "处置措施"),
        ("suspend", "2026-11-23", "", "处置理由"),
    ] {
        let refused = send(&mut officer, &number, &page, measure, day, reason).await;
        assert_eq!(refused.status, 422, "{measure} {day}: {}", refused.text);
        assert!(refused.text.contains(fault) && refused.text.contains(reason) && refused.text.contains(day), "{measure} {day}");
    }
    let id = propose(&mut officer, &number, "suspend").await;
    let again = send(&mut officer, &number, &page, "warn", "2026-11-23", "另一件").await;
    assert!(again.status == 409 && again.text.contains("该证书已有一件处置等待批准") && again.text.contains("另一件"), "{}", again.text);
    decide_ok(&mut app.sign_in("admin").await, id, "approve", "同意").await;
    let late = send(&mut officer, &number, &page, "warn", "2026-11-23", "又一件").await;
    assert!(late.status == 409 && late.text.contains("状态由“有效”变为“已暂停”") && late.text.contains("又一件"), "{}", late.text);
});

demo_test!(only_officers_propose_measures_and_only_another_person_approves, |demo| async move {
    let app = TestApp::new(demo).await;
    let number = number(&app).await;
    for other in ["certified", "applicant", "inst-a", "finance", "examiner", "expert1", "teacher"] {
        let mut b = app.sign_in(other).await;
        assert_eq!(b.get(&path(&number)).await.status, 403, "{other}");
        let form = [("_key", Uuid::now_v7().to_string()), ("measure", "revoke".to_owned())];
        assert_eq!(b.post(&path(&number), &form).await.status, 403, "{other}");
    }
    assert_eq!(app.browser().get(&path(&number)).await.status, 303);
    let mut officer = app.sign_in("officer").await;
    assert_eq!(officer.get(&path("2026-N0QMS-9999999")).await.status, 404);
    let id = propose(&mut officer, &number, "revoke").await;
    let holder = app.sign_in("certified").await.get(&format!("/matters/{id}")).await.text;
    assert!(!holder.contains("复制为新申请") && !holder.contains("批准处置"), "{holder}");
    assert_eq!(app.sign_in("certified").await.get("/apply/disposition").await.status, 404);
    assert!(!app.sign_in("certified").await.get("/apply").await.text.contains("证书处置"));
    decide_ok(&mut app.sign_in("approver2").await, id, "reject", "事实不清").await;
    assert!(officer.get(&format!("/verify/{number}")).await.text.contains("有效"));
});
