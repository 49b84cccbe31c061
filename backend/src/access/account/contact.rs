//! Changes of one's own mobile number and mail address, each confirmed by codes.

use chrono::{DateTime, Utc};
use domain::base::rule::key;
use domain::record::account::{CodeRefusal, Purpose};
use uuid::Uuid;

use crate::access::account::code::{CodeSendError, CodeTarget, code_check, send_codes};
use crate::access::account::fingerprints::{person_update, reserve};
use crate::access::account::lookup::unseal_person;
use crate::access::account::{Person, RequestOrigin};
use crate::access::rate_limit::RateLimit;
use crate::infra::db::account::AccountRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::state::AppState;

/// Which code of a change was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeField {
    /// The code sent to the present number.
    Before,
    /// The code sent to the new number or address.
    After,
}

/// Why a mobile number or mail address was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ContactError {
    /// A code was refused.
    #[error("{1}")]
    Code(CodeField, CodeRefusal),
    /// Another account has the number or address.
    #[error("taken")]
    Taken,
    /// The account changed meanwhile.
    #[error("changed meanwhile")]
    Changed,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends codes to the present and the new mobile number, both or none.
///
/// # Errors
/// A limit of the account, the session, the address or one of the numbers is reached.
pub async fn send_mobile_codes(
    app: &AppState,
    account: Uuid,
    present: &str,
    new: &str,
    origin: &RequestOrigin,
) -> Result<(), CodeSendError> {
    let targets = vec![CodeTarget::new(Purpose::MobileAfter, new), CodeTarget::new(Purpose::MobileBefore, present)];
    send_codes(app, targets, origin, vec![account_limit(app, account, Purpose::MobileAfter)]).await
}

/// Sends a code to a mail address.
///
/// # Errors
/// A limit of the account, the session, the network address or the mail address is reached.
pub async fn send_email_code(app: &AppState, account: Uuid, new: &str, origin: &RequestOrigin) -> Result<(), CodeSendError> {
    send_codes(app, vec![CodeTarget::new(Purpose::Email, new)], origin, vec![account_limit(app, account, Purpose::Email)]).await
}

/// The limit on the codes that all sessions of an account together may have sent in an hour, to whichever recipients.
fn account_limit(app: &AppState, account: Uuid, purpose: Purpose) -> RateLimit {
    let most = app.tables().rules.on(app.today()).int(key::SMS_PER_HOUR);
    RateLimit::new(app, &[b"code-account", account.as_bytes(), purpose.code().as_bytes()], 3600, most)
}

/// Confirms both codes and sets the new mobile number.
///
/// # Errors
/// A wrong code is counted, and neither code is used up unless both are right.
pub async fn change_mobile(
    app: &AppState,
    account: Uuid,
    new: &str,
    codes: (&str, &str),
    origin: &RequestOrigin,
) -> Result<(), ContactError> {
    let (row, person) = load(app, account).await?;
    let before = code_check(app, &CodeTarget::new(Purpose::MobileBefore, &person.mobile), origin, codes.0);
    let after = code_check(app, &CodeTarget::new(Purpose::MobileAfter, new), origin, codes.1);
    if person.mobile == new {
        return Err(ContactError::Changed);
    }
    let changed = Person { mobile: new.to_owned(), ..person };
    let (owned, verified_at) = (app.clone(), row.email_verified_at);
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                require_unchanged(tx, &row).await?;
                let before_id = match before.compare(tx).await? {
                    Ok(id) => id,
                    Err(refusal) => return Ok(Err(ContactError::Code(CodeField::Before, refusal))),
                };
                let after_id = match after.compare(tx).await? {
                    Ok(id) => id,
                    Err(refusal) => return Ok(Err(ContactError::Code(CodeField::After, refusal))),
                };
                before.spend(tx, before_id).await?.map_err(|refusal| ContactError::Code(CodeField::Before, refusal))?;
                after.spend(tx, after_id).await?.map_err(|refusal| ContactError::Code(CodeField::After, refusal))?;
                store(tx, &owned, &row, &changed, verified_at).await.map(Ok)
            })
        })
        .await
        .map_err(taken)?
}

/// Confirms the code and sets the mail address, which counts as verified from now on.
///
/// # Errors
/// A wrong code is counted.
pub async fn change_email(app: &AppState, account: Uuid, new: &str, code: &str, origin: &RequestOrigin) -> Result<(), ContactError> {
    let (row, person) = load(app, account).await?;
    let check = code_check(app, &CodeTarget::new(Purpose::Email, new), origin, code);
    let is_verified = person.email == new && row.email_verified_at.is_some();
    let changed = Person { email: new.to_owned(), ..person };
    let (owned, verified_at) = (app.clone(), Some(app.now()));
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                require_unchanged(tx, &row).await?;
                if let Err(refusal) = check.verify(tx).await? {
                    // The code was used by another request that set this address.
                    let set = refusal == CodeRefusal::None && is_verified;
                    return Ok(Err(if set { ContactError::Changed } else { ContactError::Code(CodeField::After, refusal) }));
                }
                store(tx, &owned, &row, &changed, verified_at).await.map(Ok)
            })
        })
        .await
        .map_err(taken)?
}

/// Whether the mail address of an account was confirmed.
///
/// # Errors
/// The database cannot be read.
pub async fn email_is_verified(app: &AppState, account: Uuid) -> Result<bool, DbError> {
    let mut tx = app.db.read().await?;
    Ok(db::account::by_id(&mut tx, account).await?.is_some_and(|row| row.email_verified_at.is_some()))
}

async fn load(app: &AppState, account: Uuid) -> Result<(AccountRow, Person), ContactError> {
    let mut tx = app.db.read().await?;
    let row = db::account::by_id(&mut tx, account).await?.ok_or(ContactError::Changed)?;
    let person = unseal_person(app, account, &row.person_sealed).ok_or(ContactError::Changed)?;
    Ok((row, person))
}

/// Checks, with the account locked, that its contact data are those that were read before.
async fn require_unchanged(tx: &mut Tx, read: &AccountRow) -> Result<(), ContactError> {
    let present = db::account::by_id(tx, read.id).await?;
    if present.is_some_and(|row| row.person_sealed == read.person_sealed) { Ok(()) } else { Err(ContactError::Changed) }
}

async fn store(
    tx: &mut Tx,
    app: &AppState,
    row: &AccountRow,
    person: &Person,
    email_verified_at: Option<DateTime<Utc>>,
) -> Result<(), ContactError> {
    reserve(tx, &app.keys, &row.name, person).await?;
    let sealed = app.keys.seal_json(SealContext::new(Person::COLUMN, row.id), person);
    let update = person_update(&app.keys, row, person, sealed, email_verified_at);
    if db::account::set_person(tx, row, &update).await? { Ok(()) } else { Err(ContactError::Changed) }
}

/// The error of a number or address that another account has.
fn taken(error: ContactError) -> ContactError {
    match error {
        ContactError::Db(e) if ["mobile_fingerprint", "email_fingerprint"].iter().any(|column| e.violates("account", column)) => {
            ContactError::Taken
        }
        other => other,
    }
}
