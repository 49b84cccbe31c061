//! 申请前核对: the requirements shown before an application is begun, and the other pages that repeat them.

use crate::browser::wizard::form_values;
use crate::browser::{Browser, Response, TestApp};
use backend::demo_test;
use uuid::Uuid;

const AIM: &str = "/apply/registration?application_kind=upgrade&domain=QMS&grade=full";

/// The line of one requirement.
fn line<'a>(page: &'a Response, code: &str) -> &'a str {
    let begin = page.text.find(&format!("data-requirement=\"{code}\"")).unwrap_or_else(|| panic!("{code} is not shown: {}", page.text));
    page.text[begin..].split("</li>").next().unwrap()
}

/// Saves a record in 基本信息库; returns the response.
async fn write(b: &mut Browser, list: &str, id: Uuid, pairs: &[(&str, &str)]) -> Response {
    let path = format!("/me/library/{list}/{id}");
    let mut form: Vec<(&str, String)> = pairs.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    form.push(("_seen", b.get(&path).await.value("_seen")));
    b.post(&path, &form).await
}

fn audit(month: u32, days: &'static str) -> Vec<(&'static str, String)> {
    vec![
        ("start", format!("2026-{month:02}-02")),
        ("end", format!("2026-{month:02}-05")),
        ("client", "苏州恒信精密制造有限公司".into()),
        ("client_code", "91310115MA1K000016".into()),
        ("body", "华信质量认证中心有限公司".into()),
        ("audit_type", "initial".into()),
        ("role", "trainee".into()),
        ("domain", "QMS".into()),
        ("standard", "GB/T 19001".into()),
        ("clauses_covered", "all".into()),
        ("onsite_days", days.into()),
        ("onsite_mode", "onsite".into()),
        ("team_leader", "梁志诚".into()),
    ]
}

async fn audits(b: &mut Browser, days: [&'static str; 4]) -> [Uuid; 4] {
    let ids = [0; 4].map(|_| Uuid::now_v7());
    for (n, (id, days)) in ids.iter().zip(days).enumerate() {
        let saved = b.post(&format!("/me/library/audit/{id}"), &audit(n as u32 + 1, days)).await;
        assert_eq!((saved.status, saved.location.as_str()), (303, "/me/library"), "{}", saved.text);
    }
    ids
}

demo_test!(who_is_one_day_short_learns_it_before_the_form_and_sees_which_figure, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let ids = audits(&mut b, ["4", "4", "4", "2"]).await;
    let page = b.get(AIM).await;
    assert_eq!(page.status, 200);
    let days = line(&page, "onsite_days");
    assert!(days.contains("现场审核天数") && days.contains("需要 15 天，已有 14 天，还差 1 天"), "{days}");
    assert!(days.contains("不符合") && days.contains("tone-bad"), "{days}");
    assert!(line(&page, "complete_audits").contains("需要 4 次，已有 4 次"));
    assert!(line(&page, "lower_grade").contains("未查到符合要求的证书"));
    assert!(line(&page, "exam_category").contains("没有该科目成绩"));
    assert!(line(&page, "work").contains("tone-good") && line(&page, "education").contains("已有大学本科"));
    assert!(line(&page, "recommendation").contains("待确认"));

    let path = format!("/me/library/audit/{}", ids[3]);
    let mut form = audit(4, "3");
    form.push(("_seen", b.get(&path).await.value("_seen")));
    let saved = b.post(&path, &form).await;
    assert_eq!(saved.status, 303);
    let page = b.get(AIM).await;
    assert!(line(&page, "onsite_days").contains("已有 15 天") && line(&page, "onsite_days").contains("tone-good"));
});

