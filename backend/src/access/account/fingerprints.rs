//! Fingerprints of the properties that no two accounts share. A key of them can be rotated while the servers run, so an account is looked for
//! under every key, the oldest first: it moves only from an older key to the newest.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::identity::{AccountName, Document, DocumentType, Email, Mobile};
use domain::record::account::SignupForm;
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db::account::{AccountIdentity, AccountRow, PersonUpdate};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::keyring::share_fingerprint_keys;
use crate::infra::secret::Keys;

/// The properties that no two accounts share, as they are stored; empty where there is none.
#[derive(Clone, Default)]
pub struct UniqueProperties {
    /// 登录账号, in lower case.
    pub name: String,
    /// Code of the document's type, a colon, and the number.
    pub document: String,
    /// Mobile number.
    pub mobile: String,
    /// E-mail address.
    pub email: String,
}

impl UniqueProperties {
    /// Those of a person with the account `name`.
    pub fn new(name: &str, person: &Person) -> Self {
        let document = document_text(&person.document_type, &person.document_number);
        Self { name: name.to_owned(), document, mobile: person.mobile.clone(), email: person.email.clone() }
    }

    /// The valid one that a field of the registration form holds.
    pub fn of_field(form: &SignupForm, field: &str, today: NaiveDate) -> Option<Self> {
        let (mut name, mut document, mut mobile, mut email) = Default::default();
        match field {
            "account" => name = AccountName::parse(&form.account).ok()?.into_string(),
            "document_number" => {
                let kind = DocumentType::from_code(&form.document_type)?;
                document = document_text(kind.code(), Document::parse(kind, &form.document_number, today).ok()?.number());
            }
            "mobile" => mobile = Mobile::parse(&form.mobile).ok()?.as_str().to_owned(),
            "email" => email = Email::parse(&form.email).ok()?.as_str().to_owned(),
            _ => return None,
        }
        Some(Self { name, document, mobile, email })
    }
}

/// Fingerprints of an account's unique properties, made with one key.
pub struct Fingerprints {
    /// Type and number of the identity document.
    pub document: Vec<u8>,
    /// Mobile number.
    pub mobile: Vec<u8>,
    /// E-mail address.
    pub email: Vec<u8>,
}

impl Fingerprints {
    /// The fingerprints of a person in use, made with the newest key.
    pub fn new(keys: &Keys, person: &Person) -> Self {
        Self {
            document: keys.fingerprint(DOCUMENT, &document_text(&person.document_type, &person.document_number)),
            mobile: keys.fingerprint(MOBILE, &person.mobile),
            email: keys.fingerprint(EMAIL, &person.email.to_lowercase()),
        }
    }

    /// The fingerprints of properties in use under every key, those of the oldest key first.
    pub fn by_key(keys: &Keys, properties: &UniqueProperties) -> Vec<Self> {
        let documents = keys.fingerprints_by_key(DOCUMENT, &properties.document);
        let mobiles = keys.fingerprints_by_key(MOBILE, &properties.mobile);
        let emails = keys.fingerprints_by_key(EMAIL, &properties.email.to_lowercase());
        documents.into_iter().zip(mobiles).zip(emails).map(|((document, mobile), email)| Self { document, mobile, email }).collect()
    }

    /// The fingerprints of an account, made with the newest key: a freed property has one that no other account can have.
    pub fn of_account(keys: &Keys, account: &AccountRow, person: &Person) -> Self {
        let freed = |property: &str, id: Uuid| keys.fingerprint("freed", &format!("{property}:{id}"));
        let mut fingerprints = Self::new(keys, person);
        if account.released_at.is_some() {
            fingerprints.document = freed("document", account.id);
        }
        if account.released_at.is_some() || account.closed_at.is_some() {
            fingerprints.mobile = freed("mobile", account.id);
            fingerprints.email = freed("email", account.id);
        }
        fingerprints
    }

    fn identity(self, name: &str) -> AccountIdentity {
        let Self { document, mobile, email } = self;
        AccountIdentity { name: name.to_owned(), document_fingerprint: document, mobile_fingerprint: mobile, email_fingerprint: email }
    }
}

/// The update of an account to a person, sealed as `person_sealed`, with the fingerprints of the newest key.
pub fn person_update(
    keys: &Keys,
    account: &AccountRow,
    person: &Person,
    person_sealed: Vec<u8>,
    email_verified_at: Option<DateTime<Utc>>,
) -> PersonUpdate {
    let Fingerprints { document, mobile, email } = Fingerprints::of_account(keys, account, person);
    PersonUpdate { person_sealed, document_fingerprint: document, mobile_fingerprint: mobile, email_fingerprint: email, email_verified_at }
}

const DOCUMENT: &str = "document";
const MOBILE: &str = "mobile";
const EMAIL: &str = "email";

fn document_text(document_type: &str, number: &str) -> String {
    format!("{document_type}:{number}")
}

/// An identity under one key, and the accounts that share one of its properties.
pub struct SharedIdentity {
    /// What was looked for.
    pub sought: AccountIdentity,
    /// What was found.
    pub found: Vec<AccountIdentity>,
}

