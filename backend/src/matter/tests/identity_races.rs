//! Many who take one document at the same moment: one has it, the others learn that they do not.

use domain::base::rule::key;
use domain::record::account::{Purpose, SignupForm};

use super::identity::{NUMBERS, document, name, person, submitted};
use super::races::at_once;
use crate::access::account::RequestOrigin;
use crate::access::account::code::{CodeTarget, send_code};
use crate::access::account::proof::ProofAnswer;
use crate::access::account::signup::{ConfirmSignupError, begin_signup, confirm_signup};
use crate::matter::tests::*;
use crate::workflow::execute::{CommandRequest, execute};

/// Approvals and registrations of the race, twenty together.
const APPROVALS: usize = 16;
const REGISTRATIONS: usize = 4;

/// A registration with the document that waits for its code: id, code, origin.
async fn pending(s: &TestApp, index: usize) -> (Uuid, String, RequestOrigin) {
    let mobile = format!("136{index:08}");
    let form = SignupForm {
        account: format!("newcomer{index}"),
        password: "Spring-2026-leaf".into(),
        password_again: "Spring-2026-leaf".into(),
        name: "李明".into(),
        document_type: "resident_id".into(),
        document_number: NUMBERS[0].into(),
        mobile: mobile.clone(),
        email: format!("newcomer{index}@example.com"),
        agreed: "yes".into(),
        ..SignupForm::default()
    };
    let origin = RequestOrigin { session: format!("session-{index}"), address: format!("192.0.2.{index}") };
    let id = begin_signup(&s.app, &form, &ProofAnswer::default(), &origin).await.unwrap();
    send_code(&s.app, CodeTarget::new(Purpose::Signup, &mobile), &origin).await.unwrap();
    let body = crate::service::message::view::list_outbox(&s.app).await.unwrap().remove(0).body;
    let code = body.split("验证码 ").nth(1).unwrap()[..6].to_owned();
    // The newest message is the first of the list.
    s.app.clock.advance(TimeDelta::seconds(1));
    (id, code, origin)
}

demo_test!(of_twenty_approvals_and_registrations_of_one_document_at_once_one_wins, |demo| async move {
    let s = TestApp::new(demo).await;
    s.set_rule(key::PROOF_WORK_BITS, "0").await;
    let officer = s.sign_in("officer").await;
    let approvers = [s.sign_in("approver2").await, s.sign_in("admin").await];
    let mut jobs: Vec<BoxFuture<'static, Result<(), String>>> = Vec::new();
    for index in 0..APPROVALS {
        let who = person(&s, &format!("person{index}"), index).await;
        let id = submitted(&s, &who, document(NUMBERS[0])).await;
        s.execute(&officer, id, "propose").await.unwrap();
        let (app, approver) = (s.app.clone(), approvers[index % 2].clone());
        let command = Command { name: "approve".into(), note: "意见".into(), ..Command::default() };
        let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command };
        jobs.push(Box::pin(async move {
            match execute(&app, &approver, request).await {
                Ok(_) => Ok(()),
                Err(MatterError::Blocked(reason)) if reason.contains("已登记在其他账号下") => Err("blocked".to_owned()),
                Err(error) => panic!("{error:?}"),
            }
        }));
    }
    for index in 0..REGISTRATIONS {
        let (id, code, origin) = pending(&s, index).await;
        let app = s.app.clone();
        jobs.push(Box::pin(async move {
            match confirm_signup(&app, id, &code, &origin).await {
                Ok(_) => Ok(()),
                Err(ConfirmSignupError::Taken(error)) => Err(error.field.to_owned()),
                Err(error) => panic!("{error:?}"),
            }
        }));
    }
    let results = at_once(jobs).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1, "{results:?}");
    let refused = |why: &str| results.iter().filter(|r| r.as_ref().is_err_and(|e| e == why)).count();
    assert_eq!(refused("blocked") + refused("document_number"), APPROVALS + REGISTRATIONS - 1, "{results:?}");
});

demo_test!(of_twenty_submissions_of_several_changes_of_one_person_at_once_one_is_open, |demo| async move {
    use crate::demo::identity::complete_identity_change;
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let mut drafts = Vec::new();
    for _ in 0..4 {
        let id = complete_identity_change(&s.app, &who, &domain::kind::identity_change::KIND, "renamed", name("林小月")).await.unwrap();
        drafts.push((id, crate::matter::load(&s.app, &who, id).await.unwrap().revision));
    }
    s.set_rule(key::DUPLICATE_CHECKS_PER_SESSION, "100").await;
    let jobs = (0..20).map(|i| {
        let ((matter, revision), app, who) = (drafts[i % 4], s.app.clone(), who.clone());
        let command = Command { name: "submit".into(), revision: Some(revision), ..Command::default() };
        async move { execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await }
    });
    let results = at_once(jobs).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1, "{results:?}");
    for error in results.iter().filter_map(|r| r.as_ref().err()) {
        assert_eq!(error.class(), ErrorClass::Conflict, "{error:?}");
    }
});

demo_test!(a_certificate_issued_beside_a_change_of_name_bears_the_name_of_the_account, |demo| async move {
    let s = TestApp::new(demo).await;
    let (officer, who) = (s.sign_in("officer").await, s.sign_in("certified").await);
    let approvers = [s.sign_in("approver2").await, s.sign_in("admin").await];
    let issued = s.matter(&who, "职业健康安全").await;
    officer_decides(&s, issued, "propose").await;
    let renamed = submitted(&s, &who, name("周健国")).await;
    s.execute(&officer, renamed, "propose").await.unwrap();
    let jobs = [issued, renamed].into_iter().zip(approvers).map(|(matter, approver)| {
        let app = s.app.clone();
        let command = Command { name: "approve".into(), ..Command::default() };
        async move { execute(&app, &approver, CommandRequest { key: Uuid::now_v7(), matter, seen: None, command }).await }
    });
    for result in at_once(jobs).await {
        result.unwrap();
    }
    let certificate = crate::record::certificate::certificate_of_matter(&s.app, issued).await.unwrap().unwrap();
    assert_eq!(certificate.holder, "周健国");
});
