//! 常用查询 and 统计 of the workbenches, as people without scripts use them.

use backend::demo_test;

use crate::browser::{Browser, Response, TestApp};

/// The part of a page between two texts.
fn part<'a>(page: &'a Response, from: &str, to: &str) -> &'a str {
    page.text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default()
}

async fn save(b: &mut Browser, name: &str, conditions: &[(&'static str, &str)]) -> Response {
    let conditions = conditions.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let form: Vec<_> = conditions.chain([("view_name", name.to_owned()), ("_action", "save".to_owned())]).collect();
    b.post("/association/views", &form).await
}

const NAV: &str = "aria-label=\"常用查询\"";

demo_test!(a_view_is_saved_counted_used_and_deleted, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("officer").await;
    assert!(!b.get("/association").await.text.contains("常用查询"), "nothing to save, and nothing saved");
    let page = b.get("/association?stage=registration.acceptance").await;
    assert!(page.text.contains("保存为常用查询") && page.text.contains("action=\"/association/views\""), "{}", page.text);
    let saved = save(&mut b, " 注册受理 ", &[("state", "tasks"), ("stage", "registration.acceptance")]).await;
    assert_eq!(saved.location, "/association?state=tasks&words=&kind=registration&stage=registration.acceptance");
    let page = b.get(&saved.location).await;
    assert!(page.text.contains("已保存常用查询。") && !page.text.contains("保存为常用查询"), "{}", page.text);
    let present = part(&page, NAV, "</nav>");
    assert!(present.contains("aria-current=\"true\"") && present.contains("注册受理") && present.contains(">1<"), "{present}");
    // With a name of a person: the view holds it, its address does not.
    let named = save(&mut b, "周建国", &[("state", "tasks"), ("applicant", "周建国"), ("holder", "nobody")]).await;
    assert!(named.location.starts_with("/association?sealed=") && !named.location.contains("E5%91%A8"), "{}", named.location);
    let page = b.get(&named.location).await;
    assert!(page.text.contains("申请人姓名 “周建国”；承办 未分配。共找到 1 件"), "{}", page.text);
    let views = part(&page, NAV, "</nav>");
    assert!(views.matches("<a ").count() == 2 && views.matches(">1<").count() == 2, "{views}");
    // Names are unique for each account, and other people have their own.
    let again = save(&mut b, "注册受理", &[("state", "tasks"), ("holder", "own")]).await;
    assert!(
        again.status == 422 && again.text.contains("已有同名的常用查询") && again.text.contains("value=\"注册受理\""),
        "{}",
        again.text
    );
    let mut other = app.sign_in("officer2").await;
    assert!(!other.get("/association").await.text.contains(NAV));
    assert_eq!(save(&mut other, "注册受理", &[("state", "tasks"), ("holder", "own")]).await.status, 303);
    for (name, text) in [("", "请填写名称"), ("一二三四五六七八九十一二三四五六七八九十一", "名称最多 20 个字")]
    {
        let refused = save(&mut b, name, &[("state", "tasks"), ("holder", "own")]).await;
        assert!(refused.status == 422 && refused.text.contains(text) && refused.text.contains("href=\"#f-view_name\""), "{}", refused.text);
    }
    let id = page.value("view");
    other.post("/association/views", &[("view", id.clone()), ("_action", "delete".into())]).await;
    assert_eq!(part(&b.get("/association").await, NAV, "</nav>").matches("<a ").count(), 2, "nobody deletes another's");
    let deleted = b.post("/association/views", &[("state", "tasks".into()), ("view", id), ("_action", "delete".into())]).await;
    let page = b.get(&deleted.location).await;
    assert!(page.text.contains("已删除常用查询。") && part(&page, NAV, "</nav>").matches("<a ").count() == 1, "{}", page.text);
    assert_eq!(b.get("/association/views").await.location, "/association");
    assert_eq!(app.sign_in("applicant").await.post("/association/views", &[("_action", "save".into())]).await.status, 403);
});

demo_test!(twenty_views_are_the_most, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let post =
        |name: String| [("state", "tasks".to_owned()), ("due", "overdue".to_owned()), ("view_name", name), ("_action", "save".to_owned())];
    for i in 1..=20 {
        assert_eq!(b.post("/institution/views", &post(format!("查询 {i}"))).await.status, 303);
    }
    let full = b.post("/institution/views", &post("再一个".into())).await;
    assert!(full.status == 422 && full.text.contains("最多保存 20 个常用查询"), "{}", full.text);
    assert_eq!(part(&b.get("/institution").await, NAV, "</nav>").matches("<a ").count(), 20);
});

demo_test!(figures_stand_on_a_page_of_their_own_with_a_table_for_the_chart, |demo| async move {
    let app = TestApp::new(demo).await;
    for (account, path, desk) in
        [("officer", "/association/statistics", "/association"), ("inst-a", "/institution/statistics", "/institution")]
    {
        let mut b = app.sign_in(account).await;
        assert!(b.get(desk).await.text.contains(&format!("href=\"{path}\"")), "the side menu leads to it");
        let page = b.get(path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let chart = part(&page, "<svg viewBox=\"0 0 360", "</svg>");
        assert!(chart.contains("role=\"img\"") && chart.contains("<title id=\"chart-0\">最近 12 周共收到 "), "{chart}");
        assert_eq!(chart.matches("<rect ").count(), 24);
        let table = part(&page, "每周收到和办结的业务", "</table>");
        assert_eq!(table.matches("scope=\"row\"").count(), 12);
        assert!(page.text.contains("人员注册") && page.text.contains("用时中位数"), "{}", page.text);
    }
    for (account, path) in [("applicant", "/association/statistics"), ("officer", "/institution/statistics")] {
        assert_eq!(app.sign_in(account).await.get(path).await.status, 403, "{account} {path}");
    }
});
