//! 待办 of the workbenches, 承办人, and batches, as people without scripts use them.

use backend::demo_test;
use uuid::Uuid;

use crate::browser::{Browser, Response, TestApp};

/// The value of the box of a task whose row contains a text.
fn box_of(page: &Response, text: &str) -> String {
    let row = page.text.split("<tr").find(|row| row.contains(text)).unwrap();
    row.split("name=\"row\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn batch(b: &mut Browser, page: &Response, action: &str, rows: &[String], more: &[(&'static str, String)]) -> Response {
    let mut form = vec![("_key", page.value("_key")), ("_back", page.value("_back")), ("_action", action.to_owned())];
    form.extend(rows.iter().map(|row| ("row", row.clone())));
    form.extend(more.iter().cloned());
    b.post("/association/batch", &form).await
}

/// The addresses of links that begin with a path.
fn links(page: &str, base: &str) -> Vec<String> {
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs.filter(|href| href.starts_with(base)).map(|href| href.replace("&amp;", "&")).collect()
}

demo_test!(an_officer_takes_hands_over_and_gives_back_a_task_on_its_page, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "职业健康安全管理体系").await;
    let (mut first, mut second) = (app.sign_in("officer").await, app.sign_in("officer2").await);
    let (matter, path) = (format!("/matters/{id}"), format!("/matters/{id}/assignee"));
    let page = first.get(&matter).await;
    assert!(page.text.contains("承办人：未分配") && page.text.contains("转交"), "{}", page.text);
    let late = second.get(&matter).await;
    let form = |page: &Response, action: &str| vec![("_key", page.value("_key")), ("_action", action.to_owned())];
    let assignee = first.get(&path).await;
    let taken = first.post(&path, &form(&assignee, "take")).await;
    assert_eq!((taken.status, taken.location.clone()), (303, format!("{matter}?done=take")));
    assert_eq!(first.post(&path, &form(&assignee, "take")).await.status, 303, "a second click");
    let page = first.get(&taken.location).await.text;
    assert!(page.contains("该业务已由您承办。") && page.contains("承办人：孙立新"));
    assert!(!second.get(&taken.location).await.text.contains("已由您承办"), "only whoever has taken it is told so");
    let refused = second.post(&path, &form(&late, "take")).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("该业务已由孙立新承办"), "{}", refused.text);
    let page = first.get(&path).await;
    let nobody = first.post(&path, &form(&page, "hand_over")).await;
    assert!(nobody.status == 422 && nobody.text.contains("请选择转交给谁"));
    let to = app.account_id("officer2").await.to_string();
    assert!(page.text.contains(&to) && page.text.contains("蒋文涛"));
    let hand_over = |page: &Response, to: &str| {
        let mut pairs = form(page, "hand_over");
        pairs.extend([("_held", page.value("_held")), ("to", to.to_owned())]);
        pairs
    };
    let stranger = first.post(&path, &hand_over(&page, &app.account_id("applicant").await.to_string())).await;
    assert!(stranger.status == 409 && stranger.text.contains("所选人员不能承办该业务"));
    let again = first.get(&path).await;
    let handed = first.post(&path, &hand_over(&again, &to)).await;
    assert!(first.get(&handed.location).await.text.contains("已转交给蒋文涛"));
    assert!(second.get("/me/messages").await.text.contains("业务转交提醒"));
    // The page of before shows other hands.
    let mut stale = hand_over(&page, &to);
    stale[0].1 = Uuid::now_v7().to_string();
    assert_eq!(first.post(&path, &stale).await.status, 409);
    let back = second.get(&path).await;
    let given = second.post(&path, &form(&back, "give_back")).await;
    assert!(second.get(&given.location).await.text.contains("已交回，该业务目前没有承办人。"));
    app.decide("officer", id, "accept", &[]).await;
    app.decide("officer", id, "waive", &[]).await;
    app.decide("officer", id, "propose", &[]).await;
    assert_eq!(first.get(&path).await.location, matter, "it waits for the approver now");
    assert_eq!(first.post(&path, &form(&back, "take")).await.status, 409);
    let approver = app.sign_in("approver2").await.get(&matter).await.text;
    assert!(approver.contains("承办人：未分配"));
    assert!(!app.sign_in("certified").await.get(&matter).await.text.contains("承办人"), "the applicant does not learn who");
});

demo_test!(the_queue_has_counters_that_are_links_and_every_link_stays_in_its_address, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("officer").await;
    let page = b.get("/association").await.text;
    for text in ["我承办", "未分配", "已逾期", "将到期", "协会受理中", "人员注册", "业务编号", "承办人", "还剩 7 天"]
    {
        assert!(page.contains(text), "{text}");
    }
    let all = links(&page, "/association?");
    for name in
        ["stage=registration.acceptance", "holder=own", "holder=nobody", "due=overdue", "due=3", "order=opened", "kind=registration"]
    {
        assert!(all.iter().any(|href| href.contains(name)), "{name}");
    }
    for href in &all {
        assert_eq!(b.get(href).await.status, 200, "{href}");
    }
    let stage = all.iter().find(|href| href.contains("stage=registration.acceptance")).unwrap();
    let filtered = b.get(stage).await.text;
    assert!(filtered.contains("环节 协会受理中") && filtered.contains("共找到 1 件") && !filtered.contains("高志远"), "{filtered}");
    // A search keeps the stage, and the stage keeps the search.
    let form = [("state", "tasks".to_owned()), ("stage", "registration.acceptance".to_owned()), ("domain", "OHSMS".to_owned())];
    let sent = b.post("/association", &form).await;
    assert_eq!(sent.location, "/association?state=tasks&words=&kind=registration&domain=OHSMS&stage=registration.acceptance");
    assert!(b.get(&sent.location).await.text.contains("共找到 1 件"));
    let none = b.get("/association?holder=own").await.text;
    assert!(none.contains("没有符合条件的待办业务") && none.contains("清除条件"));
    // A name never stands in an address: the filters are buttons then.
    let named = b.post("/association", &[("state", "tasks".to_owned()), ("applicant", "周建国".to_owned())]).await;
    assert!(named.status == 200 && named.text.contains("共找到 1 件"), "{}", named.text);
    assert!(links(&named.text, "/association?").is_empty() && named.text.contains("name=\"holder\" value=\"nobody\""));
    let button = [("holder", "nobody".to_owned()), ("state", "tasks".to_owned()), ("applicant", "周建国".to_owned())];
    assert!(b.post("/association", &button).await.text.contains("承办 未分配。共找到 1 件"));
    // Time passes.
    app.clock.advance(chrono::TimeDelta::days(10));
    let page = app.sign_in("officer").await.get("/association").await.text;
    assert!(page.contains("已逾期 3 天") && page.contains("还剩 4 天"), "{page}");
});

