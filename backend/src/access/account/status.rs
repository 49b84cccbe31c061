//! Disabling, enabling and releasing accounts: what the association does about stolen and assumed identities.

use chrono::{DateTime, Utc};
use domain::base::identity::AccountName;
use domain::base::permission::GrantStatus;
use uuid::Uuid;

use crate::access::account::Person;
use crate::access::account::fingerprints::person_update;
use crate::infra::db::account::{AccountRow, AccountStatus};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::keyring::share_fingerprint_keys;
use crate::infra::secret::{Keys, SealContext};
use crate::infra::session::end_sessions;

/// Why the status of an account was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StatusError {
    /// Unknown account.
    #[error("there is no account of this name")]
    NoAccount,
    /// A closed or released account has no mobile number by which its person could recover it.
    #[error("a closed or released account cannot be used again")]
    Final,
    /// Its personal data cannot be unsealed.
    #[error("the personal data of the account cannot be read")]
    Unreadable,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Disables an account and ends its sessions; returns its id. Its document, mobile number and mail address stay taken.
///
/// # Errors
/// [`StatusError::NoAccount`] if there is no account of this name.
pub async fn disable_account(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<Uuid, StatusError> {
    let row = lock_by_name(tx, name).await?;
    db::account::set_status(tx, row.id, AccountStatus::Disabled).await?;
    end_sessions(tx, row.id, &[], now).await?;
    Ok(row.id)
}

/// Enables a disabled account; returns its id.
///
/// # Errors
/// [`StatusError::Final`] if it was closed or released.
pub async fn enable_account(tx: &mut Tx, name: &str) -> Result<Uuid, StatusError> {
    let row = lock_by_name(tx, name).await?;
    if row.closed_at.is_some() || row.released_at.is_some() {
        return Err(StatusError::Final);
    }
    db::account::set_status(tx, row.id, AccountStatus::Active).await?;
    Ok(row.id)
}

/// Removes the second factor of an account and ends its sessions; returns its id.
///
/// # Errors
/// [`StatusError::NoAccount`] if there is no account of this name.
pub async fn reset_second_factor(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<Uuid, StatusError> {
    let row = lock_by_name(tx, name).await?;
    db::totp::delete(tx, row.id).await?;
    end_sessions(tx, row.id, &[], now).await?;
    Ok(row.id)
}

/// Disables an account, ends its sessions, and frees its document, mobile number and mail address for the person to whom they belong;
/// returns its id. Its records keep the personal data as evidence.
///
/// # Errors
/// [`StatusError::NoAccount`] if there is no account of this name.
pub async fn release_account(tx: &mut Tx, keys: &Keys, name: &str, now: DateTime<Utc>) -> Result<Uuid, StatusError> {
    let row = lock_by_name(tx, name).await?;
    let id = disable_account(tx, name, now).await?;
    free_identity(tx, keys, AccountRow { released_at: Some(now), ..row }).await?;
    db::account::set_released(tx, id, now).await?;
    Ok(id)
}

/// Disables an account whose person closed it, ends its sessions, and frees its mobile number and mail address.
pub(crate) async fn close_account(tx: &mut Tx, keys: &Keys, row: AccountRow, now: DateTime<Utc>) -> Result<(), StatusError> {
    let id = disable_account(tx, &row.name, now).await?;
    free_identity(tx, keys, AccountRow { closed_at: Some(now), ..row }).await?;
    db::account::set_closed(tx, id, now).await?;
    db::totp::delete(tx, id).await?;
    db::form_draft::delete_of_account(tx, id).await?;
    db::saved_view::delete_of_account(tx, id).await?;
    Ok(())
}

/// Stores the fingerprints of an account some of whose properties are free.
async fn free_identity(tx: &mut Tx, keys: &Keys, row: AccountRow) -> Result<(), StatusError> {
    share_fingerprint_keys(tx, keys).await?;
    let context = SealContext::new(Person::COLUMN, row.id);
    let person: Person = keys.unseal_json(context, &row.person_sealed).map_err(|_| StatusError::Unreadable)?;
    let update = person_update(keys, &row, &person, row.person_sealed.clone(), None);
    // Someone else changed the account in the meantime: the command can be given again.
    if db::account::set_person(tx, &row, &update).await? { Ok(()) } else { Err(DbError::Unavailable.into()) }
}

/// The account of a name, locked against writes on its behalf.
pub(crate) async fn lock_by_name(tx: &mut Tx, name: &str) -> Result<AccountRow, StatusError> {
    let found = db::account::by_name(tx, &AccountName::fold(name)).await?.ok_or(StatusError::NoAccount)?;
    db::account::lock(tx, found.id).await?.ok_or(StatusError::NoAccount)
}

/// The account of a name whose duties are to get this status, locked so that its person cannot close it at the same time.
///
/// # Errors
/// [`StatusError::Final`] if a closed or released account would get duties.
pub(crate) async fn lock_for_duties(tx: &mut Tx, name: &str, status: GrantStatus) -> Result<AccountRow, StatusError> {
    let row = lock_by_name(tx, name).await?;
    let is_final = row.closed_at.is_some() || row.released_at.is_some();
    if is_final && status == GrantStatus::Active { Err(StatusError::Final) } else { Ok(row) }
}
