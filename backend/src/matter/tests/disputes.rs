//! What an approved transfer does to whatever else is running, and what an appeal finds of a person's decisions.

use crate::demo::cases::{Aim, act, complete, page};
use crate::matter::tests::*;
use crate::workflow::execute::Act;

async fn institutions(s: &Stage) -> (Uuid, Uuid) {
    let desk = |who: &Allowed| who.caller().desks.first().unwrap().0;
    (desk(&s.enter("inst-a").await), desk(&s.enter("inst-b").await))
}

/// The demo's applicant is certified at the first institution, and asks to go to the second.
async fn transferring(s: &Stage) -> (Uuid, Uuid, Uuid) {
    let (from, to) = institutions(s).await;
    let (applicant, officer) = (s.enter("applicant").await, s.enter("officer").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    passed(s, id).await;
    for command in ["accept", "waive", "propose"] {
        s.act(&officer, id, command).await.unwrap();
    }
    s.act(&s.enter("admin").await, id, "approve").await.unwrap();
    let id = crate::workflow::draft::begin_matter(&s.app, &applicant, &domain::kind::transfer::KIND, Uuid::now_v7()).await.unwrap();
    let (a, b) = (from.to_string(), to.to_string());
    let choices = [("from_institution", a.as_str()), ("to_institution", b.as_str()), ("ground", "agreed")];
    page(&s.app, &applicant, id, "transfer", &choices).await.unwrap();
    page(&s.app, &applicant, id, "papers", &[("declared", "2026-11")]).await.unwrap();
    act(&s.app, &applicant, id, "submit", "").await.unwrap();
    (id, from, to)
}

/// Everyone consents, up to the approval.
async fn consented(s: &Stage, id: Uuid) {
    for (who, command) in [("inst-a", "agree"), ("inst-b", "accept"), ("officer", "propose")] {
        s.act(&s.enter(who).await, id, command).await.unwrap();
    }
}

#[test]
fn an_application_made_meanwhile_follows_to_the_new_institution() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (id, from, to) = transferring(&s).await;
        let applicant = s.enter("applicant").await;
        let other = complete(&s.app, &applicant, Aim::trainee("EMS"), &from.to_string()).await.unwrap();
        act(&s.app, &applicant, other, "submit", "").await.unwrap();
        consented(&s, id).await;
        assert_eq!(s.act(&s.enter("admin").await, id, "approve").await.unwrap().stage, "granted");

        let (old, new) = (s.enter("inst-a").await, s.enter("inst-b").await);
        assert!(matches!(crate::matter::open_matter(&s.app, &old, other).await, Err(MatterError::NotFound)));
        assert_eq!(crate::matter::open_matter(&s.app, &new, other).await.unwrap().row.institution_id, Some(to));
        assert_eq!(s.act(&new, other, "return").await.unwrap().stage, "returned");
        let mine = crate::matter::open_matter(&s.app, &applicant, other).await.unwrap();
        assert_eq!(mine.answers.text("recommending_institution"), to.to_string(), "what is submitted again goes to the new one");
        for certificate in crate::record::certificate::own_certificates(&s.app, &applicant).await.unwrap() {
            assert_eq!(certificate.row.institution_id, Some(to));
        }
        let practice = crate::workflow::transfer::practice(&s.app, &applicant).await.unwrap();
        assert_eq!((practice.now.len(), practice.transfers.len()), (1, 1));
    });
}

#[test]
fn an_approval_waits_for_a_fee_that_is_being_paid_and_changes_nothing_until_then() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (id, from, _) = transferring(&s).await;
        let applicant = s.enter("applicant").await;
        let aim = Aim { payer: "institution", ..Aim::trainee("EMS") };
        let other = complete(&s.app, &applicant, aim, &from.to_string()).await.unwrap();
        act(&s.app, &applicant, other, "submit", "").await.unwrap();
        assert_eq!(s.act(&s.enter("inst-a").await, other, "pass").await.unwrap().stage, "billing");
        consented(&s, id).await;
        let admin = s.enter("admin").await;
        let error = s.act(&admin, id, "approve").await.unwrap_err();
        assert!(matches!(&error, MatterError::Hindered(why) if why.contains("待机构缴费")), "{error:?}");
        assert_eq!(crate::matter::open_matter(&s.app, &admin, id).await.unwrap().facts.stage, "approval");
        let certificates = crate::record::certificate::own_certificates(&s.app, &applicant).await.unwrap();
        assert!(certificates.iter().all(|c| c.row.institution_id == Some(from)), "nothing has changed");
        s.act(&applicant, other, "withdraw").await.unwrap();
        assert_eq!(s.act(&admin, id, "approve").await.unwrap().stage, "granted");
    });
}

#[test]
fn an_upheld_appeal_brings_the_case_to_its_desk_again_and_keeps_its_name_for_it() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let (applicant, officer) = (s.enter("applicant").await, s.enter("officer").await);
        let case = s.matter(&applicant, "质量管理体系").await;
        passed(&s, case).await;
        for command in ["accept", "waive", "refuse"] {
            s.act(&officer, case, command).await.unwrap();
        }
        let id = crate::workflow::draft::begin_matter(&s.app, &applicant, &domain::kind::appeal::KIND, Uuid::now_v7()).await.unwrap();
        let disputed = case.to_string();
        let said = [("disputed", disputed.as_str()), ("claim", "请撤销"), ("grounds", "理由"), ("declared", "yes")];
        page(&s.app, &applicant, id, "appeal", &said).await.unwrap();
        act(&s.app, &applicant, id, "submit", "").await.unwrap();
        let second = s.enter("officer2").await;
        s.act(&second, id, "accept").await.unwrap();
        let mut people = Vec::new();
        for name in ["expert1", "expert2", "expert3"] {
            people.push(s.account(name).await);
        }
        let assign = Command { name: "assign".into(), people, ..Command::default() };
        crate::workflow::execute::act(&s.app, &second, Act { key: Uuid::now_v7(), matter: id, command: assign }).await.unwrap();
        for expert in ["expert1", "expert2", "expert3"] {
            s.act(&s.enter(expert).await, id, "uphold").await.unwrap();
        }
        let before = crate::service::message::unread(&s.app, officer.account()).await.unwrap();
        let decided = s.act(&s.enter("approver2").await, id, "sustain").await.unwrap();
        assert_eq!(decided.stage, "sustained", "the answer is about the appeal");
        assert_eq!(crate::matter::open_matter(&s.app, &officer, case).await.unwrap().facts.stage, "review");
        assert!(crate::service::message::unread(&s.app, officer.account()).await.unwrap() > before, "it waits at the desk again");
        let opened = crate::matter::open_matter(&s.app, &applicant, id).await.unwrap();
        let found = crate::matter::relations::disputed(&s.app, &opened).await.unwrap().unwrap();
        assert_eq!((found.decision, found.note.as_str()), ("未批准", "意见"));
        let world = crate::matter::context::world_of(&s.app, &opened, applicant.caller()).await.unwrap();
        let named = world.lists["decisions"].iter().find(|(code, _)| *code == disputed);
        assert!(named.is_some_and(|(_, label)| label.contains("质量管理体系")));
    });
}
