//! 个人注册: what was typed waits, sealed, until the code sent to the mobile comes back.

use chrono::TimeDelta;
use domain::base::rule::key;
use domain::record::account::{CodeRefusal, Fault, Purpose, Typed, judge};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::account::code::CodeTarget;
use crate::access::account::{Origin, Person};
use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::password::Busy;
use crate::infra::secret::Place;
use crate::state::AppState;

/// How long a registration waits for its code.
const WAITS: TimeDelta = TimeDelta::minutes(30);
const COLUMN: &str = "signup.person_sealed";

/// A registration that waits for its code.
#[derive(Clone, Serialize, Deserialize)]
pub struct Waiting {
    /// 登录账号.
    pub account: String,
    /// Argon2id; the password itself is not kept.
    pub password_hash: String,
    /// Who.
    pub person: Person,
}

/// Why a registration does not go on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignupError {
    /// Faults at fields.
    #[error("faults at fields")]
    Faults(Vec<Fault>),
    /// Too many questions whether something is taken.
    #[error("too many duplicate checks")]
    TooMany,
    /// Too many passwords at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Why a registration was not confirmed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConfirmError {
    /// It waited too long, or belongs to another browser.
    #[error("no such registration")]
    Gone,
    /// The code.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
    /// Someone else took the name, document, mobile or address meanwhile.
    #[error("taken meanwhile")]
    Taken(Fault),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Judges what was typed, asks whether any of it is taken, and keeps it until the code comes.
pub async fn begin_signup(app: &AppState, typed: &Typed, origin: &Origin) -> Result<Uuid, SignupError> {
    let signup = judge(typed, app.today()).map_err(SignupError::Faults)?;
    may_ask_for_duplicates(app, origin).await?;
    let prints = Prints::of(app, &signup.document, signup.mobile.as_str(), signup.email.as_str());
    let faults = {
        let mut tx = app.db.read().await?;
        let taken = db::account::taken(&mut tx, &signup.account, &prints.document, &prints.mobile, &prints.email).await?;
        taken.iter().flat_map(|row| prints.clashes(&signup.account, row)).collect::<Vec<_>>()
    };
    if !faults.is_empty() {
        return Err(SignupError::Faults(faults));
    }
    let waiting = Waiting {
        account: signup.account,
        password_hash: app.hasher.hash(signup.password).await?,
        person: Person {
            name: signup.name,
            document_type: signup.document.kind().code().to_owned(),
            document_number: signup.document.number().to_owned(),
            sex: signup.sex,
            birth_date: signup.birth_date,
            mobile: signup.mobile.as_str().to_owned(),
            email: signup.email.as_str().to_owned(),
        },
    };
    let id = Uuid::now_v7();
    let row = db::account::Signup {
        id,
        person_sealed: app.keys.seal_json(Place::new(COLUMN, id), &waiting),
        mobile_fingerprint: prints.mobile,
        expires_at: app.now() + WAITS,
    };
    app.db.write(move |tx| Box::pin(async move { db::account::put_signup(tx, &row).await })).await?;
    Ok(id)
}

/// Yes-or-no questions about other people are limited per browser and per address (reliability S5).
async fn may_ask_for_duplicates(app: &AppState, origin: &Origin) -> Result<(), SignupError> {
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let by_session =
        crate::state::within(app, &[b"duplicates-session", origin.session.as_bytes()], 1800, rules.int(key::DUPLICATE_CHECKS_PER_SESSION))
            .await?;
    let by_address =
        crate::state::within(app, &[b"duplicates-address", origin.address.as_bytes()], 3600, rules.int(key::DUPLICATE_CHECKS_PER_IP_HOUR))
            .await?;
    if by_session && by_address { Ok(()) } else { Err(SignupError::TooMany) }
}

/// A registration that waits for its code.
pub async fn waiting_signup(app: &AppState, id: Uuid) -> Result<Option<Waiting>, DbError> {
    let mut tx = app.db.read().await?;
    let row = db::account::signup(&mut tx, id).await?;
    Ok(row.filter(|r| r.expires_at > app.now()).and_then(|r| app.keys.open_json(Place::new(COLUMN, id), &r.person_sealed).ok()))
}

