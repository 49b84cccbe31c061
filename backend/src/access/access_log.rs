//! The record of accesses: who opened which case, file or voucher, and who was refused. It holds ids, never contents.
//!
//! What an applicant does with an own matter is not recorded. Sign-ins have a record of their own.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::base::identity::AccountName;
use domain::base::rule::key;
use uuid::Uuid;

use crate::access::account::sessions::{SignInAttempt, list_sign_ins};
use crate::infra::db::access::{AccessEventRow, EventCountRow};
use crate::infra::db::{self, DbError};
use crate::record::audit::audit;
use crate::state::AppState;

/// Rows deleted in one transaction.
const BATCH: i64 = 1000;

/// Rows of a list.
const LISTED: i64 = 1000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The page of a case was opened.
    CaseOpened,
    /// A case was opened for printing.
    CasePrinted,
    /// A file of a case was downloaded.
    FileDownloaded,
    /// A file of a case was shown in place.
    FileViewed,
    /// The document number of an applicant was shown in full.
    IdentityShown,
    /// A file of a payment voucher was downloaded.
    VoucherDownloaded,
    /// A certificate was downloaded by someone else than its holder.
    CertificateDownloaded,
    /// A list of a workbench was exported.
    ListExported,
    /// A case was refused to someone who has no part in it.
    CaseRefused,
    /// The permission table refused an address.
    AddressRefused,
}

impl Access {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Access::CaseOpened => "case.opened",
            Access::CasePrinted => "case.printed",
            Access::FileDownloaded => "file.downloaded",
            Access::FileViewed => "file.viewed",
            Access::IdentityShown => "identity.shown",
            Access::VoucherDownloaded => "voucher.downloaded",
            Access::CertificateDownloaded => "certificate.downloaded",
            Access::ListExported => "list.exported",
            Access::CaseRefused => "case.refused",
            Access::AddressRefused => "address.refused",
        }
    }
}

/// Records an access. It does not wait for the database.
pub fn record_access(app: &AppState, account: Option<Uuid>, access: Access, matter: Option<Uuid>, target: &str) {
    let row = AccessEventRow {
        id: Uuid::now_v7(),
        at: app.now(),
        account_id: account,
        action: access.code().to_owned(),
        matter_id: matter,
        target: target.to_owned(),
    };
    if app.access_log.push(row) {
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = store_accesses(&app).await {
                tracing::warn!(%error, "accesses are not recorded yet");
            }
        });
    }
}

/// Stores the accesses that wait, in one transaction; returns their number.
pub async fn store_accesses(app: &AppState) -> Result<usize, DbError> {
    let (rows, dropped) = app.access_log.take();
    if dropped > 0 {
        tracing::error!(dropped, "accesses were not recorded, since the database did not answer for too long");
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let (count, again) = (rows.len(), rows.clone());
    let stored = app.db.write(move |tx| Box::pin(async move { db::access::insert_accesses(tx, &rows).await })).await;
    if let Err(error) = stored {
        app.access_log.put_back(again);
        return Err(error);
    }
    Ok(count)
}

/// Deletes accesses that are older than the retention rule.
pub async fn delete_old_accesses(app: &AppState) -> Result<(), DbError> {
    let days = app.tables().rules.on(app.today()).int(key::RETAIN_ACCESS_DAYS);
    let before = app.now() - TimeDelta::days(days);
    while app.db.write(move |tx| Box::pin(async move { db::access::delete_accesses_before(tx, before, BATCH).await })).await? > 0 {}
    while app.db.write(move |tx| Box::pin(async move { db::sign_in::delete_before(tx, before, BATCH).await })).await? > 0 {}
    while app.db.write(move |tx| Box::pin(async move { db::access::delete_event_counts_before(tx, before, BATCH).await })).await? > 0 {}
    Ok(())
}

/// Whose accesses are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessSubject {
    /// Those to a matter.
    Matter(Uuid),
    /// Those of the account of this name.
    Account(String),
}

/// What is recorded about a matter or an account, newest first.
#[derive(Debug, Clone, Default)]
pub struct AccessReport {
    /// Accesses and refusals.
    pub accesses: Vec<AccessEventRow>,
    /// Attempts to sign in.
    pub sign_ins: Vec<SignInAttempt>,
    /// Failures, refusals and sign-ins by hours.
    pub counts: Vec<EventCountRow>,
    /// Names of the accounts.
    pub names: BTreeMap<Uuid, String>,
}

