//! 两步验证: codes of an authenticator app (RFC 6238: HMAC-SHA-1, 30 seconds, six digits) and recovery codes. Whatever sets, renews or ends it
//! takes the proof that the password was confirmed.

use domain::base::identity::read_sms_code;
use domain::base::permission::Role;
use domain::base::rule::key;
use ring::hmac;
use uuid::Uuid;

use crate::access::account::LoginOrigin;
use crate::access::account::known_device::device_of;
use crate::access::account::reauthentication::{PasswordConfirmed, ReauthenticationError};
use crate::access::account::second_factor::is_required;
use crate::access::account::sessions::record_sign_in;
use crate::access::rate_limit::{RateLimit, give_back, network_of, take_all};
use crate::infra::db::sign_in::SignInOutcome;
use crate::infra::db::totp::TotpRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::qr_code::QrCode;
use crate::infra::secret::{SealContext, constant_time_eq, random};
use crate::infra::session::end_sessions;
use crate::state::AppState;

/// Seconds of a time step.
const STEP: i64 = 30;
/// Steps before and after the present one whose codes are accepted, for clocks that differ.
const TOLERANCE: i64 = 1;
/// Bytes of a secret.
const SECRET: usize = 20;
/// Number of recovery codes.
const RECOVERY_CODES: usize = 10;
const COLUMN: &str = "totp.secret_sealed";
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Why a code was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TotpError {
    /// Wrong, or used before.
    #[error("wrong code")]
    Wrong,
    /// Too many wrong codes.
    #[error("too many wrong codes")]
    TooMany,
    /// The account has no secret to confirm, or has confirmed one already.
    #[error("nothing to confirm")]
    NotPending,
    /// The password was confirmed, but has changed since.
    #[error(transparent)]
    Password(#[from] ReauthenticationError),
    /// Staff must have a second factor.
    #[error("required")]
    Required,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl TotpError {
    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            TotpError::Wrong => "验证码不正确或已使用，请填写验证器中的最新验证码",
            TotpError::TooMany => "验证码错误次数过多，请一小时后再试",
            TotpError::NotPending => "两步验证的状态已变化，请刷新页面",
            TotpError::Password(error) => error.text(),
            TotpError::Required => "协会工作人员必须使用两步验证，不能关闭",
            TotpError::Db(error) => error.text(),
        }
    }
}

/// State of an account's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TotpState {
    /// Not set up.
    Off,
    /// A secret waits for its first code.
    Pending(TotpSecret),
    /// In use, with this number of unused recovery codes.
    On(i64),
}

/// A secret to enter into an authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpSecret {
    /// The secret in base 32.
    pub text: String,
    /// Address that authenticator apps read from a QR code.
    pub uri: String,
    /// The QR code.
    pub code: QrCode,
}

/// State of an account's second factor. `name`: its account name, which authenticator apps show.
pub async fn totp_state(app: &AppState, account: Uuid, name: &str) -> Result<TotpState, DbError> {
    let mut tx = app.db.read().await?;
    Ok(match db::totp::by_account(&mut tx, account).await? {
        None => TotpState::Off,
        Some(row) if row.confirmed_at.is_some() => TotpState::On(db::totp::count_recovery_codes(&mut tx, account).await?),
        Some(row) => {
            let secret = unseal(app, account, &row.secret_sealed)?;
            let text = base32(&secret);
            let uri = format!("otpauth://totp/Registrar:{name}?secret={text}&issuer=Registrar");
            let code = QrCode::of(&uri).ok_or_else(|| DbError::Unreadable(COLUMN.into()))?;
            TotpState::Pending(TotpSecret { text, uri, code })
        }
    })
}

/// Stores a new secret that waits for its first code.
///
/// # Errors
/// [`TotpError::NotPending`] if the account uses a second factor already.
pub async fn begin_totp(app: &AppState, confirmed: PasswordConfirmed) -> Result<(), TotpError> {
    let (account, now) = (confirmed.account(), app.now());
    let secret: [u8; SECRET] = random();
    let sealed = app.keys.seal(SealContext::new(COLUMN, account), &secret);
    app.db
        .write(move |tx| {
            Box::pin(async move {
                confirmed.lock_account(tx).await?;
                if db::totp::insert_pending(tx, account, &sealed, now).await? { Ok(()) } else { Err(TotpError::NotPending) }
            })
        })
        .await
}

