//! Form drafts are sealed at rest and bounded for each account.

use domain::base::rule::key;
use domain::engine::form_draft::DECISION;
use uuid::Uuid;

use super::*;
use crate::infra::db;
use crate::matter::tests::*;

async fn request(s: &TestApp, id: Uuid, note: &str) -> SaveRequest {
    let matter = crate::matter::load(&s.app, &s.sign_in("inst-a").await, id).await.unwrap();
    SaveRequest {
        key: DraftKey { form: &DECISION, part: "reject".into(), subject: id },
        state: state_of(&matter),
        base: 0,
        page: Uuid::now_v7(),
        seq: 1,
        account: None,
        pairs: vec![("note".into(), note.into()), ("_key".into(), "7".into())],
    }
}

demo_test!(a_form_draft_is_sealed_at_rest_and_resealed_with_its_row, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    let institution = s.sign_in("inst-a").await;
    save(&s.app, &institution, request(&s, id, "材料前后不一致").await).await.unwrap();
    let mut tx = s.app.db.read().await.unwrap();
    let rows = db::form_draft::list_of_account(&mut tx, institution.account(), 9).await.unwrap();
    let sealed = rows[0].values_sealed.clone().unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("材料"));
    let drafts = own_drafts_in_tx(&mut tx, &s.app, institution.account()).await.unwrap();
    assert_eq!(drafts[0].pairs, [("note".to_owned(), "材料前后不一致".to_owned())], "controls that are not the form's are left out");
    assert!(db::sealed::SEALED_COLUMNS.iter().any(|column| column.name == VALUES_COLUMN));
    drop(tx);
    let export = crate::service::own_data::export_own_data(&s.app, &institution).await.unwrap();
    assert!(String::from_utf8(export).unwrap().contains("材料前后不一致"));
});

demo_test!(an_account_has_no_more_form_drafts_than_its_quota, |demo| async move {
    let s = TestApp::new(demo).await;
    let applicant = s.sign_in("applicant").await;
    let (one, other) = (s.matter(&applicant, "质量管理体系").await, s.matter(&s.sign_in("certified").await, "质量管理体系").await);
    s.set_rule(key::DRAFTS_MAX, "1").await;
    let institution = s.sign_in("inst-a").await;
    let first = request(&s, one, "意见").await;
    save(&s.app, &institution, first.clone()).await.unwrap();
    let again = SaveRequest { seq: 2, pairs: vec![("note".into(), "意见。".into())], ..first };
    save(&s.app, &institution, again).await.unwrap();
    let refused = save(&s.app, &institution, request(&s, other, "意见").await).await;
    assert!(matches!(refused, Err(FormDraftError::TooMany(1))), "{refused:?}");
    let draft = own_drafts(&s.app, &institution).await.unwrap().remove(0);
    discard(&s.app, &institution, draft.id).await.unwrap();
    save(&s.app, &institution, request(&s, other, "意见").await).await.unwrap();
});
