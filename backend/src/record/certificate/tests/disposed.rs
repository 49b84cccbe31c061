//! Measures against applications, renewals, appeals and other measures, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::engine::flow::Party;
use domain::record::certificate::{Measure, Renewal, Terms};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::db::renewal::TermExtension;
use crate::matter::load::load_as_system;
use crate::matter::{MatterError, load};
use crate::record::certificate::disposition::lift;
use crate::record::certificate::issue::issue;
use crate::record::certificate::tests::disposition::{TODAY, appeal, impose, messages, status, stored, valid};
use crate::record::certificate::tests::*;
use crate::service::certificate::expiry::run_expiry;
use crate::service::own_matters::{OwnFilter, list_own};
use crate::service::pages::matter_page;

/// The open application of `certified` for the full grade in the domain QMS.
async fn upgrade(s: &TestApp, certified: &Allowed) -> Uuid {
    for line in list_own(&s.app, certified, OwnFilter::default(), None).await.unwrap().matters {
        let answers = load(&s.app, certified, line.id).await.unwrap().answers;
        if answers.text("domain") == "QMS" && answers.text("grade") == "full" {
            return line.id;
        }
    }
    panic!("there is no such application")
}

/// Issues what an application asks for, as its approval does.
async fn issue_for(s: &TestApp, matter: Uuid) -> Result<(), MatterError> {
    let app = s.app.clone();
    let issued = s.app.db.write(move |tx| {
        Box::pin(async move {
            let matter = load_as_system(tx, &app, Party::Applicant, matter).await?;
            let grant = (matter.kind.certificate_grant)(&matter.answers).unwrap();
            issue(tx, &app, &matter, &grant, app.today()).await
        })
    });
    issued.await
}

