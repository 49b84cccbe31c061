//! 两步验证: codes of an authenticator app (RFC 6238: HMAC-SHA-1, 30 seconds, six digits) and recovery codes.

use domain::base::permission::Role;
use domain::base::rule::key;
use ring::hmac;
use uuid::Uuid;

use crate::access::account::LoginOrigin;
use crate::access::account::sessions::record_sign_in;
use crate::access::rate_limit::{RateLimit, give_back, take_all};
use crate::infra::db::sign_in::SignInOutcome;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{SealContext, constant_time_eq, random};
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
}

/// Whether the holder of these roles must use a second factor. The accounts of a demo open by password alone.
pub fn is_required(app: &AppState, roles: &[Role]) -> bool {
    !app.demo && roles.iter().any(|role| role.is_staff())
}

/// Whether an account uses a second factor.
pub(crate) async fn is_confirmed(tx: &mut Tx, account: Uuid) -> Result<bool, DbError> {
    Ok(db::totp::by_account(tx, account).await?.is_some_and(|row| row.confirmed_at.is_some()))
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
            TotpState::Pending(TotpSecret { text, uri })
        }
    })
}

/// Stores a new secret that waits for its first code.
///
/// # Errors
/// [`TotpError::NotPending`] if the account uses a second factor already.
pub async fn begin_totp(app: &AppState, account: Uuid) -> Result<(), TotpError> {
    let secret: [u8; SECRET] = random();
    let sealed = app.keys.seal(SealContext::new(COLUMN, account), &secret);
    let now = app.now();
    let stored = app.db.write(move |tx| Box::pin(async move { db::totp::insert_pending(tx, account, &sealed, now).await })).await?;
    if stored { Ok(()) } else { Err(TotpError::NotPending) }
}

/// Confirms the pending secret by its first code; returns the recovery codes, which are shown once.
///
/// # Errors
/// A wrong code, or nothing to confirm.
pub async fn confirm_totp(app: &AppState, account: Uuid, code: &str) -> Result<Vec<String>, TotpError> {
    let step = accepted_step(app, account, code).await?.ok_or(TotpError::Wrong)?;
    let (codes, hashes) = new_recovery_codes(app, account);
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !db::totp::confirm(tx, account, now).await? {
                    return Err(TotpError::NotPending);
                }
                if !db::totp::use_step(tx, account, step).await? {
                    return Err(TotpError::Wrong);
                }
                db::totp::replace_recovery_codes(tx, account, &hashes).await?;
                Ok(())
            })
        })
        .await?;
    Ok(codes)
}

/// Ends the use of a second factor. The caller has confirmed the password.
///
/// # Errors
/// A wrong code, or roles that need a second factor.
pub async fn remove_totp(app: &AppState, account: Uuid, roles: &[Role], code: &str) -> Result<(), TotpError> {
    if is_required(app, roles) {
        return Err(TotpError::Required);
    }
    use_code(app, account, code).await?;
    app.db.write(move |tx| Box::pin(async move { db::totp::delete(tx, account).await })).await?;
    Ok(())
}

/// Replaces the recovery codes and returns the new ones.
///
/// # Errors
/// A wrong code.
pub async fn renew_recovery_codes(app: &AppState, account: Uuid, code: &str) -> Result<Vec<String>, TotpError> {
    use_code(app, account, code).await?;
    let (codes, hashes) = new_recovery_codes(app, account);
    app.db.write(move |tx| Box::pin(async move { db::totp::replace_recovery_codes(tx, account, &hashes).await })).await?;
    Ok(codes)
}

/// The second step of a log-in: accepts a code of the authenticator app or a recovery code, each once.
///
/// # Errors
/// A wrong code, or too many wrong ones before.
pub async fn confirm_log_in(app: &AppState, account: Uuid, code: &str, origin: &LoginOrigin) -> Result<(), TotpError> {
    let outcome = use_code(app, account, code).await;
    let recorded = match &outcome {
        Ok(()) => SignInOutcome::Success,
        Err(TotpError::Wrong) => SignInOutcome::WrongCode,
        Err(_) => return outcome,
    };
    let (app_in_write, browser) = (app.clone(), origin.browser.clone());
    app.db.write(move |tx| Box::pin(async move { record_sign_in(&app_in_write, tx, account, recorded, &browser).await })).await?;
    outcome
}

/// Uses up a code of the authenticator app or a recovery code. Only wrong codes count.
async fn use_code(app: &AppState, account: Uuid, code: &str) -> Result<(), TotpError> {
    let most = app.tables().rules.on(app.today()).int(key::LOGIN_CODES_PER_HOUR);
    let limits = vec![RateLimit::new(app, &[b"totp", account.as_bytes()], 3600, most)];
    if !take_all(app, limits.clone()).await? {
        return Err(TotpError::TooMany);
    }
    let step = accepted_step(app, account, code).await?;
    let hash = recovery_hash(app, account, code);
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !is_confirmed(tx, account).await? {
                    return Err(TotpError::NotPending);
                }
                let right = match step {
                    Some(step) => db::totp::use_step(tx, account, step).await?,
                    None => db::totp::use_recovery_code(tx, account, &hash, now).await?,
                };
                if right { Ok(give_back(tx, &limits).await?) } else { Err(TotpError::Wrong) }
            })
        })
        .await
}

/// The time step whose code was given; none for another code.
async fn accepted_step(app: &AppState, account: Uuid, code: &str) -> Result<Option<i64>, TotpError> {
    let row = {
        let mut tx = app.db.read().await?;
        db::totp::by_account(&mut tx, account).await?.ok_or(TotpError::NotPending)?
    };
    let secret = unseal(app, account, &row.secret_sealed)?;
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

/// New recovery codes and their hashes.
fn new_recovery_codes(app: &AppState, account: Uuid) -> (Vec<String>, Vec<Vec<u8>>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| grouped(&base32(&random::<10>()))).collect();
    let hashes = codes.iter().map(|code| recovery_hash(app, account, code)).collect();
    (codes, hashes)
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
