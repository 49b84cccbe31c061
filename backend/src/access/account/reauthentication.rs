//! The password of a signed-in person, asked again before what a stolen session must not do.

use domain::base::rule::key;
use uuid::Uuid;

use crate::access::rate_limit::{RateLimit, give_back, network_of, take_all};
use crate::infra::db::{self, DbError};
use crate::infra::password::HasherBusy;
use crate::state::AppState;

/// Why the password was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReauthenticationError {
    /// Wrong password.
    #[error("wrong password")]
    Wrong,
    /// Too many wrong passwords.
    #[error("too many wrong passwords")]
    TooMany,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ReauthenticationError {
    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            ReauthenticationError::Wrong => "密码不正确",
            ReauthenticationError::TooMany => "密码错误次数过多，请一小时后再试",
            ReauthenticationError::Busy(_) => "系统繁忙，请稍后再试",
            ReauthenticationError::Db(error) => error.text(),
        }
    }
}

/// Verifies the password of an account. Only wrong passwords count.
///
/// # Errors
/// Wrong, too many wrong ones before, or overload.
pub async fn confirm_password(app: &AppState, account: Uuid, password: &str, address: &str) -> Result<(), ReauthenticationError> {
    let most = app.tables().rules.on(app.today()).int(key::PASSWORD_CHECKS_PER_HOUR);
    let limits = vec![RateLimit::new(app, &[b"own-password", account.as_bytes()], 3600, most)];
    let stored = {
        let mut tx = app.db.read().await?;
        db::account::by_id(&mut tx, account).await?.map(|row| row.password_hash)
    };
    if !take_all(app, limits.clone()).await? {
        return Err(ReauthenticationError::TooMany);
    }
    let verified = app.password_hasher.verify(&network_of(address), stored, password.to_owned()).await;
    if verified == Ok(false) {
        return Err(ReauthenticationError::Wrong);
    }
    app.db.write(move |tx| Box::pin(async move { give_back(tx, &limits).await })).await?;
    Ok(verified.map(|_| ())?)
}
