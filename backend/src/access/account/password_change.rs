//! 修改密码 while signed in.

use domain::base::identity::{PasswordError, check_password};

use crate::access::account::lookup::unseal_person;
use crate::access::account::reauthentication::{ReauthenticationError, confirm_password_of, current_account};
use crate::access::guard::Allowed;
use crate::access::rate_limit::network_of;
use crate::infra::db::{self, DbError};
use crate::infra::password::HasherBusy;
use crate::infra::session::end_sessions;
use crate::state::AppState;

/// Why a password was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PasswordChangeError {
    /// The present password was not accepted.
    #[error(transparent)]
    Present(#[from] ReauthenticationError),
    /// The new password was refused.
    #[error(transparent)]
    New(#[from] PasswordError),
    /// The new password is the present one.
    #[error("the same password")]
    Same,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Passwords of a change, and where it comes from.
pub struct PasswordChange<'a> {
    /// The present password.
    pub present: &'a str,
    /// The new password.
    pub new: &'a str,
    /// Token hash of the session that asks, which goes on.
    pub session: Vec<u8>,
    /// Network address.
    pub address: &'a str,
}

/// Sets a new password and ends every other session of the account, also those of log-ins that are under way. Returns the version of the
/// account that the session which asks carries from now on.
///
/// # Errors
/// The new password is judged before the present one is verified, which costs a computation. Of several changes at once one is made, and
/// the others are told that the account has changed.
pub async fn change_password(app: &AppState, who: &Allowed, change: PasswordChange<'_>) -> Result<i64, PasswordChangeError> {
    let account = who.account();
    let row = current_account(app, who).await?;
    let mobile = unseal_person(app, account, &row.person_sealed).map_or_else(String::new, |person| person.mobile);
    check_password(change.new, &[&row.name, &mobile])?;
    if change.new == change.present {
        return Err(PasswordChangeError::Same);
    }
    let confirmed = confirm_password_of(app, row, change.present, change.address).await?;
    let hash = app.password_hasher.hash(&network_of(change.address), change.new.to_owned()).await?;
    let (session, now) = (change.session, app.clock.steady());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                confirmed.lock_account(tx).await?;
                db::account::set_password(tx, account, &hash).await?;
                Ok(end_sessions(tx, account, &session, now).await?)
            })
        })
        .await
}