/// The accounts that share the name, document, mobile number or mail address, by the key under which they were found.
///
/// # Errors
/// The database, or a key file that lacks a key in use.
pub async fn list_sharing(tx: &mut Tx, keys: &Keys, properties: &UniqueProperties) -> Result<Vec<SharedIdentity>, DbError> {
    share_fingerprint_keys(tx, keys).await?;
    let mut all = Vec::new();
    for fingerprints in Fingerprints::by_key(keys, properties) {
        let sought = fingerprints.identity(&properties.name);
        let found = db::account::list_with_identity(tx, &sought).await?;
        all.push(SharedIdentity { sought, found });
    }
    Ok(all)
}

/// The account with this document, parsed from `typed`, and mobile number.
///
/// # Errors
/// The database, or a key file that lacks a key in use.
pub async fn find_by_document(
    tx: &mut Tx,
    keys: &Keys,
    document: &Document,
    typed: &str,
    mobile: &Mobile,
) -> Result<Option<AccountRow>, DbError> {
    share_fingerprint_keys(tx, keys).await?;
    let mut documents = former_documents(keys, document, typed);
    documents.extend(keys.fingerprints_by_key(DOCUMENT, &document_text(document.kind().code(), document.number())));
    for mobile in keys.fingerprints_by_key(MOBILE, mobile.as_str()) {
        let found = db::account::by_mobile(tx, &mobile).await?;
        if let Some(row) = found.filter(|row| documents.contains(&row.document_fingerprint)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The account with a mobile number, for a reader who stores nothing that depends on it.
///
/// # Errors
/// The database.
pub(crate) async fn find_by_mobile(tx: &mut Tx, keys: &Keys, mobile: &Mobile) -> Result<Option<AccountRow>, DbError> {
    for fingerprint in keys.fingerprints_by_key(MOBILE, mobile.as_str()) {
        if let Some(row) = db::account::by_mobile(tx, &fingerprint).await? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Whether an account of an earlier release has the document that was parsed from `typed`, stored as it was typed.
///
/// # Errors
/// The database.
pub async fn has_former_document(tx: &mut Tx, keys: &Keys, document: &Document, typed: &str) -> Result<bool, DbError> {
    for fingerprint in former_documents(keys, document, typed) {
        if db::account::id_by_document(tx, &fingerprint).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Fingerprints under which earlier releases stored a document that was parsed from `typed`, under every key.
fn former_documents(keys: &Keys, document: &Document, typed: &str) -> Vec<Vec<u8>> {
    let numbers = document.former_numbers(typed);
    numbers.iter().flat_map(|number| keys.fingerprints_by_key(DOCUMENT, &document_text(document.kind().code(), number))).collect()
}

/// The account with this document, given by the code of its type and its number.
///
/// # Errors
/// The database, or a key file that lacks a key in use.
pub async fn account_with_document(tx: &mut Tx, keys: &Keys, document_type: &str, number: &str) -> Result<Option<Uuid>, DbError> {
    share_fingerprint_keys(tx, keys).await?;
    for document in keys.fingerprints_by_key(DOCUMENT, &document_text(document_type, number)) {
        if let Some(account) = db::account::id_by_document(tx, &document).await? {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

/// Whether the mobile number is that of the account. It takes as long for an account that does not exist.
///
/// # Errors
/// The database, or a key file that lacks a key in use.
pub async fn has_mobile(tx: &mut Tx, keys: &Keys, row: Option<&AccountRow>, mobile: &str) -> Result<bool, DbError> {
    share_fingerprint_keys(tx, keys).await?;
    let possible = keys.fingerprints_by_key(MOBILE, mobile);
    Ok(row.is_some_and(|row| possible.contains(&row.mobile_fingerprint)))
}

/// Prepares a write of identity properties: no key is added until the transaction ends, and no other account has one of the properties under an
/// older key. Those under the newest key are refused by the constraints. `name`: the account they belong to.
///
/// # Errors
/// [`DbError::Unique`], as the constraint of the column gives it.
pub async fn reserve(tx: &mut Tx, keys: &Keys, name: &str, person: &Person) -> Result<Fingerprints, DbError> {
    share_fingerprint_keys(tx, keys).await?;
    let mut by_key = Fingerprints::by_key(keys, &UniqueProperties::new("", person));
    by_key.pop();
    for fingerprints in by_key {
        let sought = fingerprints.identity("");
        let taken = db::account::list_with_identity(tx, &sought).await?;
        for other in taken.iter().filter(|other| other.name != name) {
            let columns = [
                ("document", other.document_fingerprint == sought.document_fingerprint),
                ("mobile", other.mobile_fingerprint == sought.mobile_fingerprint),
                ("email", other.email_fingerprint == sought.email_fingerprint),
            ];
            if let Some((column, _)) = columns.into_iter().find(|(_, shared)| *shared) {
                return Err(DbError::Unique(format!("account_{column}_fingerprint_key")));
            }
        }
    }
    Ok(Fingerprints::new(keys, person))
}
