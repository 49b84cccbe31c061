//! Experts, rectification, two decisions, and what time does.

use crate::workflow::draft::Change;
use crate::workflow::draft::Saved;
use crate::workflow::execute::Act;
use crate::workflow::execute::Acted;
use domain::engine::flow::Item;
use domain::engine::form::{Path, Value};

use crate::matter::tests::*;

/// A submitted application of the demo's applicant, passed by its institution and accepted.
async fn accepted(s: &Stage) -> Uuid {
    let id = s.matter(&s.enter("applicant").await, "质量管理体系").await;
    passed(s, id).await;
    s.act(&s.enter("officer").await, id, "accept").await.unwrap();
    id
}

async fn assign(s: &Stage, id: Uuid, command: &str, names: &[&str]) -> Result<Acted, MatterError> {
    let mut people = Vec::new();
    for name in names {
        people.push(s.account(name).await);
    }
    let command = Command { name: command.into(), people, ..Command::default() };
    crate::workflow::execute::act(&s.app, &s.enter("officer").await, Act { key: Uuid::now_v7(), matter: id, command }).await
}

/// An expert's opinion: nothing wrong, or something wrong with one answer.
async fn evaluate(s: &Stage, expert: &str, id: Uuid, wrong: Option<Path>) -> Result<Acted, MatterError> {
    let items: Vec<Item> = wrong.map(|path| Item { id: Uuid::now_v7(), path, text: "请核实".into() }).into_iter().collect();
    let name = if items.is_empty() { "conform" } else { "nonconform" };
    let command = Command { name: name.into(), note: "意见".into(), items, ..Command::default() };
    crate::workflow::execute::act(&s.app, &s.enter(expert).await, Act { key: Uuid::now_v7(), matter: id, command }).await
}

async fn write(s: &Stage, id: Uuid, step: &str, field: &str, value: &str) -> Result<Saved, MatterError> {
    let who = s.enter("applicant").await;
    let opened = crate::matter::open_matter(&s.app, &who, id).await.unwrap();
    let page = opened.kind.form.step(step).unwrap();
    let mut fields: BTreeMap<String, Value> =
        page.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
    fields.insert(field.into(), value.into());
    crate::workflow::draft::edit_matter(&s.app, &who, id, Change::Fields { step: step.into(), base: opened.row.revision, fields }).await
}

async fn respond(s: &Stage, id: Uuid) {
    let who = s.enter("applicant").await;
    let opened = crate::matter::open_matter(&s.app, &who, id).await.unwrap();
    let said = opened.items().unwrap().iter().map(|i| (i.id, "已按意见修改".to_owned())).collect();
    crate::workflow::draft::edit_matter(&s.app, &who, id, Change::Responses { base: opened.row.revision, said }).await.unwrap();
}

async fn resubmit(s: &Stage, id: Uuid) -> Result<Acted, MatterError> {
    let who = s.enter("applicant").await;
    let revision = crate::matter::open_matter(&s.app, &who, id).await.unwrap().row.revision;
    s.submit(&who, id, revision, Uuid::now_v7()).await
}

#[test]
fn one_of_two_experts_finds_something_it_is_mended_and_two_people_decide() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (inst, officer, admin) = (s.enter("inst-a").await, s.enter("officer").await, s.enter("admin").await);
        let id = accepted(&s).await;
        assert_eq!(assign(&s, id, "assign", &["expert1", "expert2"]).await.unwrap().stage, "evaluation");
        assert_eq!(evaluate(&s, "expert1", id, None).await.unwrap().stage, "evaluation", "the other has still to speak");
        assert!(matches!(evaluate(&s, "expert1", id, None).await, Err(MatterError::Refused(Refusal::Voted))));
        let found = evaluate(&s, "expert2", id, Some(Path::field("postcode"))).await.unwrap();
        assert_eq!(found.stage, "rectification");

        assert!(matches!(write(&s, id, "person", "address", "别处").await, Err(MatterError::Locked)));
        let nothing = resubmit(&s, id).await.unwrap_err();
        assert!(matches!(&nothing, MatterError::Unsound(p) if p.iter().any(|p| p.issue.code == "no_response")), "{nothing:?}");
        write(&s, id, "person", "postcode", "200121").await.unwrap();
        respond(&s, id).await;
        assert_eq!(resubmit(&s, id).await.unwrap().stage, "recheck");
        assert_eq!(s.act(&inst, id, "pass").await.unwrap().stage, "evaluation", "back to who asked");

        let seen = crate::matter::open_matter(&s.app, &s.enter("expert2").await, id).await.unwrap();
        let before = crate::matter::submitted_before(&s.app, &seen).await.unwrap().unwrap();
        assert_eq!((before.text("postcode"), seen.answers.text("postcode")), ("200120", "200121"));
        for expert in ["expert1", "expert2"] {
            evaluate(&s, expert, id, None).await.unwrap();
        }
        assert_eq!(s.act(&officer, id, "propose").await.unwrap().stage, "approval");
        assert!(matches!(s.act(&officer, id, "approve").await, Err(MatterError::Refused(Refusal::NotOpen))));
        assert_eq!(s.act(&admin, id, "approve").await.unwrap().stage, "granted");
        assert!(crate::record::certificate::certificate_of(&s.app, id).await.unwrap().is_some());
    });
}