demo_test!(two_officers_with_the_same_page_open_take_the_same_task_and_one_of_them_gets_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut first, mut second) = (app.sign_in("officer").await, app.sign_in("officer2").await);
    let (own, other) = (first.get("/association").await, second.get("/association").await);
    let rows = [box_of(&own, "周建国")];
    let taken = batch(&mut first, &own, "take", &rows, &[]).await;
    assert!(taken.status == 200 && taken.text.contains("已办理 1 件"), "{}", taken.text);
    assert!(batch(&mut first, &own, "take", &rows, &[]).await.text.contains("已办理 1 件"), "a second click");
    let both = [box_of(&other, "周建国"), box_of(&other, "高志远")];
    let late = batch(&mut second, &other, "take", &both, &[]).await;
    assert_eq!(late.status, 200);
    assert!(late.text.contains("已办理 1 件，1 件没有办理") && late.text.contains("该业务已由孙立新承办"), "{}", late.text);
    assert_eq!(late.text.matches("checked").count(), 1, "what failed keeps its tick");
    assert!(first.get("/association?holder=own").await.text.contains("共找到 1 件"));
    assert!(second.get("/association").await.text.contains("孙立新"), "the list says who has it");
    let alone = batch(&mut second, &other, "take", &both[..1], &[]).await;
    assert_eq!(alone.status, 409, "nothing was done");
});

demo_test!(a_batch_accepts_hands_over_and_says_what_it_could_not_do, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("officer").await;
    let queue = b.get("/association").await;
    let rows = [box_of(&queue, "周建国"), box_of(&queue, "高志远")];
    for (action, chosen, text) in [("take", &rows[..0], "请先勾选要办理的业务"), ("hand_over", &rows[..], "请选择转交给谁")]
    {
        let refused = batch(&mut b, &queue, action, chosen, &[]).await;
        assert!(refused.status == 422 && refused.text.contains(text), "{}", refused.text);
    }
    assert_eq!(batch(&mut b, &queue, "x", &rows, &[]).await.status, 400);
    let to = app.account_id("officer2").await.to_string();
    let handed = batch(&mut b, &queue, "hand_over", &rows, &[("to", to)]).await;
    assert!(handed.text.contains("已办理 2 件"), "{}", handed.text);
    let stage = b.get("/association?stage=registration.acceptance").await;
    assert!(stage.text.contains("value=\"do:accept\"") && stage.text.contains("蒋文涛"), "{}", stage.text);
    let row = box_of(&stage, "周建国");
    let accepted = batch(&mut b, &stage, "do:accept", &[row.clone(), rows[1].clone()], &[]).await;
    assert!(accepted.text.contains("已办理 1 件，1 件没有办理"), "{}", accepted.text);
    assert!(accepted.text.contains("href=\"/association?state=tasks"), "the way back is the queue as it was");
    let present = b.get("/association").await;
    let outdated = batch(&mut b, &present, "do:accept", &[row], &[]).await;
    assert!(outdated.status == 409 && outdated.text.contains("您打开页面之后，该业务有了变化"), "{}", outdated.text);
    let away = batch(
        &mut b,
        &Response { text: stage.text.replace("value=\"/association", "value=\"//evil.example"), ..stage },
        "take",
        &rows[..1],
        &[],
    )
    .await;
    assert!(!away.text.contains("evil.example"));
});

demo_test!(an_institution_passes_several_applications_at_once_and_nobody_elses, |demo| async move {
    let app = TestApp::new(demo).await;
    let (mut own, mut other) = (app.sign_in("inst-a").await, app.sign_in("inst-b").await);
    let page = own.get("/institution?stage=registration.institution_review").await;
    assert!(page.text.contains("value=\"do:pass\"") && !page.text.contains("承办"), "{}", page.text);
    let rows: Vec<(&'static str, String)> = page.values("row").into_iter().map(|row| ("row", row)).collect();
    assert!(rows.len() > 1);
    let form =
        |action: &str| [("_key", page.value("_key")), ("_action", action.to_owned())].into_iter().chain(rows.clone()).collect::<Vec<_>>();
    let foreign = other.post("/institution/batch", &form("do:pass")).await;
    assert!(foreign.status == 404 && !foreign.text.contains("林晓月") && !foreign.text.contains("质量管理体系"), "{}", foreign.text);
    assert_eq!(own.post("/institution/batch", &form("take")).await.status, 400);
    let passed = own.post("/institution/batch", &form("do:pass")).await;
    assert!(passed.status == 200 && passed.text.contains(&format!("已办理 {} 件。", rows.len())), "{}", passed.text);
    assert!(own.get("/institution?stage=registration.institution_review").await.text.contains("没有符合条件的待办业务"));
});
