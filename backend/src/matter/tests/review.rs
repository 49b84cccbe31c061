//! Experts, rectification, decisions by two people, and deadlines.

use crate::workflow::draft::DraftEdit;
use crate::workflow::draft::SavedRevision;
use crate::workflow::execute::CommandOutcome;
use crate::workflow::execute::CommandRequest;
use domain::base::permission::{GrantStatus, InstitutionRole};
use domain::engine::flow::RectificationItem;
use domain::engine::form::{Path, Value};

use crate::matter::tests::*;
use crate::service::pages::{assignment_page, evaluation_page};

/// A submitted application of the demo's applicant, passed by its institution and accepted.
async fn accepted(s: &TestApp) -> Uuid {
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    passed(s, id).await;
    s.execute(&s.sign_in("officer").await, id, "accept").await.unwrap();
    id
}

async fn assign(s: &TestApp, id: Uuid, command: &str, names: &[&str]) -> Result<CommandOutcome, MatterError> {
    let mut people = Vec::new();
    for name in names {
        people.push(s.account(name).await);
    }
    let command = Command { name: command.into(), assignees: people, ..Command::default() };
    crate::workflow::execute::execute(
        &s.app,
        &s.sign_in("officer").await,
        CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command },
    )
    .await
}

/// An expert's opinion: nothing wrong, or something wrong with one answer.
async fn evaluate(s: &TestApp, expert: &str, id: Uuid, wrong: Option<Path>) -> Result<CommandOutcome, MatterError> {
    let items: Vec<RectificationItem> =
        wrong.map(|path| RectificationItem { id: Uuid::now_v7(), path, text: "请核实".into() }).into_iter().collect();
    let name = if items.is_empty() { "conform" } else { "nonconform" };
    let command = Command { name: name.into(), note: "意见".into(), items, ..Command::default() };
    crate::workflow::execute::execute(
        &s.app,
        &s.sign_in(expert).await,
        CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command },
    )
    .await
}

async fn write(s: &TestApp, id: Uuid, step: &str, field: &str, value: &str) -> Result<SavedRevision, MatterError> {
    let who = s.sign_in("applicant").await;
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let page = opened.kind.form.step(step).unwrap();
    let mut fields: BTreeMap<String, Value> =
        page.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
    fields.insert(field.into(), value.into());
    crate::workflow::draft::edit_draft(&s.app, &who, id, DraftEdit::Fields { step: step.into(), base: opened.revision, fields }).await
}

async fn respond(s: &TestApp, id: Uuid) {
    let who = s.sign_in("applicant").await;
    let opened = crate::matter::load(&s.app, &who, id).await.unwrap();
    let said = opened.open_items().unwrap().iter().map(|i| (i.id, "已按意见修改".to_owned())).collect();
    crate::workflow::draft::edit_draft(&s.app, &who, id, DraftEdit::Responses { base: opened.revision, texts: said }).await.unwrap();
}

async fn resubmit(s: &TestApp, id: Uuid) -> Result<CommandOutcome, MatterError> {
    let who = s.sign_in("applicant").await;
    let revision = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
    s.submit(&who, id, revision, Uuid::now_v7()).await
}

demo_test!(one_of_two_experts_finds_something_it_is_mended_and_two_people_decide, |demo| async move {
    let s = TestApp::new(demo).await;
    let (inst, officer, admin) = (s.sign_in("inst-a").await, s.sign_in("officer").await, s.sign_in("admin").await);
    let id = accepted(&s).await;
    assert_eq!(assign(&s, id, "assign", &["expert1", "expert2"]).await.unwrap().stage, "evaluation");
    assert_eq!(evaluate(&s, "expert1", id, None).await.unwrap().stage, "evaluation", "the other has still to speak");
    assert!(matches!(evaluate(&s, "expert1", id, None).await, Err(MatterError::Refused(Refusal::Voted))));
    let found = evaluate(&s, "expert2", id, Some(Path::field("entry_date"))).await.unwrap();
    assert_eq!(found.stage, "rectification");

    assert!(matches!(write(&s, id, "person", "address", "别处").await, Err(MatterError::Locked)));
    let nothing = resubmit(&s, id).await.unwrap_err();
    assert!(matches!(&nothing, MatterError::InvalidAnswers(p) if p.iter().any(|p| p.issue.code == "no_response")), "{nothing:?}");
    write(&s, id, "person", "entry_date", "2026-01-06").await.unwrap();
    respond(&s, id).await;
    assert_eq!(resubmit(&s, id).await.unwrap().stage, "recheck");
    assert_eq!(s.execute(&inst, id, "pass").await.unwrap().stage, "evaluation", "back to who asked");

    let page = evaluation_page(&s.app, &s.sign_in("expert2").await, id).await.unwrap();
    let previous = page.previous.unwrap();
    assert_eq!((previous.text("entry_date"), page.matter.answers.text("entry_date")), ("2026-01-05", "2026-01-06"));
    for expert in ["expert1", "expert2"] {
        evaluate(&s, expert, id, None).await.unwrap();
    }
    assert_eq!(s.execute(&officer, id, "propose").await.unwrap().stage, "approval");
    assert!(matches!(s.execute(&officer, id, "approve").await, Err(MatterError::Refused(Refusal::NotOpen))));
    assert_eq!(s.execute(&admin, id, "approve").await.unwrap().stage, "granted");
    assert!(crate::record::certificate::certificate_of_matter(&s.app, id).await.unwrap().is_some());
});