#[test]
fn who_proposed_does_not_approve_even_with_both_roles() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        crate::access::account::admin::set_role(
            &s.app,
            "officer",
            domain::base::permission::Role::Approver,
            domain::base::permission::Standing::Active,
        )
        .await
        .unwrap();
        let id = accepted(&s).await;
        let officer = s.enter("officer").await;
        s.act(&officer, id, "waive").await.unwrap();
        s.act(&officer, id, "propose").await.unwrap();
        for command in ["approve", "refuse", "reconsider"] {
            assert!(matches!(s.act(&officer, id, command).await, Err(MatterError::Refused(Refusal::SamePerson))), "{command}");
        }
    });
}

#[test]
fn who_shares_the_institution_or_is_no_expert_is_not_assigned() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let id = accepted(&s).await;
        let inst = s.enter("inst-a").await.caller().desks[0].0;
        let (expert, today) = (s.account("expert1").await, s.app.today());
        s.app
            .db
            .write(move |tx| Box::pin(async move { db::institution::tie(tx, expert, inst, "practitioner", "ended", today).await }))
            .await
            .unwrap();
        for names in [&["expert1"][..], &["teacher"], &["expert2", "expert1"]] {
            let error = assign(&s, id, "assign", names).await.unwrap_err();
            assert!(matches!(error, MatterError::Refused(Refusal::Conflicted)), "{names:?}: {error}");
        }
        let opened = crate::matter::open_matter(&s.app, &s.enter("officer").await, id).await.unwrap();
        let first = &crate::record::expert::candidates(&s.app, &opened).await.unwrap()[0];
        assert!(first.expert.account == s.account("expert2").await && first.conflict.is_none());
        assign(&s, id, "assign", &["expert2"]).await.unwrap();
        let opened = crate::matter::open_matter(&s.app, &s.enter("officer").await, id).await.unwrap();
        let kept = opened.events.iter().find_map(|e| match &e.what {
            domain::engine::flow::What::Assigned { recused, .. } => Some(recused.clone()),
            _ => None,
        });
        assert!(kept.unwrap().iter().any(|(who, why)| *who == expert && why.contains("曾属同一机构")), "the reason is kept");
    });
}

#[test]
fn an_expert_who_leaves_is_replaced_and_what_others_said_counts() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let id = accepted(&s).await;
        assign(&s, id, "assign", &["expert1", "expert2"]).await.unwrap();
        evaluate(&s, "expert1", id, None).await.unwrap();
        assert_eq!(s.act(&s.enter("expert2").await, id, "recuse").await.unwrap().stage, "review", "the one who is left has spoken");
        let gone = s.enter("expert2").await;
        assert!(matches!(crate::matter::open_matter(&s.app, &gone, id).await, Err(MatterError::NotFound)));
    });
}

