//! Participants: who is asked, who sees the matter when, and what a resubmission asks again.

use crate::demo::actions::decide;
use crate::matter::tests::owner::{colleague, filled, name_person};
use crate::matter::tests::*;
use crate::workflow::files::download;

async fn stage(s: &TestApp, who: &Allowed, id: Uuid) -> String {
    crate::matter::load(&s.app, who, id).await.unwrap().state.stage
}

demo_test!(a_participant_sees_the_matter_from_its_submission_and_all_must_agree, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, named) = (s.sign_in("inst-a").await, s.sign_in("certified").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    assert!(matches!(crate::matter::load(&s.app, &named, id).await, Err(MatterError::NotFound)), "not the draft");
    let before = crate::service::message::count_unread(&s.app, named.account()).await.unwrap();
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    assert_eq!(crate::service::message::count_unread(&s.app, named.account()).await.unwrap(), before + 1, "who is asked is told");
    let seen = crate::matter::load(&s.app, &named, id).await.unwrap();
    assert!(seen.is_party(domain::engine::flow::Party::Participant) && !seen.is_own());
    assert!(matches!(download(&s.app, &named, id, Uuid::now_v7()).await, Err(MatterError::NotFound)));
    assert!(s.execute(&named, id, "withdraw").await.is_err(), "only the applicant withdraws");
    assert_eq!(s.execute(&named, id, "agree").await.unwrap().stage, "consent");
    assert!(matches!(s.execute(&named, id, "agree").await, Err(MatterError::Refused(Refusal::Voted))));
    let both = crate::matter::load(&s.app, &author, id).await.unwrap();
    assert_eq!(both.actor.parties.len(), 2, "the author is the applicant and a participant");
    assert_eq!(s.execute(&author, id, "agree").await.unwrap().stage, "review");
    assert!(crate::matter::load(&s.app, &named, id).await.is_ok(), "who was named may look on");
});

demo_test!(after_a_return_only_those_whose_part_changed_are_asked_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, officer) = (s.sign_in("inst-a").await, s.sign_in("officer").await);
    let other = colleague(&s, "teacher").await;
    let id = filled(&s, &author, &[("certified", "讲授"), ("teacher", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    for who in [&s.sign_in("certified").await, &other] {
        s.execute(who, id, "agree").await.unwrap();
    }
    decide(&s.app, &officer, id, "return", "请修改").await.unwrap();
    let answers = crate::matter::load(&s.app, &author, id).await.unwrap().answers;
    let record = answers.records(domain::kind::trial::PEOPLE).nth(1).unwrap().id;
    name_person(&s, &author, id, record, "teacher", "讲授和答疑").await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    let certified = s.sign_in("certified").await;
    assert!(matches!(s.execute(&certified, id, "agree").await, Err(MatterError::Refused(Refusal::Voted))), "that agreement stands");
    assert_eq!(s.execute(&other, id, "agree").await.unwrap().stage, "review");
    decide(&s.app, &officer, id, "return", "请修改").await.unwrap();
    crate::demo::actions::fill_step(&s.app, &author, id, "subject", &[("subject", "另一名称"), ("day", "2026-12-01")]).await.unwrap();
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    assert_eq!(stage(&s, &officer, id).await, "review", "no part changed, so nobody is asked and the matter goes on");
    let last = crate::matter::load(&s.app, &officer, id).await.unwrap().events.last().cloned().unwrap();
    assert_eq!((last.by, last.party.as_str()), (None, "participant"));
});

demo_test!(whoever_is_named_no_more_sees_the_matter_no_more, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, s.sign_in("certified").await);
    colleague(&s, "teacher").await;
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    s.execute(&author, id, "agree").await.unwrap();
    assert_eq!(s.execute(&other, id, "decline").await.unwrap().stage, "returned");
    let answers = crate::matter::load(&s.app, &author, id).await.unwrap().answers;
    let record = answers.records(domain::kind::trial::PEOPLE).next().unwrap().id;
    name_person(&s, &author, id, record, "teacher", "讲授").await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    assert!(matches!(crate::matter::load(&s.app, &other, id).await, Err(MatterError::NotFound)));
    assert_eq!(s.execute(&s.sign_in("teacher").await, id, "agree").await.unwrap().stage, "review");
});
