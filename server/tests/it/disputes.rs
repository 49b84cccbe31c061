//! 投诉, 申诉 and 转换执业机构 from the first page to the last, by every role that takes part and by those that do not.

use crate::browser::wizard::{
    begin, complaint, correct_and_resubmit, decide, decide_ok, fill, form_values, pay_online, return_for_correction, submit, submit_ok,
};
use crate::browser::{Browser, TestApp};
use backend::demo_test;
use uuid::Uuid;

/// Tries every way to read a matter.
pub async fn learns_nothing(b: &mut Browser, who: &str, matter: Uuid, secrets: &[&str]) {
    for path in [
        format!("/matters/{matter}"),
        format!("/matters/{matter}/print"),
        format!("/matters/{matter}/review"),
        format!("/matters/{matter}/return"),
        format!("/matters/{matter}/rectify"),
        format!("/matters/{matter}/done"),
        format!("/matters/{matter}/copy"),
        format!("/matters/{matter}/edit/complaint"),
        format!("/matters/{matter}/assign"),
    ] {
        let page = b.get(&path).await;
        assert!(matches!(page.status, 403 | 404), "{who} {path}: {}", page.status);
    }
    for path in ["/matters", "/institution", "/association", "/expert", "/expert/registrations", "/expert/appeals", "/me/messages", "/"] {
        let page = b.get(path).await;
        assert!(!page.text.contains(&matter.to_string()), "{who} {path}");
        assert!(secrets.iter().all(|s| !page.text.contains(s)), "{who} {path}");
    }
    let state = b.call("/api/draft/state", &serde_json::json!({ "matter": matter })).await;
    let page = serde_json::json!({ "matter": matter, "step": "complaint", "base": 0, "pairs": [["place", "x"]] });
    let save = b.call("/api/draft/save", &page).await;
    for answer in [state, save] {
        assert!(answer.status >= 400, "{who}: {}", answer.text);
        assert!(secrets.iter().all(|s| !answer.text.contains(s)), "{who}");
    }
    let move_ = decide(b, matter, "accept", "冒名").await;
    assert_eq!(move_.status, 404, "{who}");
}

demo_test!(a_complaint_is_returned_mended_handled_by_two_and_answered, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = complaint(&mut b, "/apply/complaint", ("registrant", "周建国")).await;
    let list = b.get("/matters").await;
    assert!(list.text.contains("投诉（注册人员）") && list.text.contains("投诉受理中"), "{}", list.text);

    let mut officer = app.sign_in("officer").await;
    let workbench = officer.get("/association").await;
    assert!(workbench.text.contains(&id.to_string()), "it is listed at the workbench");
    assert!(officer.get("/me/messages").await.text.contains("待处理业务提醒：投诉"));
    return_for_correction(&mut officer, id, "place", "请补充具体地点。").await;
    let seen = b.get(&format!("/matters/{id}")).await;
    assert!(seen.text.contains("请补充具体地点。") && seen.text.contains("已退回，待补充"));
    let unchanged = submit(&mut b, id).await;
    assert!(matches!(unchanged.status, 409 | 422), "{}", unchanged.status);
    correct_and_resubmit(&mut b, id, "complaint", "place", "上海市浦东新区示例路 1 号").await;

    decide_ok(&mut officer, id, "accept", "").await;
    let short = decide(&mut officer, id, "propose", " ").await;
    assert!(short.status == 422 && short.text.contains("请填写意见"));
    decide_ok(&mut officer, id, "propose", "查证属实，建议警告。").await;
    assert!(matches!(decide(&mut officer, id, "answer", "x").await.status, 409), "who proposes does not answer");
    let mut approver = app.sign_in("admin").await;
    decide_ok(&mut approver, id, "reconsider", "请补充证据。").await;
    decide_ok(&mut officer, id, "propose", "已补充证据，建议警告。").await;
    decide_ok(&mut approver, id, "answer", "经调查，反映的情况属实，已作出处理。").await;

    let answered = b.get(&format!("/matters/{id}")).await;
    assert!(!answered.text.contains("建议警告"), "what the association says among itself stays there");
    assert!(officer.get(&format!("/matters/{id}")).await.text.contains("建议警告"));
    assert!(answered.text.contains("已答复") && answered.text.contains("经调查，反映的情况属实，已作出处理。"));
    assert!(b.get("/matters?view=closed").await.text.contains("已答复"));
});

demo_test!(whom_a_complaint_is_about_and_everyone_without_a_part_in_it_learn_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = complaint(&mut b, "/apply/complaint", ("registrant", "周建国")).await;
    // The respondent, an expert, other roles of the association, both institutions, a third person.
    for who in ["certified", "expert1", "finance", "examiner", "inst-a", "inst-b", "teacher"] {
        let mut other = app.sign_in(who).await;
        learns_nothing(&mut other, who, id, &["未到现场", "投诉（注册人员）"]).await;
    }
});