#[test]
fn experts_learn_nothing_of_who_asks_and_see_their_cases() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let id = accepted(&s).await;
        let expert = s.enter("expert1").await;
        let filter = crate::record::expert::Filter { state: "waiting".into(), ..Default::default() };
        let before = crate::record::expert::expert_cases(&s.app, &expert, &filter, None).await.unwrap().cases.len();
        assert!(matches!(crate::matter::open_matter(&s.app, &expert, id).await, Err(MatterError::NotFound)));
        assign(&s, id, "assign", &["expert1"]).await.unwrap();
        let opened = crate::matter::open_matter(&s.app, &expert, id).await.unwrap();
        let (person, institutions) = crate::service::matters::parties(&s.app, &opened).await.unwrap();
        assert!(opened.blind() && person.is_none() && institutions.is_empty());
        let photo = opened.answers.fields.get("photo").unwrap().files()[0].file;
        assert!(matches!(crate::workflow::files::download(&s.app, &expert, id, photo).await, Err(MatterError::NotFound)));
        let diploma = opened.answers.records("education").next().unwrap().fields.get("diploma").unwrap().files()[0].file;
        assert!(crate::workflow::files::download(&s.app, &expert, id, diploma).await.is_ok());
        let cases = crate::record::expert::expert_cases(&s.app, &expert, &filter, None).await.unwrap().cases;
        assert_eq!(cases.len(), before + 1);
        let named = crate::record::expert::Filter { words: "质量".into(), ..filter.clone() };
        assert!(crate::record::expert::expert_cases(&s.app, &expert, &named, None).await.unwrap().cases.iter().any(|c| c.matter.id == id));
        let none = crate::record::expert::Filter { words: "%".into(), ..filter };
        assert!(crate::record::expert::expert_cases(&s.app, &expert, &none, None).await.unwrap().cases.is_empty());
    });
}

#[test]
fn an_unfinished_opinion_is_kept_for_its_expert_alone() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let id = accepted(&s).await;
        assign(&s, id, "assign", &["expert1", "expert2"]).await.unwrap();
        let opened = crate::matter::open_matter(&s.app, &s.enter("expert1").await, id).await.unwrap();
        let found = domain::engine::assessment::Assessment { opinion: "写到一半".into(), ..Default::default() };
        crate::record::expert::keep_opinion(&s.app, &opened, &found).await.unwrap();
        assert_eq!(crate::record::expert::opinion(&s.app, &opened).await.unwrap().unwrap().0.opinion, "写到一半");
        let other = crate::matter::open_matter(&s.app, &s.enter("expert2").await, id).await.unwrap();
        assert!(crate::record::expert::opinion(&s.app, &other).await.unwrap().is_none());
        let officer = crate::matter::open_matter(&s.app, &s.enter("officer").await, id).await.unwrap();
        assert!(matches!(crate::record::expert::keep_opinion(&s.app, &officer, &found).await, Err(MatterError::Closed)));
    });
}

#[test]
fn after_two_rounds_nothing_is_sent_back_any_more() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let id = s.matter(&s.enter("applicant").await, "质量管理体系").await;
        let (inst, officer) = (s.enter("inst-a").await, s.enter("officer").await);
        passed(&s, id).await;
        for round in 1..=2 {
            assert_eq!(s.act(&officer, id, "return").await.unwrap().stage, "rectification");
            write(&s, id, "person", "postcode", &format!("20012{round}")).await.unwrap();
            resubmit(&s, id).await.unwrap();
            assert_eq!(s.act(&inst, id, "pass").await.unwrap().stage, "acceptance");
        }
        assert!(matches!(s.act(&officer, id, "return").await, Err(MatterError::Refused(Refusal::NoRounds))));
    });
}

#[test]
fn reminders_go_out_once_and_an_overdue_rectification_is_closed() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let id = s.matter(&s.enter("applicant").await, "质量管理体系").await;
        passed(&s, id).await;
        s.act(&s.enter("officer").await, id, "return").await.unwrap();
        let applicant = s.enter("applicant").await;
        let due = crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().row.due_on.unwrap();
        assert_eq!(due - s.app.today(), TimeDelta::days(30));
        let reminders = async || {
            let all = crate::service::message::messages(&s.app, &applicant).await.unwrap();
            all.iter().filter(|m| m.title == "办理期限提醒" && m.link.contains(&id.to_string())).count()
        };
        for (days, expected) in [(22, 0), (1, 1), (0, 1), (5, 1), (1, 2), (1, 2)] {
            s.app.clock.advance(TimeDelta::days(days));
            crate::workflow::due::tick(&s.app).await.unwrap();
            crate::workflow::due::tick(&s.app).await.unwrap();
            assert_eq!(reminders().await, expected, "on {}", s.app.today());
        }
        assert_eq!(s.app.today(), due, "the last day counts");
        assert_eq!(crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().facts.stage, "rectification");
        s.app.clock.advance(TimeDelta::days(1));
        assert!(crate::workflow::due::tick(&s.app).await.unwrap().moved >= 1);
        assert_eq!(crate::matter::open_matter(&s.app, &applicant, id).await.unwrap().facts.stage, "lapsed");
        assert_eq!(crate::workflow::due::tick(&s.app).await.unwrap().moved, 0);
    });
}
