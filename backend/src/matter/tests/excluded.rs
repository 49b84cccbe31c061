//! People whom the association excludes by hand.

use domain::base::permission::Role;
use domain::engine::flow::EventKind;

use crate::demo::actions::{decide, fill_step};
use crate::demo::testing::stages::{Cast, place};
use crate::matter::tests::*;
use crate::workflow::draft::begin_draft;
use crate::workflow::execute::{CommandOutcome, CommandRequest, execute};

async fn exclude(s: &TestApp, who: &Allowed, id: Uuid, name: &str) -> Result<CommandOutcome, MatterError> {
    let command =
        Command { name: "exclude".into(), note: "与当事人有亲属关系".into(), excluded_name: name.into(), ..Command::default() };
    execute(&s.app, who, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }).await
}

/// A complaint that names nobody of the association.
async fn complaint(s: &TestApp) -> Uuid {
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &domain::kind::complaint::KIND, Uuid::now_v7()).await.unwrap();
    let facts = [
        ("target_type", "registrant"),
        ("target_name", "某人"),
        ("happened_on", "2026-11-02"),
        ("place", "上海"),
        ("facts", "审核中未到现场，仍出具了审核记录。"),
    ];
    fill_step(&s.app, &who, id, "complaint", &facts).await.unwrap();
    fill_step(&s.app, &who, id, "reply", &[("wants_reply", "yes"), ("declared", "yes")]).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    id
}

async fn reads(s: &TestApp, name: &str, id: Uuid) -> bool {
    match crate::matter::load(&s.app, &s.sign_in(name).await, id).await {
        Ok(_) => true,
        Err(MatterError::NotFound) => false,
        Err(error) => panic!("{error:?}"),
    }
}

demo_test!(who_is_excluded_by_hand_reads_and_decides_nothing_however_the_name_is_written, |demo| async move {
    let s = TestApp::new(demo).await;
    let officer = s.sign_in("officer").await;
    let excluded = s.sign_in("officer2").await;
    let name = excluded.caller().person.name.clone();
    let spaced: String = name.chars().flat_map(|c| [c, ' ']).collect();
    for written in [name.clone(), format!("{name}主任"), spaced, format!("协会（{name}）同志")] {
        let id = complaint(&s).await;
        assert!(reads(&s, "officer2", id).await);
        assert_eq!(exclude(&s, &officer, id, &written).await.unwrap().stage, "acceptance", "the case stays where it is");
        assert!(!reads(&s, "officer2", id).await, "{written}");
        for command in ["accept", "decline", "exclude"] {
            assert!(matches!(s.execute(&excluded, id, command).await, Err(MatterError::NotFound)), "{command}");
        }
        let matter = crate::matter::load(&s.app, &officer, id).await.unwrap();
        let last = matter.events.last().unwrap();
        assert!(
            matches!(&last.kind, EventKind::Excluded { name, note, people } if name == written.trim() && note == "与当事人有亲属关系" && people.contains(&excluded.account())),
            "{last:?}"
        );
        let own = crate::matter::load(&s.app, &s.sign_in("applicant").await, id).await.unwrap();
        assert!(own.events.iter().all(|event| !matches!(event.kind, EventKind::Excluded { .. })), "the complainant does not read it");
        s.execute(&s.sign_in("applicant").await, id, "withdraw").await.unwrap();
        assert!(!reads(&s, "officer2", id).await, "nor later");
    }
});

demo_test!(only_an_officer_excludes_and_with_a_name_and_a_reason, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = complaint(&s).await;
    for name in ["applicant", "approver2", "inst-a", "expert1", "finance"] {
        let refused = exclude(&s, &s.sign_in(name).await, id, "某某人").await;
        assert!(matches!(refused, Err(MatterError::NotFound | MatterError::Refused(Refusal::NotOpen))), "{name}: {refused:?}");
    }
    let officer = s.sign_in("officer").await;
    for name in ["", " ", "某", &"某".repeat(61)] {
        let refused = exclude(&s, &officer, id, name).await;
        assert!(matches!(refused, Err(MatterError::Refused(Refusal::NoName))), "{refused:?}");
    }
    let command = Command { name: "exclude".into(), excluded_name: "某某人".into(), ..Command::default() };
    let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command };
    assert!(matches!(execute(&s.app, &officer, request).await, Err(MatterError::Refused(Refusal::NoNote))));
    assert!(crate::matter::load(&s.app, &officer, id).await.unwrap().state.excluded_names.is_empty());
});