/// Makes the account, once its code is right.
pub async fn confirm_signup(app: &AppState, id: Uuid, code: &str, origin: &Origin) -> Result<Uuid, ConfirmError> {
    let waiting = waiting_signup(app, id).await?.ok_or(ConfirmError::Gone)?;
    let target = CodeTarget { purpose: Purpose::Signup, mobile: waiting.person.mobile.clone(), deliver: true };
    let check = crate::access::account::code::code_check(app, &target, origin, code);
    let row = account_row(app, &waiting.account, &waiting.person, waiting.password_hash, false);
    let account = row.id;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if let Err(refusal) = check.run(tx).await? {
                    return Ok(Err(refusal));
                }
                db::account::insert(tx, &row).await?;
                db::account::drop_signup(tx, id).await?;
                Ok::<_, DbError>(Ok(account))
            })
        })
        .await
        .map_err(taken)?
        .map_err(ConfirmError::Code)
}

/// The row of a new account.
pub(crate) fn account_row(app: &AppState, name: &str, person: &Person, password_hash: String, demo: bool) -> db::account::Row {
    let id = Uuid::now_v7();
    let document = format!("{}:{}", person.document_type, person.document_number);
    db::account::Row {
        id,
        name: name.to_owned(),
        person_sealed: app.keys.seal_json(Place::new(Person::COLUMN, id), person),
        document_fingerprint: app.keys.fingerprint("document", &document),
        mobile_fingerprint: app.keys.fingerprint("mobile", &person.mobile),
        email_fingerprint: app.keys.fingerprint("email", &person.email.to_lowercase()),
        password_hash,
        status: "active".into(),
        demo,
        created_at: app.now(),
    }
}

fn taken(error: DbError) -> ConfirmError {
    let columns = [
        ("name", ACCOUNT_TAKEN),
        ("document_fingerprint", DOCUMENT_TAKEN),
        ("mobile_fingerprint", MOBILE_TAKEN),
        ("email_fingerprint", EMAIL_TAKEN),
    ];
    match columns.into_iter().find(|(column, _)| error.violates("account", column)) {
        Some((_, (field, code, text))) => ConfirmError::Taken(Fault { field, code, text: text.into() }),
        None => ConfirmError::Db(error),
    }
}

type Clash = (&'static str, &'static str, &'static str);
const ACCOUNT_TAKEN: Clash = ("account", "account_taken", "该登录账号已被使用，请换一个");
const DOCUMENT_TAKEN: Clash = ("document_number", "document_taken", "该证件号码已注册，请直接登录或找回密码");
const MOBILE_TAKEN: Clash = ("mobile", "mobile_taken", "该手机号码已注册，请直接登录或找回密码");
const EMAIL_TAKEN: Clash = ("email", "email_taken", "该邮箱已注册，请换一个或直接登录");

struct Prints {
    document: Vec<u8>,
    mobile: Vec<u8>,
    email: Vec<u8>,
}

impl Prints {
    fn of(app: &AppState, document: &domain::base::identity::Document, mobile: &str, email: &str) -> Self {
        let document = format!("{}:{}", document.kind().code(), document.number());
        Self {
            document: app.keys.fingerprint("document", &document),
            mobile: app.keys.fingerprint("mobile", mobile),
            email: app.keys.fingerprint("email", &email.to_lowercase()),
        }
    }

    fn clashes(&self, account: &str, row: &(String, Vec<u8>, Vec<u8>, Vec<u8>)) -> Vec<Fault> {
        let (name, document, mobile, email) = row;
        [
            (name == account, ACCOUNT_TAKEN),
            (*document == self.document, DOCUMENT_TAKEN),
            (*mobile == self.mobile, MOBILE_TAKEN),
            (*email == self.email, EMAIL_TAKEN),
        ]
        .into_iter()
        .filter(|(clash, _)| *clash)
        .map(|(_, (field, code, text))| Fault { field, code, text: text.into() })
        .collect()
    }
}
