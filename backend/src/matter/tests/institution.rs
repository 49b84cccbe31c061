//! 机构注册: the institution and its first user exist once, for one of those who register a credit code.

use domain::base::permission::{Action, UserRole};
use domain::kind::institution_registration::KIND;
use domain::record::institution::{InstitutionKind, InstitutionState};

use crate::access::guard::{authorize, load_caller};
use crate::demo::actions::{decide, fill_step};
use crate::demo::institution::{NewInstitution, complete_registration};
use crate::infra::db::institution::may_train;
use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::record::institution::contact_of;
use crate::service::admin::{AccountMeasure, add_institution, change_account};

const NEW: NewInstitution = NewInstitution {
    name: "南屏认证培训有限公司",
    credit_code: "91440300MA5D000103",
    kinds: &[InstitutionKind::CertificationBody, InstitutionKind::TrainingProvider],
};

/// A complete registration, which waits for an administrator.
async fn submitted(s: &TestApp, account: &str, new: NewInstitution) -> Uuid {
    let who = s.sign_in(account).await;
    let id = complete_registration(&s.app, &who, &KIND, new).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    id
}

/// Fields and codes of the problems of a submission that was refused for them.
fn problems(error: &MatterError) -> Vec<(String, &'static str)> {
    match error {
        MatterError::InvalidAnswers(problems) => problems.iter().map(|p| (p.path.to_string(), p.issue.code)).collect(),
        other => panic!("{other:?}"),
    }
}

async fn institution_of(s: &TestApp, code: &str) -> Option<db::institution::InstitutionRow> {
    db::institution::by_credit_code(&mut s.app.db.read().await.unwrap(), code).await.unwrap()
}

demo_test!(an_approved_institution_exists_once_with_its_first_user, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = submitted(&s, "applicant", NEW).await;
    assert!(institution_of(&s, NEW.credit_code).await.is_none());
    let (admin, key) = (s.sign_in("admin").await, Uuid::now_v7());
    for _ in 0..2 {
        assert_eq!(s.execute_with_key(&admin, id, "approve", key).await.unwrap().stage, "granted");
    }
    assert!(matches!(s.execute(&admin, id, "approve").await, Err(MatterError::Refused(Refusal::NotOpen))));
    let row = institution_of(&s, NEW.credit_code).await.unwrap();
    assert_eq!((row.name.as_str(), row.approval_no.as_str(), row.state), (NEW.name, "CNCA-R-2026-909", InstitutionState::Active));
    assert_eq!((row.kinds().label(), row.matter_id), ("认证机构、培训机构".to_owned(), Some(id)));
    assert_eq!(contact_of(&s.app.keys, &row).unwrap().unwrap().phone, "010-12345678");
    assert!(may_train(&mut s.app.db.read().await.unwrap(), row.id).await.unwrap());
    let caller = load_caller(&s.app, s.account("applicant").await).await.unwrap().unwrap();
    assert_eq!(caller.institutions, [(row.id, NEW.name.to_owned())]);
    assert!(UserRole::ALL.into_iter().all(|role| caller.has_user_role(row.id, role)));
    for action in [Action::InstitutionUsers, Action::InstitutionMatter, Action::InstitutionBills, Action::InstitutionWorkbench] {
        assert!(authorize(&s.app, Some(&caller), action).is_ok(), "{action:?}");
    }
});

demo_test!(only_an_administrator_sees_and_decides_a_registration, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = submitted(&s, "applicant", NEW).await;
    for stranger in ["officer", "approver2", "finance", "inst-a", "teacher", "certified"] {
        let who = s.sign_in(stranger).await;
        assert!(matches!(crate::matter::load(&s.app, &who, id).await, Err(MatterError::NotFound)), "{stranger}");
        assert!(matches!(s.execute(&who, id, "approve").await, Err(MatterError::NotFound)), "{stranger}");
    }
    let own = s.execute(&s.sign_in("applicant").await, id, "approve").await;
    assert!(matches!(own, Err(MatterError::Refused(Refusal::NotOpen))));
});

demo_test!(a_registered_credit_code_is_refused_at_its_field, |demo| async move {
    let s = TestApp::new(demo).await;
    let (who, taken) = (s.sign_in("applicant").await, NewInstitution { credit_code: "91310115MA1K000016", ..NEW });
    let id = complete_registration(&s.app, &who, &KIND, taken).await.unwrap();
    let revision = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
    let error = s.submit(&who, id, revision, Uuid::now_v7()).await.unwrap_err();
    assert_eq!(problems(&error), [("credit_code".to_owned(), "credit_code_taken")]);
});

demo_test!(of_two_registrations_of_one_credit_code_at_once_one_is_accepted, |demo| async move {
    let s = TestApp::new(demo).await;
    let mut jobs = Vec::new();
    for account in ["applicant", "certified", "teacher"] {
        let who = s.sign_in(account).await;
        let id = complete_registration(&s.app, &who, &KIND, NEW).await.unwrap();
        let app = s.app.clone();
        jobs.push(async move { decide(&app, &who, id, "submit", "").await });
    }
    let results = at_once(jobs).await;
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(problems(error), [("credit_code".to_owned(), "credit_code_taken")]);
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
});

demo_test!(a_withdrawn_registration_frees_its_credit_code, |demo| async move {
    let s = TestApp::new(demo).await;
    let first = submitted(&s, "applicant", NEW).await;
    s.execute(&s.sign_in("applicant").await, first, "withdraw").await.unwrap();
    submitted(&s, "certified", NEW).await;
});

demo_test!(a_registration_that_was_overtaken_is_not_approved, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = submitted(&s, "applicant", NEW).await;
    add_institution(&s.app, NEW.name, NEW.credit_code, "CNCA-R-2026-910").await.unwrap();
    let admin = s.sign_in("admin").await;
    assert!(matches!(s.execute(&admin, id, "approve").await, Err(MatterError::Blocked(_))));
    assert_eq!(s.execute(&admin, id, "return").await.unwrap().stage, "returned");
    let who = s.sign_in("applicant").await;
    fill_step(
        &s.app,
        &who,
        id,
        "contact",
        &[("contact_name", "林晓月"), ("contact_phone", "13800000001"), ("contact_email", "a@example.com")],
    )
    .await
    .unwrap();
    let revision = crate::matter::load(&s.app, &who, id).await.unwrap().revision;
    let error = s.submit(&who, id, revision, Uuid::now_v7()).await.unwrap_err();
    assert_eq!(problems(&error), [("credit_code".to_owned(), "credit_code_taken")]);
});

demo_test!(the_registration_of_a_disabled_account_makes_no_user, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = submitted(&s, "applicant", NEW).await;
    change_account(&s.app, "applicant", AccountMeasure::Disable).await.unwrap();
    assert!(matches!(s.execute(&s.sign_in("admin").await, id, "approve").await, Err(MatterError::Blocked(_))));
    assert!(institution_of(&s, NEW.credit_code).await.is_none());
});
