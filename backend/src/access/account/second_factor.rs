//! Whether an account has a second factor, and whether it must have one.

use domain::base::permission::Role;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// Whether the holder of these roles must use a second factor. The accounts of a demo open by password alone.
pub fn is_required(app: &AppState, roles: &[Role]) -> bool {
    !app.demo && roles.iter().any(|role| role.is_staff())
}

/// Whether an account uses a second factor.
pub(crate) async fn is_confirmed(tx: &mut Tx, account: Uuid) -> Result<bool, DbError> {
    Ok(db::totp::by_account(tx, account).await?.is_some_and(|row| row.confirmed_at.is_some()))
}
