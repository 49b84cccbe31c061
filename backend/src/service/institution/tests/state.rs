//! The state of an institution: each row of the table.

use std::collections::BTreeMap;

use domain::base::permission::{Action, GrantStatus, InstitutionRole};
use domain::base::rule::key;
use domain::record::institution::InstitutionState;
use uuid::Uuid;

use crate::access::guard::{Allowed, Denied, authorize, load_caller};
use crate::demo::actions::decide;
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db;
use crate::infra::db::institution::may_train;
use crate::infra::db::payment::ChargeState;
use crate::matter::tests::samples::sample_of;
use crate::matter::tests::user_roles::billed;
use crate::matter::{MatterError, Shown, load};
use crate::record::certificate::own_certificates;
use crate::service::institution::InstitutionError;
use crate::service::institution::list::institution_detail;
use crate::service::institution::state::{NewState, set_state};
use crate::workflow::draft::begin_draft_for;

async fn institution(s: &TestApp, user: &str) -> Uuid {
    s.sign_in(user).await.caller().institutions[0].0
}

async fn set(s: &TestApp, institution: Uuid, seen: InstitutionState, state: InstitutionState) -> Result<(), InstitutionError> {
    let new = NewState { institution, seen, state, reason: "未按要求整改".into() };
    set_state(&s.app, &s.sign_in("admin").await, new).await
}

async fn suspend(s: &TestApp, institution: Uuid) {
    set(s, institution, InstitutionState::Active, InstitutionState::Suspended).await.unwrap();
}

async fn close(s: &TestApp, institution: Uuid) {
    set(s, institution, InstitutionState::Active, InstitutionState::Closed).await.unwrap();
}

/// The stage of a matter, as its applicant sees it.
async fn stage(s: &TestApp, owner: &str, id: Uuid) -> String {
    load(&s.app, &s.sign_in(owner).await, id).await.unwrap().state.stage
}

/// Titles and texts of the messages of an account about an institution.
async fn told(s: &TestApp, account: &str, institution: Uuid) -> Vec<String> {
    let mut tx = s.app.db.read().await.unwrap();
    let rows = db::message::list_of_account(&mut tx, s.account(account).await, 100).await.unwrap();
    let about = rows.iter().filter(|row| row.topic_id == institution);
    about.map(|row| crate::record::notification::message_text(&s.app.keys, row).unwrap()).collect()
}

/// Makes an account practise in an institution.
async fn practise(s: &TestApp, account: &str, institution: Uuid) {
    let (account, today) = (s.account(account).await, s.app.today());
    let (role, status) = (InstitutionRole::Practitioner, GrantStatus::Active);
    let set = s
        .app
        .db
        .write(move |tx| Box::pin(async move { db::institution::set_membership(tx, account, institution, role, status, today).await }));
    set.await.unwrap();
}

async fn practices(s: &TestApp, account: &str) -> Vec<Uuid> {
    let account = s.account(account).await;
    let memberships = db::institution::list_memberships(&mut s.app.db.read().await.unwrap(), account).await.unwrap();
    memberships.iter().filter(|m| m.is_active_practice()).map(|m| m.institution_id).collect()
}

async fn begin(s: &TestApp, who: &Allowed, institution: Uuid) -> Result<Uuid, MatterError> {
    let kind = domain::kind::by_code("complaint").unwrap();
    begin_draft_for(&s.app, who, kind, Uuid::now_v7(), Some(institution), BTreeMap::new()).await
}

demo_test!(a_state_is_set_once_with_a_reason_from_the_state_that_was_shown, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let admin = s.sign_in("admin").await;
    let new = |reason: &str| NewState {
        institution: id,
        seen: InstitutionState::Active,
        state: InstitutionState::Suspended,
        reason: reason.to_owned(),
    };
    assert!(matches!(set_state(&s.app, &admin, new(" ")).await, Err(InstitutionError::NoReason)));
    assert!(matches!(set_state(&s.app, &admin, new(&"长".repeat(501))).await, Err(InstitutionError::LongReason)));
    set_state(&s.app, &admin, new(&"长".repeat(500))).await.unwrap();
    assert!(matches!(set_state(&s.app, &admin, new("再次")).await, Err(InstitutionError::Outdated)));
    set(&s, id, InstitutionState::Suspended, InstitutionState::Active).await.unwrap();
    close(&s, id).await;
    let reopened = set(&s, id, InstitutionState::Closed, InstitutionState::Active).await;
    assert!(matches!(reopened, Err(InstitutionError::WrongState)), "closed for good");
    assert!(matches!(set(&s, Uuid::now_v7(), InstitutionState::Active, InstitutionState::Closed).await, Err(InstitutionError::NotFound)));
    let detail = institution_detail(&s.app, id).await.unwrap().unwrap();
    let states: Vec<InstitutionState> = detail.changes.iter().map(|change| change.state).collect();
    assert_eq!(states, [InstitutionState::Closed, InstitutionState::Active, InstitutionState::Suspended]);
    assert_eq!((detail.changes[0].reason.as_str(), detail.changes[0].by.as_str()), ("未按要求整改", "马思远"));
});

