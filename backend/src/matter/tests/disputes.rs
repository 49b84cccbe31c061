//! Effects of an approved transfer on open matters, and the decisions an appeal can dispute.

use crate::demo::actions::{decide, fill_step};
use crate::demo::application::{Application, complete};
use crate::matter::tests::*;
use crate::workflow::execute::CommandRequest;

async fn institutions(s: &TestApp) -> (Uuid, Uuid) {
    let institution = |who: &Allowed| who.caller().institutions.first().unwrap().0;
    (institution(&s.sign_in("inst-a").await), institution(&s.sign_in("inst-b").await))
}

/// The demo's applicant is certified at the first institution, and asks to go to the second.
pub(super) async fn transferring(s: &TestApp) -> (Uuid, Uuid, Uuid) {
    let (from, to) = institutions(s).await;
    let applicant = s.sign_in("applicant").await;
    let id = s.matter(&applicant, "质量管理体系").await;
    passed(s, id).await;
    officer_decides(s, id, "propose").await;
    s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap();
    let id = crate::workflow::draft::begin_draft(&s.app, &applicant, &domain::kind::transfer::KIND, Uuid::now_v7()).await.unwrap();
    let (a, b) = (from.to_string(), to.to_string());
    let choices = [("from_institution", a.as_str()), ("to_institution", b.as_str()), ("ground", "agreed")];
    fill_step(&s.app, &applicant, id, "transfer", &choices).await.unwrap();
    fill_step(&s.app, &applicant, id, "papers", &[("declared", "2026-11")]).await.unwrap();
    decide(&s.app, &applicant, id, "submit", "").await.unwrap();
    (id, from, to)
}

/// Everyone consents, up to the approval.
pub(super) async fn consented(s: &TestApp, id: Uuid) {
    for (who, command) in [("inst-a", "agree"), ("inst-b", "accept"), ("officer", "propose")] {
        s.execute(&s.sign_in(who).await, id, command).await.unwrap();
    }
}

/// An application the association has refused, and a draft of an appeal.
async fn refused_with_appeal(s: &TestApp, applicant: &Allowed) -> (Uuid, Uuid) {
    let case = s.matter(applicant, "质量管理体系").await;
    passed(s, case).await;
    officer_decides(s, case, "refuse").await;
    let appeal = crate::workflow::draft::begin_draft(&s.app, applicant, &domain::kind::appeal::KIND, Uuid::now_v7()).await.unwrap();
    (case, appeal)
}

/// An application the association has refused, and an appeal against it that three experts evaluate.
async fn appeal_in_evaluation(s: &TestApp, applicant: &Allowed) -> (Uuid, Uuid) {
    let (case, id) = refused_with_appeal(s, applicant).await;
    let disputed = case.to_string();
    let said = [("disputed", disputed.as_str()), ("claim", "请撤销"), ("grounds", "理由"), ("declared", "yes")];
    fill_step(&s.app, applicant, id, "appeal", &said).await.unwrap();
    decide(&s.app, applicant, id, "submit", "").await.unwrap();
    let second = s.sign_in("officer2").await;
    s.execute(&second, id, "accept").await.unwrap();
    let mut people = Vec::new();
    for name in ["expert1", "expert2", "expert3"] {
        people.push(s.account(name).await);
    }
    let assign = Command { name: "assign".into(), assignees: people, ..Command::default() };
    crate::workflow::execute::execute(&s.app, &second, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command: assign })
        .await
        .unwrap();
    (case, id)
}

demo_test!(an_application_made_meanwhile_follows_to_the_new_institution, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, from, to) = transferring(&s).await;
    let applicant = s.sign_in("applicant").await;
    let other = complete(&s.app, &applicant, Application::trainee("EMS"), &from.to_string()).await.unwrap();
    decide(&s.app, &applicant, other, "submit", "").await.unwrap();
    consented(&s, id).await;
    assert_eq!(s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap().stage, "granted");

    let (old, new) = (s.sign_in("inst-a").await, s.sign_in("inst-b").await);
    assert!(matches!(crate::matter::load(&s.app, &old, other).await, Err(MatterError::NotFound)));
    assert_eq!(crate::matter::load(&s.app, &new, other).await.unwrap().institution, Some(to));
    assert_eq!(s.execute(&new, other, "return").await.unwrap().stage, "returned");
    let mine = crate::matter::load(&s.app, &applicant, other).await.unwrap();
    assert_eq!(mine.answers.text("recommending_institution"), to.to_string(), "what is submitted again goes to the new one");
    for certificate in crate::record::certificate::own_certificates(&s.app, &applicant).await.unwrap() {
        assert_eq!(certificate.row.institution_id, Some(to));
    }
    let practice = crate::service::practice::practice_history(&s.app, &applicant).await.unwrap();
    assert_eq!((practice.institutions.len(), practice.transfers.len()), (1, 1));
});

