//! One practising institution for a person (docs/domain.md §7.2).

use crate::demo::actions::decide;
use crate::demo::application::{Application, complete};
use crate::matter::tests::disputes::{consented, transferring};
use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::record::certificate::own_certificates;
use crate::workflow::draft::begin_draft;
use crate::workflow::execute::{CommandRequest, execute};
use domain::kind::{registration, transfer};
use domain::record::certificate::CertificateStatus;

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

demo_test!(who_holds_no_certificate_any_more_registers_through_another_institution_and_practises_there, |demo| async move {
    let s = TestApp::new(demo).await;
    let (account, applicant, today) = (s.account("applicant").await, s.sign_in("applicant").await, s.app.today());
    let (new, old) = (s.sign_in("inst-a").await.caller().institutions[0].0, s.sign_in("inst-b").await.caller().institutions[0].0);
    let practised = s.app.db.write(move |tx| {
        let (role, status) = (InstitutionRole::Practitioner, GrantStatus::Active);
        Box::pin(async move { db::institution::set_membership(tx, account, old, role, status, today).await })
    });
    practised.await.unwrap();
    let id = complete(&s.app, &applicant, Application::trainee("EMS"), &new.to_string()).await.unwrap();
    let draft = crate::matter::load(&s.app, &applicant, id).await.unwrap();
    let context = crate::matter::context::matter_context(&s.app, &draft, Shown::everything()).await.unwrap();
    for offered in [new, old] {
        assert!(context.lists()["recommending_institutions"].iter().any(|(id, _)| *id == offered.to_string()));
    }
    decide(&s.app, &applicant, id, "submit", "").await.unwrap();
    propose(&s, id, "inst-a").await;
    s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap();
    assert_eq!(practices(&s, account).await, [(new, today.to_string())]);
});

/// The institutions where an account practises, with the day since when.
async fn practices(s: &TestApp, account: Uuid) -> Vec<(Uuid, String)> {
    let memberships = db::institution::list_memberships(&mut s.app.db.read().await.unwrap(), account).await.unwrap();
    memberships.into_iter().filter(|m| m.is_active_practice()).map(|m| (m.institution_id, m.since.to_string())).collect()
}

demo_test!(who_practises_begins_with_that_institution_and_is_offered_no_other, |demo| async move {
    let s = TestApp::new(demo).await;
    let (own, other) = (s.sign_in("inst-a").await.caller().institutions[0].0, s.sign_in("inst-b").await.caller().institutions[0].0);
    for (who, answered) in [("certified", own.to_string()), ("expert1", String::new())] {
        let who = s.sign_in(who).await;
        let id = begin_draft(&s.app, &who, &registration::KIND, Uuid::now_v7()).await.unwrap();
        let draft = crate::matter::load(&s.app, &who, id).await.unwrap();
        assert_eq!(draft.answers.text("recommending_institution"), answered);
        let context = crate::matter::context::matter_context(&s.app, &draft, Shown::everything()).await.unwrap();
        let offered: Vec<&str> = context.lists()["recommending_institutions"].iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(offered.contains(&other.to_string().as_str()), answered.is_empty(), "{offered:?}");
        assert!(offered.contains(&own.to_string().as_str()));
    }
    let certified = s.sign_in("certified").await;
    crate::matter::tests::races::withdraw_all(&s, &certified).await;
    let id = begin_draft(&s.app, &certified, &transfer::KIND, Uuid::now_v7()).await.unwrap();
    assert_eq!(crate::matter::load(&s.app, &certified, id).await.unwrap().answers.text("from_institution"), own.to_string());
});

demo_test!(a_transfer_from_an_institution_left_meanwhile_is_refused_by_name, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, from, to) = transferring(&s).await;
    consented(&s, id).await;
    let (account, today, admin) = (s.account("applicant").await, s.app.today(), s.sign_in("admin").await);
    let moved = s.app.db.write(move |tx| Box::pin(async move { db::transfer::move_practice(tx, account, from, to, today).await }));
    assert!(moved.await.unwrap());
    let refused = s.execute(&admin, id, "approve").await;
    assert!(matches!(&refused, Err(MatterError::Blocked(why)) if why.contains("已不是转出机构")), "{refused:?}");
    assert_eq!(practices(&s, account).await.len(), 1);
});