demo_test!(who_proposed_does_not_approve_even_with_both_roles, |demo| async move {
    let s = TestApp::new(demo).await;
    crate::service::admin::set_role(
        &s.app,
        "officer",
        domain::base::permission::Role::Approver,
        domain::base::permission::GrantStatus::Active,
    )
    .await
    .unwrap();
    let id = accepted(&s).await;
    let officer = s.sign_in("officer").await;
    s.execute(&officer, id, "waive").await.unwrap();
    s.execute(&officer, id, "propose").await.unwrap();
    for command in ["approve", "refuse", "reconsider"] {
        assert!(matches!(s.execute(&officer, id, command).await, Err(MatterError::Refused(Refusal::SamePerson))), "{command}");
    }
});

demo_test!(who_shares_the_institution_or_is_no_expert_is_not_assigned, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = accepted(&s).await;
    let inst = s.sign_in("inst-a").await.caller().institutions[0].0;
    let (expert, today) = (s.account("expert1").await, s.app.today());
    s.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                db::institution::set_membership(tx, expert, inst, InstitutionRole::Practitioner, GrantStatus::Ended, today).await
            })
        })
        .await
        .unwrap();
    for names in [&["expert1"][..], &["teacher"], &["expert2", "expert1"]] {
        let error = assign(&s, id, "assign", names).await.unwrap_err();
        assert!(matches!(error, MatterError::Refused(Refusal::Conflicted)), "{names:?}: {error}");
    }
    let first = &assignment_page(&s.app, &s.sign_in("officer").await, id).await.unwrap().candidates[0];
    assert!(first.expert.account == s.account("expert2").await && first.conflict.is_none());
    assign(&s, id, "assign", &["expert2"]).await.unwrap();
    let opened = crate::matter::load(&s.app, &s.sign_in("officer").await, id).await.unwrap();
    let recused = opened.events.iter().find_map(|e| match &e.kind {
        domain::engine::flow::EventKind::Assigned { recused, .. } => Some(recused.clone()),
        _ => None,
    });
    assert!(recused.unwrap().iter().any(|(who, why)| *who == expert && why.contains("曾属同一机构")), "the reason is stored");
});

demo_test!(an_expert_who_leaves_is_replaced_and_what_others_said_counts, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = accepted(&s).await;
    assign(&s, id, "assign", &["expert1", "expert2"]).await.unwrap();
    evaluate(&s, "expert1", id, None).await.unwrap();
    assert_eq!(s.execute(&s.sign_in("expert2").await, id, "recuse").await.unwrap().stage, "review", "the one who is left has spoken");
    let gone = s.sign_in("expert2").await;
    assert!(matches!(crate::matter::load(&s.app, &gone, id).await, Err(MatterError::NotFound)));
});

demo_test!(experts_learn_nothing_of_who_asks_and_see_their_cases, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = accepted(&s).await;
    let expert = s.sign_in("expert1").await;
    let filter = crate::record::expert::AssignmentFilter { state: "waiting".into(), ..Default::default() };
    let before = crate::record::expert::expert_cases(&s.app, &expert, &filter, None).await.unwrap().cases.len();
    assert!(matches!(crate::matter::load(&s.app, &expert, id).await, Err(MatterError::NotFound)));
    assign(&s, id, "assign", &["expert1"]).await.unwrap();
    let opened = crate::matter::load(&s.app, &expert, id).await.unwrap();
    let parties = crate::service::pages::matter_page(&s.app, &expert, id).await.unwrap().parties;
    assert!(opened.is_anonymous() && parties.applicant.is_none() && parties.institutions.is_empty());
    let own = crate::matter::load(&s.app, &s.sign_in("applicant").await, id).await.unwrap();
    let photo = own.answers.fields.get("photo").unwrap().files()[0].file;
    assert!(!opened.answers.fields.contains_key("photo"));
    assert!(matches!(crate::workflow::files::download(&s.app, &expert, id, photo).await, Err(MatterError::NotFound)));
    let diploma = opened.answers.records("education").next().unwrap().fields.get("diploma").unwrap().files()[0].file;
    assert!(crate::workflow::files::download(&s.app, &expert, id, diploma).await.is_ok());
    let cases = crate::record::expert::expert_cases(&s.app, &expert, &filter, None).await.unwrap().cases;
    assert_eq!(cases.len(), before + 1);
    let named = crate::record::expert::AssignmentFilter { text: "质量".into(), ..filter.clone() };
    assert!(crate::record::expert::expert_cases(&s.app, &expert, &named, None).await.unwrap().cases.iter().any(|c| c.matter.id == id));
    let none = crate::record::expert::AssignmentFilter { text: "%".into(), ..filter };
    assert!(crate::record::expert::expert_cases(&s.app, &expert, &none, None).await.unwrap().cases.is_empty());
});

