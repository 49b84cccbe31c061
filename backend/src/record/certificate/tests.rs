//! Certificates on both databases: superseding and publication.

mod disposed;
mod disposition;
mod upkeep;

use chrono::TimeDelta;
use domain::base::catalogue::Grade;
use domain::record::certificate::CertificateStatus;

use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db;
use crate::record::certificate::*;
use crate::service::certificate::publication::{PublicationQuery, list_publications};

impl TestApp {
    async fn certificates(&self, name: &str) -> Vec<Certificate> {
        own_certificates(&self.app, &self.sign_in(name).await).await.unwrap()
    }

    async fn published(&self, words: &str) -> Vec<String> {
        let asked = PublicationQuery { text: words.into(), cursor: None };
        list_publications(&self.app, &asked).await.unwrap().certificates.into_iter().map(|c| c.row.number).collect()
    }
}

demo_test!(a_higher_grade_takes_the_place_of_the_lower_one_in_its_domain_and_of_no_other, |demo| async move {
    let s = TestApp::new(demo).await;
    let all = s.certificates("certified").await;
    let of = |domain: &str, grade: &str| all.iter().find(|c| c.row.domain == domain && c.row.grade.code() == grade).unwrap();
    let (old, new) = (of("ENMS", "trainee"), of("ENMS", "full"));
    assert_eq!((old.row.status.code(), old.row.superseded_by), (CertificateStatus::Superseded.code(), Some(new.row.id)));
    assert_eq!(old.superseded_by.as_ref(), Some(&new.row.number));
    assert_eq!((new.row.status.code(), new.row.superseded_by), (CertificateStatus::Valid.code(), None));
    assert_eq!(new.row.first_registered_on, old.row.first_registered_on);
    assert_eq!(of("QMS", "trainee").row.status, CertificateStatus::Valid);
    let found = certificate_by_number(&s.app, &old.row.number).await.unwrap().unwrap();
    assert_eq!(found.superseded_by.as_ref(), Some(&new.row.number), "the public sees it too");
});

demo_test!(a_certificate_that_changed_meanwhile_is_not_superseded, |demo| async move {
    let s = TestApp::new(demo).await;
    let valid = s.certificates("certified").await.into_iter().find(|c| c.row.grade == Grade::Trainee && c.row.domain == "QMS").unwrap();
    let id = valid.row.id;
    let try_with =
        |status: CertificateStatus| s.app.db.write(move |tx| Box::pin(async move { db::certificate::supersede(tx, id, status, id).await }));
    assert!(!try_with(CertificateStatus::Suspended).await.unwrap());
    assert_eq!(certificate_by_number(&s.app, &valid.row.number).await.unwrap().unwrap().row.status, CertificateStatus::Valid);
    assert!(try_with(CertificateStatus::Valid).await.unwrap());
});

demo_test!(a_certificate_is_public_from_the_thursday_after_it_was_issued, |demo| async move {
    let s = TestApp::new(demo).await;
    let fresh = s.certificates("certified").await.into_iter().find(|c| c.row.domain == "QMS").unwrap().row;
    assert_eq!(fresh.published_on.unwrap().to_string(), "2026-11-26");
    assert!(!s.published("").await.contains(&fresh.number));
    assert!(s.published(&fresh.number).await.is_empty(), "nor is it found by its number");
    s.app.clock.advance(TimeDelta::days(3));
    assert_eq!(s.published("").await.first(), Some(&fresh.number));
    assert_eq!(s.published(&fresh.number.to_lowercase()).await, [fresh.number]);
});

demo_test!(the_public_list_is_searched_by_institution_and_takes_no_pattern, |demo| async move {
    let s = TestApp::new(demo).await;
    s.app.clock.advance(TimeDelta::days(3));
    let all = s.published("").await;
    assert_eq!(all.len(), 3);
    assert_eq!(s.published("华信质量").await, all);
    for nothing in ["东岳认证", "%", "_信", "\\", "'"] {
        assert!(s.published(nothing).await.is_empty(), "{nothing}");
    }
});

demo_test!(the_public_list_goes_on_where_the_page_before_ended, |demo| async move {
    let s = TestApp::new(demo).await;
    s.app.clock.advance(TimeDelta::days(3));
    let all = list_publications(&s.app, &PublicationQuery::default()).await.unwrap();
    assert!(all.next.is_none());
    let first = &all.certificates[0].row;
    let before = Some((first.published_on.unwrap(), first.number.clone()));
    let rest = list_publications(&s.app, &PublicationQuery { cursor: before, ..PublicationQuery::default() }).await.unwrap();
    let numbers = |lines: &[Certificate]| lines.iter().map(|c| c.row.number.clone()).collect::<Vec<_>>();
    assert_eq!(numbers(&rest.certificates), numbers(&all.certificates)[1..]);
});

demo_test!(a_code_is_read_without_the_database_and_leads_to_its_certificate, |demo| async move {
    let s = TestApp::new(demo).await;
    let mine = s.certificates("certified").await.remove(0);
    let code = signed_code_of(&s.app, &mine);
    let genuine = signed_code::decode(&s.app.keys, &code).unwrap();
    assert_eq!((genuine.record.number, genuine.holder.as_deref()), (mine.row.number.clone(), Some("周建国")));
    assert_eq!(genuine.record.institution, mine.institution.unwrap());
});