demo_test!(who_gets_a_role_after_the_exclusion_is_excluded_too_and_a_new_submission_changes_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let (officer, applicant) = (s.sign_in("officer").await, s.sign_in("applicant").await);
    let id = complaint(&s).await;
    let newcomer = s.sign_in("certified").await.caller().person.name.clone();
    exclude(&s, &officer, id, &format!("{newcomer}老师")).await.unwrap();
    exclude(&s, &officer, id, &s.sign_in("officer2").await.caller().person.name.clone()).await.unwrap();
    crate::service::admin::set_role(&s.app, "certified", Role::Officer, GrantStatus::Active).await.unwrap();
    assert!(!reads(&s, "certified", id).await);
    s.execute(&officer, id, "return").await.unwrap();
    fill_step(
        &s.app,
        &applicant,
        id,
        "complaint",
        &[
            ("place", "北京"),
            ("target_type", "registrant"),
            ("target_name", "某人"),
            ("happened_on", "2026-11-02"),
            ("facts", "审核中未到现场。"),
        ],
    )
    .await
    .unwrap();
    decide(&s.app, &applicant, id, "submit", "").await.unwrap();
    for name in ["certified", "officer2"] {
        assert!(!reads(&s, name, id).await, "{name}");
    }
    assert!(reads(&s, "officer", id).await);
});

demo_test!(an_assigned_expert_who_is_excluded_is_no_candidate_and_the_case_goes_on, |demo| async move {
    let s = TestApp::new(demo).await;
    let institution = |who: Allowed| who.caller().institutions[0].0;
    let cast = Cast {
        owner: s.account("applicant").await,
        institution: institution(s.sign_in("inst-a").await),
        joining: institution(s.sign_in("inst-b").await),
        experts: vec![s.account("expert1").await, s.account("expert2").await, s.account("expert3").await],
    };
    let kind = &domain::kind::appeal::KIND;
    let id = place(&s.app, kind, kind.flow.stage("evaluation").unwrap(), &cast).await.unwrap();
    let officer = s.sign_in("officer").await;
    let expert = s.sign_in("expert2").await;
    assert!(reads(&s, "expert2", id).await);
    assert_eq!(exclude(&s, &officer, id, &expert.caller().person.name).await.unwrap().stage, "assignment", "two are too few");
    assert!(!reads(&s, "expert2", id).await);
    let matter = crate::matter::load(&s.app, &officer, id).await.unwrap();
    let candidates = crate::record::expert::candidates(&s.app, &matter).await.unwrap();
    let conflict = candidates.iter().find(|candidate| candidate.expert.account == expert.account()).unwrap().conflict;
    assert!(conflict.is_some());
    let command = Command { name: "assign".into(), assignees: cast.experts.clone(), ..Command::default() };
    let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command };
    assert!(matches!(execute(&s.app, &officer, request).await, Err(MatterError::Refused(Refusal::Conflicted))));
});

demo_test!(no_number_of_role_holders_drops_anybody, |demo| async move {
    let s = TestApp::new(demo).await;
    let before = db::account::list_role_holders(&mut s.app.db.read().await.unwrap(), Role::Officer).await.unwrap().len();
    let template = {
        let mut tx = s.app.db.read().await.unwrap();
        db::account::by_name(&mut tx, "officer").await.unwrap().unwrap()
    };
    for i in 0..210_u32 {
        let person = crate::access::account::Person {
            name: "孙立新".into(),
            document_type: "passport".into(),
            document_number: format!("E{i:08}"),
            sex: domain::base::identity::Sex::Male,
            birth_date: s.app.today(),
            mobile: format!("137{i:08}"),
            email: format!("many-{i}@example.com"),
        };
        let row =
            crate::access::account::signup::new_account_row(&s.app, &format!("many-{i}"), &person, template.password_hash.clone(), true);
        let now = s.app.now();
        let grant = s.app.db.write(move |tx| {
            let row = row.clone();
            Box::pin(async move {
                db::account::insert(tx, &row).await?;
                db::account::set_role_grant(tx, row.id, Role::Officer, GrantStatus::Active, now).await
            })
        });
        grant.await.unwrap();
    }
    let mut tx = s.app.db.read().await.unwrap();
    assert_eq!(db::account::list_role_holders(&mut tx, Role::Officer).await.unwrap().len(), before + 210);
    drop(tx);
    let id = complaint(&s).await;
    exclude(&s, &s.sign_in("officer").await, id, "孙立新主任").await.unwrap();
    for name in ["many-0", "many-100", "many-209"] {
        assert!(!reads(&s, name, id).await, "{name}");
    }
});
