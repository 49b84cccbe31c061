//! The frame of every page: menus, footer, what was done; the home page of each role; the pages that explain the platform.

use backend::demo_test;

use crate::browser::{Response, TestApp};

/// The part of a page between two texts.
fn part<'a>(page: &'a Response, from: &str, to: &str) -> &'a str {
    page.text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default()
}

/// Addresses of the links in a part of a page.
fn hrefs(html: &str) -> Vec<&str> {
    html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|href| !href.starts_with("/i.")).collect()
}

demo_test!(a_visitor_can_sign_in_from_every_page_and_a_user_has_the_menu_of_the_account, |demo| async move {
    let app = TestApp::new(demo).await;
    let page = app.browser().get("/verify").await;
    let head = part(&page, "<header", "</header>");
    assert!(hrefs(head).contains(&"/login") && hrefs(head).contains(&"/register") && !head.contains("<details"), "{head}");
    let mut b = app.sign_in("applicant").await;
    let page = b.get("/verify").await;
    let menu = part(&page, "data-menu", "</details>");
    for href in ["/me", "/me/security", "/me/messages"] {
        assert!(hrefs(menu).contains(&href), "{href}: {menu}");
    }
    assert!(menu.contains("林晓月") && menu.contains("action=\"/logout\"") && menu.contains("退出登录"), "{menu}");
    let bar = part(&page, "aria-label=\"快捷导航\"", "</nav>");
    assert_eq!(hrefs(bar), ["/", "/apply", "/matters", "/me/messages", "/me"]);
    assert!(page.text.find("跳到正文").unwrap() < page.text.find("<header").unwrap(), "the skip link is first");
});

demo_test!(each_section_has_a_side_menu_that_marks_the_page, |demo| async move {
    let app = TestApp::new(demo).await;
    for (account, path, present, others) in [
        ("certified", "/me", "/me", &["/matters", "/me/certificates", "/me/security"][..]),
        ("certified", "/matters?view=open", "/matters", &["/me"]),
        ("certified", "/me/security", "/me/security", &["/me"]),
        ("inst-a", "/institution/bills", "/institution/bills", &["/institution", "/institution/apply", "/institution/drafts"]),
        ("officer", "/association", "/association", &["/association/certificates", "/association/training/categories"]),
        ("officer", "/association/training/categories", "/association/training/categories", &["/association"]),
        ("certified", "/teaching/categories", "/teaching/categories", &["/me"]),
        ("finance", "/association/payments", "/association/payments", &["/association"]),
        ("expert1", "/expert/appeals", "/expert/appeals", &["/expert", "/expert/registrations"]),
    ] {
        let page = app.sign_in(account).await.get(path).await;
        let side = part(&page, "<div class=\"side-wide\"", "</nav>");
        let marked: Vec<&str> = side.split("<a ").filter(|link| link.contains("aria-current=\"page\"")).collect();
        assert!(marked.len() == 1 && hrefs(marked[0]) == [present], "{path}: {side}");
        for href in others {
            assert!(hrefs(side).contains(href), "{path} {href}: {side}");
        }
    }
    let officer = app.sign_in("officer").await.get("/association").await;
    assert!(!hrefs(part(&officer, "<div class=\"side-wide\"", "</nav>")).contains(&"/association/payments"), "the duty of finance");
    let matter = app.matter_of("applicant", "质量管理体系").await;
    let case = app.sign_in("officer").await.get(&format!("/matters/{matter}")).await;
    assert!(!case.text.contains("class=\"side\""), "a case uses the whole width");
});

demo_test!(breadcrumbs_end_with_the_page, |demo| async move {
    let app = TestApp::new(demo).await;
    let page = app.sign_in("certified").await.get("/me/certificates").await;
    let trail = part(&page, "aria-label=\"所在位置\"", "</nav>");
    assert!(trail.contains("href=\"/me\"") && trail.contains("aria-current=\"page\">我的证书<"), "{trail}");
});

