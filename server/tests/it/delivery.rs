//! Printing and copying a matter, saving it for later, and the notifications of it.

use crate::browser::wizard::{decide_ok, fill, submit_ok};
use crate::browser::{Browser, Response, TestApp};
use backend::demo_test;

/// Values of the checked controls of this name.
fn ticked(page: &Response, name: &str) -> Vec<String> {
    let mark = format!("name=\"{name}\"");
    let tags = page.text.split('<').filter(|t| t.starts_with("input") && t.contains(&mark) && t.contains("checked"));
    tags.filter_map(|t| Some(t.split("value=\"").nth(1)?.split('"').next()?.to_owned())).collect()
}

/// Posts a form and opens the page it redirects to.
async fn press(b: &mut Browser, path: &str, form: &[(&str, String)]) -> Response {
    let sent = b.post(path, form).await;
    assert_eq!(sent.status, 303, "{path}: {}", sent.text);
    b.get(&sent.location).await
}

demo_test!(a_submitted_matter_is_copied_by_one_button_and_twice_pressed_is_once_copied, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("applicant").await;
    let page = b.get(&format!("/matters/{id}")).await;
    assert!(page.text.contains("复制为新申请") && page.text.contains(&format!("/matters/{id}/copy")));
    let form = [("_id", page.value("_id"))];
    let drafts = |page: Response| page.text.matches("草稿</span>").count();
    let before = drafts(b.get("/matters?view=drafts").await);
    for _ in 0..2 {
        let editor = press(&mut b, &format!("/matters/{id}/copy"), &form).await;
        assert_eq!(editor.status, 200);
        assert!(editor.text.contains("人员注册"), "{}", editor.text);
    }
    assert_eq!(drafts(b.get("/matters?view=drafts").await), before + 1);
    let new = form[0].1.clone();
    assert!(b.get(&format!("/matters/{new}/edit/education")).await.text.contains("华东理工大学"));
    let declaration = b.get(&format!("/matters/{new}/edit/declaration")).await;
    assert!(!declaration.text.contains("林晓月\"") && ticked(&declaration, "declared").is_empty());
    assert_eq!(b.get(&format!("/matters/{id}/copy")).await.status, 200, "who had to sign in first is asked once more");
    assert_eq!(b.get(&format!("/matters/{new}/copy")).await.status, 404, "a draft is not copied");
    assert_eq!(b.post(&format!("/matters/{new}/copy"), &[("_id", uuid::Uuid::now_v7().to_string())]).await.status, 409);
    assert_eq!(b.post(&format!("/matters/{id}/copy"), &[]).await.status, 400);
});

demo_test!(nobody_else_copies_a_matter_or_sees_the_button, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    for (who, sees) in [("inst-a", true), ("officer", true), ("certified", false)] {
        let mut b = app.sign_in(who).await;
        let page = b.get(&format!("/matters/{id}")).await;
        assert_eq!((page.status == 200, page.text.contains("复制为新申请")), (sees, false), "{who}");
        assert_eq!(b.get(&format!("/matters/{id}/copy")).await.status, 404, "{who}");
        let copied = b.post(&format!("/matters/{id}/copy"), &[("_id", uuid::Uuid::now_v7().to_string())]).await;
        assert_eq!(copied.status, 404, "{who}");
    }
});

demo_test!(the_print_view_shows_the_whole_matter_without_navigation_and_masked_for_others, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let path = format!("/matters/{id}/print");
    let own = app.sign_in("applicant").await.get(&path).await;
    assert_eq!(own.status, 200);
    for shown in ["<h1>人员注册</h1>", "质量管理体系 · ", "林晓月", "上海市浦东新区示例路 100 号", "华东理工大学", "提交了申请"]
    {
        assert!(own.text.contains(shown), "{shown}: {}", own.text);
    }
    assert!(!own.text.contains("<nav") && !own.text.contains("退出") && own.text.contains("class=\"sheet\""));
    for who in ["inst-a", "officer"] {
        let workbench = app.sign_in(who).await.get(&path).await;
        assert!(workbench.text.contains("上海市****") && workbench.text.contains("华东理工大学"), "{who}");
        for hidden in ["示例路 100 号", "65430000", "11010119900307002X", "13800000001"] {
            assert!(!workbench.text.contains(hidden), "{who} {hidden}");
        }
    }
    for who in ["certified", "inst-b", "expert1"] {
        assert_eq!(app.sign_in(who).await.get(&path).await.status, 404, "{who}");
    }
    assert!(app.sign_in("applicant").await.get(&format!("/matters/{id}")).await.text.contains(&path));
});

