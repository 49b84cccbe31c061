//! 人员培训 without scripts: a teacher binds course categories and ends a binding; the association reviews bindings and keeps the categories.

use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::{Pairs, begin, correct_and_resubmit, decide_ok, fill, return_for_correction, submit, submit_ok};
use crate::browser::{Browser, TestApp};

const TAUGHT: Pairs<'_> = &[
    ("start", "2025-03-10"),
    ("end", "2025-03-14"),
    ("course", "质量管理体系内审员培训"),
    ("organiser", "示例培训中心"),
    ("delivery", "face"),
    ("role", "lead"),
    ("hours", "24"),
    ("content", "标准条款讲解和案例研讨"),
];

/// Saves one 授课经历 in 基本信息库; returns its id.
async fn save_taught(b: &mut Browser) -> Uuid {
    let id = Uuid::now_v7();
    let form: Vec<(&str, String)> = TAUGHT.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let saved = b.post(&format!("/me/library/teaching/{id}"), &form).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    id
}

/// Fills in a draft: the category, and one 授课经历 of the library.
async fn filled(b: &mut Browser, category: &str, record: Uuid) -> Uuid {
    let id = begin(b, "/apply/category_binding").await;
    fill(b, id, "category", &[("category", category), ("direction", "审核方法")]).await;
    let library = format!("/matters/{id}/edit/experience/teaching/library");
    assert!(b.get(&library).await.text.contains("质量管理体系内审员培训"), "it is offered");
    assert_eq!(b.post(&library, &[("record", record.to_string())]).await.status, 303);
    fill(b, id, "experience", &[("pledge", "2026-11")]).await;
    id
}

/// The address of the question whether to end a binding.
fn end_of_binding(page: &str) -> Option<String> {
    page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|href| href.ends_with("/end")).map(str::to_owned)
}

demo_test!(a_teacher_binds_a_category_from_the_library_and_ends_the_binding, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("teacher").await;
    let centre = b.get("/me").await;
    assert!(centre.text.contains("培训课程管理") && centre.text.contains("href=\"/teaching/categories\""), "{}", centre.text);
    let before = b.get("/teaching/categories").await;
    assert!(before.text.contains("尚未绑定课程类别") && before.text.contains("/apply/category_binding"), "{}", before.text);
    let guide = b.get("/apply").await;
    assert!(guide.text.contains("人员培训") && guide.text.contains("绑定课程类别"));
    let record = save_taught(&mut b).await;
    let id = filled(&mut b, "FC-IA", record).await;
    let review = b.get(&format!("/matters/{id}/review")).await;
    assert!(review.text.contains(">完成<") && review.text.contains("提交后即时办结"), "{}", review.text);
    assert!(review.text.contains("工作经历不足 5 年"), "told, and not refused: {}", review.text);
    submit_ok(&mut b, id).await;
    let bound = b.get("/teaching/categories").await;
    for text in ["内审员课程", "不分领域", "已绑定", "教师编号 JS000001", "解除绑定"] {
        assert!(bound.text.contains(text), "{text}: {}", bound.text);
    }
    let again = begin(&mut b, "/apply/category_binding").await;
    let path = format!("/matters/{again}/edit/category");
    let form = [("category", "FC-IA".to_owned()), ("_rev", b.get(&path).await.value("_rev")), ("_action", "next".to_owned())];
    let refused = b.post(&path, &form).await;
    assert!(refused.status == 422 && refused.text.contains("您已绑定该课程类别"), "{}", refused.text);
    let address = end_of_binding(&bound.text).unwrap();
    let question = b.get(&address).await;
    let form = [("_key", question.value("_key"))];
    assert_eq!(app.sign_in("applicant").await.post(&address, &form).await.status, 404, "not another one's");
    for _ in 0..2 {
        let ended = b.post(&address, &form).await;
        assert_eq!((ended.status, ended.location.as_str()), (303, "/teaching/categories"), "{}", ended.text);
    }
    let after = b.get("/teaching/categories").await;
    assert!(after.text.contains("已解除绑定") && end_of_binding(&after.text).is_none(), "{}", after.text);
    assert_eq!(b.get(&address).await.location, "/teaching/categories");
});

