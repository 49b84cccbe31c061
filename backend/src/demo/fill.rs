//! Fills an empty database with demo data.

use domain::base::permission::{GrantStatus, InstitutionRole};

use crate::demo::accounts::{INSTITUTION_USERS, PASSWORD, ROLES, account_rows, institution_rows};
use crate::demo::cases::create_cases;
use crate::demo::error::DemoError;
use crate::demo::tables::{record_scores_and_competences, seed_tables};
use crate::infra::db::account::AccountRow;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// Creates demo data in an empty database; returns whether it did.
///
/// # Errors
/// [`DemoError::NotDemo`] if the server is not in demo mode.
pub async fn fill_demo(app: &AppState) -> Result<bool, DemoError> {
    if !app.demo {
        return Err(DemoError::NotDemo);
    }
    {
        let mut tx = app.db.read().await?;
        if db::account::any_exists(&mut tx).await? {
            return Ok(false);
        }
    }
    let hash = app.password_hasher.hash(PASSWORD.to_owned()).await?;
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
    Ok(true)
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
