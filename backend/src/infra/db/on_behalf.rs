//! Writes on behalf of an account: each begins by locking the row of the account and checking that the account is active.
//!
//! What ends an account (closing, disabling, releasing, merging) locks the same row. So either the write comes first, and the other one sees
//! what it stored, or it is refused. The row is the first lock of a transaction (docs/adr/0039).

use uuid::Uuid;

use crate::infra::db::account::{self, AccountStatus};
use crate::infra::db::error::DbError;
use crate::infra::db::pool::Db;
use crate::infra::db::tx::Tx;
use crate::infra::db::write::BoxFuture;

/// The database, as one account writes to it.
pub struct OnBehalf<'d> {
    db: &'d Db,
    account: Uuid,
}

impl Db {
    /// The database, for writes on behalf of an account.
    pub fn on_behalf_of(&self, account: Uuid) -> OnBehalf<'_> {
        OnBehalf { db: self, account }
    }
}

impl OnBehalf<'_> {
    /// Runs a write as [`Db::write`] does, while the account stays active.
    ///
    /// # Errors
    /// [`DbError::AccountEnded`] if the account is closed or disabled.
    pub async fn write<T, E, F>(self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
    {
        let account = self.account;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let row = account::lock(tx, account).await?;
                    if row.is_none_or(|row| row.status != AccountStatus::Active) {
                        return Err(E::from(DbError::AccountEnded));
                    }
                    work(tx).await
                })
            })
            .await
    }
}