demo_test!(an_approval_waits_for_a_fee_that_is_being_paid_and_changes_nothing_until_then, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, from, _) = transferring(&s).await;
    let applicant = s.sign_in("applicant").await;
    let application = Application { payer: "institution", ..Application::trainee("EMS") };
    let other = complete(&s.app, &applicant, application, &from.to_string()).await.unwrap();
    decide(&s.app, &applicant, other, "submit", "").await.unwrap();
    assert_eq!(s.execute(&s.sign_in("inst-a").await, other, "pass").await.unwrap().stage, "billing");
    consented(&s, id).await;
    let admin = s.sign_in("admin").await;
    let error = s.execute(&admin, id, "approve").await.unwrap_err();
    assert!(matches!(&error, MatterError::Blocked(why) if why.contains("待机构缴费")), "{error:?}");
    assert_eq!(crate::matter::load(&s.app, &admin, id).await.unwrap().state.stage, "approval");
    let certificates = crate::record::certificate::own_certificates(&s.app, &applicant).await.unwrap();
    assert!(certificates.iter().all(|c| c.row.institution_id == Some(from)), "nothing has changed");
    s.execute(&applicant, other, "withdraw").await.unwrap();
    assert_eq!(s.execute(&admin, id, "approve").await.unwrap().stage, "granted");
});

demo_test!(an_upheld_appeal_brings_the_case_to_its_desk_again_and_keeps_its_name_for_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let (applicant, officer) = (s.sign_in("applicant").await, s.sign_in("officer").await);
    let (case, id) = appeal_in_evaluation(&s, &applicant).await;
    let disputed = case.to_string();
    for expert in ["expert1", "expert2", "expert3"] {
        s.execute(&s.sign_in(expert).await, id, "uphold").await.unwrap();
    }
    let before = crate::service::message::count_unread(&s.app, officer.account()).await.unwrap();
    let decided = s.execute(&s.sign_in("approver2").await, id, "sustain").await.unwrap();
    assert_eq!(decided.stage, "sustained", "the answer is about the appeal");
    assert_eq!(crate::matter::load(&s.app, &officer, case).await.unwrap().state.stage, "review");
    assert!(crate::service::message::count_unread(&s.app, officer.account()).await.unwrap() > before, "it waits for the officer again");
    let opened = crate::matter::load(&s.app, &applicant, id).await.unwrap();
    let found =
        crate::matter::disputed::disputed_decision(&mut s.app.db.read().await.unwrap(), &s.app.keys, &opened).await.unwrap().unwrap();
    assert_eq!((found.decision, found.note.as_str()), ("未批准", "意见"));
    let context = crate::matter::context::matter_context(&s.app, &opened, Shown::everything()).await.unwrap();
    let named = context.lists()["decisions"].iter().find(|(code, _)| *code == disputed);
    assert!(named.is_some_and(|(_, label)| label.contains("质量管理体系")));
});

demo_test!(an_appeal_offers_the_decisions_that_can_still_be_appealed, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let (case, id) = refused_with_appeal(&s, &applicant).await;
    for (days, offered) in [(0, true), (30, true), (1, false)] {
        s.app.clock.advance(TimeDelta::days(days));
        let draft = crate::matter::load(&s.app, &applicant, id).await.unwrap();
        let context = crate::matter::context::matter_context(&s.app, &draft, Shown::everything()).await.unwrap();
        assert_eq!(context.lists()["decisions"].iter().any(|(code, _)| *code == case.to_string()), offered, "{days} days later");
    }
});

/// Two of three experts give these opinions, and the time of the third runs out. Gives the stage afterwards.
async fn after_silence(s: &TestApp, opinions: [&str; 2]) -> String {
    let applicant = s.sign_in("applicant").await;
    let (_, id) = appeal_in_evaluation(s, &applicant).await;
    for (expert, opinion) in ["expert1", "expert2"].into_iter().zip(opinions) {
        s.execute(&s.sign_in(expert).await, id, opinion).await.unwrap();
    }
    let due = crate::matter::load(&s.app, &applicant, id).await.unwrap().due_on.unwrap();
    s.app.clock.advance(TimeDelta::days((due - s.app.today()).num_days()));
    crate::service::deadlines::run_deadlines(&s.app).await.unwrap();
    let matter = crate::matter::load(&s.app, &applicant, id).await.unwrap();
    assert_eq!(matter.state.stage, "evaluation", "the last day is in time");
    let silent = s.sign_in("expert3").await;
    let before = crate::record::expert::expert_task_count(&s.app, &silent).await.unwrap();
    s.app.clock.advance(TimeDelta::days(1));
    crate::service::deadlines::run_deadlines(&s.app).await.unwrap();
    assert_eq!(crate::record::expert::expert_task_count(&s.app, &silent).await.unwrap(), before - 1, "nothing is asked any more");
    assert!(matches!(crate::matter::load(&s.app, &silent, id).await, Err(MatterError::NotFound)));
    crate::matter::load(&s.app, &applicant, id).await.unwrap().state.stage
}

demo_test!(two_experts_who_agree_decide_when_the_third_is_silent, |demo| async move {
    let s = TestApp::new(demo).await;
    assert_eq!(after_silence(&s, ["sustain", "sustain"]).await, "decision");
});

demo_test!(two_experts_who_differ_are_replaced_when_the_third_is_silent, |demo| async move {
    let s = TestApp::new(demo).await;
    assert_eq!(after_silence(&s, ["sustain", "uphold"]).await, "assignment");
});