fn reason(result: Result<impl std::fmt::Debug, MatterError>) -> String {
    match result {
        Err(MatterError::Blocked(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

demo_test!(an_upgrade_applied_for_before_a_suspension_or_revocation_is_not_granted_after_it, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let upgrade = upgrade(&s, &certified).await;
    impose(&s, &number, "suspend", TODAY).await;
    let refused = reason(issue_for(&s, upgrade).await);
    assert!(refused.contains(&number) && refused.contains("因处置已暂停"), "{refused}");
    assert_eq!(status(&s, &number).await, CertificateStatus::Suspended);
    impose(&s, &number, "revoke", TODAY).await;
    let refused = reason(issue_for(&s, upgrade).await);
    assert!(refused.contains(&number) && refused.contains("因处置已撤销"), "{refused}");
    assert!(s.certificates("certified").await.iter().all(|c| c.row.matter_id != upgrade));
});

demo_test!(a_revocation_or_cancellation_in_effect_is_lifted_by_an_appeal_or_stays_and_is_not_changed_in_words, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    let id = impose(&s, &number, "cancel", TODAY).await;
    let refused = reason(appeal(&s, &certified, id, "amend").await);
    assert_eq!(refused, "该证书已注销，变更后的处置无法执行；请撤销原决定后另行处置");
    let all = list_own(&s.app, &certified, OwnFilter::default(), None).await.unwrap().matters;
    let open = all.iter().find(|m| m.kind.is_some_and(|kind| kind.code == domain::kind::appeal::KIND.code)).unwrap().id;
    let approver = s.sign_in("approver2").await;
    let shown = matter_page(&s.app, &approver, open).await.unwrap().consequence.unwrap();
    assert!(shown.contains("恢复为处置前的状态：有效") && shown.contains(&refused), "{shown}");
    s.execute(&approver, open, "sustain").await.unwrap();
    assert_eq!(status(&s, &number).await, CertificateStatus::Valid);
});

demo_test!(two_measures_lifted_in_either_order_leave_the_certificate_as_before_both, |demo| async move {
    let s = TestApp::new(demo).await;
    let (number, certified) = (valid(&s).await.row.number, s.sign_in("certified").await);
    for (first, between) in [(0, CertificateStatus::Revoked), (1, CertificateStatus::Suspended)] {
        let both = [impose(&s, &number, "suspend", TODAY).await, impose(&s, &number, "revoke", TODAY).await];
        appeal(&s, &certified, both[first], "sustain").await.unwrap();
        assert_eq!(status(&s, &number).await, between);
        appeal(&s, &certified, both[1 - first], "sustain").await.unwrap();
        assert_eq!(status(&s, &number).await, CertificateStatus::Valid, "{first} first");
    }
});

demo_test!(a_resumed_certificate_that_lacks_its_confirmation_stays_suspended_for_it_and_the_message_says_so, |demo| async move {
    let s = TestApp::new(demo).await;
    let number = s.due().await.row.number;
    impose(&s, &number, "suspend", TODAY).await;
    s.on("2027-04-01");
    impose(&s, &number, "resume", "2027-04-01").await;
    let row = stored(&s, &number).await;
    assert_eq!((row.status, row.overdue_from), (CertificateStatus::Suspended, Some(s.app.today())));
    let told = messages(&s, "certified").await;
    assert!(told.iter().any(|m| m.contains("自 2027-04-01 起解除暂停；因逾期未办理年度确认，证书状态仍为“已暂停”")), "{told:?}");
    run_expiry(&s.app).await.unwrap();
    let row = stored(&s, &number).await;
    assert_eq!((row.status, row.overdue_from), (CertificateStatus::Suspended, Some(s.app.today())));
});

demo_test!(a_certificate_suspended_by_a_measure_expires_and_makes_way_for_another, |demo| async move {
    let s = TestApp::new(demo).await;
    let row = valid(&s).await.row;
    impose(&s, &row.number, "suspend", TODAY).await;
    s.app.clock.advance(row.valid_until.succ_opt().unwrap() - s.app.today());
    assert_eq!(status(&s, &row.number).await, CertificateStatus::Expired);
    let (account, grade, number, today) = (row.account_id, row.grade, row.number, s.app.today());
    let ended = s.app.db.write(move |tx| Box::pin(async move { db::certificate::end_outlived(tx, account, "QMS", grade, today).await }));
    assert_eq!(ended.await.unwrap(), 1);
    assert_eq!(stored(&s, &number).await.status, CertificateStatus::Expired);
});

demo_test!(a_renewal_or_check_of_a_certificate_read_before_a_measure_was_scheduled_changes_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let before = stored(&s, &valid(&s).await.row.number).await;
    let number = before.number.clone();
    impose(&s, &number, "revoke", "2026-11-25").await;
    let since = stored(&s, &number).await;
    // The measure schedules a check, too, which is not what is compared here.
    let read = db::certificate::CertificateRow { next_check_on: since.next_check_on, ..before };
    let today = s.app.today();
    let changed = s.app.db.write(move |tx| {
        Box::pin(async move {
            let checked = db::renewal::set_checked(tx, &read, CertificateStatus::Valid, None, None).await?;
            let terms = Terms { valid_until: read.valid_until, confirm_due_on: read.valid_until };
            let (matter, renewal) = (read.matter_id, Renewal::AnnualConfirmation);
            let extension = TermExtension { row: &read, matter, renewal, terms, on: today, next_check_on: None };
            Ok::<_, DbError>((checked, db::renewal::extend_term(tx, &extension).await?))
        })
    });
    assert_eq!(changed.await.unwrap(), (false, false));
    let now = stored(&s, &number).await;
    assert_eq!((now.next_check_on, now.scheduled_measure.as_deref()), (since.next_check_on, Some(Measure::Revoke.code())));
});

demo_test!(lifting_a_measure_waits_for_whoever_changes_the_certificates_of_the_holder, |demo| async move {
    let s = TestApp::new(demo).await;
    let row = valid(&s).await.row;
    let id = impose(&s, &row.number, "suspend", TODAY).await;
    let (finished, locked) = (Arc::new(AtomicBool::new(false)), Arc::new(tokio::sync::Notify::new()));
    let (flag, is_locked) = (finished.clone(), locked.clone());
    let holder = s.app.db.write(move |tx| {
        Box::pin(async move {
            db::account::lock(tx, row.account_id).await?;
            locked.notify_one();
            tokio::time::sleep(Duration::from_millis(800)).await;
            flag.store(true, Ordering::SeqCst);
            Ok::<_, DbError>(())
        })
    });
    let lifting = async {
        is_locked.notified().await;
        let app = s.app.clone();
        let lifted = s.app.db.write(move |tx| {
            Box::pin(async move {
                lift(tx, &app, id, app.today()).await?;
                Ok::<_, MatterError>(finished.load(Ordering::SeqCst))
            })
        });
        lifted.await
    };
    let (held, waited) = tokio::join!(holder, lifting);
    held.unwrap();
    assert!(waited.unwrap(), "the lifting did not wait");
});
