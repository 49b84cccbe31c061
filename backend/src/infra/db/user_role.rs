//! SQL of the roles of users of institutions.

use domain::base::permission::UserRole;
use uuid::Uuid;

use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

#[derive(sqlx::FromRow)]
struct UserRoleRow {
    institution_id: Uuid,
    account_id: Uuid,
    #[sqlx(try_from = "Coded<UserRole>")]
    role: UserRole,
}

/// The roles of an account, each with its institution. They are in force while the account is an active user there.
pub async fn list_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<(Uuid, UserRole)>, DbError> {
    let rows = fetch_all!(tx, UserRoleRow, "select * from user_role where account_id = $1 order by institution_id, role", account)?;
    Ok(rows.into_iter().map(|row| (row.institution_id, row.role)).collect())
}

/// The roles of the users of an institution, each with its account.
pub async fn list_of_institution(tx: &mut Tx, institution: Uuid) -> Result<Vec<(Uuid, UserRole)>, DbError> {
    let rows = fetch_all!(tx, UserRoleRow, "select * from user_role where institution_id = $1 order by account_id, role", institution)?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.role)).collect())
}

/// Grants a role to a user of an institution. One that was granted before stays.
pub async fn grant(tx: &mut Tx, institution: Uuid, account: Uuid, role: UserRole) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into user_role (institution_id, account_id, role) values ($1, $2, $3) on conflict do nothing",
        institution,
        account,
        role.code()
    )
}

/// Grants every role to a user who has none.
pub async fn grant_first(tx: &mut Tx, institution: Uuid, account: Uuid) -> Result<(), DbError> {
    let own = fetch_optional!(
        tx,
        (i64,),
        "select cast(1 as bigint) from user_role where institution_id = $1 and account_id = $2 limit 1",
        institution,
        account
    )?;
    if own.is_none() {
        for role in UserRole::ALL {
            grant(tx, institution, account, role).await?;
        }
    }
    Ok(())
}

/// Replaces the roles of a user of an institution.
pub async fn replace(tx: &mut Tx, institution: Uuid, account: Uuid, roles: &[UserRole]) -> Result<(), DbError> {
    execute!(tx, "delete from user_role where institution_id = $1 and account_id = $2", institution, account)?;
    for role in roles {
        grant(tx, institution, account, *role).await?;
    }
    Ok(())
}
