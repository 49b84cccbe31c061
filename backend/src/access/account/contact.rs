//! Changes of one's own mobile number and mail address, each confirmed by codes.

use chrono::{DateTime, Utc};
use domain::record::account::{CodeRefusal, Purpose};
use uuid::Uuid;

use crate::access::account::code::{CodeSendError, CodeTarget, code_check, send_code};
use crate::access::account::fingerprints::Fingerprints;
use crate::access::account::lookup::unseal_person;
use crate::access::account::{Person, RequestOrigin};
use crate::infra::db::account::{AccountRow, PersonUpdate};
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

/// Sends codes to the present and the new mobile number.
///
/// # Errors
/// A limit was reached. The second code is not sent if the first is refused.
pub async fn send_mobile_codes(app: &AppState, present: &str, new: &str, origin: &RequestOrigin) -> Result<(), CodeSendError> {
    send_code(app, CodeTarget::new(Purpose::MobileAfter, new), origin).await?;
    send_code(app, CodeTarget::new(Purpose::MobileBefore, present), origin).await?;
    Ok(())
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
    let changed = Person { mobile: new.to_owned(), ..person };
    let update = update_of(app, &row, &changed, row.email_verified_at);
    app.db
        .write(move |tx| {
            Box::pin(async move {
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
                store(tx, &row, &update).await.map(Ok)
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
    let changed = Person { email: new.to_owned(), ..person };
    let update = update_of(app, &row, &changed, Some(app.now()));
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if let Err(refusal) = check.verify(tx).await? {
                    return Ok(Err(ContactError::Code(CodeField::After, refusal)));
                }
                store(tx, &row, &update).await.map(Ok)
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

fn update_of(app: &AppState, row: &AccountRow, person: &Person, email_verified_at: Option<DateTime<Utc>>) -> PersonUpdate {
    let Fingerprints { document, mobile, email } = Fingerprints::of_account(&app.keys, row, person);
    PersonUpdate {
        person_sealed: app.keys.seal_json(SealContext::new(Person::COLUMN, row.id), person),
        document_fingerprint: document,
        mobile_fingerprint: mobile,
        email_fingerprint: email,
        email_verified_at,
    }
}

async fn store(tx: &mut Tx, row: &AccountRow, update: &PersonUpdate) -> Result<(), ContactError> {
    if db::account::set_person(tx, row, update).await? { Ok(()) } else { Err(ContactError::Changed) }
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
