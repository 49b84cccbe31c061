//! Institutions without scripts: registration, users, people and state, by those who may and those who may not.

use backend::demo_test;
use backend::infra::file::testing::pdf_of_size;
use uuid::Uuid;

use crate::browser::wizard::{begin, decide_ok, fill, submit, submit_ok};
use crate::browser::{Browser, TestApp};

const CODE: &str = "91440300MA5D000103";

/// A complete registration, not yet submitted.
async fn registration(b: &mut Browser, code: &str) -> Uuid {
    let id = begin(b, "/apply/institution_registration").await;
    let institution = [
        ("name", "南屏认证培训有限公司"),
        ("credit_code", code),
        ("kinds", "certification_body"),
        ("kinds", "training_provider"),
        ("approval_no", "CNCA-R-2026-909"),
        ("legal_representative", "林晓月"),
        ("address", "深圳市南山区示例路 8 号"),
    ];
    fill(b, id, "institution", &institution).await;
    let contact = [("contact_name", "林晓月"), ("contact_phone", "0755-12345678"), ("contact_email", "office@example.com")];
    fill(b, id, "contact", &contact).await;
    let path = format!("/matters/{id}/edit/papers");
    for field in ["license", "approval"] {
        let revision = b.get(&path).await.value("_rev");
        let sent = b.upload(&path, &[("_rev", &revision), ("_action", "save")], field, "扫描件.pdf", pdf_of_size(2000)).await;
        assert_eq!(sent.status, 303, "{field}: {}", sent.text);
    }
    fill(b, id, "papers", &[("declared", "2026-11")]).await;
    id
}

demo_test!(an_institution_is_registered_by_pages_and_opens_a_workbench, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    assert!(b.get("/apply").await.text.contains("/apply/institution_registration"));
    assert_eq!(b.get("/institution").await.status, 403);
    let id = registration(&mut b, CODE).await;
    submit_ok(&mut b, id).await;
    let mut admin = app.sign_in("admin").await;
    assert!(admin.get("/association").await.text.contains(&id.to_string()), "it waits for an administrator");
    let matter = admin.get(&format!("/matters/{id}")).await.text;
    assert!(matter.contains("0755-12345678") && matter.contains("不予受理"), "who decides compares the contact data");
    assert_eq!(app.sign_in("officer").await.get(&format!("/matters/{id}")).await.status, 404);
    decide_ok(&mut admin, id, "approve", "").await;
    let page = b.get("/institution").await;
    assert!(page.status == 200 && page.text.contains("南屏认证培训有限公司"), "{}", page.text);
    for entry in ["/institution/apply", "/institution/people", "/institution/bills", "/institution/users"] {
        assert!(page.text.contains(&format!("href=\"{entry}\"")), "{entry}");
        assert_eq!(b.get(entry).await.status, 200, "{entry}");
    }
});

demo_test!(a_credit_code_that_is_registered_is_refused_at_its_field, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = begin(&mut b, "/apply/institution_registration").await;
    let path = format!("/matters/{id}/edit/institution");
    let form: Vec<(&str, String)> = [
        ("name", "华信"),
        ("credit_code", "91310115 MA1K000016"),
        ("kinds", "training_provider"),
        ("legal_representative", "林晓月"),
        ("address", "上海市"),
        ("_rev", "0"),
        ("_action", "next"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    let refused = b.post(&path, &form).await;
    assert!(refused.status == 422 && refused.text.contains("机构已注册"), "{}", refused.text);
    assert!(refused.text.contains("id=\"e-credit_code\""), "at the field: {}", refused.text);
    assert_eq!(submit(&mut b, id).await.status, 422);
});

fn invitation(login: &str, mobile: &str, role: &str) -> Vec<(&'static str, String)> {
    [("_action", "invite"), ("login", login), ("mobile", mobile), ("role", role)].map(|(name, value)| (name, value.to_owned())).into()
}

demo_test!(a_user_is_invited_accepts_is_given_roles_and_disabled, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut administrator, mut invited) = (app.sign_in("inst-a").await, app.sign_in("teacher").await);
    let wrong = administrator.post("/institution/users", &invitation("teacher", "13800000006", "handler")).await;
    let unknown = administrator.post("/institution/users", &invitation("nobody", "13800000005", "handler")).await;
    for refused in [wrong, unknown] {
        assert!(refused.status == 422 && refused.text.contains("没有登录账号和手机号码都相符的用户"), "{}", refused.text);
    }
    let sent = administrator.post("/institution/users", &invitation("teacher", "13800000005", "handler")).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let list = administrator.get("/institution/users").await.text;
    assert!(list.contains("待本人接受") && !list.contains("高志远"), "{list}");
    assert!(invited.get("/me/messages").await.text.contains("机构用户邀请"));
    let page = invited.get("/me/invitations").await;
    let institution = page.value("_institution");
    let accept = [("_institution", institution.clone()), ("_action", "accept".to_owned())];
    assert_eq!(app.sign_in("certified").await.post("/me/invitations", &accept).await.status, 404);
    assert_eq!(invited.post("/me/invitations", &accept).await.status, 303);
    let desk = invited.get("/institution").await.text;
    assert!(desk.contains("/institution/apply") && !desk.contains("/institution/users"), "{desk}");
    for (path, status) in [("/institution/users", 403), ("/institution/bills", 403), ("/institution/apply", 200)] {
        assert_eq!(invited.get(path).await.status, status, "{path}");
    }
    let account = app.account_id("teacher").await.to_string();
    let roles = [("_user", account.clone()), ("_action", "roles".to_owned()), ("role", "finance".to_owned())];
    assert_eq!(administrator.post("/institution/users", &roles).await.status, 303);
    assert_eq!((invited.get("/institution/bills").await.status, invited.get("/institution/apply").await.status), (200, 403));
    let disable = [("_user", account), ("_action", "disable".to_owned())];
    assert_eq!(administrator.post("/institution/users", &disable).await.status, 303);
    assert_eq!(invited.get("/institution").await.status, 403);
    let own = [("_user", app.account_id("inst-a").await.to_string()), ("_action", "disable".to_owned())];
    let refused = administrator.post("/institution/users", &own).await;
    assert!(refused.status == 409 && refused.text.contains("不能更改本人的角色"), "{}", refused.text);
});

