//! Registration, codes, signing in and changes of accounts, on both databases with the time held still.

mod codes;
mod contact_data;
mod endings;
mod recovering;
mod registration;
mod signing_in;
mod statuses;
mod two_steps;

use std::path::Path as FilePath;

use chrono::TimeDelta;
use domain::base::permission::Action;
use domain::base::rule::RuleRow;
use domain::record::account::{CodeRefusal, Purpose, SendRefusal, SignupForm};

use crate::access::account::code::{CodeSendError, CodeTarget, seconds_until_resend, send_code};
use crate::access::account::login::{LoginError, log_in};
use crate::access::account::proof::{ProofAnswer, ProofError};
use crate::access::account::reauthentication::{PasswordConfirmed, ReauthenticationError, confirm_password};
use crate::access::account::recovery::{RecoveryError, recover, recovery_target};
use crate::access::account::signup::{BeginSignupError, ConfirmSignupError, confirm_signup};
use crate::access::account::*;
use crate::access::guard::{Allowed, authorize, load_caller};
use crate::database_test;
use crate::infra::clock::Clock;
use crate::infra::db::account::AccountRow;
use crate::infra::db::{self, Db, DbError};
use crate::state::AppState;

mod spelling;

pub(super) async fn app(db: Db) -> (AppState, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
    (AppState::open(db, FilePath::new(folder.path()), clock, false).await.unwrap(), folder)
}

/// A state whose forms ask for no proof.
async fn app_without_proof(db: Db) -> (AppState, tempfile::TempDir) {
    let (app, folder) = app(db).await;
    set_rule(&app, "proof.work_bits", "0", "2026-01-01").await;
    (app, folder)
}

async fn set_rule(app: &AppState, key: &str, value: &str, from: &str) {
    let rule = RuleRow { key: key.into(), value: value.into(), effective_from: from.parse().unwrap() };
    app.db.write(move |tx| Box::pin(async move { db::rule::insert_rule(tx, &rule).await })).await.unwrap();
    app.reload_tables().await.unwrap();
}

async fn begin_signup(app: &AppState, form: &SignupForm, origin: &RequestOrigin) -> Result<uuid::Uuid, BeginSignupError> {
    signup::begin_signup(app, form, &ProofAnswer::default(), origin).await
}

fn from(address: &str) -> LoginOrigin {
    LoginOrigin { address: address.into(), ..LoginOrigin::default() }
}

async fn log_in_id(app: &AppState, name: &str, password: &str, address: &str) -> Result<uuid::Uuid, LoginError> {
    log_in(app, name, password, &from(address)).await.map(|accepted| accepted.account)
}

fn typed(account: &str, document: &str, mobile: &str) -> SignupForm {
    SignupForm {
        account: account.into(),
        password: "Spring-2026-leaf".into(),
        password_again: "Spring-2026-leaf".into(),
        name: "张伟".into(),
        document_type: "resident_id".into(),
        document_number: document.into(),
        mobile: mobile.into(),
        email: format!("{account}@example.com"),
        agreed: "yes".into(),
        ..SignupForm::default()
    }
}

fn origin(session: &str) -> RequestOrigin {
    RequestOrigin { session: session.into(), address: format!("192.0.2.{}", session.len()) }
}

fn signup_code(mobile: &str) -> CodeTarget {
    CodeTarget::new(Purpose::Signup, mobile)
}

async fn last_code(app: &AppState) -> String {
    let body = crate::service::message::view::list_outbox(app).await.unwrap().remove(0).body;
    body.split("验证码 ").nth(1).unwrap()[..6].to_owned()
}

async fn register(app: &AppState, account: &str, document: &str, mobile: &str) -> uuid::Uuid {
    let me = origin(account);
    let id = begin_signup(app, &typed(account, document, mobile), &me).await.unwrap();
    send_code(app, signup_code(mobile), &me).await.unwrap();
    let code = last_code(app).await;
    confirm_signup(app, id, &code, &me).await.unwrap()
}

async fn count(app: &AppState, table: &'static str) -> i64 {
    let mut tx = app.db.read().await.unwrap();
    db::testing::count_rows(&mut tx, table).await
}

const PASSWORD: &str = "Spring-2026-leaf";

/// The proof that the password of an account was confirmed.
async fn confirmed(app: &AppState, account: uuid::Uuid) -> PasswordConfirmed {
    confirm_password(app, &allowed(app, account).await, PASSWORD, "192.0.2.9").await.unwrap()
}

/// An account as it is now, signed in.
async fn allowed(app: &AppState, account: uuid::Uuid) -> Allowed {
    let caller = load_caller(app, account).await.unwrap();
    authorize(app, caller.as_ref(), Action::OwnAccount).unwrap()
}

/// Turns the second factor of an account on; returns its secret and the recovery codes.
async fn turn_on_totp(app: &AppState, account: uuid::Uuid) -> (String, Vec<String>) {
    totp::begin_totp(app, confirmed(app, account).await).await.unwrap();
    let secret = pending_secret(app, account).await;
    let code = totp::code_for_test(&secret, app.now());
    let recovery_codes = totp::confirm_totp(app, account, &code, Vec::new()).await.unwrap();
    app.clock.advance(TimeDelta::seconds(60));
    (secret, recovery_codes)
}

async fn pending_secret(app: &AppState, account: uuid::Uuid) -> String {
    let totp::TotpState::Pending(secret) = totp::totp_state(app, account, "zhangwei").await.unwrap() else { panic!("not pending") };
    secret.text
}

async fn account_row(app: &AppState, account: uuid::Uuid) -> AccountRow {
    db::account::by_id(&mut app.db.read().await.unwrap(), account).await.unwrap().unwrap()
}
