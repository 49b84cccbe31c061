//! 个人注册: the form data is stored sealed until the SMS code is confirmed.

use chrono::TimeDelta;
use domain::base::identity::{Document, DocumentType};
use domain::base::rule::key;
use domain::record::account::{CodeRefusal, NewAccount, Purpose, SignupError, SignupForm, validate, validate_field};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::account::code::{CodeTarget, code_check};
use crate::access::account::fingerprints::{Fingerprints, UniqueProperties, has_former_document, list_sharing, reserve};
use crate::access::account::name_mark::store_name_marks;
use crate::access::account::proof::{ProofAnswer, ProofError, accept_proof};
use crate::access::account::{Person, RequestOrigin};
use crate::access::rate_limit::{RateLimit, network_of, take_all};
use crate::infra::db::account::{AccountIdentity, AccountRow, AccountStatus, SignupRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::password::HasherBusy;
use crate::infra::secret::{Keys, SealContext};
use crate::state::AppState;

/// Lifetime of an unconfirmed registration.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);
const COLUMN: &str = "signup.person_sealed";

/// An unconfirmed registration.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingSignup {
    /// 登录账号.
    pub account: String,
    /// Argon2id hash; the password itself is not stored.
    pub password_hash: String,
    /// Personal data.
    pub person: Person,
}

