//! Lists that decide something leave no row out.

use domain::record::certificate::CertificateStatus;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::institution::{InstitutionKind, InstitutionRow};
use crate::matter::source::institution_certificates;
use crate::matter::tests::*;

/// Adds certificates of a person like one of theirs, each of a matter of its own. They are expired, so that the person may hold all of them.
async fn add_certificates(s: &TestApp, like: CertificateRow, count: u32) {
    s.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                for n in 0..count {
                    let (id, matter_id) = (Uuid::now_v7(), Uuid::now_v7());
                    db::matter::insert_copy(tx, like.matter_id, matter_id).await?;
                    let number = format!("2025-N1QMS-9{n:06}");
                    let row = CertificateRow { id, matter_id, number, status: CertificateStatus::Expired, ..like.clone() };
                    db::certificate::insert(tx, &row).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await
        .unwrap();
}

demo_test!(an_institution_chooses_among_all_certificates_of_its_people_and_a_person_keeps_all, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("certified").await;
    let own = crate::record::certificate::own_certificates(&s.app, &who).await.unwrap();
    let like = own.iter().find(|c| c.row.institution_id.is_some()).unwrap().row.clone();
    let institution = like.institution_id.unwrap();
    add_certificates(&s, like, 501).await;
    let mut tx = s.app.db.read().await.unwrap();
    let tables = s.app.tables();
    let (offered, _) = institution_certificates(&mut tx, &s.app.keys, &tables.rules, institution, s.app.today()).await.unwrap();
    assert!(offered.len() >= 501, "{}", offered.len());
    let held = db::certificate::list_of_account(&mut tx, who.account()).await.unwrap();
    assert!(held.len() >= 501, "{}", held.len());
});

demo_test!(every_institution_can_be_chosen, |demo| async move {
    let s = TestApp::new(demo).await;
    let like = {
        let mut tx = s.app.db.read().await.unwrap();
        db::institution::list_active(&mut tx, InstitutionKind::CertificationBody).await.unwrap().remove(0)
    };
    s.app
        .db
        .write(move |tx| {
            Box::pin(async move {
                for n in 0..2001 {
                    let (name, credit_code) = (format!("第 {n} 认证中心"), format!("9131{n:014}"));
                    let approval_no = format!("CNCA-R-2000-{n}");
                    let row = InstitutionRow { id: Uuid::now_v7(), name, credit_code, approval_no, ..like.clone() };
                    db::institution::insert(tx, &row).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await
        .unwrap();
    let mut tx = s.app.db.read().await.unwrap();
    assert!(db::institution::list_active(&mut tx, InstitutionKind::CertificationBody).await.unwrap().len() > 2001);
});
