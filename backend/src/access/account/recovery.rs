//! 找回密码 with a code to the account's mobile. Whether the account exists is not revealed.

use domain::base::identity::{AccountName, PasswordError, check_password};
use domain::record::account::{CodeRefusal, Purpose};
use uuid::Uuid;

use crate::access::account::RequestOrigin;
use crate::access::account::code::{CodeTarget, code_check};
use crate::access::account::fingerprints::has_mobile;
use crate::access::rate_limit::network_of;
use crate::infra::db::account::{AccountRow, AccountStatus};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::password::HasherBusy;
use crate::infra::session::end_sessions;
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
    let row = db::account::by_name(&mut tx, &AccountName::fold(name)).await?;
    let deliver = is_recoverable(&mut tx, app, row.as_ref(), mobile).await?;
    Ok(CodeTarget { purpose: Purpose::Recovery, recipient: mobile.to_owned(), deliver })
}

/// Whether the holder of a number may set the password of an account. It takes as long for an account that does not exist.
async fn is_recoverable(tx: &mut Tx, app: &AppState, row: Option<&AccountRow>, mobile: &str) -> Result<bool, DbError> {
    has_mobile(tx, &app.keys, row.filter(|row| row.status == AccountStatus::Active), mobile).await
}

/// Locks the account that the holder of a number recovers.
async fn lock_recoverable(tx: &mut Tx, app: &AppState, name: &str, mobile: &str) -> Result<Option<AccountRow>, DbError> {
    let Some(found) = db::account::by_name(tx, name).await? else { return Ok(None) };
    let row = db::account::lock(tx, found.id).await?;
    Ok(if is_recoverable(tx, app, row.as_ref(), mobile).await? { row } else { None })
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
) -> Result<Uuid, RecoveryError> {
    let name = AccountName::fold(name);
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
    let (owned, mobile, now) = (app.clone(), mobile.to_owned(), app.clock.steady());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                // A code that was not delivered cannot be confirmed, so the account exists, unless it was closed or has another number now.
                let row = lock_recoverable(tx, &owned, &name, &mobile).await?.ok_or(CodeRefusal::None)?;
                check.spend(tx, code_id).await??;
                db::account::set_password(tx, row.id, &hash).await?;
                end_sessions(tx, row.id, &[], now).await?;
                Ok(row.id)
            })
        })
        .await
}
