//! Certificates on both databases: what gives way to what, and what is made public when.

mod upkeep;

use crate::service::certificate::publication::Asked;
use chrono::TimeDelta;
use domain::base::permission::Action;
use domain::record::certificate::Status;

use crate::demo::testing::{Demo, in_demo};
use crate::record::certificate::*;

struct Stage {
    app: AppState,
    _demo: Demo,
}

async fn app(demo: Demo) -> Stage {
    Stage { app: demo.app().await, _demo: demo }
}

impl Stage {
    async fn enter(&self, name: &str) -> Allowed {
        let mut tx = self.app.db.read().await.unwrap();
        let id = db::account::by_name(&mut tx, name).await.unwrap().unwrap().id;
        drop(tx);
        let caller = crate::access::guard::caller(&self.app, id).await.unwrap();
        crate::access::guard::guard(&self.app, caller.as_ref(), Action::OwnCentre).unwrap()
    }

    async fn certificates(&self, name: &str) -> Vec<Certificate> {
        crate::record::certificate::own_certificates(&self.app, &self.enter(name).await).await.unwrap()
    }

    async fn published(&self, words: &str) -> Vec<String> {
        let asked = Asked { words: words.into(), before: None };
        crate::service::certificate::publication::published(&self.app, &asked)
            .await
            .unwrap()
            .lines
            .into_iter()
            .map(|c| c.row.number)
            .collect()
    }
}

#[test]
fn a_higher_grade_takes_the_place_of_the_lower_one_in_its_domain_and_of_no_other() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let all = s.certificates("certified").await;
        let of = |domain: &str, grade: &str| all.iter().find(|c| c.row.domain == domain && c.row.grade == grade).unwrap();
        let (old, new) = (of("ENMS", "trainee"), of("ENMS", "full"));
        assert_eq!((old.row.status.as_str(), old.row.superseded_by), (Status::Superseded.code(), Some(new.row.id)));
        assert_eq!(old.superseded_by.as_ref(), Some(&new.row.number));
        assert_eq!((new.row.status.as_str(), new.row.superseded_by), (Status::Valid.code(), None));
        assert_eq!(new.row.first_registered_on, old.row.first_registered_on);
        assert_eq!(of("QMS", "trainee").row.status, Status::Valid.code());
        let found = crate::record::certificate::verify(&s.app, &old.row.number).await.unwrap().unwrap();
        assert_eq!(found.superseded_by.as_ref(), Some(&new.row.number), "the public sees it too");
    });
}

#[test]
fn a_certificate_that_changed_meanwhile_is_not_superseded() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let valid = s.certificates("certified").await.into_iter().find(|c| c.row.grade == "trainee" && c.row.domain == "QMS").unwrap();
        let id = valid.row.id;
        let try_with =
            |status: &'static str| s.app.db.write(move |tx| Box::pin(async move { db::certificate::supersede(tx, id, status, id).await }));
        assert!(!try_with("suspended").await.unwrap());
        assert_eq!(crate::record::certificate::verify(&s.app, &valid.row.number).await.unwrap().unwrap().row.status, "valid");
        assert!(try_with("valid").await.unwrap());
    });
}

#[test]
fn a_certificate_is_public_from_the_thursday_after_it_was_issued() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let fresh = s.certificates("certified").await.into_iter().find(|c| c.row.domain == "QMS").unwrap().row;
        assert_eq!(fresh.issued_on.to_string(), "2026-11-23");
        assert!(!s.published("").await.contains(&fresh.number));
        assert!(s.published(&fresh.number).await.is_empty(), "nor is it found by its number");
        s.app.clock.advance(TimeDelta::days(3));
        assert_eq!(s.published("").await.first(), Some(&fresh.number));
        assert_eq!(s.published(&fresh.number.to_lowercase()).await, [fresh.number]);
    });
}

#[test]
fn the_public_list_is_searched_by_institution_and_takes_no_pattern() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        s.app.clock.advance(TimeDelta::days(3));
        let all = s.published("").await;
        assert_eq!(all.len(), 3);
        assert_eq!(s.published("华信质量").await, all);
        for nothing in ["东岳认证", "%", "_信", "\\", "'"] {
            assert!(s.published(nothing).await.is_empty(), "{nothing}");
        }
    });
}

#[test]
fn the_public_list_goes_on_where_the_page_before_ended() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        s.app.clock.advance(TimeDelta::days(3));
        let all = crate::service::certificate::publication::published(&s.app, &Asked::default()).await.unwrap();
        assert!(all.next.is_none());
        let first = &all.lines[0].row;
        let before = Some((first.published_on.unwrap(), first.number.clone()));
        let rest = crate::service::certificate::publication::published(&s.app, &Asked { before, ..Asked::default() }).await.unwrap();
        let numbers = |lines: &[Certificate]| lines.iter().map(|c| c.row.number.clone()).collect::<Vec<_>>();
        assert_eq!(numbers(&rest.lines), numbers(&all.lines)[1..]);
    });
}

#[test]
fn a_code_is_read_without_the_database_and_leads_to_its_certificate() {
    in_demo(|demo| async move {
        let s = app(demo).await;
        let mine = s.certificates("certified").await.remove(0);
        let code = crate::record::certificate::code_of(&s.app, &mine).unwrap();
        let genuine = code::read(&s.app.keys, &code).unwrap();
        assert_eq!((genuine.record.number, genuine.holder.as_deref()), (mine.row.number.clone(), Some("周建国")));
        assert_eq!(genuine.record.institution, mine.institution.unwrap());
    });
}
