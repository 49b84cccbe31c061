//! What users of an institution may do by their roles, and that everybody there reads.

use domain::base::permission::{Action, UserRole};
use domain::engine::flow::Party;

use crate::access::guard::{Denied, authorize, load_caller};
use crate::demo::actions::{decide, pay};
use crate::matter::tests::samples::sample_of;
use crate::matter::tests::*;
use crate::service::payment::PaymentError;
use crate::service::payment::view::institution_bills;
use crate::workflow::draft::{begin_draft_for, edit_draft};

/// Gives `inst-a` these roles alone, and signs the account in again.
pub(crate) async fn with_roles(s: &TestApp, roles: &[UserRole]) -> Allowed {
    let account = s.account("inst-a").await;
    let institution = s.sign_in("inst-a").await.caller().institutions[0].0;
    let roles = roles.to_vec();
    let set = s.app.db.write(move |tx| Box::pin(async move { db::user_role::replace(tx, institution, account, &roles).await }));
    set.await.unwrap();
    s.sign_in("inst-a").await
}

demo_test!(only_a_reviewer_answers_for_the_institution_and_every_user_reads, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    for roles in [&[][..], &[UserRole::Handler], &[UserRole::Finance], &[UserRole::Administrator]] {
        let who = with_roles(&s, roles).await;
        let matter = crate::matter::load(&s.app, &who, id).await.unwrap();
        assert!(matter.open_transitions().is_empty() && !matter.is_turn(), "{roles:?}");
        let refused = s.execute(&who, id, "pass").await;
        assert!(matches!(refused, Err(MatterError::Refused(Refusal::NotOpen))), "{roles:?}");
        assert!(!crate::workflow::identity_disclosure::may_disclose(&matter), "{roles:?}");
    }
    let reviewer = with_roles(&s, &[UserRole::Reviewer]).await;
    let matter = crate::matter::load(&s.app, &reviewer, id).await.unwrap();
    assert!(matter.is_turn() && matter.open_transitions().iter().any(|t| t.command == "pass"));
    s.execute(&reviewer, id, "pass").await.unwrap();
});

demo_test!(only_a_handler_begins_edits_and_submits_in_the_name_of_the_institution, |demo| async move {
    let s = TestApp::new(demo).await;
    let kind = domain::kind::by_code("complaint").unwrap();
    let handler = with_roles(&s, &[UserRole::Handler]).await;
    let institution = handler.caller().institutions[0].0;
    let begin = async |who: &Allowed| begin_draft_for(&s.app, who, kind, Uuid::now_v7(), Some(institution), BTreeMap::new()).await;
    let id = begin(&handler).await.unwrap();
    let edit = async |who: &Allowed| {
        let fields = BTreeMap::from([("target_type".to_owned(), "staff".into())]);
        edit_draft(&s.app, who, id, DraftEdit::Fields { step: "complaint".into(), base: 0, fields }).await
    };
    for roles in [&[][..], &[UserRole::Reviewer], &[UserRole::Finance], &[UserRole::Administrator]] {
        let who = with_roles(&s, roles).await;
        let matter = crate::matter::load(&s.app, &who, id).await.unwrap();
        assert!(matter.is_own() && !matter.is_editable() && !matter.acts_as(Party::Applicant), "{roles:?}");
        assert!(matches!(begin(&who).await, Err(MatterError::NotFound)), "{roles:?}");
        assert!(matches!(edit(&who).await, Err(MatterError::NotFound)), "{roles:?}");
        assert!(matches!(s.submit(&who, id, 0, Uuid::now_v7()).await, Err(MatterError::Refused(Refusal::NotOpen))), "{roles:?}");
    }
    edit(&with_roles(&s, &[UserRole::Handler]).await).await.unwrap();
});

demo_test!(only_finance_sees_and_pays_the_bills_of_the_institution, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = billed(&s).await;
    for role in [UserRole::Handler, UserRole::Reviewer, UserRole::Administrator] {
        let who = with_roles(&s, &[role]).await;
        assert!(institution_bills(&s.app, &who).await.unwrap().due.is_empty(), "{role:?}");
        assert!(matches!(authorize(&s.app, Some(who.caller()), Action::InstitutionBills), Err(Denied::Forbidden)), "{role:?}");
    }
    let reviewer = with_roles(&s, &[UserRole::Reviewer]).await;
    assert!(matches!(pay(&s.app, &reviewer, id).await, Err(PaymentError::NotFound)));
    let finance = with_roles(&s, &[UserRole::Finance]).await;
    assert!(institution_bills(&s.app, &finance).await.unwrap().due.iter().any(|bill| bill.charge.matter == id));
    pay(&s.app, &finance, id).await.unwrap();
    let paid = institution_bills(&s.app, &finance).await.unwrap().due;
    assert!(paid.iter().any(|bill| bill.charge.matter == id && bill.voucher_in_review));
});

/// A registration whose fee the first institution pays.
pub(crate) async fn billed(s: &TestApp) -> Uuid {
    let sample = sample_of(s, domain::kind::by_code("registration").unwrap()).await;
    let (who, id) = (s.sign_in(&sample.owner).await, sample.draft.unwrap());
    let matter = crate::matter::load(&s.app, &who, id).await.unwrap();
    let step = matter.kind.form.steps.iter().find(|step| step.fields().any(|field| field.name == "payer_type")).unwrap();
    let mut fields = matter.answers.fields.clone();
    fields.retain(|name, _| step.fields().any(|field| field.name == name));
    fields.insert("payer_type".into(), "institution".into());
    let edit = DraftEdit::Fields { step: step.code.to_owned(), base: matter.revision, fields };
    edit_draft(&s.app, &who, id, edit).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    let passed = s.execute(&s.sign_in("inst-a").await, id, "pass").await.unwrap();
    assert_eq!(passed.stage, "billing");
    id
}

demo_test!(each_role_opens_its_own_pages, |demo| async move {
    let s = TestApp::new(demo).await;
    for (action, role) in [
        (Action::InstitutionMatter, UserRole::Handler),
        (Action::InstitutionBills, UserRole::Finance),
        (Action::InstitutionUsers, UserRole::Administrator),
        (Action::FullIdentity, UserRole::Reviewer),
    ] {
        for held in UserRole::ALL {
            with_roles(&s, &[held]).await;
            let caller = load_caller(&s.app, s.account("inst-a").await).await.unwrap();
            assert_eq!(authorize(&s.app, caller.as_ref(), action).is_ok(), held == role, "{action:?} {held:?}");
            assert!(authorize(&s.app, caller.as_ref(), Action::InstitutionWorkbench).is_ok());
        }
    }
});