demo_test!(someone_of_the_association_never_sees_the_complaint_that_is_about_them, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = complaint(&mut b, "/apply/complaint", ("staff", "孙立新")).await;
    let mut officer = app.sign_in("officer").await;
    learns_nothing(&mut officer, "officer", id, &["未到现场", "投诉（协会工作人员）"]).await;
    let mut approver = app.sign_in("admin").await;
    assert!(approver.get(&format!("/matters/{id}")).await.text.contains("未到现场"), "someone else of the association does");
});

demo_test!(users_of_an_institution_complain_at_their_desk_and_their_colleagues_alone_see_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let catalogue = b.get("/institution/apply").await;
    assert!(catalogue.text.contains("/institution/apply/complaint") && !catalogue.text.contains("/institution/apply/registration"));
    let id = complaint(&mut b, "/institution/apply/complaint", ("registrant", "周建国")).await;
    assert!(b.get("/institution?state=all").await.text.contains(&id.to_string()), "it is listed at the workbench");
    let mut officer = app.sign_in("officer").await;
    let seen = officer.get(&format!("/matters/{id}")).await;
    assert!(seen.text.contains("申请机构") && seen.text.contains("华信质量认证中心有限公司"), "{}", seen.text);
    let mut other = app.sign_in("inst-b").await;
    learns_nothing(&mut other, "inst-b", id, &["未到现场"]).await;
    // A colleague reads it, without names of the association's staff, and withdraws it.
    decide_ok(&mut officer, id, "accept", "").await;
    backend::service::admin::set_institution_user(
        app.state(),
        "teacher",
        "91310115MA1K000016",
        domain::base::permission::GrantStatus::Active,
    )
    .await
    .unwrap();
    let mut colleague = app.sign_in("teacher").await;
    assert!(colleague.get("/institution?state=all").await.text.contains(&id.to_string()));
    let seen = colleague.get(&format!("/matters/{id}")).await;
    assert!(seen.text.contains("受理了投诉") && !seen.text.contains("孙立新"), "{}", seen.text);
    decide_ok(&mut colleague, id, "withdraw", "").await;
    for (who, kind) in [("applicant", "complaint"), ("officer", "complaint")] {
        let mut stranger = app.sign_in(who).await;
        assert_eq!(stranger.get(&format!("/institution/apply/{kind}")).await.status, 403, "{who}");
    }
    let workbench = other.get("/institution/apply/complaint").await.value("_desk");
    let form = [("_id", Uuid::now_v7().to_string()), ("_desk", workbench)];
    assert_eq!(b.post("/institution/apply/complaint", &form).await.status, 404, "at another institution's workbench");
});

/// A registration of the demo's applicant, evaluated by one expert and refused by the association.
async fn refused(app: &TestApp) -> Uuid {
    let id = app.matter_of("applicant", "质量管理体系").await;
    assert_eq!(app.decide("inst-a", id, "pass", &[]).await, "payment");
    let mut b = app.sign_in("applicant").await;
    pay_online(&mut b, id).await;
    for (who, command, people, stage) in [
        ("officer", "accept", &[][..], "assignment"),
        ("officer", "assign", &["expert1"], "evaluation"),
        ("expert1", "conform", &[], "review"),
        ("officer", "propose", &[], "approval"),
        ("admin", "refuse", &[], "refused"),
    ] {
        assert_eq!(app.decide(who, id, command, people).await, stage);
    }
    id
}

/// Files an appeal against a decision; returns its id.
async fn appeal(b: &mut Browser, disputed: Uuid) -> Uuid {
    let id = begin(b, "/apply/appeal").await;
    let disputed = disputed.to_string();
    let pairs = [
        ("disputed", disputed.as_str()),
        ("claim", "请撤销不予批准的决定。"),
        ("grounds", "审批意见与专家评价不符。"),
        ("declared", "yes"),
    ];
    fill(b, id, "appeal", &pairs).await;
    submit_ok(b, id).await;
    id
}

/// 指派专家, from its page.
async fn assign(app: &TestApp, b: &mut Browser, matter: Uuid, experts: &[&str]) -> crate::browser::Response {
    let path = format!("/matters/{matter}/assign");
    let page = b.get(&path).await;
    let mut form = vec![("_key", page.value("_key")), ("_seen", page.value("_seen"))];
    for expert in experts {
        form.push(("expert", app.authorize(expert).await.account().to_string()));
    }
    b.post(&path, &form).await
}