demo_test!(the_roster_shows_masked_numbers_and_due_days_and_is_searched_by_name, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let page = b.get("/institution/people").await.text;
    assert!(page.contains("周建国") && page.contains("1****************1") && !page.contains("110101199003070011"), "{page}");
    assert!(page.contains("年度确认") || page.contains("再注册"), "{page}");
    let found = b.post("/institution/people", &[("name", "周建".to_owned())]).await.text;
    assert!(found.contains("周建国"), "{found}");
    let none = b.post("/institution/people", &[("name", "欧阳".to_owned())]).await.text;
    assert!(none.contains("没有符合的人员") && !none.contains("周建国"), "{none}");
    let other = app.sign_in("inst-b").await.get("/institution/people").await.text;
    assert!(!other.contains("周建国"), "{other}");
    let mine = app.authorize("inst-a").await.caller().institutions[0].0;
    assert_eq!(app.sign_in("inst-b").await.get(&format!("/institution/people?institution={mine}")).await.status, 404);
    assert_eq!(app.sign_in("certified").await.get("/institution/people").await.status, 403);
});

demo_test!(an_administrator_closes_an_institution_with_a_reason_and_nobody_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let matter = app.matter_of("applicant", "质量管理体系").await;
    let institution = app.authorize("inst-a").await.caller().institutions[0].0;
    let path = format!("/association/institutions/{institution}");
    let close = |reason: &str| {
        [("_seen", "active"), ("state", "closed"), ("reason", reason)].map(|(name, value)| (name, value.to_owned())).to_vec()
    };
    for stranger in ["officer", "finance", "inst-a", "applicant"] {
        let mut b = app.sign_in(stranger).await;
        for address in ["/association/institutions", &path] {
            assert_eq!(b.get(address).await.status, 403, "{stranger} {address}");
        }
        assert_eq!(b.post(&path, &close("冒名")).await.status, 403, "{stranger}");
    }
    let mut admin = app.sign_in("admin").await;
    let list = admin.get("/association/institutions?text=MA1K").await.text;
    assert!(list.contains(&path) && list.contains("华信质量认证中心有限公司") && !list.contains("中恒"), "{list}");
    let refused = admin.post(&path, &close(" ")).await;
    assert!(refused.status == 422 && refused.text.contains("请填写原因"), "{}", refused.text);
    assert_eq!(admin.post(&path, &close("机构注销")).await.status, 303);
    let again = admin.post(&path, &close("机构注销")).await;
    assert_eq!(again.status, 409, "{}", again.text);
    let page = admin.get(&path).await.text;
    assert!(page.contains("已关闭") && page.contains("机构注销") && page.contains("不能恢复"), "{page}");
    assert_eq!(app.sign_in("inst-a").await.get("/institution").await.status, 403);
    let returned = app.sign_in("applicant").await.get(&format!("/matters/{matter}")).await.text;
    assert!(returned.contains("机构已关闭，退回申请人") && returned.contains("请另选机构"), "{returned}");
});