demo_test!(what_was_done_is_said_once_and_only_by_its_code, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let said = "全部消息已标为已读";
    assert_eq!(b.post("/me/messages", &[]).await.location, "/me/messages");
    let page = b.get("/me/messages").await;
    assert!(page.text.contains(said) && part(&page, "<main", "</main>").contains("role=\"status\""), "{}", page.text);
    assert!(!b.get("/me/messages").await.text.contains(said), "it is said once");
});

demo_test!(the_title_of_a_refused_form_begins_with_the_error, |demo| async move {
    let app = TestApp::new(demo).await;
    let refused = app.browser().post("/login", &[("account", "applicant".into()), ("password", "wrong".into())]).await;
    assert!(refused.status == 422 && refused.text.contains("<title>错误：登录"), "{}", refused.text);
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let page = b.get(&format!("/matters/{id}/edit/person?check=1")).await;
    assert!(page.text.contains("<title>错误：") && page.text.contains("id=\"faults\" autofocus"), "{}", page.text);
    assert!(!b.get(&format!("/matters/{id}/edit/person")).await.text.contains("<title>错误"));
});

demo_test!(the_home_page_shows_every_duty_of_the_reader_first, |demo| async move {
    let app = TestApp::new(demo).await;
    for (account, figures) in [
        ("applicant", &["/matters", "/matters?view=open"][..]),
        ("inst-a", &["/institution", "/matters", "/matters?view=open"]),
        ("officer", &["/association", "/matters", "/matters?view=open"]),
        ("expert1", &["/expert", "/matters", "/matters?view=open"]),
    ] {
        let home = app.sign_in(account).await.get("/").await;
        assert_eq!(hrefs(part(&home, "<ul class=\"figures\"", "</ul>")), figures, "{account}");
        assert!(home.text.find("class=\"figures\"").unwrap() < home.text.find(">个人服务<").unwrap(), "{account}");
    }
    let home = app.sign_in("applicant").await.get("/").await;
    let stages = part(&home, "<ol class=\"stages\"", "</ol>");
    assert!(stages.contains("机构初核：正在办理") && stages.contains("协会受理：未开始"), "{stages}");
    let certified = app.sign_in("certified").await.get("/").await;
    let waiting = part(&certified, ">待办</h2>", "</section>");
    assert!(waiting.contains("href=\"/apply/annual_confirmation\""), "a certificate that is due: {waiting}");
});

demo_test!(a_visitor_sees_the_services_with_fee_and_time_and_can_look_up_a_certificate, |demo| async move {
    let app = TestApp::new(demo).await;
    let home = app.browser().get("/").await;
    assert!(home.text.contains("action=\"/verify\"") && home.text.contains("name=\"number\""), "{}", home.text);
    let services = part(&home, "<ul class=\"tiles\"", "</ul>");
    assert!(services.contains("注册费 ¥200.00") && services.contains("个工作日") && services.contains("/apply/registration"), "{services}");
    assert!(home.text.contains("<time datetime=\"2026-11-02\">"), "{}", home.text);
});

demo_test!(the_pages_that_explain_the_platform_are_public_and_name_no_contact_that_is_not_set, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    for (path, heading) in
        [("/help", "帮助"), ("/privacy", "隐私"), ("/accessibility", "无障碍"), ("/terms", "用户服务协议和个人信息处理规则")]
    {
        let page = b.get(path).await;
        assert!(page.status == 200 && page.text.contains(&format!("<h1>{heading}</h1>")), "{path}: {}", page.text);
        let foot = part(&page, "<footer", "</footer>");
        for href in ["/help", "/privacy", "/accessibility", "/terms"] {
            assert!(hrefs(foot).contains(&href), "{path} {href}");
        }
        assert!(!foot.contains("主办单位") && !foot.contains("备案号") && !foot.contains("咨询电话"), "{foot}");
    }
    assert!(b.get("/privacy").await.text.contains("1095 天"), "the days of the rule table");
});
