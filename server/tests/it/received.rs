//! What was paid and where it goes, as each page says it; fees and time limits in 办事指南.

use backend::demo_test;

use crate::browser::wizard::{decide_ok, return_for_correction};
use crate::browser::{Browser, TestApp};

const GOES_BACK: &str = "，将原路退回，待协会财务办理";

/// Begins an online payment on a page; returns the address of the cashier.
async fn begin(b: &mut Browser, path: &str, charge: Option<String>) -> String {
    let mut form = vec![("_seen", b.get(path).await.value("_seen")), ("method", "online".to_owned())];
    form.extend(charge.map(|id| ("_charge", id)));
    let sent = b.post(path, &form).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    sent.location
}

/// The applicant's matter, paid online.
async fn paid(app: &TestApp) -> uuid::Uuid {
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    let mut b = app.sign_in("applicant").await;
    let cashier = begin(&mut b, &format!("/matters/{id}/pay"), None).await;
    assert_eq!(b.post(&cashier, &[("_action", "pay".to_owned())]).await.status, 303);
    id
}

demo_test!(a_withdrawal_before_acceptance_says_that_the_fee_goes_back_and_every_page_says_so_afterwards, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = paid(&app).await;
    let (matter, pay) = (format!("/matters/{id}"), format!("/matters/{id}/pay"));
    let mut b = app.sign_in("applicant").await;
    let page = b.get(&matter).await.text;
    assert!(page.contains("撤回后已缴费用将退还") && page.contains("，已用于缴纳注册费"));
    decide_ok(&mut b, id, "withdraw", "").await;
    let said = "收到 ¥200.00（注册费";
    for (who, path) in [("applicant", matter.as_str()), ("applicant", &pay), ("inst-a", &matter), ("officer", &matter)] {
        let page = app.sign_in(who).await.get(path).await.text;
        assert!(page.contains(said) && page.contains(&format!("，受理前撤回{GOES_BACK}")), "{who} {path}");
    }
    let workbench = app.sign_in("finance").await.get("/association/payments").await.text;
    assert!(workbench.contains("受理前撤回") && workbench.contains(said));
    assert!(app.browser().get("/terms").await.text.contains("受理前撤回的，已缴费用原路退还；受理后撤回的，已缴费用不予退还"));
});

demo_test!(a_withdrawal_after_acceptance_says_that_the_fee_is_kept, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = paid(&app).await;
    let mut officer = app.sign_in("officer").await;
    decide_ok(&mut officer, id, "accept", "").await;
    decide_ok(&mut officer, id, "waive", "材料清楚").await;
    return_for_correction(&mut officer, id, "declaration", "请补充").await;
    let mut b = app.sign_in("applicant").await;
    let matter = format!("/matters/{id}");
    let page = b.get(&matter).await.text;
    assert!(page.contains("撤回后已缴费用不予退还") && !page.contains("已缴费用将退还"));
    decide_ok(&mut b, id, "withdraw", "").await;
    let page = b.get(&matter).await.text;
    assert!(page.contains("，已用于缴纳注册费") && !page.contains(GOES_BACK));
});

demo_test!(money_that_comes_too_late_is_told_to_the_whole_institution_and_not_to_the_applicant_in_full, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "环境管理体系").await;
    let mut institution = app.sign_in("inst-a").await;
    let charge = institution.get("/institution/bills").await.value("_charge");
    let cashier = begin(&mut institution, "/institution/bills", Some(charge)).await;
    decide_ok(&mut app.sign_in("certified").await, id, "withdraw", "").await;
    assert_eq!(institution.post(&cashier, &[("_action", "pay".to_owned())]).await.status, 303);
    let said = format!("，订单关闭后到账{GOES_BACK}");
    let bills = institution.get("/institution/bills").await.text;
    assert!(bills.contains(&said) && bills.contains("有款项正在退回"));
    for (who, path) in
        [("certified", format!("/matters/{id}")), ("certified", format!("/matters/{id}/pay")), ("inst-a", format!("/matters/{id}"))]
    {
        let page = app.sign_in(who).await.get(&path).await.text;
        assert!(page.contains(&said), "{who} {path}");
    }
});

demo_test!(a_guide_says_what_it_costs_and_how_long_each_stage_may_take, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let guide = b.get("/apply/registration").await;
    for said in ["收费标准", "注册费 ¥200.00（每件）", "办理时限", "机构初核", "10 个工作日", "待个人缴费", "15 日"]
    {
        assert!(guide.text.contains(said), "{said}");
    }
    for kind in ["annual_confirmation", "reregistration", "transfer", "appeal", "complaint", "identity_change"] {
        let text = b.get(&format!("/apply/{kind}")).await.text;
        assert!(text.contains("不收费") && text.contains("办理时限") && text.contains("个工作日"), "{kind}");
    }
    let begun = b.post("/apply/registration", &[("_id", guide.value("_id"))]).await;
    assert_eq!(begun.status, 303);
    assert!(b.get(&begun.location).await.text.contains("费用 ¥200.00"), "beside 缴费方式");
});
