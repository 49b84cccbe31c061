//! 转换执业机构 from the first page to the last, by every role that takes part and by those that do not.

use crate::browser::wizard::{begin, correct_and_resubmit, decide, decide_ok, fill, pay_online, return_for_correction, submit_ok};
use crate::browser::{Browser, TestApp};
use crate::disputes::learns_nothing;
use backend::demo_test;
use uuid::Uuid;

const HUAXIN: &str = "华信质量认证中心有限公司";
const ZHONGHENG: &str = "中恒标准认证（北京）有限公司";

/// The value of the choice with this label, on a page of the wizard.
fn choice(page: &crate::browser::Response, label: &str) -> String {
    let found =
        page.text.split("<option").find(|o| o.contains(label)).unwrap_or_else(|| panic!("{label} is not to be chosen: {}", page.text));
    found.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The demo's applicant is granted a certificate at the first institution.
async fn certified(app: &TestApp) {
    let id = app.matter_of("applicant", "质量管理体系").await;
    assert_eq!(app.decide("inst-a", id, "pass", &[]).await, "payment");
    let mut b = app.sign_in("applicant").await;
    pay_online(&mut b, id).await;
    for (who, command, stage) in [
        ("officer", "accept", "assignment"),
        ("officer", "waive", "review"),
        ("officer", "propose", "approval"),
        ("admin", "approve", "granted"),
    ] {
        assert_eq!(app.decide(who, id, command, &[]).await, stage);
    }
}

/// Applies for a transfer by consent of the present institution; returns its id.
async fn transfer(b: &mut Browser, to: &str) -> Uuid {
    let id = begin(b, "/apply/transfer").await;
    let page = b.get(&format!("/matters/{id}/edit/transfer")).await;
    let (from, to) = (choice(&page, HUAXIN), choice(&page, to));
    assert!(page.text.contains("质量管理体系"), "the certificates that go along are shown");
    let pairs = [("from_institution", from.as_str()), ("to_institution", to.as_str()), ("ground", "agreed"), ("note", "")];
    fill(b, id, "transfer", &pairs).await;
    fill(b, id, "papers", &[("declared", "2026-11")]).await;
    submit_ok(b, id).await;
    id
}

demo_test!(a_transfer_goes_by_both_institutions_and_two_people_and_changes_what_it_should, |demo| async move {
    let app = TestApp::new(demo).await;
    certified(&app).await;
    let mut b = app.sign_in("applicant").await;
    let id = transfer(&mut b, ZHONGHENG).await;
    let (mut old, mut new) = (app.sign_in("inst-a").await, app.sign_in("inst-b").await);
    assert!(
        old.get("/institution").await.text.contains("待办（")
            && old.get("/me/messages").await.text.contains("待审核业务提醒：转换执业机构")
    );
    assert_eq!(decide(&mut new, id, "agree", "冒名").await.status, 409, "not the new institution's turn");
    let seen = old.get(&format!("/matters/{id}")).await;
    assert!(seen.text.contains("转出机构") && seen.text.contains(ZHONGHENG) && seen.text.contains("转出机构审核中"), "{}", seen.text);

    // The old one sends it back, it is mended, and both consent.
    return_for_correction(&mut old, id, "note", "请说明交接情况。").await;
    assert!(b.get(&format!("/matters/{id}")).await.text.contains("请说明交接情况。"));
    correct_and_resubmit(&mut b, id, "transfer", "note", "手头工作已全部交接。").await;
    decide_ok(&mut old, id, "agree", "").await;
    assert!(new.get("/institution").await.text.contains(&id.to_string()), "it is listed at the other workbench");
    return_for_correction(&mut new, id, "note", "请补充。").await;
    correct_and_resubmit(&mut b, id, "transfer", "note", "手头工作已全部交接，有交接单。").await;
    assert_eq!(decide(&mut new, id, "accept", "").await.status, 409, "what was changed is agreed to anew");
    decide_ok(&mut old, id, "agree", "").await;
    decide_ok(&mut new, id, "accept", "欢迎。").await;
    let (mut officer, mut approver) = (app.sign_in("officer").await, app.sign_in("approver2").await);
    decide_ok(&mut officer, id, "propose", "").await;
    assert_eq!(decide(&mut officer, id, "approve", "").await.status, 409);
    decide_ok(&mut approver, id, "approve", "").await;

    let profile = b.get("/me/profile").await;
    assert!(profile.text.contains(&format!("由{HUAXIN}转入{ZHONGHENG}")), "{}", profile.text);
    let certificates = b.get("/me/certificates").await;
    assert!(certificates.text.contains(ZHONGHENG) && !certificates.text.contains(HUAXIN), "{}", certificates.text);
    let draft = b.get("/matters?view=drafts").await;
    let edit = draft.text.split("href=\"").find(|h| h.contains("/edit/business")).unwrap().split('"').next().unwrap().to_owned();
    let business = b.get(&edit).await;
    let selected = business.text.split("<option").find(|o| o.contains("selected") && o.contains("认证")).unwrap();
    assert!(selected.contains(ZHONGHENG), "the open draft goes to the new institution: {selected}");
    let detail = b.get(&format!("/matters/{id}")).await;
    assert!(detail.text.contains("已批准") && detail.text.contains(HUAXIN), "the old one keeps its name in the matter");

    let again = b.get("/apply/transfer").await;
    assert!(again.text.contains("您已于 2026-11-23 转换过执业机构，2027-11-23 起才能再次申请"), "{}", again.text);
    assert_eq!(b.post("/apply/transfer", &[("_id", Uuid::now_v7().to_string())]).await.status, 409);
    app.clock.advance("2027-11-22T15:59:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - app.state().now());
    assert!(app.sign_in("applicant").await.get("/apply/transfer").await.text.contains("暂不能办理"));
    app.clock.advance(chrono::TimeDelta::minutes(1));
    assert!(!app.sign_in("applicant").await.get("/apply/transfer").await.text.contains("暂不能办理"), "midnight in Shanghai");
});

demo_test!(what_stands_in_the_way_of_a_transfer_is_told_before_the_form_and_held_at_its_door, |demo| async move {
    let app = TestApp::new(demo).await;
    for (who, said) in
        [("applicant", "您没有有效的注册证书"), ("teacher", "您在平台上没有执业机构"), ("certified", "尚未办结（机构初核中）")]
    {
        let mut b = app.sign_in(who).await;
        let guide = b.get("/apply/transfer").await;
        assert!(guide.text.contains("暂不能办理") && guide.text.contains(said), "{who}: {}", guide.text);
        let begun = b.post("/apply/transfer", &[("_id", Uuid::now_v7().to_string())]).await;
        assert!(begun.status == 409 && begun.text.contains(said), "{who}: {}", begun.text);
    }
});

demo_test!(the_silence_of_the_old_institution_brings_it_before_the_association, |demo| async move {
    let app = TestApp::new(demo).await;
    certified(&app).await;
    let mut b = app.sign_in("applicant").await;
    let id = transfer(&mut b, ZHONGHENG).await;
    // Ten working days from a Monday: the last is the Monday two weeks later, and the clock acts the day after.
    app.clock.advance(chrono::TimeDelta::days(14));
    backend::service::deadlines::run_deadlines(app.state()).await.unwrap();
    let mut b = app.sign_in("applicant").await;
    assert!(b.get(&format!("/matters/{id}")).await.text.contains("转出机构审核中"), "on the last day it can still answer");
    app.clock.advance(chrono::TimeDelta::days(1));
    backend::service::deadlines::run_deadlines(app.state()).await.unwrap();
    backend::service::deadlines::run_deadlines(app.state()).await.unwrap();
    let mut b = app.sign_in("applicant").await;
    let page = b.get(&format!("/matters/{id}")).await;
    assert_eq!(page.text.matches("转出机构逾期未答复，转由协会处理").count(), 1, "{}", page.text);
    let mut officer = app.sign_in("officer").await;
    assert!(officer.get("/association").await.text.contains(&id.to_string()));
    assert_eq!(decide(&mut officer, id, "proceed", "").await.status, 422, "a reason is needed");
    decide_ok(&mut officer, id, "proceed", "经电话核实，转出机构无异议。").await;
    assert!(app.sign_in("inst-b").await.get("/institution").await.text.contains(&id.to_string()));
});

demo_test!(an_objection_ends_a_transfer_by_consent_and_others_have_no_part_in_it, |demo| async move {
    let app = TestApp::new(demo).await;
    certified(&app).await;
    let mut b = app.sign_in("applicant").await;
    let id = transfer(&mut b, "东岳认证服务有限公司").await;
    for who in ["inst-b", "certified", "expert1", "teacher"] {
        let mut other = app.sign_in(who).await;
        learns_nothing(&mut other, who, id, &["转换执业机构（转出机构同意）"]).await;
    }
    let mut old = app.sign_in("inst-a").await;
    decide_ok(&mut old, id, "object", "合同争议未了结。").await;
    let page = b.get(&format!("/matters/{id}")).await;
    assert!(page.text.contains("转出机构不同意") && page.text.contains("合同争议未了结。"));
    assert!(b.get("/apply/appeal").await.text.contains("目前没有可以申诉的决定"), "it is no decision of the association");
    assert!(!b.get("/apply/transfer").await.text.contains("暂不能办理"), "nothing stands in the way of asking again");
});