/// Why a registration was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BeginSignupError {
    /// Invalid fields.
    #[error("invalid fields")]
    InvalidFields(Vec<SignupError>),
    /// What the form asks of anonymous senders was not proved.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Too many duplicate checks.
    #[error("too many duplicate checks")]
    TooMany,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Why a registration was not confirmed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConfirmSignupError {
    /// It has expired, or belongs to another browser.
    #[error("no such registration")]
    NotFound,
    /// The code was refused.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
    /// Name, document, mobile or e-mail address was registered meanwhile.
    #[error("taken meanwhile")]
    Taken(SignupError),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Validates the form, checks for duplicates, and stores the registration until its code is confirmed.
///
/// # Errors
/// In this order: fields, which are judged without a write; the proof; the limits; duplicates.
pub async fn begin_signup(
    app: &AppState,
    form: &SignupForm,
    proof: &ProofAnswer,
    origin: &RequestOrigin,
) -> Result<Uuid, BeginSignupError> {
    let signup = validate(form, app.today(), &app.tables().rules.on(app.today())).map_err(BeginSignupError::InvalidFields)?;
    accept_proof(app, proof, &origin.address).await?;
    limit_duplicate_checks(app, origin).await?;
    let (account, password) = (signup.account.clone(), signup.password.clone());
    let document = signup.document.clone();
    let person = person_of(signup);
    let errors = list_taken(app, &UniqueProperties::new(&account, &person), Some((&document, &form.document_number))).await?;
    if !errors.is_empty() {
        return Err(BeginSignupError::InvalidFields(errors));
    }
    let password_hash = app.password_hasher.hash(&network_of(&origin.address), password).await?;
    let pending = PendingSignup { account, password_hash, person };
    let id = Uuid::now_v7();
    let row = SignupRow {
        id,
        person_sealed: app.keys.seal_json(SealContext::new(COLUMN, id), &pending),
        mobile_fingerprint: app.keys.fingerprint("mobile", &pending.person.mobile),
        expires_at: app.clock.steady() + LIFETIME,
    };
    app.db.write(move |tx| Box::pin(async move { db::account::upsert_signup(tx, &row).await })).await?;
    Ok(id)
}

/// Validates one field that has just been filled in, and checks that no other account has its value. Nothing is stored.
///
/// # Errors
/// As for the whole form, of this field only.
pub async fn check_field(
    app: &AppState,
    form: &SignupForm,
    field: &str,
    proof: &ProofAnswer,
    origin: &RequestOrigin,
) -> Result<(), BeginSignupError> {
    let (tables, today) = (app.tables(), app.today());
    let rules = tables.rules.on(today);
    validate_field(form, field, today, &rules).map_err(|error| BeginSignupError::InvalidFields(vec![error]))?;
    let Some(properties) = UniqueProperties::of_field(form, field, today) else {
        return Ok(());
    };
    accept_proof(app, proof, &origin.address).await?;
    let limit = rules.int(key::FIELD_CHECKS_PER_IP_HOUR);
    if !take_all(app, RateLimit::of_address(app, b"field-checks-address", &origin.address, 3600, limit)).await? {
        return Err(BeginSignupError::TooMany);
    }
    let kind = DocumentType::from_code(&form.document_type).filter(|_| !properties.document.is_empty());
    let document = kind.and_then(|kind| Document::parse(kind, &form.document_number, today).ok());
    let errors = list_taken(app, &properties, document.as_ref().map(|document| (document, form.document_number.as_str()))).await?;
    if errors.is_empty() { Ok(()) } else { Err(BeginSignupError::InvalidFields(errors)) }
}

/// Errors for the properties that another account has. `document`: the document as parsed and as typed, which earlier releases stored.
async fn list_taken(
    app: &AppState,
    properties: &UniqueProperties,
    document: Option<(&Document, &str)>,
) -> Result<Vec<SignupError>, DbError> {
    let mut tx = app.db.read().await?;
    let sharing = list_sharing(&mut tx, &app.keys, properties).await?;
    let mut errors: Vec<SignupError> =
        sharing.iter().flat_map(|shared| shared.found.iter().flat_map(|other| duplicates(&shared.sought, other))).collect();
    if let Some((document, typed)) = document
        && errors.iter().all(|error| error.field != DOCUMENT_TAKEN.0)
        && has_former_document(&mut tx, &app.keys, document, typed).await?
    {
        errors.push(duplicate(DOCUMENT_TAKEN));
    }
    // An account with the same name is found under each key.
    errors.dedup_by_key(|error| error.code);
    Ok(errors)
}

/// Duplicate checks reveal whether a person is registered, so they are limited per browser and per address.
async fn limit_duplicate_checks(app: &AppState, origin: &RequestOrigin) -> Result<(), BeginSignupError> {
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let mut limits = RateLimit::of_address(app, b"duplicates-address", &origin.address, 3600, rules.int(key::DUPLICATE_CHECKS_PER_IP_HOUR));
    let per_session = rules.int(key::DUPLICATE_CHECKS_PER_SESSION);
    limits.push(RateLimit::new(app, &[b"duplicates-session", origin.session.as_bytes()], 1800, per_session));
    if take_all(app, limits).await? { Ok(()) } else { Err(BeginSignupError::TooMany) }
}

fn person_of(signup: NewAccount) -> Person {
    Person {
        name: signup.name,
        document_type: signup.document.kind().code().to_owned(),
        document_number: signup.document.number().to_owned(),
        sex: signup.sex,
        birth_date: signup.birth_date,
        mobile: signup.mobile.as_str().to_owned(),
        email: signup.email.as_str().to_owned(),
    }
}

/// An unconfirmed registration.
pub async fn pending_signup(app: &AppState, id: Uuid) -> Result<Option<PendingSignup>, DbError> {
    let mut tx = app.db.read().await?;
    let row = db::account::signup_by_id(&mut tx, id).await?;
    Ok(row
        .filter(|r| r.expires_at > app.clock.steady())
        .and_then(|r| app.keys.unseal_json(SealContext::new(COLUMN, id), &r.person_sealed).ok()))
}

/// Confirms the code and creates the account.
pub async fn confirm_signup(app: &AppState, id: Uuid, code: &str, origin: &RequestOrigin) -> Result<Uuid, ConfirmSignupError> {
    let pending = pending_signup(app, id).await?.ok_or(ConfirmSignupError::NotFound)?;
    let check = code_check(app, &CodeTarget::new(Purpose::Signup, &pending.person.mobile), origin, code);
    {
        let mut tx = app.db.read().await?;
        check.find(&mut tx).await??;
    }
    let (app, row) = (app.clone(), new_account_row(app, &pending.account, &pending.person, pending.password_hash, app.demo));
    let (account, person, db) = (row.id, pending.person, app.db.clone());
    db.write(move |tx| {
        Box::pin(async move {
            if let Err(refusal) = check.verify(tx).await? {
                return Ok(Err(refusal));
            }
            insert_account(tx, &app.keys, row, &person).await?;
            db::account::delete_signup(tx, id).await?;
            Ok::<_, DbError>(Ok(account))
        })
    })
    .await
    .map_err(confirm_error)?
    .map_err(ConfirmSignupError::Code)
}

/// Inserts an account, unless another one has one of its unique properties, under whatever key.
///
/// # Errors
/// [`DbError::Unique`] with the constraint.
pub(crate) async fn insert_account(tx: &mut Tx, keys: &Keys, row: AccountRow, person: &Person) -> Result<(), DbError> {
    let Fingerprints { document, mobile, email } = reserve(tx, keys, &row.name, person).await?;
    let row = AccountRow { document_fingerprint: document, mobile_fingerprint: mobile, email_fingerprint: email, ..row };
    db::account::insert(tx, &row).await?;
    store_name_marks(tx, keys, row.id, &person.name).await
}

/// Builds the row of a new account.
pub(crate) fn new_account_row(app: &AppState, name: &str, person: &Person, password_hash: String, demo: bool) -> AccountRow {
    let id = Uuid::now_v7();
    let Fingerprints { document, mobile, email } = Fingerprints::new(&app.keys, person);
    AccountRow {
        id,
        name: name.to_owned(),
        person_sealed: app.keys.seal_json(SealContext::new(Person::COLUMN, id), person),
        document_fingerprint: document,
        mobile_fingerprint: mobile,
        email_fingerprint: email,
        password_hash,
        status: AccountStatus::Active,
        demo,
        created_at: app.now(),
        email_verified_at: None,
        closed_at: None,
        released_at: None,
        session_version: 0,
    }
}

fn confirm_error(error: DbError) -> ConfirmSignupError {
    let columns = [
        ("name", ACCOUNT_TAKEN),
        ("document_fingerprint", DOCUMENT_TAKEN),
        ("mobile_fingerprint", MOBILE_TAKEN),
        ("email_fingerprint", EMAIL_TAKEN),
    ];
    match columns.into_iter().find(|(column, _)| error.violates("account", column)) {
        Some((_, taken)) => ConfirmSignupError::Taken(duplicate(taken)),
        None => ConfirmSignupError::Db(error),
    }
}

/// Field, stable code and text of an error.
type Duplicate = (&'static str, &'static str, &'static str);
const ACCOUNT_TAKEN: Duplicate = ("account", "account_taken", "该登录账号已被使用，请换一个");
const DOCUMENT_TAKEN: Duplicate = ("document_number", "document_taken", "该证件号码已注册，请直接登录或找回密码");
const MOBILE_TAKEN: Duplicate = ("mobile", "mobile_taken", "该手机号码已注册，请直接登录或找回密码");
const EMAIL_TAKEN: Duplicate = ("email", "email_taken", "该邮箱已注册，请换一个或直接登录");

/// Errors for properties that another account has.
fn duplicates(identity: &AccountIdentity, other: &AccountIdentity) -> Vec<SignupError> {
    [
        (identity.name == other.name, ACCOUNT_TAKEN),
        (identity.document_fingerprint == other.document_fingerprint, DOCUMENT_TAKEN),
        (identity.mobile_fingerprint == other.mobile_fingerprint, MOBILE_TAKEN),
        (identity.email_fingerprint == other.email_fingerprint, EMAIL_TAKEN),
    ]
    .into_iter()
    .filter(|(shared, _)| *shared)
    .map(|(_, taken)| duplicate(taken))
    .collect()
}

fn duplicate((field, code, text): Duplicate) -> SignupError {
    SignupError { field, code, text: text.into() }
}