demo_test!(after_submission_records_are_offered_to_the_library_all_ticked_and_kept_once, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "质量管理体系 · 实习").await;
    let mut b = app.sign_in("certified").await;
    b.delete_library_records().await;
    let path = format!("/matters/{id}/done");
    let page = b.get(&path).await;
    assert!(page.text.contains("存入基本信息库") && page.text.contains("教育经历：华东理工大学"), "{}", page.text);
    let chosen = ticked(&page, "record");
    assert_eq!(chosen.len(), 3);
    let none = b.post(&path, &[]).await;
    assert_eq!(none.status, 422);
    assert!(none.text.contains("请勾选要存入的记录") && none.text.contains("id=\"e-record\"") && ticked(&none, "record").is_empty());
    let mut form: Vec<(&str, String)> = chosen.iter().map(|c| ("record", c.clone())).collect();
    form.extend(page.values("_seen").into_iter().map(|seen| ("_seen", seen)));
    for _ in 0..2 {
        let after = press(&mut b, &path, &form).await;
        assert!(after.text.contains("所选记录已存入") && !after.text.contains("id=\"f-record\""), "{}", after.text);
    }
    assert_eq!(b.get("/me/library").await.text.matches("华东理工大学").count(), 1);

    let new = app.begin(&mut b).await;
    let library = b.get(&format!("/matters/{new}/edit/education/education/library")).await;
    let record = library.value("record");
    b.post(&format!("/matters/{new}/edit/education/education/library"), &[("record", record)]).await;
    let step = b.get(&format!("/matters/{new}/edit/education")).await;
    let mut links = step.text.split("href=\"").skip(1).filter_map(|l| l.split('"').next());
    let edit = links.find(|l| l.contains("/edit/education/education/")).unwrap().to_owned();
    let taken = b.get(&edit).await;
    let file = taken.text.split("href=\"").find(|l| l.contains("/files/")).unwrap().split('"').next().unwrap().to_owned();
    assert!(file.contains(&new), "{file}");
    assert_eq!(b.get(&file).await.status, 200, "the diploma came along");
    assert_eq!(app.sign_in("inst-a").await.get(&file).await.status, 404);
});

demo_test!(the_page_of_completion_is_for_the_applicant_after_submission, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    for who in ["inst-a", "officer", "certified"] {
        let mut b = app.sign_in(who).await;
        assert_eq!(b.get(&format!("/matters/{id}/done")).await.status, 404, "{who}");
        let form = [("record", uuid::Uuid::now_v7().to_string())];
        assert_eq!(b.post(&format!("/matters/{id}/done"), &form).await.status, 404, "{who}");
    }
    let mut b = app.sign_in("applicant").await;
    let saved = b.get(&format!("/matters/{id}/done")).await;
    assert!(saved.text.contains("业务已提交") && !saved.text.contains("存入基本信息库"), "the demo's records are saved already");
    let draft = app.begin(&mut b).await;
    assert_eq!(b.get(&format!("/matters/{draft}/done")).await.status, 404);
});