/// Confirms the pending secret by its first code; returns the recovery codes, which are shown once. Every other session of the account ends,
/// since the second factor was not asked of it.
/// `session`: token hash of the session that asks, which goes on.
///
/// # Errors
/// [`TotpError::NotPending`] without looking at the code, if no secret waits for one; [`TotpError::Wrong`].
pub async fn confirm_totp(app: &AppState, account: Uuid, code: &str, session: Vec<u8>) -> Result<Vec<String>, TotpError> {
    let (owned, code) = (app.clone(), code.to_owned());
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                let row = db::totp::by_account(tx, account).await?.filter(|row| row.confirmed_at.is_none()).ok_or(TotpError::NotPending)?;
                let step = accepted_step(&owned, &row, &code)?.ok_or(TotpError::Wrong)?;
                db::totp::confirm(tx, account, owned.now()).await?;
                if !db::totp::use_step(tx, account, step).await? {
                    return Err(TotpError::Wrong);
                }
                let recovery_codes = replace_recovery_codes(tx, &owned, account).await?;
                end_sessions(tx, account, &session, owned.clock.steady()).await?;
                Ok(recovery_codes)
            })
        })
        .await
}

/// Ends the use of a second factor.
///
/// # Errors
/// A wrong code, or roles that need a second factor.
pub async fn remove_totp(app: &AppState, confirmed: PasswordConfirmed, roles: &[Role], code: &str) -> Result<(), TotpError> {
    if is_required(app, roles) {
        return Err(TotpError::Required);
    }
    let attempt = CodeAttempt::of_session(app, confirmed.account(), code);
    attempt.take_place(app).await?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                confirmed.lock_account(tx).await?;
                attempt.accept(tx).await?;
                db::totp::delete(tx, confirmed.account()).await?;
                Ok(())
            })
        })
        .await
}

/// Replaces the recovery codes and returns the new ones.
///
/// # Errors
/// A wrong code.
pub async fn renew_recovery_codes(app: &AppState, confirmed: PasswordConfirmed, code: &str) -> Result<Vec<String>, TotpError> {
    let attempt = CodeAttempt::of_session(app, confirmed.account(), code);
    attempt.take_place(app).await?;
    let owned = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                confirmed.lock_account(tx).await?;
                attempt.accept(tx).await?;
                Ok(replace_recovery_codes(tx, &owned, confirmed.account()).await?)
            })
        })
        .await
}

/// The second step of a log-in: accepts a code of the authenticator app or a recovery code, each once.
///
/// # Errors
/// A wrong code, or too many wrong ones before.
pub async fn confirm_log_in(app: &AppState, account: Uuid, code: &str, origin: &LoginOrigin) -> Result<(), TotpError> {
    let attempt = CodeAttempt::of_log_in(app, account, code, origin).await?;
    attempt.take_place(app).await?;
    let accepted = app.db.on_behalf_of(account).write(move |tx| Box::pin(async move { attempt.accept(tx).await })).await;
    let recorded = match &accepted {
        Ok(()) => SignInOutcome::Success,
        Err(TotpError::Wrong) => SignInOutcome::WrongCode,
        Err(_) => return accepted,
    };
    let (owned, browser) = (app.clone(), origin.browser.clone());
    app.db.write(move |tx| Box::pin(async move { record_sign_in(&owned, tx, account, recorded, &browser).await })).await?;
    accepted
}

/// A code that was given in place of the second factor, and the counters of wrong ones.
///
/// Codes of the authenticator app and recovery codes have counters of their own, so that wrong ones of a kind leave the other kind to the
/// owner. Codes of the app can be guessed, so strangers share one counter; a known device and a signed-in person have counters that
/// strangers cannot reach. Recovery codes cannot be guessed; their counter by network only saves work.
#[derive(Clone)]
struct CodeAttempt {
    app: AppState,
    account: Uuid,
    code: String,
    limits: Vec<RateLimit>,
}

impl CodeAttempt {
    /// A code given by the signed-in person.
    fn of_session(app: &AppState, account: Uuid, code: &str) -> Self {
        Self::new(app, account, code, &[b"session"])
    }

    /// A code given after the password at a log-in.
    async fn of_log_in(app: &AppState, account: Uuid, code: &str, origin: &LoginOrigin) -> Result<Self, DbError> {
        let row = {
            let mut tx = app.db.read().await?;
            db::account::by_id(&mut tx, account).await?
        };
        let network = network_of(&origin.address);
        let device = row.as_ref().and_then(|row| device_of(app, row, origin.device.as_deref()?));
        Ok(match device {
            Some(device) => Self::new(app, account, code, &[b"device", &device]),
            None if is_recovery_code(code) => Self::new(app, account, code, &[b"network", network.as_bytes()]),
            None => Self::new(app, account, code, &[b"strangers"]),
        })
    }