/// An appeal of `applicant` that awaits the opinions of these experts.
pub async fn awaiting_opinions(app: &TestApp, experts: &[&str]) -> Uuid {
    let disputed = refused(app).await;
    let id = appeal(&mut app.sign_in("applicant").await, disputed).await;
    let mut officer = app.sign_in("officer2").await;
    decide_ok(&mut officer, id, "accept", "").await;
    assert_eq!(assign(app, &mut officer, id, experts).await.status, 303);
    id
}

demo_test!(an_appeal_is_judged_by_an_odd_number_without_interest_and_reopens_the_case, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let closed = b.get("/apply/appeal").await;
    assert!(closed.text.contains("目前没有可以申诉的决定") && !closed.text.contains("在线办理</button>"), "{}", closed.text);
    let early = b.post("/apply/appeal", &[("_id", Uuid::now_v7().to_string())]).await;
    assert!(early.status == 409 && early.text.contains("目前没有可以申诉的决定"), "{}", early.text);

    let disputed = refused(&app).await;
    let id = appeal(&mut b, disputed).await;
    let seen = b.get(&format!("/matters/{id}")).await;
    assert!(seen.text.contains("原决定") && seen.text.contains("未批准（2026-11-23）"), "{}", seen.text);
    let again = b.get("/apply/appeal").await;
    assert!(again.text.contains("目前没有可以申诉的决定"), "each decision once");

    // Deciders and evaluators of the disputed matter have no access to the appeal.
    for who in ["officer", "admin", "expert1", "certified", "inst-a", "finance"] {
        let mut other = app.sign_in(who).await;
        learns_nothing(&mut other, who, id, &["审批意见与专家评价不符"]).await;
    }
    let mut officer = app.sign_in("officer2").await;
    return_for_correction(&mut officer, id, "grounds", "请说明具体理由。").await;
    correct_and_resubmit(&mut b, id, "appeal", "grounds", "审批意见与专家评价的结论不符，见评价意见。").await;
    decide_ok(&mut officer, id, "accept", "").await;
    let page = officer.get(&format!("/matters/{id}/assign")).await;
    assert!(page.text.contains("须指派至少 3 人，且为单数") && page.text.contains("曾办理或评价原业务"), "{}", page.text);
    for (experts, said) in [
        (&["expert2", "expert3"][..], "请按要求的人数选择人员"),
        (&["expert1", "expert2", "expert3"], "须回避"),
        (&["expert2", "expert3", "certified"], "不具备专家资格"),
    ] {
        let wrong = assign(&app, &mut officer, id, experts).await;
        assert!(wrong.status == 422 && wrong.text.contains(said), "{experts:?}: {}", wrong.text);
    }
    assert_eq!(assign(&app, &mut officer, id, &["expert2", "expert3", "expert4"]).await.status, 303);

    for (expert, opinion) in [("expert2", "sustain"), ("expert3", "uphold"), ("expert4", "sustain")] {
        let mut e = app.sign_in(expert).await;
        assert!(e.get("/me/messages").await.text.contains("待处理业务提醒：申诉"), "{expert} is notified");
        let list = e.get("/expert/appeals").await;
        let sheet = format!("/expert/appeals/{id}");
        assert!(list.text.contains(&sheet), "{}", list.text);
        let page = e.get(&sheet).await;
        assert!(page.text.contains("建议撤销原决定") && page.text.contains("原决定") && !page.text.contains("林晓月"), "{}", page.text);
        assert_eq!(decide(&mut e, id, opinion, " ").await.status, 422, "an opinion is needed");
        decide_ok(&mut e, id, opinion, "评价意见。").await;
        // The last opinion ends the part of the experts.
        assert_eq!(decide(&mut e, id, opinion, "再说一次").await.status, if expert == "expert4" { 404 } else { 409 });
    }
    assert_eq!(decide(&mut officer, id, "sustain", "x").await.status, 409, "not the officer's");
    let mut approver = app.sign_in("approver2").await;
    decide_ok(&mut approver, id, "sustain", "申诉理由成立，撤销原决定。").await;

    let done = b.get(&format!("/matters/{id}")).await;
    assert!(done.text.contains("申诉成立") && done.text.contains("申诉理由成立，撤销原决定。"));
    let case = b.get(&format!("/matters/{disputed}")).await;
    assert!(case.text.contains("协会审批中") && case.text.contains("申诉成立，撤销原决定，重新审批"), "{}", case.text);
    assert_eq!(app.decide("officer", disputed, "propose", &[]).await, "approval");
    assert_eq!(app.decide("admin", disputed, "approve", &[]).await, "granted");
});

