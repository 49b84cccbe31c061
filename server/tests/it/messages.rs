//! 消息中心 and 通知设置 in a browser without scripts.

use backend::demo_test;

use crate::browser::TestApp;

/// The part of a page below its heading.
fn main_of(text: &str) -> &str {
    text.split("<main").nth(1).unwrap_or_default()
}

/// Number behind the name of a tab.
fn tab(text: &str, label: &str) -> i64 {
    let mark = format!(">{label} ");
    text.split(&mark).nth(1).and_then(|rest| rest.split('<').next()).and_then(|number| number.parse().ok()).unwrap()
}

demo_test!(messages_stand_below_their_matter_with_filters_and_are_read_by_opening_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("inst-a").await;
    let page = b.get("/me/messages").await.text;
    let main = main_of(&page);
    assert!(main.contains("待审核业务提醒：人员注册") && main.contains("申请人：林晓月"), "{main}");
    let (read_all, first) = (main.find("全部标为已读").unwrap(), main.find("<h2").unwrap());
    assert!(read_all < first, "what concerns all of them is at the top");
    let (all, tasks) = (tab(main, "全部"), tab(main, "待办"));
    assert!(all >= tasks && tasks > 0);
    let unread = b.get("/me/messages?category=task&state=unread").await.text;
    assert!(tab(main_of(&unread), "待办") <= tasks && main_of(&unread).contains("待审核业务提醒"));
    assert!(!main_of(&b.get("/me/messages?category=system&state=unread").await.text).contains("待审核业务提醒"));
    let own = main.split(&format!("/matters/{id}")).count();
    assert_eq!(own, 1, "a message opens its matter by its own address, which marks it as read");

    let group = main.split("<h2").find(|part| part.contains("申请人：林晓月")).unwrap();
    let opening = group.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let opened = b.get(&opening).await;
    assert_eq!(opened.status, 303);
    let after = b.get("/me/messages?state=unread").await.text;
    assert!(!main_of(&after).contains(&opening));
    assert_eq!(b.post("/me/messages", &[]).await.location, "/me/messages");
    let after = b.get("/me/messages").await.text;
    assert!(main_of(&after).contains("没有未读消息") && !main_of(&after).contains("全部标为已读"));
});

demo_test!(the_settings_keep_what_was_chosen_and_say_what_is_always_sent, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    assert!(b.get("/me/security").await.text.contains("/me/messages/settings"));
    let chosen = |text: &str| {
        let inputs = main_of(text).split("<input").filter(|tag| tag.contains("type=\"checkbox\"") && tag.contains("checked"));
        let of = |tag: &str, name: &str| tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        inputs.map(|tag| format!("{} {}", of(tag, "name"), of(tag, "value"))).collect::<Vec<_>>()
    };
    let page = b.get("/me/messages/settings").await;
    assert_eq!(page.status, 200);
    assert_eq!(chosen(&page.text), ["task mail", "progress mail", "system sms", "system mail"]);
    for (label, why) in
        [("短信验证码", "用于核验本人"), ("退回通知", "逾期未修改并重新提交的，业务终止"), ("缴费通知", "逾期未缴费的，业务终止")]
    {
        assert!(page.text.contains(label) && page.text.contains(why), "{label}");
    }
    let form = [("task", "sms".to_owned()), ("task", "mail".to_owned())];
    assert_eq!(b.post("/me/messages/settings", &form).await.location, "/me/messages/settings");
    let page = b.get("/me/messages/settings").await.text;
    assert!(page.contains("通知设置已保存。"));
    assert_eq!(chosen(&page), ["task sms", "task mail"]);
});
