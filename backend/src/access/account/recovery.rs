//! 找回密码 with a code to the account's mobile. Whether the account exists is not revealed.

use domain::base::identity::{PasswordError, check_password};
use domain::record::account::{CodeRefusal, Purpose};

use crate::access::account::RequestOrigin;
use crate::access::account::code::CodeTarget;
use crate::infra::db::account::AccountStatus;
use crate::infra::db::{self, DbError};
use crate::infra::password::HasherBusy;
use crate::state::AppState;

/// Why a password was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecoveryError {
    /// The code was refused.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
    /// The new password was refused.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Target of the code for an account and a mobile number; it is delivered only if they belong together.
pub async fn recovery_target(app: &AppState, name: &str, mobile: &str) -> Result<CodeTarget, DbError> {
    let fingerprint = app.keys.fingerprint("mobile", mobile);
    let mut tx = app.db.read().await?;
    let row = db::account::by_name(&mut tx, &name.trim().to_ascii_lowercase()).await?;
    let deliver = row.is_some_and(|r| r.mobile_fingerprint == fingerprint && r.status == AccountStatus::Active);
    Ok(CodeTarget { purpose: Purpose::Recovery, mobile: mobile.to_owned(), deliver })
}

/// Confirms the code, sets a new password, and ends all sessions of the account.
pub async fn recover(
    app: &AppState,
    name: &str,
    mobile: &str,
    code: &str,
    password: &str,
    origin: &RequestOrigin,
) -> Result<(), RecoveryError> {
    let name = name.trim().to_ascii_lowercase();
    check_password(password, &[&name, mobile])?;
    let hash = app.password_hasher.hash(password.to_owned()).await?;
    let target = recovery_target(app, &name, mobile).await?;
    let check = crate::access::account::code::code_check(app, &target, origin, code);
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if let Err(refusal) = check.verify(tx).await? {
                    return Ok(Err(refusal));
                }
                // A code that was not delivered cannot be confirmed, so the account exists.
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
