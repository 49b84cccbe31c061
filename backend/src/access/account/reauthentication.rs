//! The password of a signed-in person, asked again before what a stolen session must not do.

use domain::base::rule::key;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::access::rate_limit::{RateLimit, give_back, network_of, take_all};
use crate::infra::db::account::{AccountRow, AccountStatus};
use crate::infra::db::{self, DbError, Tx};
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
    /// The password or the status of the account has changed since the password was verified.
    #[error("the account changed meanwhile")]
    Changed,
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
            ReauthenticationError::Changed => "账号的密码或状态刚刚有变化，本次操作没有生效，请刷新页面后重试",
            ReauthenticationError::Busy(busy) => busy.text(),
            ReauthenticationError::Db(error) => error.text(),
        }
    }
}

/// Proof that the password of an account was confirmed. It is void once the password or the status of the account has changed, or the
/// session has ended.
#[derive(Debug, Clone)]
pub struct PasswordConfirmed {
    account: Uuid,
    password_hash: String,
    session_version: i64,
}

impl PasswordConfirmed {
    /// The account.
    pub fn account(&self) -> Uuid {
        self.account
    }

    /// Locks the account at the beginning of a transaction, and checks that the proof is not void.
    ///
    /// # Errors
    /// [`ReauthenticationError::Changed`]: of several changes that begin with the same password, one is made.
    pub(crate) async fn lock_account(&self, tx: &mut Tx) -> Result<AccountRow, ReauthenticationError> {
        let row = db::account::lock(tx, self.account).await?;
        let is_same = |row: &AccountRow| row.password_hash == self.password_hash && row.session_version == self.session_version;
        row.filter(|row| row.status == AccountStatus::Active && is_same(row)).ok_or(ReauthenticationError::Changed)
    }
}

/// Verifies the password of the caller. Only wrong passwords count.
///
/// # Errors
/// Wrong, too many wrong ones before, overload, or the session of the caller has ended meanwhile.
pub async fn confirm_password(
    app: &AppState,
    who: &Allowed,
    password: &str,
    address: &str,
) -> Result<PasswordConfirmed, ReauthenticationError> {
    let row = current_account(app, who).await?;
    confirm_password_of(app, row, password, address).await
}

/// The account of the caller.
///
/// # Errors
/// [`ReauthenticationError::Changed`] if the session has ended since the caller was loaded.
pub(crate) async fn current_account(app: &AppState, who: &Allowed) -> Result<AccountRow, ReauthenticationError> {
    let mut tx = app.db.read().await?;
    let row = db::account::by_id(&mut tx, who.account()).await?;
    row.filter(|row| row.session_version == who.caller().session_version).ok_or(ReauthenticationError::Changed)
}

/// Verifies a password by the row of its account that was read before.
pub(crate) async fn confirm_password_of(
    app: &AppState,
    row: AccountRow,
    password: &str,
    address: &str,
) -> Result<PasswordConfirmed, ReauthenticationError> {
    let AccountRow { id: account, password_hash, session_version, .. } = row;
    let most = app.tables().rules.on(app.today()).int(key::PASSWORD_CHECKS_PER_HOUR);
    let limits = vec![RateLimit::new(app, &[b"own-password", account.as_bytes()], 3600, most)];
    if !take_all(app, limits.clone()).await? {
        return Err(ReauthenticationError::TooMany);
    }
    let verified = app.password_hasher.verify(&network_of(address), Some(password_hash.clone()), password.to_owned()).await;
    if verified == Ok(false) {
        return Err(ReauthenticationError::Wrong);
    }
    app.db.write(move |tx| Box::pin(async move { give_back(tx, &limits).await })).await?;
    verified?;
    Ok(PasswordConfirmed { account, password_hash, session_version })
}
