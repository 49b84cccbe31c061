//! The manual's own words where it says that they stand.

use crate::browser::TestApp;
use crate::browser::wizard::form_values;
use backend::demo_test;
use uuid::Uuid;

demo_test!(entries_carry_the_names_of_the_manual, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let home = b.get("/").await.text;
    let catalogue = b.get("/apply").await.text;
    for entry in ["人员注册申请", "年度确认申请", "再注册申请", "人员转换执业机构申请", "申诉", "投诉"] {
        assert!(home.contains(&format!(">{entry}<")) && catalogue.contains(&format!(">{entry}<")), "{entry}");
    }
    for part in ["个人服务", "常用服务", "消息提醒"] {
        assert!(home.contains(part), "{part}");
    }
    let centre = b.get("/me").await.text;
    assert!(centre.contains("消息中心") && !centre.contains("专家评价"), "{centre}");
    let expert = app.sign_in("expert1").await.get("/me").await.text;
    let tiles = expert.split("class=\"tiles\"").nth(1).unwrap();
    assert!(tiles.contains("href=\"/expert\"") && tiles.contains("专家评价"), "{tiles}");
    assert!(b.get("/me/profile").await.text.contains("出生日期"));
});

demo_test!(one_click_on_在线办理_begins_the_form_and_two_begin_it_once, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let page = b.get("/apply").await;
    let form = page.text.split("action=\"/apply/registration\"").nth(1).unwrap();
    let id = form.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for _ in 0..2 {
        let begun = b.post("/apply/registration", &[("_id", id.clone())]).await;
        assert_eq!((begun.status, begun.location), (303, format!("/matters/{id}/edit/business")), "{}", begun.text);
    }
});

demo_test!(one_click_on_what_cannot_be_begun_leads_to_the_guide_which_says_why, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let refused = b.post("/apply/annual_confirmation", &[("_id", Uuid::now_v7().to_string())]).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.text.contains("暂不能办理") && refused.text.contains("没有注册证书") && refused.text.contains("办理流程"),
        "{}",
        refused.text
    );
});

demo_test!(a_record_is_left_for_later_as_it_is, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let step = format!("/matters/{id}/edit/education");
    let revision = b.get(&step).await.value("_rev");
    let record = b.post(&step, &[("_rev", revision), ("_action", "add:education".into())]).await.location;
    let page = b.get(&record).await;
    assert!(page.text.contains("暂存草稿箱"), "{}", page.text);
    let left = b.post(&record, &form_values(&[("school", "华东理工大学")], &page.value("_rev"), "later")).await;
    assert_eq!(left.status, 303, "{}", left.text);
    assert!(left.location.starts_with(&format!("{step}?saved=1#r-")), "{}", left.location);
    assert!(b.get(&step).await.text.contains("华东理工大学"));
    for path in [format!("/matters/{id}/review"), format!("{step}/education/library")] {
        assert!(b.get(&path).await.text.contains("暂存草稿箱"), "{path}");
    }
});

demo_test!(a_submitted_matter_has_查看详情_beside_what_is_to_be_done, |demo| async move {
    let app = TestApp::new(demo).await;
    let list = app.sign_in("certified").await.get("/matters?view=open").await.text;
    assert!(list.contains("查看详情"), "{list}");
    let row = list.split("<li class=\"row\">").find(|row| row.contains(">缴费<") || row.contains("缴费")).unwrap();
    assert!(row.contains("查看详情"), "{row}");
});

demo_test!(a_closed_entry_leads_to_what_is_due_in_its_place, |demo| async move {
    let app = TestApp::new(demo).await;
    app.state().db.execute_raw("update certificate set confirm_due_on = valid_until").await;
    let guide = app.sign_in("certified").await.get("/apply/annual_confirmation").await;
    assert!(guide.text.contains("请在到期前办理再注册"), "{}", guide.text);
    assert!(guide.text.contains("href=\"/apply/reregistration\">办理再注册"), "{}", guide.text);
});

demo_test!(a_draft_is_deleted_from_the_list_after_a_question, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let list = b.get("/matters?view=drafts").await.text;
    let row = list.split("<li class=\"row\">").find(|row| row.contains(&id)).unwrap();
    assert!(row.contains("删除") && row.contains(&format!("href=\"/matters/{id}\"")), "{row}");
    let asked = b.get(&format!("/matters/{id}")).await;
    assert!(asked.text.contains("删除后不能恢复"), "{}", asked.text);
    let form = [("_seen", asked.value("_seen")), ("_action", "discard".into())];
    assert_eq!(b.post(&format!("/matters/{id}"), &form).await.location, "/matters?view=drafts");
    assert!(!b.get("/matters?view=drafts").await.text.contains(&id));
});
