//! Measures of the association on certificates, on both databases.

use domain::engine::flow::Command;
use domain::matter::Availability;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{decide, fill_step};
use crate::infra::db;
use crate::matter::context::{availability, matter_context};
use crate::matter::{MatterError, Shown, load};
use crate::record::certificate::seen::SeenCertificate;
use crate::record::certificate::tests::*;
use crate::service::certificate::expiry::run_expiry;
use crate::workflow::disposition::{ProposedMeasure, propose_measure};
use crate::workflow::draft::begin_draft;
use crate::workflow::execute::{CommandRequest, execute};

pub(super) const TODAY: &str = "2026-11-23";

/// A valid certificate of `certified`.
pub(super) async fn valid(s: &TestApp) -> Certificate {
    let all = s.certificates("certified").await;
    all.into_iter().find(|c| c.row.domain == "QMS" && c.row.status == CertificateStatus::Valid).unwrap()
}

pub(super) async fn stored(s: &TestApp, number: &str) -> db::certificate::CertificateRow {
    db::certificate::by_number(&mut s.app.db.read().await.unwrap(), number).await.unwrap().unwrap()
}

pub(super) async fn status(s: &TestApp, number: &str) -> CertificateStatus {
    stored(s, number).await.held().status_on(s.app.today())
}

async fn proposal(s: &TestApp, number: &str, measure: &str, on: &str) -> ProposedMeasure {
    let mut tx = s.app.db.read().await.unwrap();
    let row = db::certificate::by_number(&mut tx, number).await.unwrap().unwrap();
    let seen = Some(SeenCertificate::of(&mut tx, &row, s.app.today()).await.unwrap());
    let (number, measure, effective_on) = (number.to_owned(), measure.to_owned(), on.to_owned());
    ProposedMeasure { key: Uuid::now_v7(), number, seen, measure, effective_on, reason: "超出能力范围审核".into() }
}

async fn propose(s: &TestApp, number: &str, measure: &str, on: &str) -> Result<Uuid, MatterError> {
    propose_measure(&s.app, &s.sign_in("officer").await, proposal(s, number, measure, on).await).await
}

pub(super) async fn impose(s: &TestApp, number: &str, measure: &str, on: &str) -> Uuid {
    let id = propose(s, number, measure, on).await.unwrap();
    s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap();
    id
}

/// Titles and texts of an account's messages about dispositions, newest first.
pub(super) async fn messages(s: &TestApp, name: &str) -> Vec<String> {
    let all = crate::service::message::list_messages(&s.app, &s.sign_in(name).await).await.unwrap();
    all.into_iter().filter(|m| m.title.contains("证书处置")).map(|m| m.body).collect()
}

/// An appeal against the decision of a matter, decided by the association.
pub(super) async fn appeal(s: &TestApp, who: &Allowed, disputed: Uuid, decision: &str) -> Result<Uuid, MatterError> {
    let id = begin_draft(&s.app, who, &domain::kind::appeal::KIND, Uuid::now_v7()).await?;
    let disputed = disputed.to_string();
    let said = [("disputed", disputed.as_str()), ("claim", "请撤销"), ("grounds", "理由"), ("declared", "yes")];
    fill_step(&s.app, who, id, "appeal", &said).await?;
    decide(&s.app, who, id, "submit", "").await?;
    let officer = s.sign_in("officer2").await;
    s.execute(&officer, id, "accept").await?;
    let mut assignees = Vec::new();
    for name in ["expert1", "expert2", "expert3"] {
        assignees.push(s.account(name).await);
    }
    let command = Command { name: "assign".into(), assignees, ..Command::default() };
    execute(&s.app, &officer, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }).await?;
    for expert in ["expert1", "expert2", "expert3"] {
        s.execute(&s.sign_in(expert).await, id, "sustain").await?;
    }
    s.execute(&s.sign_in("approver2").await, id, decision).await?;
    Ok(id)
}