demo_test!(without_experience_or_category_nothing_is_bound, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("teacher").await;
    let id = begin(&mut b, "/apply/category_binding").await;
    let refused = submit(&mut b, id).await;
    assert_eq!(refused.status, 422);
    for text in ["请选择课程类别", "请至少添加一条工作经历或授课经历", "请阅读后勾选"] {
        assert!(refused.text.contains(text), "{text}: {}", refused.text);
    }
});

demo_test!(a_reviewed_binding_is_returned_mended_and_passed_by_the_officer, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut teacher, mut officer) = (app.sign_in("teacher").await, app.sign_in("officer").await);
    let record = save_taught(&mut teacher).await;
    let id = filled(&mut teacher, "FC-AUD-F", record).await;
    assert!(teacher.get(&format!("/matters/{id}/review")).await.text.contains("提交后由"));
    submit_ok(&mut teacher, id).await;
    assert!(teacher.get("/teaching/categories").await.text.contains("待审核"));
    assert!(officer.get("/association").await.text.contains(&id.to_string()), "it is in the queue");
    for name in ["approver2", "finance", "inst-a", "expert1"] {
        assert_eq!(app.sign_in(name).await.get(&format!("/matters/{id}")).await.status, 404, "{name}");
    }
    return_for_correction(&mut officer, id, "direction", "请写明主讲方向。").await;
    let returned = teacher.get("/teaching/categories").await;
    assert!(returned.text.contains("已退回，待修改") && returned.text.contains(&format!("/matters/{id}/rectify")), "{}", returned.text);
    correct_and_resubmit(&mut teacher, id, "category", "direction", "质量管理体系审核").await;
    decide_ok(&mut officer, id, "pass", "").await;
    let bound = teacher.get("/teaching/categories").await;
    assert!(bound.text.contains("已绑定") && end_of_binding(&bound.text).is_some(), "{}", bound.text);
});

demo_test!(the_association_adds_changes_and_stops_a_category, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = "/association/training/categories";
    for name in ["teacher", "inst-a", "expert1", "finance", "examiner"] {
        assert_eq!(app.sign_in(name).await.get(path).await.status, 403, "{name}");
    }
    assert_eq!(app.sign_in("admin").await.get(path).await.status, 200);
    let mut b = app.sign_in("officer").await;
    let list = b.get(path).await;
    assert!(list.text.contains("管理体系实习审核员课程") && list.text.contains("质量管理体系") && list.text.contains("面授、直播"));
    let new = format!("{path}/new");
    let typed = |code: &str, ends_on: &str| {
        let pairs = [
            ("code", code),
            ("name", "碳核查培训课程"),
            ("domain", ""),
            ("deliveries", "face"),
            ("least_hours", "16"),
            ("class_max", "40"),
            ("needs_review", "no"),
            ("opens_on", "2026-01-01"),
            ("ends_on", ends_on),
        ];
        pairs.map(|(name, value)| (name, value.to_owned())).to_vec()
    };
    let refused = b.post(&new, &typed("碳", "")).await;
    assert!(refused.status == 422 && refused.text.contains("类别代码只能有大写字母"), "{}", refused.text);
    assert_eq!(b.post(&new, &typed("FC-CO2", "")).await.location, path);
    assert!(b.get(path).await.text.contains("碳核查培训课程"));
    let page = b.get(&format!("{path}/FC-CO2")).await;
    let seen = page.value("_seen");
    let change = |ends_on: &str| {
        let without_code = typed("", ends_on).into_iter().skip(1);
        without_code.chain([("_seen", seen.clone())]).collect::<Vec<_>>()
    };
    assert_eq!(b.post(&format!("{path}/FC-CO2"), &change("2026-06-01")).await.location, path);
    assert!(b.get(path).await.text.contains("已停用"));
    let stale = b.post(&format!("{path}/FC-CO2"), &change("2026-07-01")).await;
    assert!(stale.status == 409 && stale.text.contains("有了变化"), "{}: {}", stale.status, stale.text);
    assert_eq!(b.get(&format!("{path}/FC-NONE")).await.status, 404);
    let mut teacher = app.sign_in("teacher").await;
    let id = begin(&mut teacher, "/apply/category_binding").await;
    let offered = teacher.get(&format!("/matters/{id}/edit/category")).await;
    assert!(offered.text.contains("内审员课程") && !offered.text.contains("碳核查培训课程"), "{}", offered.text);
});