demo_test!(what_was_chosen_before_is_in_the_draft_and_an_empty_choice_is_told_at_its_field, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let open = b.get("/apply/registration").await;
    assert!(!open.text.contains("核对结果") && !open.text.contains("type=\"hidden\" name=\"application_kind\""));
    let half = b.get("/apply/registration?application_kind=initial&domain=XYZ").await;
    assert!(half.text.contains("id=\"e-domain\"") && half.text.contains("请选择注册级别"), "{}", half.text);
    assert!(!half.text.contains("核对结果"));

    let page = b.get("/apply/registration?application_kind=initial&domain=EMS&grade=trainee&title_level=none").await;
    let sent = ["_id", "application_kind", "domain", "grade", "title_level"];
    let hidden = |name: &str| {
        let begin = page.text.find(&format!("type=\"hidden\" name=\"{name}\"")).unwrap();
        page.text[begin..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let form: Vec<(&str, String)> = sent.iter().map(|n| (*n, hidden(n))).collect();
    let mut places = Vec::new();
    for _ in 0..2 {
        places.push(b.post("/apply/registration", &form).await.location);
    }
    assert_eq!(places[0], places[1], "two clicks begin one draft");
    let business = b.get(&places[0]).await;
    assert!(business.text.contains("value=\"EMS\" selected"), "{}", business.text);
    let person = b.get(&places[0].replace("business", "person")).await;
    assert!(person.text.contains("value=\"none\" selected"));
    let extra = [("_id", Uuid::now_v7().to_string()), ("fee_paid", "yes".into())];
    assert_eq!(b.post("/apply/registration", &extra).await.status, 400);
});

demo_test!(a_missing_requirement_stands_in_the_way_of_the_submission_with_its_figure, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let begun = [
        ("_id", Uuid::now_v7().to_string()),
        ("application_kind", "initial".into()),
        ("domain", "OHSMS".into()),
        ("grade", "trainee".into()),
    ];
    let place = b.post("/apply/registration", &begun).await.location;
    let matter = place.split('/').nth(2).unwrap().to_owned();
    let review = b.get(&format!("/matters/{matter}/review")).await;
    assert!(line(&review, "exam_domain").contains("最高 64 分，未达到合格分数 70 分"));
    let told = format!("/matters/{matter}/edit/exam#f-scores");
    assert!(review.text.contains(&told), "{}", review.text);
    let sent = b.post(&format!("/matters/{matter}/review"), &[("_rev", review.value("_rev")), ("_key", review.value("_key"))]).await;
    assert_eq!(sent.status, 422);
    assert!(sent.text.contains("考试：职业健康安全管理体系基础") && sent.text.contains("最高 64 分"));
    let exam = b.get(&format!("/matters/{matter}/edit/exam")).await;
    assert!(exam.text.contains("有效的合格成绩") && exam.text.contains("82 分") && !exam.text.contains("64 分"));
});

demo_test!(whoever_reviews_reads_the_same_requirements, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "质量管理体系 · 审核员").await;
    for who in ["certified", "inst-a"] {
        let page = app.sign_in(who).await.get(&format!("/matters/{id}")).await;
        assert!(page.text.contains("注册要求核对"), "{who}");
        assert!(line(&page, "onsite_days").contains("需要 10 天，已有 15.5 天"), "{who}");
        assert!(line(&page, "lower_grade").contains("已有证书"), "{who}");
        assert!(page.text.contains("有效的合格成绩") && page.text.contains("88 分"), "{who}");
    }
});

demo_test!(a_record_of_the_library_is_added_and_edited_there_and_by_nobody_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("expert1").await;
    let id = Uuid::now_v7();
    let work = [
        ("start", "2020-07-01"),
        ("employer", "上海申江物流有限公司"),
        ("position", "质量工程师"),
        ("is_full_time", "yes"),
        ("duties", "质量管理"),
        ("referee", "陈思远"),
        ("referee_phone", "021-65430000"),
    ];
    let mut wrong = work;
    wrong[0].1 = "2023-02-29";
    let page = write(&mut b, "work", id, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("日期不存在") && page.text.contains("id=\"e-start\"") && page.text.contains("上海申江物流有限公司"));
    assert!(!b.get("/me/library").await.text.contains("上海申江物流有限公司"), "nothing was saved");
    assert_eq!(write(&mut b, "work", id, &work).await.status, 303);
    assert_eq!(write(&mut b, "work", id, &[&work[..], &[("status", "x")]].concat()).await.status, 400);

    let edit = b.get(&format!("/me/library/work/{id}")).await;
    assert!(edit.text.contains("编辑工作经历") && edit.value("employer") == "上海申江物流有限公司");
    let mut moved = work;
    moved[2].1 = "质量经理";
    assert_eq!(write(&mut b, "work", id, &moved).await.status, 303);
    let library = b.get("/me/library").await;
    assert!(library.text.contains("上海申江物流有限公司 · 质量经理") && !library.text.contains("质量工程师"));

    let mut stranger = app.sign_in("expert2").await;
    assert!(!stranger.get(&format!("/me/library/work/{id}")).await.text.contains("上海申江物流有限公司"));
    assert_eq!(write(&mut stranger, "work", id, &work).await.status, 404, "the id is someone else's");
    assert_eq!(write(&mut b, "professional", id, &[]).await.status, 422);
    assert!(b.get("/me/library").await.text.contains("质量经理"));
    assert_eq!(b.get(&format!("/me/library/nothing/{id}")).await.status, 404);
});

