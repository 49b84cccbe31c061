//! 登录: rate limits, then the password; same response and same work for known and unknown accounts.

use domain::base::rule::key;
use uuid::Uuid;

use crate::access::account::RequestOrigin;
use crate::access::rate_limit::within_rate_limit;
use crate::infra::db::account::AccountStatus;
use crate::infra::db::{self, DbError};
use crate::infra::password::HasherBusy;
use crate::state::AppState;

/// Why a log-in failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// Wrong account or password, without saying which.
    #[error("wrong account or password")]
    Wrong,
    /// Too many attempts.
    #[error("too many tries")]
    TooMany,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl LoginError {
    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            LoginError::Wrong => "登录账号或密码不正确",
            LoginError::TooMany => "尝试次数过多，请 1 分钟后再试，或通过短信找回密码",
            LoginError::Busy(_) => "登录人数较多，请稍后再试",
            LoginError::Db(error) => error.text(),
        }
    }
}

/// Verifies account and password; returns the account id.
pub async fn log_in(app: &AppState, name: &str, password: &str, origin: &RequestOrigin) -> Result<Uuid, LoginError> {
    let name = name.trim().to_ascii_lowercase();
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    // Count the name whether or not the account exists.
    let within_limits = within_rate_limit(app, &[b"login-name", name.as_bytes()], 60, rules.int(key::LOGIN_PER_NAME_MINUTE)).await?
        && within_rate_limit(app, &[b"login-day", name.as_bytes()], 86_400, rules.int(key::LOGIN_PER_NAME_DAY)).await?
        && within_rate_limit(app, &[b"login-address", origin.address.as_bytes()], 60, rules.int(key::LOGIN_PER_IP_MINUTE)).await?;
    if !within_limits {
        return Err(LoginError::TooMany);
    }
    let row = {
        let mut tx = app.db.read().await?;
        db::account::by_name(&mut tx, &name).await?
    };
    let row = row.filter(|r| r.status == AccountStatus::Active && (app.demo || !r.demo));
    let stored = row.as_ref().map(|r| r.password_hash.clone());
    let matches = app.password_hasher.verify(stored, password.to_owned()).await?;
    row.filter(|_| matches).map(|r| r.id).ok_or(LoginError::Wrong)
}