    fn new(app: &AppState, account: Uuid, code: &str, source: &[&[u8]]) -> Self {
        let most = app.tables().rules.on(app.today()).int(key::LOGIN_CODES_PER_HOUR);
        let kind: &[u8] = if is_recovery_code(code) { b"recovery-code" } else { b"totp" };
        let subject = [&[kind, account.as_bytes()], source].concat();
        Self { app: app.clone(), account, code: code.to_owned(), limits: vec![RateLimit::new(app, &subject, 3600, most)] }
    }

    /// Takes a place before the code is looked at, so that parallel attempts cannot exceed the limit.
    async fn take_place(&self, app: &AppState) -> Result<(), TotpError> {
        if take_all(app, self.limits.clone()).await? { Ok(()) } else { Err(TotpError::TooMany) }
    }

    /// Uses up the code and gives the place back.
    async fn accept(&self, tx: &mut Tx) -> Result<(), TotpError> {
        let row = db::totp::by_account(tx, self.account).await?.filter(|row| row.confirmed_at.is_some()).ok_or(TotpError::NotPending)?;
        let right = if is_recovery_code(&self.code) {
            let hash = recovery_hash(&self.app, self.account, &self.code);
            db::totp::use_recovery_code(tx, self.account, &hash, self.app.now()).await?
        } else {
            match accepted_step(&self.app, &row, &self.code)? {
                Some(step) => db::totp::use_step(tx, self.account, step).await?,
                None => false,
            }
        };
        if right { Ok(give_back(tx, &self.limits).await?) } else { Err(TotpError::Wrong) }
    }
}

/// Whether a code is none of the authenticator app, whose codes are six digits.
fn is_recovery_code(code: &str) -> bool {
    code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The time step whose code was given; none for another code.
fn accepted_step(app: &AppState, row: &TotpRow, typed: &str) -> Result<Option<i64>, DbError> {
    // A recovery code has letters, and six digits of it are no code.
    let code = read_sms_code(typed).ok().filter(|_| !typed.contains(|c: char| c.is_ascii_alphabetic())).unwrap_or_default();
    let secret = unseal(app, row.account_id, &row.secret_sealed)?;
    let present = app.now().timestamp().div_euclid(STEP);
    let mut accepted = None;
    // Every step is compared, so the time does not depend on the code.
    for step in present - TOLERANCE..=present + TOLERANCE {
        if constant_time_eq(code_of(&secret, step).as_bytes(), code.as_bytes()) {
            accepted = Some(step);
        }
    }
    Ok(accepted)
}

fn unseal(app: &AppState, account: Uuid, sealed: &[u8]) -> Result<Vec<u8>, DbError> {
    app.keys.unseal(SealContext::new(COLUMN, account), sealed).map_err(|_| DbError::Unreadable(COLUMN.into()))
}

/// The code of a time step.
fn code_of(secret: &[u8], step: i64) -> String {
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&hmac_key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().map_or(0, |byte| byte & 0x0f));
    let number = bytes.get(offset..offset + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Gives an account new recovery codes in place of those it has.
async fn replace_recovery_codes(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<Vec<String>, DbError> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| grouped(&base32(&random::<10>()))).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| recovery_hash(app, account, code)).collect();
    db::totp::replace_recovery_codes(tx, account, &hashes).await?;
    Ok(codes)
}

/// Keyed hash of a recovery code, however it is written.
fn recovery_hash(app: &AppState, account: Uuid, code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    app.keys.mac(&[b"recovery-code", account.as_bytes(), plain.as_bytes()])
}

/// Groups of four, for reading.
fn grouped(text: &str) -> String {
    let groups: Vec<String> = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join("-")
}

/// Base 32 (RFC 4648) without padding.
fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| usize::from(byte >> bit & 1)));
    let bits: Vec<usize> = bits.collect();
    let digits = bits.chunks(5).map(|five| five.iter().fold(0, |number, bit| number * 2 + bit) << (5 - five.len()));
    digits.filter_map(|digit| ALPHABET.get(digit)).map(|byte| char::from(*byte)).collect()
}

/// The code that an authenticator app shows for a secret in base 32, for tests.
#[cfg(any(test, feature = "testing"))]
pub fn code_for_test(secret: &str, now: chrono::DateTime<chrono::Utc>) -> String {
    let bits: Vec<u8> = secret
        .bytes()
        .filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte))
        .flat_map(|digit| (0..5).rev().map(move |bit| u8::from(digit >> bit & 1 == 1)))
        .collect();
    let bytes: Vec<u8> = bits.as_chunks::<8>().0.iter().map(|eight| eight.iter().fold(0, |number, bit| number * 2 + bit)).collect();
    code_of(&bytes, now.timestamp().div_euclid(STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(code_of(secret, seconds / STEP), code);
        }
        assert_eq!(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let at = chrono::DateTime::from_timestamp(59, 0).unwrap();
        assert_eq!(code_for_test(&base32(secret), at), "287082");
    }
}