demo_test!(new_matters_and_drafts_of_a_suspended_institution_wait_and_its_users_stay, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, who) = (institution(&s, "inst-a").await, s.sign_in("inst-a").await);
    let draft = begin(&s, &who, id).await.unwrap();
    suspend(&s, id).await;
    let who = s.sign_in("inst-a").await;
    assert!(load(&s.app, &who, draft).await.unwrap().is_editable(), "kept, and edited");
    assert!(matches!(begin(&s, &who, id).await, Err(MatterError::Blocked(_))));
    assert!(matches!(s.submit(&who, draft, 0, Uuid::now_v7()).await, Err(MatterError::Blocked(_))));
    assert!(told(&s, "inst-a", id).await.iter().any(|text| text.contains("暂停") && text.contains("未按要求整改")));
    set(&s, id, InstitutionState::Suspended, InstitutionState::Active).await.unwrap();
    begin(&s, &who, id).await.unwrap();
    assert!(!matches!(s.submit(&who, draft, 0, Uuid::now_v7()).await, Err(MatterError::Blocked(_))));
});

demo_test!(a_suspended_institution_recommends_nobody_new, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let sample = sample_of(&s, domain::kind::by_code("registration").unwrap()).await;
    let (who, draft) = (s.sign_in(&sample.owner).await, sample.draft.unwrap());
    suspend(&s, id).await;
    let matter = load(&s.app, &who, draft).await.unwrap();
    let offered = crate::matter::context::matter_context(&s.app, &matter, Shown::everything()).await.unwrap();
    let list = offered.lists().get(domain::matter::RECOMMENDING_INSTITUTIONS).unwrap();
    assert!(!list.is_empty() && list.iter().all(|(code, _)| *code != id.to_string()));
    let refused = s.submit(&who, draft, matter.revision, Uuid::now_v7()).await;
    let Err(MatterError::InvalidAnswers(problems)) = refused else { panic!("{refused:?}") };
    assert!(problems.iter().any(|p| p.path.to_string() == "recommending_institution"), "{problems:?}");
});

demo_test!(what_waits_for_a_suspended_institution_goes_on_unless_the_rule_says_no, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let matter = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    suspend(&s, id).await;
    assert_eq!(stage(&s, "applicant", matter).await, "institution_review");
    assert_eq!(s.execute(&s.sign_in("inst-a").await, matter, "return").await.unwrap().stage, "returned");
    set(&s, id, InstitutionState::Suspended, InstitutionState::Active).await.unwrap();
    let billed = billed(&s).await;
    s.set_rule(key::SUSPENDED_ANSWERS, "no").await;
    suspend(&s, id).await;
    assert_eq!(stage(&s, "applicant-0", billed).await, "returned");
});

demo_test!(a_review_of_a_closed_institution_returns_to_its_applicant_who_is_told, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let who = s.sign_in("applicant").await;
    let matter = s.matter(&who, "质量管理体系").await;
    close(&s, id).await;
    let loaded = load(&s.app, &who, matter).await.unwrap();
    assert_eq!(loaded.state.stage, "returned");
    assert!(loaded.is_editable() && loaded.open_items().is_none(), "every answer can be changed");
    let (other, revision) = (institution(&s, "inst-b").await.to_string(), loaded.revision);
    let mut fields = loaded.answers.fields.clone();
    let step = loaded.kind.form.step("business").unwrap();
    fields.retain(|name, _| step.fields().any(|field| field.name == name));
    fields.insert("recommending_institution".into(), other.as_str().into());
    let edit = crate::workflow::draft::DraftEdit::Fields { step: "business".into(), base: revision, fields };
    crate::workflow::draft::edit_draft(&s.app, &who, matter, edit).await.unwrap();
    decide(&s.app, &who, matter, "submit", "").await.unwrap();
    assert_eq!(s.execute(&s.sign_in("inst-b").await, matter, "return").await.unwrap().stage, "returned");
});