demo_test!(a_suspension_is_decided_by_two_people_told_to_holder_and_institution_and_bars_renewal_and_transfer, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let id = propose(&s, &number, "suspend", TODAY).await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid, "nothing happens before the approval");
    assert!(matches!(s.execute(&s.sign_in("officer").await, id, "approve").await, Err(MatterError::Refused(_))));
    assert!(matches!(s.execute(&certified, id, "approve").await, Err(MatterError::Refused(_))), "nobody decides on an own certificate");
    assert_eq!(s.execute(&s.sign_in("admin").await, id, "approve").await.unwrap().stage, "imposed");
    let row = stored(&s, &number).await;
    assert_eq!((row.status, row.overdue_from), (CertificateStatus::Suspended, None));
    for name in ["certified", "inst-a"] {
        assert!(messages(&s, name).await.iter().any(|m| m.contains(&number) && m.contains("自 2026-11-23 起暂停")), "{name}");
    }
    let transfer = availability(&s.app, certified.caller(), &domain::kind::transfer::KIND).await.unwrap();
    assert!(matches!(transfer, Availability::Closed { reason, .. } if reason.contains("因处置处于暂停期")));
    run_expiry(&s.app).await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Suspended, "time alone does not end it");
    impose(&s, &number, "resume", TODAY).await;
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid);
});

demo_test!(a_measure_takes_effect_on_its_day_whether_or_not_the_job_has_run, |demo| async move {
    let s = TestApp::new(demo).await;
    let number = valid(&s).await.row.number;
    impose(&s, &number, "revoke", "2026-11-25").await;
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid);
    assert!(messages(&s, "certified").await.iter().any(|m| m.contains("将自 2026-11-25 起撤销")));
    let error = propose(&s, &number, "warn", "2026-11-24").await.unwrap_err();
    assert!(matches!(&error, MatterError::InvalidAnswers(p) if p[0].issue.code == "scheduled"), "{error:?}");
    s.app.clock.advance(TimeDelta::days(2));
    assert_eq!(stored(&s, &number).await.status, CertificateStatus::Valid, "no job has run");
    assert_eq!(status(&s, &number).await, CertificateStatus::Revoked);
    run_expiry(&s.app).await.unwrap();
    run_expiry(&s.app).await.unwrap();
    let row = stored(&s, &number).await;
    assert_eq!((row.status, row.scheduled_measure, row.next_check_on), (CertificateStatus::Revoked, None, None));
    let told = messages(&s, "certified").await;
    assert_eq!(told.iter().filter(|m| m.contains("自 2026-11-25 起撤销，不再有效") && !m.contains("将自")).count(), 1);
    let error = propose(&s, &number, "resume", "2026-11-25").await.unwrap_err();
    assert!(matches!(&error, MatterError::InvalidAnswers(p) if p[0].issue.code == "not_applicable"), "{error:?}");
});

demo_test!(of_proposals_and_approvals_at_once_one_counts, |demo| async move {
    let s = TestApp::new(demo).await;
    let number = valid(&s).await.row.number;
    let (officer, second) = (s.sign_in("officer").await, s.sign_in("officer2").await);
    let (a, b) = (proposal(&s, &number, "suspend", TODAY).await, proposal(&s, &number, "cancel", TODAY).await);
    let (a, b) = tokio::join!(propose_measure(&s.app, &officer, a), propose_measure(&s.app, &second, b));
    let id = *[&a, &b].into_iter().flatten().next().unwrap();
    assert_eq!([&a, &b].iter().filter(|r| r.is_ok()).count(), 1, "{a:?} {b:?}");
    let refused = [a, b].into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused, MatterError::AlreadyOpen(..)), "{refused:?}");
    let (first, other) = (s.sign_in("admin").await, s.sign_in("approver2").await);
    let (x, y) = tokio::join!(s.execute(&first, id, "approve"), s.execute(&other, id, "approve"));
    assert_eq!([&x, &y].iter().filter(|r| r.is_ok()).count(), 1, "{x:?} {y:?}");
    let row = stored(&s, &number).await;
    let mut tx = s.app.db.read().await.unwrap();
    assert_eq!(db::disposition::list_of_certificate(&mut tx, row.id).await.unwrap().len(), 1);
});

demo_test!(a_proposal_on_an_outdated_page_is_refused_with_what_changed_and_one_sent_twice_counts_once, |demo| async move {
    let s = TestApp::new(demo).await;
    let number = valid(&s).await.row.number;
    let officer = s.sign_in("officer").await;
    let (outdated, repeated) = (proposal(&s, &number, "cancel", TODAY).await, proposal(&s, &number, "suspend", TODAY).await);
    let first = propose_measure(&s.app, &officer, repeated.clone()).await.unwrap();
    assert_eq!(propose_measure(&s.app, &officer, repeated).await.unwrap(), first);
    s.execute(&s.sign_in("admin").await, first, "approve").await.unwrap();
    let error = propose_measure(&s.app, &officer, outdated.clone()).await.unwrap_err();
    assert!(matches!(&error, MatterError::CertificateChanged(changes) if changes[0] == "状态由“有效”变为“已暂停”"), "{error:?}");
    let silent = propose_measure(&s.app, &officer, ProposedMeasure { seen: None, ..outdated }).await;
    assert!(matches!(silent, Err(MatterError::CertificateChanged(_))), "a page that does not say what it showed");
    let stranger = propose_measure(&s.app, &s.sign_in("certified").await, proposal(&s, &number, "resume", TODAY).await).await;
    assert!(matches!(stranger, Err(MatterError::NotFound)));
});

