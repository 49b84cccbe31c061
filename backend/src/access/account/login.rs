//! 登录: limits first, then the password; the same answer and the same work for known and unknown accounts.

use domain::base::rule::key;
use uuid::Uuid;

use crate::access::account::Origin;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::password::Busy;
use crate::state::AppState;

/// Why someone was not signed in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// Account or password is wrong; which one is not said.
    #[error("wrong account or password")]
    Wrong,
    /// Too many tries.
    #[error("too many tries")]
    TooMany,
    /// Too many passwords at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl LoginError {
    /// What the person is told.
    pub fn text(&self) -> &'static str {
        match self {
            LoginError::Wrong => "登录账号或密码不正确",
            LoginError::TooMany => "尝试次数过多，请 1 分钟后再试，或通过短信找回密码",
            LoginError::Busy(_) => "登录人数较多，请稍后再试",
            LoginError::Db(error) => error.text(),
        }
    }
}

/// Checks account and password; gives the account.
pub async fn log_in(app: &AppState, name: &str, password: &str, origin: &Origin) -> Result<Uuid, LoginError> {
    let name = name.trim().to_ascii_lowercase();
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    // The name is counted whether there is such an account or not.
    let open = crate::state::within(app, &[b"login-name", name.as_bytes()], 60, rules.int(key::LOGIN_PER_NAME_MINUTE)).await?
        && crate::state::within(app, &[b"login-day", name.as_bytes()], 86_400, rules.int(key::LOGIN_PER_NAME_DAY)).await?
        && crate::state::within(app, &[b"login-address", origin.address.as_bytes()], 60, rules.int(key::LOGIN_PER_IP_MINUTE)).await?;
    if !open {
        return Err(LoginError::TooMany);
    }
    let row = {
        let mut tx = app.db.read().await?;
        db::account::by_name(&mut tx, &name).await?
    };
    let row = row.filter(|r| r.status == "active" && (app.demo || !r.demo));
    let stored = row.as_ref().map(|r| r.password_hash.clone());
    let fits = app.hasher.verify(stored, password.to_owned()).await?;
    row.filter(|_| fits).map(|r| r.id).ok_or(LoginError::Wrong)
}
