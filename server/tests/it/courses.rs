//! Filed courses in the browser without scripts: a teacher confirms, the association decides, and everyone reads the register.

use backend::demo::testing::create_teaching;
use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::{begin, decide_ok, fill, form_values};
use crate::browser::{Browser, Response, TestApp};

/// The filing of the demo that waits for `teacher`.
const WAITING: &str = "信息安全管理体系内审员培训";

/// The matter of a row of 课程备案管理.
async fn filing(b: &mut Browser) -> Uuid {
    let page = b.get("/teaching/filings").await;
    assert_eq!(page.status, 200);
    for text in [WAITING, "华信质量认证中心有限公司", "内审员课程", "第 1 单元（16 学时）", "待确认", "您的教师编号：JS"]
    {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let row = page.text.split("href=\"/matters/").nth(1).unwrap();
    row[..36].parse().unwrap()
}

async fn answer(b: &mut Browser, id: Uuid, result: &str, opinion: &str) -> Response {
    let path = format!("/matters/{id}");
    let page = b.get(&path).await;
    let form = [
        ("_key", Uuid::now_v7().to_string()),
        ("_seen", page.value("_seen")),
        ("_form", "answer".to_owned()),
        ("_action", "answer".to_owned()),
        ("result", result.to_owned()),
        ("opinion", opinion.to_owned()),
    ];
    b.post(&path, &form).await
}

demo_test!(a_teacher_confirms_on_the_page_of_the_filing_and_everyone_finds_the_course_afterwards, |demo| async move {
    let app = TestApp::new(demo).await;
    create_teaching(app.state()).await;
    let mut teacher = app.sign_in("teacher").await;
    let id = filing(&mut teacher).await;
    let page = teacher.get(&format!("/matters/{id}")).await;
    for text in ["您承担的部分", "授课角色", "第 1 单元（16 学时）", "确认结果", "不同意", "确认意见", "课程备案管理"]
    {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    for (result, said) in [("", "请选择确认结果"), ("decline", "不同意的，请填写确认意见")] {
        let refused = answer(&mut teacher, id, result, "").await;
        assert!(refused.status == 422 && refused.text.contains(said), "{said}: {}", refused.text);
    }
    assert_eq!(answer(&mut teacher, id, "agree", "").await.status, 303);
    assert!(teacher.get("/teaching/filings").await.text.contains("没有符合条件的备案课程"), "nothing waits any more");
    assert!(teacher.get("/teaching/filings?view=answered").await.text.contains("已同意"));
    decide_ok(&mut app.sign_in("officer").await, id, "propose", "材料齐全").await;
    let mut stranger = app.browser();
    assert!(!stranger.get("/courses").await.text.contains(WAITING));
    decide_ok(&mut app.sign_in("approver2").await, id, "approve", "").await;
    let register = stranger.get("/courses").await;
    for text in [WAITING, "BA2026-", "高**（主讲）", "有效"] {
        assert!(register.text.contains(text), "{text}: {}", register.text);
    }
    assert!(!register.text.contains("高志远") && !register.text.contains("/matters/"), "{}", register.text);
    let told = teacher.get("/me/messages").await.text;
    assert!(told.contains("课程已备案") && told.contains("有效期至 2029-11-22"), "{told}");
    assert!(teacher.get("/teaching/filings?view=filed").await.text.contains("已备案"));
});

demo_test!(the_public_register_is_searched_and_refuses_long_texts, |demo| async move {
    let app = TestApp::new(demo).await;
    create_teaching(app.state()).await;
    let mut b = app.browser();
    let has = |page: &Response| (page.text.contains("质量管理体系内审员培训"), page.text.contains("环境管理体系内审员培训"));
    assert_eq!(has(&b.get("/courses").await), (true, true));
    assert_eq!(has(&b.get("/courses?name=%E7%8E%AF%E5%A2%83").await), (false, true));
    assert_eq!(has(&b.get("/courses?state=expired").await), (false, false));
    assert_eq!(has(&b.get("/courses?category=FC-IA&state=valid").await), (true, true));
    let long = b.get(&format!("/courses?name={}", "a".repeat(51))).await;
    assert!(long.status == 422 && long.text.contains("请输入不超过 50 个字"));
    assert_eq!(b.get("/courses?before=nonsense&category=%27").await.status, 200);
});

demo_test!(an_institution_and_the_association_read_their_registers_and_others_do_not, |demo| async move {
    let app = TestApp::new(demo).await;
    create_teaching(app.state()).await;
    let own = app.sign_in("inst-a").await.get("/institution/training").await;
    assert!(own.status == 200 && own.text.contains("质量管理体系内审员培训") && own.text.contains("高志远（主讲）"), "{}", own.text);
    let other = app.sign_in("inst-b").await.get("/institution/training").await;
    assert!(other.status == 200 && other.text.contains("没有符合条件的备案课程"));
    let all = app.sign_in("officer").await.get("/association/training/courses").await;
    assert!(all.status == 200 && all.text.contains("周建国（主讲）"), "{}", all.text);
    for path in ["/institution/training", "/association/training/courses"] {
        assert_eq!(app.sign_in("applicant").await.get(path).await.status, 403, "{path}");
    }
});

demo_test!(an_institution_fills_in_a_filing_page_by_page, |demo| async move {
    let app = TestApp::new(demo).await;
    create_teaching(app.state()).await;
    let mut b = app.sign_in("inst-a").await;
    let id = begin(&mut b, "/institution/apply/course_filing").await;
    let course = [
        ("course_name", "服务认证内审员培训"),
        ("category", "FC-IA"),
        ("delivery", "face"),
        ("hours", "16"),
        ("class_max", "30"),
        ("audience", "内审员"),
        ("objectives", "掌握方法"),
        ("assessment", "closed_book"),
        ("certificate", "yes"),
        ("contact", "吴海燕"),
        ("contact_phone", "010-65994500"),
    ];
    fill(&mut b, id, "course", &course).await;
    let module = Uuid::now_v7();
    let path = format!("/matters/{id}/edit/outline/modules/{module}");
    let page = b.get(&path).await;
    let pairs = [("name", "标准理解"), ("content", "要点"), ("module_hours", "12"), ("method", "lecture")];
    let saved = b.post(&path, &form_values(&pairs, &page.value("_rev"), "save")).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let path = format!("/matters/{id}/edit/outline");
    let revision = b.get(&path).await.value("_rev");
    let next = b.post(&path, &form_values(&[], &revision, "next")).await;
    assert!(next.status == 422 && next.text.contains("各模块学时合计 12，与总学时 16 不一致"), "{}", next.text);
    let path = format!("/matters/{id}/edit/teachers/teachers/{}", Uuid::now_v7());
    let page = b.get(&path).await;
    assert!(page.text.contains("标准理解"), "the modules are options: {}", page.text);
    let module = module.to_string();
    let pairs = [("name", "某某某"), ("mobile", "13900009999"), ("role", "lead"), ("teaches", module.as_str())];
    let refused = b.post(&path, &form_values(&pairs, &page.value("_rev"), "save")).await;
    let seen = if refused.status == 303 { b.get(&format!("/matters/{id}/review")).await } else { refused };
    assert!(seen.text.contains("未找到符合条件的教师，请核对"), "{}", seen.text);
    assert!(b.get(&format!("/matters/{id}/review")).await.text.contains("各模块学时合计 12，与总学时 16 不一致"));
});
