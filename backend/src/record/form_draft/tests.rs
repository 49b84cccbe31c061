//! Form drafts are sealed at rest and bounded for each account.

use domain::base::rule::key;
use domain::engine::form_draft::DECISION;
use uuid::Uuid;

use super::*;
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db;

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
        since: None,
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
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    s.set_rule(key::DRAFTS_MAX, "1").await;
    let institution = s.sign_in("inst-a").await;
    let first = request(&s, id, "意见").await;
    let other = SaveRequest { key: DraftKey { part: "pass".into(), ..first.key.clone() }, ..first.clone() };
    save(&s.app, &institution, first.clone()).await.unwrap();
    let again = SaveRequest { seq: 2, pairs: vec![("note".into(), "意见。".into())], ..first };
    save(&s.app, &institution, again).await.unwrap();
    let refused = save(&s.app, &institution, other.clone()).await;
    assert!(matches!(refused, Err(FormDraftError::TooMany(1))), "{refused:?}");
    let draft = own_drafts(&s.app, &institution).await.unwrap().remove(0).draft;
    discard(&s.app, &institution, draft.id).await.unwrap();
    save(&s.app, &institution, other).await.unwrap();
});

demo_test!(text_of_a_closed_matter_is_swept_only_after_its_author_has_seen_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    let institution = s.sign_in("inst-a").await;
    save(&s.app, &institution, request(&s, id, "写了很久的意见").await).await.unwrap();
    assert!(own_drafts(&s.app, &institution).await.unwrap()[0].is_current);
    s.execute(&s.sign_in("applicant").await, id, "withdraw").await.unwrap();
    s.app.clock.advance(chrono::TimeDelta::days(60));
    crate::service::cleanup::delete_expired(&s.app).await.unwrap();
    let drafts = own_drafts(&s.app, &institution).await.unwrap();
    assert!(!drafts[0].is_current, "no age removes what was never shown");
    assert_eq!(drafts[0].draft.pairs[0].1, "写了很久的意见");
    s.app.clock.advance(chrono::TimeDelta::days(31));
    crate::service::cleanup::delete_expired(&s.app).await.unwrap();
    assert!(own_drafts(&s.app, &institution).await.unwrap().is_empty());
});

demo_test!(a_closed_account_leaves_no_form_draft, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = s.matter(&s.sign_in("applicant").await, "质量管理体系").await;
    let institution = s.sign_in("inst-a").await;
    save(&s.app, &institution, request(&s, id, "意见").await).await.unwrap();
    let (keys, now) = (s.app.keys.clone(), s.app.now());
    s.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = crate::access::account::status::lock_by_name(tx, "inst-a").await?;
                crate::access::account::status::close_account(tx, &keys, row, now).await
            })
        })
        .await
        .unwrap();
    let mut tx = s.app.db.read().await.unwrap();
    assert_eq!(db::form_draft::count(&mut tx, institution.account()).await.unwrap(), 0);
});
