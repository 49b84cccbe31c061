//! Administration from the command line: roles, institutions, users of institutions, competences of experts.

use domain::base::identity::CreditCode;
use domain::base::permission::{GrantStatus, InstitutionRole, Role};
use uuid::Uuid;

use crate::infra::db::institution::{InstitutionKind, InstitutionStatus};
use crate::infra::db::{self, DbError};
use crate::record::audit::audit;
use crate::state::AppState;

/// Why a command failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdminError {
    /// Unknown account.
    #[error("there is no account of this name")]
    NoAccount,
    /// Unknown institution.
    #[error("there is no institution with this credit code")]
    NoInstitution,
    /// Unknown certification domain.
    #[error("there is no certification domain with this code")]
    NoDomain,
    /// Invalid credit code.
    #[error("this is not a unified social credit code")]
    CreditCode,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Grants a role to an account, or revokes it.
pub async fn set_role(app: &AppState, account: &str, role: Role, status: GrantStatus) -> Result<(), AdminError> {
    let (name, now) = (account.to_ascii_lowercase(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &name).await?.ok_or(AdminError::NoAccount)?;
                db::account::set_role_grant(tx, row.id, role, status, now).await?;
                let action = format!("role.{}.{}", role.code(), status.code());
                audit(tx, None, &action, &row.id.to_string(), now).await?;
                Ok(())
            })
        })
        .await
}

/// Adds a certification body.
pub async fn add_institution(app: &AppState, name: &str, code: &str, approval_no: &str) -> Result<Uuid, AdminError> {
    let code = CreditCode::parse(code).map_err(|_| AdminError::CreditCode)?;
    let now = app.now();
    let row = db::institution::InstitutionRow {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        credit_code: code.as_str().to_owned(),
        approval_no: approval_no.to_owned(),
        kind: InstitutionKind::CertificationBody,
        status: InstitutionStatus::Active,
    };
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::institution::insert(tx, &row).await?;
                audit(tx, None, "institution.added", &row.id.to_string(), now).await?;
                Ok(row.id)
            })
        })
        .await
}

/// Makes an account a user of an institution, or ends that.
pub async fn set_institution_user(app: &AppState, account: &str, code: &str, status: GrantStatus) -> Result<(), AdminError> {
    let (name, code) = (account.to_ascii_lowercase(), code.to_ascii_uppercase());
    let (now, today) = (app.now(), app.today());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &name).await?.ok_or(AdminError::NoAccount)?;
                let institution = db::institution::by_credit_code(tx, &code).await?.ok_or(AdminError::NoInstitution)?;
                db::institution::set_membership(tx, row.id, institution.id, InstitutionRole::User, status, today).await?;
                let action = format!("desk.{}", status.code());
                audit(tx, None, &action, &row.id.to_string(), now).await?;
                Ok(())
            })
        })
        .await
}

/// Adds a domain of competence to an expert, by account name.
pub async fn add_expert_domain(app: &AppState, account: &str, domain: &str) -> Result<(), AdminError> {
    let (account, domain, now) = (account.to_ascii_lowercase(), domain.to_owned(), app.now());
    if domain::base::catalogue::domain(&domain).is_none() {
        return Err(AdminError::NoDomain);
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &account).await?.ok_or(AdminError::NoAccount)?;
                db::expert::insert_domain(tx, row.id, &domain).await?;
                audit(tx, None, &format!("expert.{domain}"), &row.id.to_string(), now).await?;
                Ok(())
            })
        })
        .await
}
