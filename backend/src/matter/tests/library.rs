//! Records of 基本信息库 that two pages edit.

use domain::engine::form::Record;

use crate::matter::tests::races::at_once;
use crate::matter::tests::*;
use crate::workflow::library::{delete_record, library_records, put_record, record_version};

const LIST: &str = "work";

fn record(id: Uuid, employer: &str) -> Record {
    Record { id, fields: [("employer".to_owned(), employer.into())].into(), removed: false }
}

async fn stored(s: &TestApp, who: &Allowed, id: Uuid) -> Option<Record> {
    library_records(&s.app, who, LIST).await.unwrap().into_iter().find(|record| record.id == id)
}

demo_test!(of_two_pages_that_edit_one_record_the_later_one_is_refused, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = Uuid::now_v7();
    put_record(&s.app, &who, LIST, &record(id, "甲公司"), "none").await.unwrap();
    let shown = record_version(stored(&s, &who, id).await.as_ref());
    put_record(&s.app, &who, LIST, &record(id, "乙公司"), &shown).await.unwrap();
    put_record(&s.app, &who, LIST, &record(id, "乙公司"), &shown).await.unwrap();
    for seen in [shown.as_str(), "", "none", "x"] {
        let late = put_record(&s.app, &who, LIST, &record(id, "丙公司"), seen).await;
        assert!(matches!(late, Err(MatterError::RecordChanged)), "{seen}: {late:?}");
        let late = delete_record(&s.app, &who, id, seen).await;
        assert!(matches!(late, Err(MatterError::RecordChanged)), "{seen}: {late:?}");
    }
    let now = stored(&s, &who, id).await;
    assert_eq!(now.as_ref().unwrap().text("employer"), "乙公司");
    let now = record_version(now.as_ref());
    let stranger = s.sign_in("certified").await;
    delete_record(&s.app, &stranger, id, &now).await.unwrap();
    assert!(stored(&s, &who, id).await.is_some(), "another account removes nothing");
    let foreign = put_record(&s.app, &stranger, LIST, &record(id, "丁公司"), "none").await;
    assert!(matches!(foreign, Err(MatterError::NotFound)), "{foreign:?}");
    delete_record(&s.app, &who, id, &now).await.unwrap();
    delete_record(&s.app, &who, id, &now).await.unwrap();
    let late = put_record(&s.app, &who, LIST, &record(id, "丙公司"), &now).await;
    assert!(matches!(late, Err(MatterError::RecordChanged)), "it was removed meanwhile: {late:?}");
});

demo_test!(of_twenty_pages_that_save_one_record_at_once_one_is_saved, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = Uuid::now_v7();
    for round in 0..2 {
        let shown = record_version(stored(&s, &who, id).await.as_ref());
        let saved = at_once((0..20).map(|i| {
            let (app, who, shown) = (s.app.clone(), who.clone(), shown.clone());
            async move { put_record(&app, &who, LIST, &record(id, &format!("{round}-{i}")), &shown).await }
        }))
        .await;
        assert_eq!(saved.iter().filter(|r| r.is_ok()).count(), 1, "{saved:?}");
        assert!(saved.iter().all(|r| matches!(r, Ok(()) | Err(MatterError::RecordChanged))), "{saved:?}");
    }
});
