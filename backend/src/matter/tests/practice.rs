//! One practising institution for a person (docs/domain.md §7.2).

use crate::demo::actions::decide;
use crate::demo::application::{Application, complete};
use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::workflow::execute::{CommandRequest, execute};

/// Takes an application of the demo's applicant from its submission to the point where the association has only to decide.
async fn propose(s: &TestApp, id: Uuid, institution: &str) {
    s.execute(&s.sign_in(institution).await, id, "pass").await.unwrap();
    paid(s, id).await;
    officer_decides(s, id, "propose").await;
}

demo_test!(of_two_applications_through_two_institutions_one_is_granted_and_the_person_practises_there, |demo| async move {
    let s = TestApp::new(demo).await;
    let approver = s.sign_in("admin").await;
    let (applicant, other) = (s.sign_in("applicant").await, s.sign_in("inst-b").await.caller().institutions[0].0);
    let first = s.matter(&applicant, "质量管理体系").await;
    let second = complete(&s.app, &applicant, Application::trainee("EMS"), &other.to_string()).await.unwrap();
    decide(&s.app, &applicant, second, "submit", "").await.unwrap();
    propose(&s, first, "inst-a").await;
    propose(&s, second, "inst-b").await;
    let results = at_once([first, second].map(|matter| {
        let (app, who) = (s.app.clone(), approver.clone());
        let command = Command { name: "approve".into(), ..Command::default() };
        async move { execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await }
    }))
    .await;
    let (granted, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((granted.len(), refused.len()), (1, 1));
    let Some(Err(MatterError::Blocked(text))) = refused.into_iter().next() else { panic!("the other is refused with its reason") };
    assert!(text.starts_with("申请人目前的执业机构为"), "{text}");
    let account = s.account("applicant").await;
    let memberships = db::institution::list_memberships(&mut s.app.db.read().await.unwrap(), account).await.unwrap();
    assert_eq!(memberships.iter().filter(|m| m.is_active_practice()).count(), 1);
});

demo_test!(the_database_holds_one_practising_institution_of_a_person, |demo| async move {
    let s = TestApp::new(demo).await;
    let (account, other) = (s.account("certified").await, s.sign_in("inst-b").await.caller().institutions[0].0);
    let today = s.app.today();
    let second = s
        .app
        .db
        .write(move |tx| {
            let (role, status) = (InstitutionRole::Practitioner, GrantStatus::Active);
            Box::pin(async move { db::institution::set_membership(tx, account, other, role, status, today).await })
        })
        .await;
    assert!(second.is_err());
});

demo_test!(a_person_who_practises_cannot_apply_through_another_institution, |demo| async move {
    let s = TestApp::new(demo).await;
    let (certified, other) = (s.sign_in("certified").await, s.sign_in("inst-b").await.caller().institutions[0].0);
    let id = complete(&s.app, &certified, Application::trainee("HACCP"), &other.to_string()).await.unwrap();
    let refused = decide(&s.app, &certified, id, "submit", "").await;
    let Err(MatterError::InvalidAnswers(problems)) = refused else { panic!("it was submitted") };
    assert!(problems.iter().any(|p| p.issue.code == "practises_elsewhere"));
});
