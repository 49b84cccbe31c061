//! 查询条件 of the lists of experts and of the workbenches.

use backend::demo_test;

use crate::browser::TestApp;

fn form(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

demo_test!(an_expert_searches_by_conditions_that_stay_in_the_address_and_never_by_name, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("expert1").await;
    let page = b.get("/expert/registrations").await.text;
    for label in ["认证领域", "注册级别", "申请类型", "指派日期（起）", "指派日期（止）", "期限"] {
        assert!(page.contains(label), "{label}");
    }
    assert!(!page.contains("name=\"applicant\"") && !page.contains("共找到"));
    let page = b.get("/expert/registrations?state=all&domain=QMS&assigned_from=20200101&due=").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("查询条件：认证领域 质量管理体系；指派日期 2020-01-01 起。共找到 "), "{}", page.text);
    assert!(page.text.contains("清除条件") && page.text.contains("state=done&amp;words=&amp;domain=QMS&amp;assigned_from="));
    let none = b.get("/expert/registrations?state=all&domain=OP").await.text;
    assert!(none.contains("共找到 0 件") && none.contains("没有符合条件的业务"));
    let wrong = b.get("/expert/registrations?state=all&assigned_from=2026-02-30&assigned_until=x").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("id=\"e-assigned_from\"") && wrong.text.contains("value=\"2026-02-30\""));
    let by_name = b.get("/expert/registrations?state=all&applicant=%E6%9E%97%E6%99%93%E6%9C%88").await.text;
    assert!(!by_name.contains("共找到") && !by_name.contains("林晓月"));
});

demo_test!(a_workbench_finds_a_person_without_the_name_in_an_address, |demo| async move {
    let app = TestApp::new(demo).await;
    for (who, path) in [("officer", "/association"), ("inst-a", "/institution")] {
        let mut b = app.sign_in(who).await;
        let page = b.post(path, &form(&[("state", "all"), ("applicant", "林 晓月")])).await;
        assert_eq!(page.status, 200, "{who}");
        let text = &page.text;
        assert!(text.contains("查询条件：申请人姓名 “林 晓月”。共找到 ") && !text.contains("共找到 0 件"), "{who}");
        assert!(text.contains("林晓月 · 质量管理体系"), "{who}");
        let list = text.split("全部业务").last().unwrap();
        for href in list.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(!href.contains("%E6%9E%97") && !href.contains('林'), "{who}: {href}");
        }
        // Another tab keeps the condition, posted again.
        assert!(list.contains("name=\"applicant\" value=\"林 晓月\""));
        let closed = b.post(path, &form(&[("state", "closed"), ("applicant", "林晓月"), ("after", "")])).await;
        assert_eq!(closed.status, 200);
        let short = b.post(path, &form(&[("state", "all"), ("applicant", "林")])).await;
        assert!(short.status == 422 && short.text.contains("申请人姓名至少填写 2 个字"), "{who}");
        assert!(!b.get(&format!("{path}?applicant=%E6%9E%97%E6%99%93%E6%9C%88")).await.text.contains("共找到"), "{who}");
    }
    for other in ["applicant", "expert1"] {
        assert_eq!(app.sign_in(other).await.post("/association", &form(&[("applicant", "林晓月")])).await.status, 403, "{other}");
    }
});

demo_test!(conditions_that_name_nobody_lead_to_an_address_and_document_numbers_do_not, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("officer").await;
    let sent = b.post("/association", &form(&[("state", "open"), ("words", "质量"), ("domain", "QMS"), ("kind", "registration")])).await;
    assert_eq!(
        (sent.status, sent.location.as_str()),
        (303, "/association?state=open&words=%E8%B4%A8%E9%87%8F&kind=registration&domain=QMS")
    );
    let page = b.get(&sent.location).await.text;
    assert!(page.contains("查询条件：业务名称 “质量”；业务类型 人员注册；认证领域 质量管理体系。共找到 "));
    let document = b.post("/association", &form(&[("state", "all"), ("words", "110101199003070073")])).await;
    assert!(document.status == 200 && document.text.contains("共找到 0 件"));
    let wrong = b.post("/association", &form(&[("state", "all"), ("assigned_from", "2026-11-20"), ("assigned_until", "2026-11-01")])).await;
    assert!(wrong.status == 422 && wrong.text.contains("截止日不能早于起始日") && wrong.text.contains("value=\"2026-11-20\""));
});