/// Lists what is recorded about a matter or an account, which is recorded itself. `None`: there is no account of this name.
pub async fn list_accesses(app: &AppState, subject: &AccessSubject) -> Result<Option<AccessReport>, DbError> {
    store_accesses(app).await?;
    let mut tx = app.db.read().await?;
    let mut report = AccessReport::default();
    let about = match subject {
        AccessSubject::Matter(id) => {
            report.accesses = db::access::list_accesses(&mut tx, *id, LISTED).await?;
            *id
        }
        AccessSubject::Account(name) => {
            let Some(account) = db::account::by_name(&mut tx, &AccountName::fold(name)).await? else { return Ok(None) };
            report.accesses = db::access::list_accesses_of(&mut tx, account.id, LISTED).await?;
            report.counts = db::access::list_event_counts(&mut tx, account.id, LISTED).await?;
            report.names.insert(account.id, account.name);
            account.id
        }
    };
    for id in report.accesses.iter().filter_map(|row| row.account_id) {
        if !report.names.contains_key(&id)
            && let Some(row) = db::account::by_id(&mut tx, id).await?
        {
            report.names.insert(id, row.name);
        }
    }
    drop(tx);
    if matches!(subject, AccessSubject::Account(_)) {
        report.sign_ins = list_sign_ins(app, about).await?;
    }
    let owned = app.clone();
    app.db.write(move |tx| Box::pin(async move { audit(tx, &owned, None, "accesses.listed", &about.to_string()).await })).await?;
    Ok(Some(report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::testing::TestApp;
    use crate::demo_test;

    demo_test!(whoever_opens_a_case_of_someone_else_or_is_refused_is_recorded, |demo| async move {
        let t = TestApp::new(demo).await;
        let (applicant, officer, other) = (t.sign_in("applicant").await, t.sign_in("officer").await, t.sign_in("teacher").await);
        let id = t.matter(&applicant, "质量管理体系").await;
        for who in [&applicant, &officer, &other] {
            let _ = crate::service::pages::matter_page(&t.app, who, id).await;
        }
        let file = crate::matter::load(&t.app, &officer, id).await.unwrap().answers.files().next().unwrap().file;
        crate::workflow::files::download(&t.app, &officer, id, file).await.unwrap();
        store_accesses(&t.app).await.unwrap();
        let mut tx = t.app.db.read().await.unwrap();
        let rows = db::access::list_accesses(&mut tx, id, 100).await.unwrap();
        drop(tx);
        let mut seen: Vec<(Option<Uuid>, &str)> = rows.iter().map(|row| (row.account_id, row.action.as_str())).collect();
        seen.reverse();
        let expected = [(&officer, "case.opened"), (&other, "case.refused"), (&officer, "file.downloaded")];
        assert_eq!(seen, expected.map(|(who, action)| (Some(who.account()), action)));
        assert!(rows.iter().all(|row| row.target.is_empty() || Uuid::parse_str(&row.target).is_ok()), "ids only");
        t.demo.clock.advance(TimeDelta::days(366));
        delete_old_accesses(&t.app).await.unwrap();
        let mut tx = t.app.db.read().await.unwrap();
        assert!(db::access::list_accesses(&mut tx, id, 100).await.unwrap().is_empty(), "they end with the retention rule");
    });

    demo_test!(a_flood_of_refusals_or_failures_is_counted_and_keeps_what_was_before_for_days, |demo| async move {
        let t = TestApp::new(demo).await;
        let account = t.account("teacher").await;
        let sign_in = async |outcome| {
            let app = t.app.clone();
            let record = t.app.db.write(move |tx| {
                Box::pin(async move { crate::access::account::sessions::record_sign_in(&app, tx, account, outcome, "Firefox").await })
            });
            record.await.unwrap();
        };
        use crate::infra::db::sign_in::SignInOutcome::{Success, WrongPassword};
        sign_in(WrongPassword).await;
        t.demo.clock.advance(TimeDelta::days(3));
        for _ in 0..60 {
            sign_in(WrongPassword).await;
        }
        sign_in(Success).await;
        for _ in 0..150 {
            record_access(&t.app, Some(account), Access::AddressRefused, None, "Payments");
        }
        let report = list_accesses(&t.app, &AccessSubject::Account("Teacher".into())).await.unwrap().unwrap();
        let counts: Vec<(&str, i64)> = report.counts.iter().map(|row| (row.action.as_str(), row.times)).collect();
        let expected = [("address.refused", 150), ("sign_in.success", 1), ("sign_in.wrong_password", 60), ("sign_in.wrong_password", 1)];
        assert_eq!(counts, expected);
        assert_eq!((report.accesses.len(), report.sign_ins.len()), (50, 12));
        let first = t.app.now() - TimeDelta::days(3);
        assert!(report.sign_ins.iter().any(|attempt| attempt.at == first), "the failure of three days ago is still there");
        t.demo.clock.advance(TimeDelta::days(370));
        delete_old_accesses(&t.app).await.unwrap();
        let report = list_accesses(&t.app, &AccessSubject::Account("teacher".into())).await.unwrap().unwrap();
        assert!(report.counts.is_empty() && report.sign_ins.is_empty() && report.accesses.is_empty());
        assert!(list_accesses(&t.app, &AccessSubject::Account("nobody".into())).await.unwrap().is_none());
    });

    #[test]
    fn accesses_that_wait_are_bounded() {
        let log = crate::infra::access_log::AccessLog::default();
        let row = AccessEventRow {
            id: Uuid::nil(),
            at: chrono::DateTime::default(),
            account_id: None,
            action: String::new(),
            matter_id: None,
            target: String::new(),
        };
        for _ in 0..10_001 {
            log.push(row.clone());
        }
        let (rows, dropped) = log.take();
        assert_eq!((rows.len(), dropped), (10_000, 1));
    }
}