demo_test!(an_appeal_against_a_suspension_that_is_granted_restores_the_certificate, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let id = impose(&s, &number, "suspend", TODAY).await;
    appeal(&s, &certified, id, "sustain").await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid);
    let matter = load(&s.app, &certified, id).await.unwrap();
    assert_eq!(matter.state.stage, "lifted");
    assert!(messages(&s, "certified").await.iter().any(|m| m.contains("恢复为处置前的状态：有效")));
    let again = appeal(&s, &certified, id, "sustain").await;
    assert!(matches!(again, Err(MatterError::Blocked(_) | MatterError::InvalidAnswers(_))), "{again:?}");
});

demo_test!(an_appeal_against_a_measure_that_was_overtaken_leaves_the_certificate_and_says_so, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let id = impose(&s, &number, "suspend", TODAY).await;
    impose(&s, &number, "revoke", TODAY).await;
    appeal(&s, &certified, id, "sustain").await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Revoked);
    let mut tx = s.app.db.read().await.unwrap();
    let disposition = db::disposition::by_matter(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(disposition.lifting.as_deref(), Some("overtaken"));
    drop(tx);
    let officer = load(&s.app, &s.sign_in("officer").await, id).await.unwrap();
    let note = officer.events.last().map(|e| format!("{:?}", e.kind)).unwrap();
    assert!(note.contains("现为“已撤销”，状态不再恢复"), "{note}");
});

demo_test!(a_measure_that_is_due_and_not_stored_yet_is_lifted_like_one_that_is, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    impose(&s, &number, "suspend", TODAY).await;
    impose(&s, &number, "resume", TODAY).await;
    let id = impose(&s, &number, "suspend", "2026-11-25").await;
    s.app.clock.advance(TimeDelta::days(2));
    assert_eq!(status(&s, &number).await, CertificateStatus::Suspended);
    appeal(&s, &certified, id, "sustain").await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid);
    let lifted = load(&s.app, &certified, id).await.unwrap();
    let note = lifted.events.last().map(|e| format!("{:?}", e.kind)).unwrap();
    assert!(note.contains("恢复为处置前的状态：有效"), "{note}");
    let dropped = impose(&s, &number, "revoke", "2026-12-25").await;
    appeal(&s, &certified, dropped, "sustain").await.unwrap();
    s.app.clock.advance(TimeDelta::days(40));
    run_expiry(&s.app).await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid, "a measure that was lifted before its day never takes effect");
});

demo_test!(an_appeal_that_changes_a_decision_tells_it_in_words_and_reopens_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let id = impose(&s, &number, "suspend", TODAY).await;
    let changed = appeal(&s, &certified, id, "amend").await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Suspended);
    assert_eq!(load(&s.app, &certified, changed).await.unwrap().state.stage, "amended");
    let all = crate::service::message::list_messages(&s.app, &certified).await.unwrap();
    assert!(
        all.iter().any(|m| m.body.contains("变更原决定") && m.body.contains("变更后的决定：意见")),
        "the changed decision is in the message"
    );
});

demo_test!(measures_can_be_appealed_within_the_window_and_a_resumption_cannot, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let warned = impose(&s, &number, "warn", TODAY).await;
    let suspended = impose(&s, &number, "suspend", TODAY).await;
    let resumed = impose(&s, &number, "resume", TODAY).await;
    let draft = begin_draft(&s.app, &certified, &domain::kind::appeal::KIND, Uuid::now_v7()).await.unwrap();
    for (days, offered) in [(0, true), (30, true), (1, false)] {
        s.app.clock.advance(TimeDelta::days(days));
        let context = matter_context(&s.app, &load(&s.app, &certified, draft).await.unwrap(), Shown::everything()).await.unwrap();
        let named = |id: Uuid| context.lists()["decisions"].iter().any(|(code, _)| *code == id.to_string());
        assert_eq!((named(warned), named(suspended), named(resumed)), (offered, offered, false), "{days} days later");
    }
});