demo_test!(the_bill_of_a_closed_institution_is_cancelled_and_its_matter_returns, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let matter = billed(&s).await;
    close(&s, id).await;
    assert_eq!(stage(&s, "applicant-0", matter).await, "returned");
    let charge = db::payment::charge_by_matter(&mut s.app.db.read().await.unwrap(), matter).await.unwrap().unwrap();
    assert!(charge.state == ChargeState::Cancelled);
});

demo_test!(a_transfer_passes_the_closed_institution_that_is_left, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let sample = sample_of(&s, domain::kind::by_code("transfer").unwrap()).await;
    let (who, matter) = (s.sign_in("applicant").await, sample.draft.unwrap());
    decide(&s.app, &who, matter, "submit", "").await.unwrap();
    assert_eq!(stage(&s, "applicant", matter).await, "leaving");
    close(&s, id).await;
    assert_eq!(stage(&s, "applicant", matter).await, "joining", "as if it had been skipped");
    assert_eq!(s.execute(&s.sign_in("inst-b").await, matter, "accept").await.unwrap().stage, "review");
});

demo_test!(a_matter_that_comes_to_a_closed_institution_later_passes_it_at_once, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let sample = sample_of(&s, domain::kind::by_code("transfer").unwrap()).await;
    close(&s, id).await;
    decide(&s.app, &s.sign_in("applicant").await, sample.draft.unwrap(), "submit", "").await.unwrap();
    assert_eq!(stage(&s, "applicant", sample.draft.unwrap()).await, "joining");
});

demo_test!(nobody_acts_for_a_closed_institution_and_its_users_were_told, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, who) = (institution(&s, "inst-a").await, s.sign_in("inst-a").await);
    let draft = begin(&s, &who, id).await.unwrap();
    close(&s, id).await;
    assert!(told(&s, "inst-a", id).await.iter().any(|text| text.contains("已关闭")));
    let caller = load_caller(&s.app, who.account()).await.unwrap();
    assert!(caller.as_ref().unwrap().institutions.is_empty());
    for action in [Action::InstitutionWorkbench, Action::InstitutionMatter, Action::InstitutionBills, Action::InstitutionUsers] {
        assert!(matches!(authorize(&s.app, caller.as_ref(), action), Err(Denied::Forbidden)), "{action:?}");
    }
    let former = s.sign_in("inst-a").await;
    assert!(matches!(load(&s.app, &former, draft).await, Err(MatterError::NotFound)));
    assert!(matches!(begin(&s, &former, id).await, Err(MatterError::NotFound)));
});

demo_test!(certified_people_of_a_closed_institution_are_told_to_transfer_and_others_are_free, |demo| async move {
    let s = TestApp::new(demo).await;
    s.app.db.execute_raw("delete from membership where role = 'practitioner'").await;
    let id = institution(&s, "inst-a").await;
    for account in ["certified", "teacher"] {
        practise(&s, account, id).await;
    }
    let before: Vec<_> = own_certificates(&s.app, &s.sign_in("certified").await).await.unwrap().into_iter().map(|c| c.row.status).collect();
    close(&s, id).await;
    assert_eq!((practices(&s, "certified").await, practices(&s, "teacher").await), (vec![id], Vec::new()));
    assert!(told(&s, "certified", id).await.iter().any(|text| text.contains("转换执业机构")));
    assert!(told(&s, "teacher", id).await.iter().any(|text| text.contains("已终止")));
    let after: Vec<_> = own_certificates(&s.app, &s.sign_in("certified").await).await.unwrap().into_iter().map(|c| c.row.status).collect();
    assert!(before == after && !before.is_empty(), "certificates are not changed");
});

demo_test!(a_suspended_or_closed_institution_may_not_train, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = institution(&s, "inst-a").await;
    let trains = async || may_train(&mut s.app.db.read().await.unwrap(), id).await.unwrap();
    assert!(trains().await, "the first institution of the demo is both");
    let other = institution(&s, "inst-b").await;
    assert!(!may_train(&mut s.app.db.read().await.unwrap(), other).await.unwrap(), "a certification body alone");
    suspend(&s, id).await;
    assert!(!trains().await);
    set(&s, id, InstitutionState::Suspended, InstitutionState::Closed).await.unwrap();
    assert!(!trains().await);
});