demo_test!(who_comes_back_to_an_institution_practises_there_since_the_new_day, |demo| async move {
    let s = TestApp::new(demo).await;
    let (account, own, other) = (
        s.account("certified").await,
        s.sign_in("inst-a").await.caller().institutions[0].0,
        s.sign_in("inst-b").await.caller().institutions[0].0,
    );
    let first = practices(&s, account).await;
    for (from, to, day) in [(own, other, "2027-01-04"), (other, own, "2028-01-04")] {
        let day: chrono::NaiveDate = day.parse().unwrap();
        let moved = s.app.db.write(move |tx| Box::pin(async move { db::transfer::move_practice(tx, account, from, to, day).await }));
        assert!(moved.await.unwrap());
        assert_eq!(practices(&s, account).await, [(to, day.to_string())]);
    }
    let again = s.app.today();
    let granted = s.app.db.write(move |tx| {
        let (role, status) = (InstitutionRole::Practitioner, GrantStatus::Active);
        Box::pin(async move { db::institution::set_membership(tx, account, own, role, status, again).await })
    });
    granted.await.unwrap();
    assert_eq!(practices(&s, account).await, [(own, "2028-01-04".to_owned())], "a practice that goes on keeps its day");
    assert_ne!(first, practices(&s, account).await);
});

demo_test!(an_approval_at_the_moment_of_a_transfer_leaves_one_practice_and_its_certificates_there, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, from, to) = transferring(&s).await;
    let applicant = s.sign_in("applicant").await;
    let other = complete(&s.app, &applicant, Application::trainee("EMS"), &from.to_string()).await.unwrap();
    decide(&s.app, &applicant, other, "submit", "").await.unwrap();
    propose(&s, other, "inst-a").await;
    consented(&s, id).await;
    let people = [s.sign_in("admin").await, s.sign_in("approver2").await];
    let results = at_once([id, other].into_iter().zip(people).map(|(matter, who)| {
        let app = s.app.clone();
        let command = Command { name: "approve".into(), ..Command::default() };
        async move { execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await }
    }))
    .await;
    for result in &results {
        assert!(matches!(result, Ok(_) | Err(MatterError::Blocked(_) | MatterError::ChangedMeanwhile)), "{result:?}");
    }
    assert!(results.iter().any(Result::is_ok));
    if results[0].is_err() {
        s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap();
    }
    assert_eq!(practices(&s, applicant.account()).await, [(to, s.app.today().to_string())]);
    for certificate in own_certificates(&s.app, &applicant).await.unwrap() {
        assert_eq!(certificate.row.institution_id, Some(to), "{}", certificate.row.domain);
    }
});

demo_test!(a_transfer_applied_for_before_a_suspension_is_not_granted_during_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, from, _) = transferring(&s).await;
    consented(&s, id).await;
    let account = s.account("applicant").await;
    let set = |status| {
        s.app.db.write(move |tx| {
            Box::pin(async move {
                let row = db::certificate::list_of_account(tx, account).await?.remove(0);
                let (overdue_from, next_check_on) = (row.overdue_from, row.next_check_on);
                let state = db::disposition::CertificateState { status, overdue_from, scheduled: None, next_check_on };
                db::disposition::set_state(tx, &row, &state).await
            })
        })
    };
    assert!(set(CertificateStatus::Suspended).await.unwrap());
    let refused = s.execute(&s.sign_in("admin").await, id, "approve").await;
    assert!(matches!(&refused, Err(MatterError::Blocked(why)) if why.contains("因处置处于暂停期")), "{refused:?}");
    assert!(practices(&s, account).await.iter().all(|(institution, _)| *institution == from));
    assert!(set(CertificateStatus::Valid).await.unwrap());
    assert_eq!(s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap().stage, "granted");
});
