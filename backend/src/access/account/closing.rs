//! 注销账号: closing one's own account.

use domain::base::permission::GrantStatus;
use uuid::Uuid;

use crate::access::account::reauthentication::{PasswordConfirmed, ReauthenticationError, confirm_password};
use crate::access::account::status::{StatusError, close_account};
use crate::access::guard::Allowed;
use crate::infra::db::institution::MembershipRow;
use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// Why an account was not closed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClosingError {
    /// The password was not accepted.
    #[error(transparent)]
    Password(#[from] ReauthenticationError),
    /// Matters are in progress; their number.
    #[error("{0} matters are open")]
    OpenMatters(i64),
    /// The account has a role or acts for an institution, which the association ends first.
    #[error("the account has duties")]
    Duties,
    /// The account cannot be changed.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ClosingError {
    /// Message for the user.
    pub fn text(&self) -> String {
        match self {
            ClosingError::Password(error) => error.text().to_owned(),
            ClosingError::OpenMatters(count) => format!("您还有 {count} 件业务正在办理，办结或撤回后才能注销账号"),
            ClosingError::Duties => "您的账号还有角色或机构用户身份，请先联系协会解除".to_owned(),
            ClosingError::Status(StatusError::Db(error)) | ClosingError::Db(error) => error.text().to_owned(),
            ClosingError::Status(_) => "账号暂时不能注销，请联系协会".to_owned(),
        }
    }
}

/// Why an account cannot be closed now; none if it can.
pub async fn closing_obstacle(app: &AppState, account: Uuid) -> Result<Option<ClosingError>, DbError> {
    let mut tx = app.db.read().await?;
    obstacle(&mut tx, account).await
}

/// Closes an account: ends its sessions and frees its mobile number and mail address.
///
/// # Errors
/// A wrong password, a change of the account meanwhile, open matters, or duties.
pub async fn close_own_account(app: &AppState, who: &Allowed, password: &str, address: &str) -> Result<(), ClosingError> {
    close_confirmed(app, confirm_password(app, who, password, address).await?).await
}

/// Closes the account whose password was confirmed.
pub(crate) async fn close_confirmed(app: &AppState, confirmed: PasswordConfirmed) -> Result<(), ClosingError> {
    let (keys, now) = (app.keys.clone(), app.clock.steady());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = confirmed.lock_account(tx).await?;
                if let Some(obstacle) = obstacle(tx, confirmed.account()).await? {
                    return Err(obstacle);
                }
                close_account(tx, &keys, row, now).await?;
                Ok(())
            })
        })
        .await
}

async fn obstacle(tx: &mut Tx, account: Uuid) -> Result<Option<ClosingError>, DbError> {
    let grants = db::account::list_role_grants(tx, account).await?;
    let memberships = db::institution::list_memberships(tx, account).await?;
    if grants.iter().any(|grant| grant.status == GrantStatus::Active) || memberships.iter().any(MembershipRow::is_active_user) {
        return Ok(Some(ClosingError::Duties));
    }
    let open = db::account::count_open_matters(tx, account).await?;
    Ok((open > 0).then_some(ClosingError::OpenMatters(open)))
}
