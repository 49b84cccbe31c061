//! 找回密码 with a code to the account's mobile. Whether the account exists is not revealed.

use domain::base::identity::{PasswordError, check_password};
use domain::record::account::{CodeRefusal, Purpose};
use uuid::Uuid;

use crate::access::account::RequestOrigin;
use crate::access::account::code::{CodeTarget, code_check};
use crate::access::account::fingerprints::has_mobile;
use crate::access::rate_limit::network_of;
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
    let mut tx = app.db.read().await?;
    let row = db::account::by_name(&mut tx, &name.trim().to_ascii_lowercase()).await?;
    let active = row.filter(|r| r.status == AccountStatus::Active);
    let deliver = has_mobile(&mut tx, &app.keys, active.as_ref(), mobile).await?;
    Ok(CodeTarget { purpose: Purpose::Recovery, recipient: mobile.to_owned(), deliver })
}

/// Confirms the code, sets a new password, and ends all sessions of the account, which is returned. Counters of failed log-ins begin anew
/// with the new password.
///
/// # Errors
/// The code is judged and counted before anything is hashed, so a wrong code costs no computation.
pub async fn recover(
    app: &AppState,
    name: &str,
    mobile: &str,
    code: &str,
    password: &str,
    origin: &RequestOrigin,
) -> Result<Option<Uuid>, RecoveryError> {
    let name = name.trim().to_ascii_lowercase();
    let target = recovery_target(app, &name, mobile).await?;
    let check = code_check(app, &target, origin, code);
    {
        let mut tx = app.db.read().await?;
        check.find(&mut tx).await??;
    }
    // A code can be spent once, so it is kept when the password is refused.
    check_password(password, &[&name, mobile])?;
    let compared = check.clone();
    let code_id = app.db.write(move |tx| Box::pin(async move { compared.compare(tx).await })).await??;
    let hash = app.password_hasher.hash(&network_of(&origin.address), password.to_owned()).await?;
    let now = app.clock.steady();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if let Err(refusal) = check.spend(tx, code_id).await? {
                    return Ok(Err(refusal));
                }
                // A code that was not delivered cannot be confirmed, so the account exists.
                let row = db::account::by_name(tx, &name).await?.filter(|_| target.deliver);
                if let Some(row) = &row {
                    db::account::set_password(tx, row.id, &hash).await?;
                    db::session::revoke_all(tx, row.id, now).await?;
                }
                Ok::<_, DbError>(Ok(row.map(|row| row.id)))
            })
        })
        .await?
        .map_err(RecoveryError::Code)
}
