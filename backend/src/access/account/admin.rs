//! What is done from the command line by who has the machine: roles, institutions, and who stands at their desks.

use domain::base::identity::CreditCode;
use domain::base::permission::{Role, Standing};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::DbError;
use crate::record::audit::audit;
use crate::state::AppState;

/// Why something was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdminError {
    /// No such account.
    #[error("there is no account of this name")]
    NoAccount,
    /// No such institution.
    #[error("there is no institution with this credit code")]
    NoInstitution,
    /// No such domain.
    #[error("there is no certification domain with this code")]
    NoDomain,
    /// Not a credit code.
    #[error("this is not a unified social credit code")]
    CreditCode,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Grants a role to an account, or ends it.
pub async fn set_role(app: &AppState, account: &str, role: Role, standing: Standing) -> Result<(), AdminError> {
    let (name, now) = (account.to_ascii_lowercase(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &name).await?.ok_or(AdminError::NoAccount)?;
                db::account::grant(tx, row.id, role.code(), standing.code(), now).await?;
                let action = format!("role.{}.{}", role.code(), standing.code());
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
    let row = db::institution::Row {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        credit_code: code.as_str().to_owned(),
        approval_no: approval_no.to_owned(),
        kind: "certification_body".into(),
        status: "active".into(),
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

/// Lets an account act at the desk of an institution, or no longer.
pub async fn set_desk(app: &AppState, account: &str, code: &str, standing: Standing) -> Result<(), AdminError> {
    let (name, code) = (account.to_ascii_lowercase(), code.to_ascii_uppercase());
    let (now, today) = (app.now(), app.today());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &name).await?.ok_or(AdminError::NoAccount)?;
                let institution = db::institution::by_code(tx, &code).await?.ok_or(AdminError::NoInstitution)?;
                db::institution::tie(tx, row.id, institution.id, "user", standing.code(), today).await?;
                let action = format!("desk.{}", standing.code());
                audit(tx, None, &action, &row.id.to_string(), now).await?;
                Ok(())
            })
        })
        .await
}
