//! 登录: limits on failures, then the password; same response and same work for known and unknown accounts.
//!
//! Failures count by account name and address together, so nobody can lock an account from elsewhere. A known device has a limit of its
//! own. Many failures of one name over all addresses only slow the attempts of unknown devices.

use std::time::Duration;

use domain::base::identity::AccountName;
use domain::base::rule::key;
use uuid::Uuid;

use crate::access::account::LoginOrigin;
use crate::access::account::known_device::device_of;
use crate::access::account::second_factor::is_confirmed;
use crate::access::account::sessions::record_sign_in;
use crate::access::rate_limit::{RateLimit, give_back, network_of, take_all};
use crate::infra::db::account::{AccountRow, AccountStatus};
use crate::infra::db::sign_in::SignInOutcome;
use crate::infra::db::{self, DbError};
use crate::infra::password::HasherBusy;
use crate::state::AppState;

/// Why a log-in failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// Wrong account or password, without saying which.
    #[error("wrong account or password")]
    Wrong,
    /// Too many failures.
    #[error("too many tries")]
    TooMany,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl LoginError {
    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            LoginError::Wrong => "登录账号或密码不正确",
            LoginError::TooMany => "您所在的网络尝试次数过多，请稍后再试，或通过短信找回密码",
            LoginError::Busy(HasherBusy::Queue) => "登录人数较多，请稍后再试",
            LoginError::Busy(busy) => busy.text(),
            LoginError::Db(error) => error.text(),
        }
    }
}

/// A right password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordAccepted {
    /// The account.
    pub account: Uuid,
    /// Whether a code of the authenticator app is needed before it is signed in.
    pub needs_code: bool,
    /// Version that the session of this log-in carries.
    pub version: i64,
}

/// Whether a session of this version is valid: the account is active, and neither its password nor its second factor has changed since the
/// password was verified.
///
/// # Errors
/// The database cannot be read.
pub async fn is_current(app: &AppState, account: Uuid, version: i64) -> Result<bool, DbError> {
    let mut tx = app.db.read().await?;
    let row = db::account::by_id(&mut tx, account).await?;
    Ok(row.is_some_and(|row| row.status == AccountStatus::Active && row.session_version == version))
}

/// Verifies account and password.
///
/// # Errors
/// Wrong, too many failures before, or overload. Only wrong passwords count.
pub async fn log_in(app: &AppState, name: &str, password: &str, origin: &LoginOrigin) -> Result<PasswordAccepted, LoginError> {
    let name = AccountName::fold(name);
    let row = {
        let mut tx = app.db.read().await?;
        db::account::by_name(&mut tx, &name).await?
    };
    let row = row.filter(|r| r.status == AccountStatus::Active && (app.demo || !r.demo));
    let attempt = Attempt::new(app, &name, row.as_ref(), origin);
    // A place is taken before the password is looked at, so that parallel attempts cannot exceed the limit, and given back if it was right.
    if !take_all(app, attempt.limits.clone()).await? {
        return Err(LoginError::TooMany);
    }
    let verified = attempt.verify(app, row.as_ref(), password, origin).await;
    match (verified, row) {
        (Ok(true), Some(row)) => accept(app, &row, attempt, origin).await,
        (Ok(_), row) => {
            reject(app, row.map(|r| r.id), attempt, origin).await?;
            Err(LoginError::Wrong)
        }
        (Err(error), _) => {
            app.db.write(move |tx| Box::pin(async move { give_back(tx, &attempt.limits).await })).await?;
            Err(error)
        }
    }
}

/// The counters of one attempt.
#[derive(Clone)]
struct Attempt {
    /// Those that the attempt must stay within.
    limits: Vec<RateLimit>,
    /// Failures of the name from everywhere; none for a known device.
    all_failures: Option<RateLimit>,
}

impl Attempt {
    fn new(app: &AppState, name: &str, row: Option<&AccountRow>, origin: &LoginOrigin) -> Self {
        let tables = app.tables();
        let rules = tables.rules.on(app.today());
        let (minute, day) = (rules.int(key::LOGIN_PER_NAME_MINUTE), rules.int(key::LOGIN_PER_NAME_DAY));
        let device = row.and_then(|row| device_of(app, row, origin.device.as_deref()?));
        // With the stored hash in the subject, a new password begins with new counters.
        let password = row.map_or(b"".as_slice(), |row| row.password_hash.as_bytes());
        if let Some(device) = device {
            let limit = |seconds, most| RateLimit::new(app, &[b"login-device", name.as_bytes(), password, &device], seconds, most);
            return Self { limits: vec![limit(60, minute), limit(86_400, day)], all_failures: None };
        }
        let network = network_of(&origin.address);
        let limit = |seconds, most| RateLimit::new(app, &[b"login-name", name.as_bytes(), password, network.as_bytes()], seconds, most);
        let mut limits = RateLimit::of_address(app, b"login-address", &origin.address, 60, rules.int(key::LOGIN_PER_IP_MINUTE));
        limits.extend([limit(60, minute), limit(86_400, day)]);
        let everywhere = RateLimit::new(app, &[b"login-all", name.as_bytes(), password], 3600, rules.int(key::LOGIN_SLOW_FROM));
        Self { limits, all_failures: Some(everywhere) }
    }

    async fn verify(&self, app: &AppState, row: Option<&AccountRow>, password: &str, origin: &LoginOrigin) -> Result<bool, LoginError> {
        if let Some(failures) = &self.all_failures {
            let slow = {
                let mut tx = app.db.read().await?;
                failures.is_reached(&mut tx).await?
            };
            if slow {
                let seconds = app.tables().rules.on(app.today()).int(key::LOGIN_SLOW_SECONDS);
                app.password_hasher.delay(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))).await?;
            }
        }
        let stored = row.map(|r| r.password_hash.clone());
        Ok(app.password_hasher.verify(&network_of(&origin.address), stored, password.to_owned()).await?)
    }
}

async fn accept(app: &AppState, row: &AccountRow, attempt: Attempt, origin: &LoginOrigin) -> Result<PasswordAccepted, LoginError> {
    let (account, version) = (row.id, row.session_version);
    let needs_code = {
        let mut tx = app.db.read().await?;
        is_confirmed(&mut tx, account).await?
    };
    let (app_in_write, browser) = (app.clone(), origin.browser.clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                give_back(tx, &attempt.limits).await?;
                if !needs_code {
                    record_sign_in(&app_in_write, tx, account, SignInOutcome::Success, &browser).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await?;
    Ok(PasswordAccepted { account, needs_code, version })
}

async fn reject(app: &AppState, account: Option<Uuid>, attempt: Attempt, origin: &LoginOrigin) -> Result<(), DbError> {
    let (app_in_write, browser) = (app.clone(), origin.browser.clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(failures) = &attempt.all_failures {
                    failures.take(tx).await?;
                }
                if let Some(account) = account {
                    record_sign_in(&app_in_write, tx, account, SignInOutcome::WrongPassword, &browser).await?;
                }
                Ok(())
            })
        })
        .await
}