demo_test!(an_unfinished_opinion_of_an_earlier_release_is_read_until_it_is_saved_as_a_form_draft, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = accepted(&s).await;
    assign(&s, id, "assign", &["expert1", "expert2"]).await.unwrap();
    let expert = s.sign_in("expert1").await;
    let opened = crate::matter::load(&s.app, &expert, id).await.unwrap();
    let found = domain::engine::assessment::Assessment { opinion: "写到一半".into(), ..Default::default() };
    crate::record::expert::opinion::save_opinion_of_earlier_release(&s.app, &opened, &found).await;
    assert_eq!(evaluation_page(&s.app, &expert, id).await.unwrap().opinion.unwrap().0.opinion, "写到一半");
    assert!(evaluation_page(&s.app, &s.sign_in("expert2").await, id).await.unwrap().opinion.is_none());
    let state = crate::record::form_draft::state_of(&opened);
    let key = crate::record::form_draft::DraftKey { form: &domain::engine::form_draft::EVALUATION, part: String::new(), subject: id };
    let pairs = vec![("note".to_owned(), "写完了".to_owned())];
    let request =
        crate::record::form_draft::SaveRequest { key, state, base: 0, page: Uuid::nil(), seq: 0, account: None, pairs, since: None };
    crate::record::form_draft::save(&s.app, &expert, request).await.unwrap();
    assert_eq!(evaluation_page(&s.app, &expert, id).await.unwrap().opinion.unwrap().0.opinion, "写完了");
});

demo_test!(after_two_rounds_nothing_is_sent_back_any_more, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    let (inst, officer) = (s.sign_in("inst-a").await, s.sign_in("officer").await);
    passed(&s, id).await;
    for round in 1..=2 {
        assert_eq!(s.execute(&officer, id, "return").await.unwrap().stage, "rectification");
        write(&s, id, "person", "postcode", &format!("20012{round}")).await.unwrap();
        resubmit(&s, id).await.unwrap();
        assert_eq!(s.execute(&inst, id, "pass").await.unwrap().stage, "acceptance");
    }
    assert!(matches!(s.execute(&officer, id, "return").await, Err(MatterError::Refused(Refusal::NoRounds))));
});

demo_test!(reminders_go_out_once_and_an_overdue_rectification_is_closed, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    passed(&s, id).await;
    s.execute(&s.sign_in("officer").await, id, "return").await.unwrap();
    let applicant = s.sign_in("applicant").await;
    let due = crate::matter::load(&s.app, &applicant, id).await.unwrap().due_on.unwrap();
    assert_eq!(due - s.app.today(), TimeDelta::days(30));
    let reminders = async || {
        let all = crate::service::message::list_messages(&s.app, &applicant).await.unwrap();
        all.iter().filter(|m| m.title == "办理期限提醒" && m.link.contains(&id.to_string())).count()
    };
    for (days, expected) in [(22, 0), (1, 1), (0, 1), (5, 1), (1, 2), (1, 2)] {
        s.app.clock.advance(TimeDelta::days(days));
        crate::service::deadlines::run_deadlines(&s.app).await.unwrap();
        crate::service::deadlines::run_deadlines(&s.app).await.unwrap();
        assert_eq!(reminders().await, expected, "on {}", s.app.today());
    }
    assert_eq!(s.app.today(), due, "the last day counts");
    assert_eq!(crate::matter::load(&s.app, &applicant, id).await.unwrap().state.stage, "rectification");
    s.app.clock.advance(TimeDelta::days(1));
    assert!(crate::service::deadlines::run_deadlines(&s.app).await.unwrap().transitions >= 1);
    assert_eq!(crate::matter::load(&s.app, &applicant, id).await.unwrap().state.stage, "lapsed");
    assert_eq!(crate::service::deadlines::run_deadlines(&s.app).await.unwrap().transitions, 0);
});
