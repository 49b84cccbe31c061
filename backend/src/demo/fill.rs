//! Fills an empty database with demo data.

use domain::base::permission::{GrantStatus, InstitutionRole};

use crate::access::account::name_mark::mark_all_names;
use crate::demo::accounts::{INSTITUTION_USERS, PASSWORD, ROLES, account_rows, institution_rows};
use crate::demo::cases::create_cases;
use crate::demo::crowd::create_crowd;
use crate::demo::error::DemoError;
use crate::demo::tables::{record_scores_and_competences, seed_tables};
use crate::infra::db::account::AccountRow;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::process::DEMO_FILLED;
use crate::infra::db::{self, Db, DbError, Tx};
use crate::state::AppState;

/// Refuses a database that holds data of real people or institutions; one without tables holds none.
///
/// # Errors
/// [`DemoError::RealData`].
pub async fn refuse_real_data(db: &Db) -> Result<(), DemoError> {
    let mut tx = db.read().await?;
    let real = match db::account::any_real_exists(&mut tx).await {
        // An institution that was entered before there was any account.
        Ok(false) => !db::account::any_exists(&mut tx).await? && db::institution::any_exists(&mut tx).await?,
        Ok(true) => true,
        Err(DbError::Other(_)) => false,
        Err(error) => return Err(error.into()),
    };
    if real { Err(DemoError::RealData) } else { Ok(()) }
}

/// Creates demo data in a database without accounts; returns whether it did. Demo data that is not complete, because an earlier start was
/// cut off, is deleted and created anew. Servers that start at once wait for each other. `crowd`: how many more people there are, whose
/// applications fill the queues.
///
/// # Errors
/// [`DemoError::NotDemo`] if the server is not in demo mode, and [`DemoError::RealData`].
pub async fn fill_demo(app: &AppState, crowd: usize) -> Result<bool, DemoError> {
    if !app.demo {
        return Err(DemoError::NotDemo);
    }
    refuse_real_data(&app.db).await?;
    if is_filled(app).await? {
        return Ok(false);
    }
    let _lock = app.db.lock_exclusively().await?;
    if is_filled(app).await? {
        return Ok(false);
    }
    app.db.write(|tx| Box::pin(db::maintenance::delete_all_data(tx))).await?;
    fill(app, crowd).await?;
    let now = app.now();
    app.db.write(move |tx| Box::pin(async move { db::process::record(tx, DEMO_FILLED, "complete", now).await })).await?;
    Ok(true)
}

async fn is_filled(app: &AppState) -> Result<bool, DbError> {
    let mut tx = app.db.read().await?;
    Ok(db::process::recorded_at(&mut tx, DEMO_FILLED).await?.is_some())
}

async fn fill(app: &AppState, crowd: usize) -> Result<(), DemoError> {
    let hash = app.password_hasher.hash("demo", PASSWORD.to_owned()).await?;
    let (accounts, institutions) = (account_rows(app, &hash), institution_rows());
    let (owned, account_rows, institution_rows) = (app.clone(), accounts.clone(), institutions.clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                insert_people(tx, &owned, &account_rows, &institution_rows).await?;
                seed_tables(tx).await
            })
        })
        .await?;
    app.reload_tables().await?;
    record_scores_and_competences(app).await?;
    create_cases(app, &accounts, &institutions).await?;
    create_crowd(app, crowd, &hash, &accounts, &institutions).await?;
    Ok(mark_all_names(app).await?)
}

async fn insert_people(tx: &mut Tx, app: &AppState, accounts: &[AccountRow], institutions: &[InstitutionRow]) -> Result<(), DbError> {
    for row in accounts {
        db::account::insert(tx, row).await?;
    }
    for row in institutions {
        db::institution::insert(tx, row).await?;
    }
    let account = |name: &str| accounts.iter().find(|row| row.name == name);
    for (name, role) in ROLES {
        if let Some(row) = account(name) {
            db::account::set_role_grant(tx, row.id, *role, GrantStatus::Active, app.now()).await?;
        }
    }
    for (name, place) in INSTITUTION_USERS {
        if let (Some(row), Some(institution)) = (account(name), institutions.get(*place)) {
            let (role, status) = (InstitutionRole::User, GrantStatus::Active);
            db::institution::set_membership(tx, row.id, institution.id, role, status, app.today()).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::testing::TestApp;
    use crate::infra::db::maintenance::count_rows;
    use crate::service::admin::add_institution;
    use crate::{database_test, demo_test};

    demo_test!(a_demo_that_was_cut_off_is_created_anew, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        let complete = count_rows(&mut app.db.read().await.unwrap()).await.unwrap();
        // What a start leaves that ends after the accounts, and one that ends before the last matter.
        for statement in [
            "delete from process_state where name = 'demo.filled'",
            "delete from process_state; delete from library_record; delete from message",
        ] {
            app.db.execute_raw(statement).await;
            assert!(fill_demo(app, 0).await.unwrap(), "it is filled again");
            assert!(!fill_demo(app, 0).await.unwrap());
            let again = count_rows(&mut app.db.read().await.unwrap()).await.unwrap();
            for table in ["account", "matter", "matter_event", "certificate", "library_record", "message", "score", "institution"] {
                assert_eq!(again.get(table), complete.get(table), "{table}");
            }
        }
    });

    demo_test!(a_demo_refuses_a_database_with_an_account_that_is_not_a_demos, |demo| async move {
        let test = TestApp::new(demo).await;
        let app = &test.app;
        refuse_real_data(&app.db).await.unwrap();
        app.db.execute_raw("update account set demo = false where name = 'teacher'").await;
        assert!(matches!(refuse_real_data(&app.db).await, Err(DemoError::RealData)));
        let before = count_rows(&mut app.db.read().await.unwrap()).await.unwrap();
        // Not even demo data that seems to be cut off is touched then.
        app.db.execute_raw("delete from process_state").await;
        assert!(matches!(fill_demo(app, 0).await, Err(DemoError::RealData)));
        let after = count_rows(&mut app.db.read().await.unwrap()).await.unwrap();
        assert_eq!((before.get("account"), before.get("matter")), (after.get("account"), after.get("matter")));
    });

    database_test!(a_demo_refuses_a_database_with_an_institution_of_a_real_server, |db, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let clock = crate::infra::clock::Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let app = AppState::open(db, folder.path(), clock, true).await.unwrap();
        add_institution(&app, "真实认证有限公司", "91310115MA1K000016", "CNCA-R-2026-999").await.unwrap();
        assert!(matches!(fill_demo(&app, 0).await, Err(DemoError::RealData)));
    });
}