demo_test!(nobody_reopens_a_case_but_an_appeal_that_was_upheld, |demo| async move {
    let app = TestApp::new(demo).await;
    let disputed = refused(&app).await;
    for who in ["applicant", "officer", "officer2", "admin", "approver2", "inst-a", "expert1", "finance"] {
        let mut b = app.sign_in(who).await;
        let status = decide(&mut b, disputed, "reopen", "请重新办理").await.status;
        assert!(matches!(status, 404 | 409), "{who}: {status}");
    }
    let mut b = app.sign_in("applicant").await;
    let id = appeal(&mut b, disputed).await;
    let mut officer = app.sign_in("officer2").await;
    decide_ok(&mut officer, id, "decline", "不属于申诉范围。").await;
    assert!(b.get(&format!("/matters/{disputed}")).await.text.contains("未批准"), "one that is not accepted changes nothing");
});

demo_test!(an_expert_of_the_same_institution_stays_away_and_reads_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let disputed = refused(&app).await;
    // The demo's applicant has no institution until a certificate is granted; this appeal is an institution's.
    let mut b = app.sign_in("inst-a").await;
    let complained = complaint(&mut b, "/institution/apply/complaint", ("registrant", "周建国")).await;
    assert_eq!(app.decide("officer2", complained, "decline", &[]).await, "declined");
    let id = begin(&mut b, "/institution/apply/appeal").await;
    let (own, others) = (complained.to_string(), disputed.to_string());
    let rest = [("claim", "请受理投诉。"), ("grounds", "事实清楚。"), ("declared", "yes")];
    let foreign: Vec<(&str, &str)> = rest.into_iter().chain([("disputed", others.as_str())]).collect();
    let path = format!("/matters/{id}/edit/appeal");
    let refused = b.post(&path, &form_values(&foreign, "0", "next")).await;
    assert!(refused.status == 422 && refused.text.contains("所选项已不在列表中"), "another's decision: {}", refused.text);
    let pairs: Vec<(&str, &str)> = rest.into_iter().chain([("disputed", own.as_str())]).collect();
    fill(&mut b, id, "appeal", &pairs).await;
    submit_ok(&mut b, id).await;

    let standing = domain::base::permission::GrantStatus::Active;
    backend::service::admin::set_institution_user(app.state(), "expert4", "91310115MA1K000016", standing).await.unwrap();
    backend::service::admin::set_role(app.state(), "expert4", domain::base::permission::Role::Expert, standing).await.unwrap();
    let mut officer = app.sign_in("officer").await;
    decide_ok(&mut officer, id, "accept", "").await;
    let wrong = assign(&app, &mut officer, id, &["expert1", "expert2", "expert4"]).await;
    assert!(wrong.status == 422 && wrong.text.contains("同属一家机构"), "{}", wrong.text);
    assert_eq!(assign(&app, &mut officer, id, &["expert1", "expert2", "expert3"]).await.status, 303);
    for who in ["officer2", "inst-b", "applicant"] {
        let mut other = app.sign_in(who).await;
        learns_nothing(&mut other, who, id, &["请受理投诉"]).await;
    }
    // After a recusal two experts remain, an even number, so no decision is possible.
    let mut expert = app.sign_in("expert1").await;
    decide_ok(&mut expert, id, "recuse", "与当事人相识。").await;
    assert!(officer.get("/association").await.text.contains(&id.to_string()), "to be assigned anew");
    learns_nothing(&mut expert, "expert1", id, &["请受理投诉"]).await;
    let mut left = app.sign_in("expert2").await;
    assert_eq!(decide(&mut left, id, "sustain", "意见").await.status, 404, "it no longer waits for experts");
});

demo_test!(the_window_of_an_appeal_ends_with_its_last_day_in_shanghai, |demo| async move {
    let app = TestApp::new(demo).await;
    refused(&app).await;
    // Decided on 23 November; the last day is 23 December, which ends in Shanghai at four in the afternoon, UTC.
    let until = "2026-12-23T15:59:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    app.clock.advance(until - app.state().now());
    let mut b = app.sign_in("applicant").await;
    assert!(b.get("/apply/appeal").await.text.contains("在线办理"));
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let late = b.get("/apply/appeal").await;
    assert!(late.text.contains("申诉期限已于 2026-12-23 届满"), "{}", late.text);
    let begun = b.post("/apply/appeal", &[("_id", Uuid::now_v7().to_string())]).await;
    assert_eq!(begun.status, 409);
    let patch = serde_json::json!({
        "kind": "appeal",
        "account": app.authorize("applicant").await.account(),
        "patch": { "matter": Uuid::now_v7(), "device": Uuid::now_v7(), "base_rev": 0, "seq": 1, "ops": [] }
    });
    let answer = b.call("/api/draft/patch", &patch).await;
    assert!(answer.status >= 400 && answer.text.contains("申诉期限已于"), "a device begins none either: {}", answer.text);
});
