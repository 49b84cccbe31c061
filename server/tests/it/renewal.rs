//! 年度确认 and 再注册 from the first page to the last, without scripts, by every role that takes part and by those that do not.

use crate::browser::wizard::{correct_and_resubmit, decide, decide_ok, fill, return_for_correction, submit, submit_ok};
use crate::browser::{Browser, TestApp};
use backend::demo_test;
use uuid::Uuid;

/// Number of the certificate of `certified` whose confirmation is due.
async fn due(b: &mut Browser) -> String {
    let page = b.get("/apply/annual_confirmation").await;
    let found = page.text.split("value=\"").filter_map(|v| v.split('"').next()).find(|v| domain::record::certificate::is_number(v));
    found.unwrap_or_else(|| panic!("{}", page.text)).to_owned()
}

async fn practice(app: &TestApp) -> String {
    app.authorize("inst-a").await.caller().institutions.first().unwrap().0.to_string()
}

/// Begins a confirmation for a certificate chosen on the guide, and fills every page except 继续教育.
async fn filled(app: &TestApp, b: &mut Browser, number: &str) -> Uuid {
    let guide = b.get(&format!("/apply/annual_confirmation?certificates={number}")).await;
    assert!(guide.text.contains("需要 16 学时，已有 0 学时，还差 16 学时"), "{}", guide.text);
    let begun = b.post("/apply/annual_confirmation", &[("_id", guide.value("_id")), ("certificates", number.to_owned())]).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let id: Uuid = begun.location.split('/').nth(2).unwrap().parse().unwrap();
    let practice = practice(app).await;
    let pairs = [("certificates", number), ("practice_institution", practice.as_str()), ("practised", "yes"), ("disciplined", "no")];
    fill(b, id, "confirmation", &pairs).await;
    fill(b, id, "papers", &[("declared", "2026-11")]).await;
    id
}

/// Adds a record of 继续教育 with these hours.
async fn learnt(b: &mut Browser, id: Uuid, hours: &str) {
    let page = format!("/matters/{id}/edit/cpd");
    let added = b.post(&page, &[("_rev", b.clone().get(&page).await.value("_rev")), ("_action", "add:cpd".into())]).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let record = added.location.clone();
    let pairs = [("start", "2026-06-01"), ("end", "2026-06-02"), ("course", "标准换版"), ("provider", "协会"), ("hours", hours)];
    let mut form: Vec<(&str, String)> = pairs.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    form.extend([("_rev", b.get(&record).await.value("_rev")), ("_action", "save".into())]);
    let saved = b.post(&record, &form).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
}

demo_test!(a_confirmation_is_filed_returned_mended_and_decided_by_two, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut me = app.sign_in("certified").await;
    let number = due(&mut me).await;
    let id = filled(&app, &mut me, &number).await;
    let short = submit(&mut me, id).await;
    assert_eq!(short.status, 422);
    assert!(short.text.contains("还差 16 学时"), "the figure is named: {}", short.text);
    learnt(&mut me, id, "15").await;
    assert!(submit(&mut me, id).await.text.contains("已有 15 学时，还差 1 学时"));
    learnt(&mut me, id, "1").await;
    assert!(me.get("/me/certificates").await.text.contains("/apply/annual_confirmation\""), "it can be asked for");
    submit_ok(&mut me, id).await;
    let mine = me.get("/me/certificates").await;
    assert!(mine.text.contains("正在办理年度确认") && mine.text.contains(&format!("/matters/{id}\"")), "{}", mine.text);
    assert!(!mine.text.contains("/apply/annual_confirmation"), "nothing is asked for twice");

    let (mut inst, mut officer, mut admin) = (app.sign_in("inst-a").await, app.sign_in("officer").await, app.sign_in("admin").await);
    assert_ne!(decide(&mut officer, id, "propose", "").await.status, 303, "the institution comes first");
    let seen = inst.get(&format!("/matters/{id}")).await;
    assert!(seen.text.contains("继续教育学时") && seen.text.contains(&number), "reviewers see the figures");
    return_for_correction(&mut inst, id, "practised", "请核对从业情况。").await;
    correct_and_resubmit(&mut me, id, "confirmation", "practised", "no").await;
    decide_ok(&mut inst, id, "pass", "").await;
    decide_ok(&mut officer, id, "propose", "").await;
    assert_ne!(decide(&mut officer, id, "approve", "").await.status, 303, "who proposes does not approve");
    decide_ok(&mut admin, id, "approve", "").await;
    let mine = me.get("/me/certificates").await;
    assert!(mine.text.contains("已办年度确认") && mine.text.contains("2027-12-12"), "{}", mine.text);
});

demo_test!(who_has_no_part_in_it_reads_and_decides_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut me = app.sign_in("certified").await;
    let number = due(&mut me).await;
    let id = filled(&app, &mut me, &number).await;
    learnt(&mut me, id, "16").await;
    submit_ok(&mut me, id).await;
    for name in ["applicant", "inst-b", "expert1", "teacher"] {
        let mut b = app.sign_in(name).await;
        for path in ["", "/print", "/review", "/return", "/edit/confirmation"] {
            assert_eq!(b.get(&format!("/matters/{id}{path}")).await.status, 404, "{name} {path}");
        }
        assert_eq!(decide(&mut b, id, "pass", "冒名").await.status, 404, "{name}");
        let state = b.call("/api/draft/state", &serde_json::json!({ "matter": id })).await;
        assert!(state.status >= 400 && !state.text.contains(&number), "{name}");
    }
    for (name, command) in [("certified", "pass"), ("inst-a", "approve"), ("officer", "pass"), ("finance", "propose"), ("admin", "propose")]
    {
        let status = decide(&mut app.sign_in(name).await, id, command, "越权").await.status;
        assert!(matches!(status, 403 | 404 | 409), "{name} {command} {status}");
    }
});

demo_test!(without_a_certificate_that_is_due_there_is_a_notice_and_no_form, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    for (kind, notice) in [("annual_confirmation", "您没有注册证书"), ("reregistration", "您没有注册证书")] {
        let guide = b.get(&format!("/apply/{kind}")).await;
        assert!(guide.text.contains(notice) && !guide.text.contains("name=\"_id\""), "{}", guide.text);
        let begun = b.post(&format!("/apply/{kind}"), &[("_id", Uuid::now_v7().to_string())]).await;
        assert_eq!(begun.status, 409, "whatever is posted: {}", begun.text);
    }
    let mut holder = app.sign_in("certified").await;
    let guide = holder.get("/apply/reregistration").await;
    assert!(guide.text.contains("应于 2028-12-12（含当日）前完成，2028-09-12 起可办理"), "{}", guide.text);
    // Nor does the workbench of another institution show it.
    let guide = app.sign_in("inst-b").await.get("/institution/apply/annual_confirmation").await;
    assert!(guide.text.contains("本机构人员没有注册证书") && !guide.text.contains("name=\"_id\""), "{}", guide.text);
});
