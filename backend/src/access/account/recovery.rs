//! 找回密码: by a code to the mobile of the account. Whether the account exists is never told.

use domain::base::identity::{PasswordFault, check_password};
use domain::record::account::{CodeRefusal, Purpose};

use crate::access::account::Origin;
use crate::access::account::code::CodeTarget;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::password::Busy;
use crate::state::AppState;

/// Why a password was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecoveryError {
    /// The code.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
    /// The new password.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// Too many passwords at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Where the code for an account and a number goes: out only if they belong together.
pub async fn recovery_target(app: &AppState, name: &str, mobile: &str) -> Result<CodeTarget, DbError> {
    let fingerprint = app.keys.fingerprint("mobile", mobile);
    let mut tx = app.db.read().await?;
    let row = db::account::by_name(&mut tx, &name.trim().to_ascii_lowercase()).await?;
    let deliver = row.is_some_and(|r| r.mobile_fingerprint == fingerprint && r.status == "active");
    Ok(CodeTarget { purpose: Purpose::Recovery, mobile: mobile.to_owned(), deliver })
}

/// Sets a new password once the code is right, and ends every session of the account.
pub async fn recover(app: &AppState, name: &str, mobile: &str, code: &str, password: &str, origin: &Origin) -> Result<(), RecoveryError> {
    let name = name.trim().to_ascii_lowercase();
    check_password(password, &[&name, mobile])?;
    let hash = app.hasher.hash(password.to_owned()).await?;
    let target = recovery_target(app, &name, mobile).await?;
    let check = crate::access::account::code::code_check(app, &target, origin, code);
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if let Err(refusal) = check.run(tx).await? {
                    return Ok(Err(refusal));
                }
                // A code that never went out cannot be right, so the account is there.
                if let Some(row) = db::account::by_name(tx, &name).await?.filter(|_| target.deliver) {
                    db::account::set_password(tx, row.id, &hash).await?;
                    db::session::revoke_all(tx, row.id, now).await?;
                }
                Ok::<_, DbError>(Ok(()))
            })
        })
        .await?
        .map_err(RecoveryError::Code)
}