demo_test!(the_log_of_notices_tells_each_reader_what_they_may_know, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let path = format!("/matters/{id}");
    let (key, seen) = (uuid::Uuid::now_v7().to_string(), app.seen("inst-a", id).await);
    let form = [("_key", key), ("_seen", seen), ("_action", "return".into()), ("note", "学历证书扫描件不清晰".into())];
    press(&mut app.sign_in("inst-a").await, &path, &form).await;
    let notices = |page: &Response| page.text.split("<summary>通知记录").nth(1).unwrap_or("").to_owned();
    let own = notices(&app.sign_in("applicant").await.get(&path).await);
    for shown in ["短信 138******01", "邮件 a***@example.com", "退回通知", "待发送"] {
        assert!(own.contains(shown), "{shown}: {own}");
    }
    let workbench = notices(&app.sign_in("inst-a").await.get(&path).await);
    assert!(workbench.contains("短信 申请人") && workbench.contains("i***@example.com"), "{workbench}");
    assert!(!workbench.contains("138") && !workbench.contains("a***@"), "{workbench}");
    let officer = notices(&app.sign_in("officer").await.get(&path).await);
    assert!(officer.contains("138******01") && officer.contains("i***@example.com"), "{officer}");
    let outbox = app.browser().get("/dev/outbox").await;
    for shown in ["短信 13800000001", "邮件 applicant@example.com", "人员注册：退回通知", "待发送"] {
        assert!(outbox.text.contains(shown), "{shown}");
    }
    assert!(!outbox.text.contains("扫描件不清晰"));
});

/// The row of a table that holds a text.
fn row_of<'a>(page: &'a str, text: &str) -> &'a str {
    page.split("<tr>").skip(1).find(|row| row.contains(text)).unwrap_or_else(|| panic!("{text}: {page}"))
}

/// The content of a cell of a row.
fn cell<'a>(row: &'a str, column: &str) -> &'a str {
    let cell = row.split(&format!("data-label=\"{column}\"")).nth(1).and_then(|rest| rest.split_once('>')).map_or("", |(_, rest)| rest);
    cell.split("</td>").next().unwrap_or("").trim_end_matches("<!>")
}

demo_test!(a_list_says_whose_turn_it_is_and_until_when, |demo| async move {
    let app = TestApp::new(demo).await;
    let list = app.sign_in("applicant").await.get("/matters?view=open").await;
    let submitted = row_of(&list.text, "ZC2026112300001");
    assert!(submitted.contains("人员注册") && cell(submitted, "当前办理人") == "推荐机构", "{submitted}");
    assert!(cell(submitted, "期限").contains("2026-12-07"), "{submitted}");
    let own = app.sign_in("certified").await.get("/matters?view=open").await;
    let returned = row_of(&own.text, "信息安全管理体系");
    assert!(cell(returned, "当前办理人") == "您" && cell(returned, "期限").contains("还剩"), "{returned}");
    let accepted = row_of(&own.text, "职业健康安全管理体系");
    assert!(cell(accepted, "当前办理人") == "协会" && !accepted.contains("一般需"), "too few were finished: {accepted}");
    let drafts = app.sign_in("applicant").await.get("/matters?view=drafts").await;
    assert_eq!(cell(row_of(&drafts.text, "环境管理体系"), "当前办理人"), "");
});

demo_test!(a_stage_that_was_finished_often_says_how_long_it_takes, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut inst = app.sign_in("inst-a").await;
    let mut b = app.sign_in("applicant").await;
    let institution = app.authorize("inst-a").await.caller().institutions[0].0.to_string();
    for _ in 0..4 {
        let new = uuid::Uuid::now_v7();
        b.post(&format!("/matters/{id}/copy"), &[("_id", new.to_string())]).await;
        let business = [
            ("application_kind", "initial"),
            ("domain", "EMS"),
            ("grade", "trainee"),
            ("recommending_institution", institution.as_str()),
            ("payer_type", "individual"),
        ];
        fill(&mut b, new, "business", &business).await;
        let declared = domain::kind::registration::DECLARATION.version;
        fill(&mut b, new, "declaration", &[("declared", declared), ("signed_name", "林晓月")]).await;
        submit_ok(&mut b, new).await;
        decide_ok(&mut inst, new, "pass", "").await;
        // Only one application for a domain and grade is open.
        decide_ok(&mut b, new, "withdraw", "").await;
    }
    let list = app.sign_in("applicant").await.get("/matters?view=open").await;
    let row = row_of(&list.text, "ZC2026112300001");
    assert!(cell(row, "期限").contains("2026-12-07") && cell(row, "进度").contains("一般需不到 1 个工作日"), "{row}");
    let page = app.sign_in("applicant").await.get(&format!("/matters/{id}")).await;
    assert!(page.text.contains("近期同类业务（8 件）本环节办理时长中位数为不到 1 个工作日"), "{}", page.text);
});