demo_test!(scores_are_ones_own_and_say_how_long_they_count, |demo| async move {
    let app = TestApp::new(demo).await;
    let page = app.sign_in("applicant").await.get("/me/exams").await;
    assert!(page.text.contains("质量管理体系基础") && page.text.contains("82 分") && page.text.contains("2029-05-25"), "{}", page.text);
    assert!(page.text.contains("64 分") && page.text.contains("不合格"));
    assert!(app.sign_in("expert1").await.get("/me/exams").await.text.contains("暂无考试成绩"));
});

demo_test!(a_demo_hands_out_scores_and_faults_stand_at_their_fields, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    assert!(b.get("/dev/scores").await.text.contains("仅在演示环境中开放"));
    let form = |account: &str, subject: &str, day: &str, score: &str| -> Vec<(&'static str, String)> {
        vec![("account", account.into()), ("subject", subject.into()), ("day", day.into()), ("score", score.into())]
    };
    for (account, subject, day, score, field) in [
        ("nobodyy", "GEN", "2026-04-25", "85", "account"),
        ("expert1", "", "2026-04-25", "85", "subject"),
        ("expert1", "GEN", "2026-02-30", "85", "day"),
        ("expert1", "GEN", "2026-04-25", "185", "score"),
    ] {
        let page = b.post("/dev/scores", &form(account, subject, day, score)).await;
        assert_eq!(page.status, 422, "{field}");
        assert!(
            page.text.contains(&format!("id=\"e-{field}\"")) || field == "subject" && page.text.contains("没有这个考试科目"),
            "{field}"
        );
    }
    let mut many = form("Expert1", "GEN", "2026-04-25", "85");
    many.push(("subject", "QMS".into()));
    assert_eq!(b.post("/dev/scores", &many).await.location, "/dev/scores?saved=1");
    let page = app.sign_in("expert1").await.get("/me/exams").await;
    assert_eq!(page.text.matches("85 分").count(), 2);
    let mut corrected = form("expert1", "GEN", "2026-04-25", "86");
    let refused = b.post("/dev/scores", &corrected).await;
    assert!(refused.status == 422 && refused.text.contains("id=\"e-reason\""), "{}", refused.status);
    corrected.push(("reason", "成绩复核".into()));
    assert_eq!(b.post("/dev/scores", &corrected).await.status, 303);
    let page = app.sign_in("expert1").await.get("/me/exams").await;
    assert!(page.text.contains("由 85 分更正为 86 分（成绩复核）"), "{}", page.text);
});

demo_test!(next_refuses_a_page_whose_answers_do_not_fit_each_other_or_the_record, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let id: Uuid = app.begin(&mut b).await.parse().unwrap();
    let institution = app.authorize("inst-a").await.caller().institutions[0].0.to_string();
    let business = |kind, domain, grade| {
        let pairs = [("application_kind", kind), ("domain", domain), ("grade", grade), ("payer_type", "individual")];
        pairs.into_iter().chain([("recommending_institution", institution.as_str())]).collect::<Vec<_>>()
    };
    let post = async |b: &mut Browser, page: &str, pairs: &[(&str, &str)], action: &str| {
        let path = format!("/matters/{id}/edit/{page}");
        let revision = b.get(&path).await.value("_rev");
        b.post(&path, &form_values(pairs, &revision, action)).await
    };
    let held = post(&mut b, "business", &business("initial", "QMS", "trainee"), "next").await;
    assert!(held.status == 422 && held.text.contains("您已持有该领域该级别的有效证书"), "{}", held.status);
    let again = b.get(&format!("/matters/{id}/edit/business?check=1")).await.text;
    assert!(again.contains("您已持有该领域该级别的有效证书"), "a reload judges again");
    let below = post(&mut b, "business", &business("upgrade", "HACCP", "full"), "next").await;
    assert!(below.status == 422 && below.text.contains("未查到符合要求的证书"), "{}", below.status);
    let saved = post(&mut b, "business", &business("upgrade", "HACCP", "full"), "save").await;
    assert_eq!(saved.status, 303, "a save never validates");
    assert_eq!(post(&mut b, "business", &business("upgrade", "QMS", "full"), "next").await.status, 303);
    let pairs = audit(3, "9");
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let days = post(&mut b, &format!("audit/audit/{}", Uuid::now_v7()), &pairs, "keep").await;
    assert!(days.status == 422 && days.text.contains("现场天数多于起止日期之间的 4 天"), "{}", days.status);
});
