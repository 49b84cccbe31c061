//! 短信验证码: sending and verifying (docs/manual.md 2.2).

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::base::rule::key;
use domain::record::account::{CodeRefusal, Purpose, SendRefusal};
use uuid::Uuid;

use crate::access::account::RequestOrigin;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::outbox::sms_code_row;
use crate::infra::secret::{constant_time_eq, random};
use crate::state::AppState;

/// Purpose and recipient of a code.
#[derive(Clone)]
pub struct CodeTarget {
    /// Purpose.
    pub purpose: Purpose,
    /// Mobile number.
    pub mobile: String,
    /// Whether the code is delivered; all other steps are the same.
    pub deliver: bool,
}

/// Why no code was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CodeSendError {
    /// A limit was reached.
    #[error(transparent)]
    Refused(#[from] SendRefusal),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends a code and returns its expiry. Earlier codes for the same purpose become invalid.
pub async fn send_code(app: &AppState, target: CodeTarget, origin: &RequestOrigin) -> Result<DateTime<Utc>, CodeSendError> {
    let now = app.now();
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let int = |k| rules.int(k);
    let code = six_digits();
    let fingerprint = app.keys.fingerprint("mobile", &target.mobile);
    let row = db::sms::SmsCodeRow {
        id: Uuid::now_v7(),
        purpose: target.purpose.code().to_owned(),
        session_hash: app.keys.mac(&[b"sms-session", origin.session.as_bytes()]),
        address_hash: app.keys.mac(&[b"sms-address", origin.address.as_bytes()]),
        code_hash: code_hash(app, &target, origin, &code),
        target_fingerprint: fingerprint,
        sent_at: now,
        expires_at: now + TimeDelta::seconds(int(key::SMS_TTL_SECONDS)),
        tries: 0,
        spent_at: None,
    };
    let interval = int(key::SMS_MIN_INTERVAL_SECONDS);
    let limits = Limits {
        hour: int(key::SMS_PER_HOUR),
        day: int(key::SMS_PER_DAY),
        session: int(key::SMS_PER_SESSION),
        address: int(key::SMS_PER_IP_HOUR),
    };
    let text = format!("【认证人员综合服务平台】您正在办理{}，验证码 {code}，2 分钟内有效，请勿告知他人。", target.purpose.label());
    let message = target.deliver.then(|| sms_code_row(&app.keys, row.id, &target.mobile, &text, row.expires_at, now));
    let expires_at = row.expires_at;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                // Counting locks the row of this number, so concurrent requests see each other.
                let hour = row.sent_at.duration_trunc(TimeDelta::hours(1)).unwrap_or(row.sent_at);
                db::rate::increment(tx, &row.target_fingerprint, hour).await?;
                limits.check(tx, &row, interval).await?;
                db::sms::replace(tx, &row).await?;
                if let Some(message) = message {
                    db::outbox::insert(tx, &message).await?;
                }
                Ok::<_, CodeSendError>(expires_at)
            })
        })
        .await
}

/// Seconds until another code may be sent to a number; `None` if it may be sent now.
pub async fn seconds_until_resend(app: &AppState, mobile: &str) -> Result<Option<i64>, DbError> {
    let interval = app.tables().rules.on(app.today()).int(key::SMS_MIN_INTERVAL_SECONDS);
    let fingerprint = app.keys.fingerprint("mobile", mobile);
    let now = app.now();
    let mut tx = app.db.read().await?;
    let sent = db::sms::sent_to(&mut tx, &fingerprint, now - TimeDelta::days(1)).await?;
    Ok(sent.last_at.map(|at| interval - (now - at).num_seconds()).filter(|left| *left > 0))
}

/// Hash of a code, bound to number, purpose and session.
pub(crate) fn code_hash(app: &AppState, target: &CodeTarget, origin: &RequestOrigin, code: &str) -> Vec<u8> {
    app.keys.mac(&[b"sms-code", target.mobile.as_bytes(), target.purpose.code().as_bytes(), origin.session.as_bytes(), code.as_bytes()])
}

/// Prepares the verification of a code inside a transaction.
pub(crate) fn code_check(app: &AppState, target: &CodeTarget, origin: &RequestOrigin, code: &str) -> CodeCheck {
    CodeCheck {
        well_formed: code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
        hash: code_hash(app, target, origin, code),
        fingerprint: app.keys.fingerprint("mobile", &target.mobile),
        purpose: target.purpose.code(),
        max_tries: app.tables().rules.on(app.today()).int(key::SMS_TRIES),
        now: app.now(),
    }
}

/// A code to verify.
pub(crate) struct CodeCheck {
    well_formed: bool,
    hash: Vec<u8>,
    fingerprint: Vec<u8>,
    purpose: &'static str,
    max_tries: i64,
    now: DateTime<Utc>,
}

impl CodeCheck {
    /// Verifies the code and marks it as used. A wrong attempt is counted, so the caller must commit in either case.
    pub(crate) async fn verify(&self, tx: &mut Tx) -> Result<Result<(), CodeRefusal>, DbError> {
        if !self.well_formed {
            return Ok(Err(CodeRefusal::Shape));
        }
        let Some(sent) = db::sms::last_unspent(tx, &self.fingerprint, self.purpose).await? else {
            return Ok(Err(CodeRefusal::None));
        };
        if self.now >= sent.expires_at {
            return Ok(Err(CodeRefusal::Expired));
        }
        if !db::sms::increment_tries(tx, sent.id, self.max_tries).await? {
            return Ok(Err(CodeRefusal::Void));
        }
        if !constant_time_eq(&sent.code_hash, &self.hash) {
            let left = self.max_tries - sent.tries - 1;
            return Ok(Err(if left > 0 { CodeRefusal::Wrong(left) } else { CodeRefusal::Void }));
        }
        let first = db::sms::spend(tx, sent.id, self.now).await?;
        Ok(if first { Ok(()) } else { Err(CodeRefusal::None) })
    }
}

struct Limits {
    hour: i64,
    day: i64,
    session: i64,
    address: i64,
}

impl Limits {
    async fn check(&self, tx: &mut Tx, row: &db::sms::SmsCodeRow, interval: i64) -> Result<(), CodeSendError> {
        let (now, target) = (row.sent_at, &row.target_fingerprint);
        let in_day = db::sms::sent_to(tx, target, now - TimeDelta::days(1)).await?;
        if let Some(last) = in_day.last_at {
            let left = interval - (now - last).num_seconds();
            if left > 0 {
                return Err(SendRefusal::TooSoon(left).into());
            }
        }
        let in_hour = db::sms::sent_to(tx, target, now - TimeDelta::hours(1)).await?;
        let by_session = db::sms::count_by_session(tx, &row.session_hash, now - TimeDelta::days(1)).await?;
        let from_address = db::sms::count_by_address(tx, &row.address_hash, now - TimeDelta::hours(1)).await?;
        let full = in_hour.count >= self.hour || in_day.count >= self.day || by_session >= self.session || from_address >= self.address;
        if full { Err(SendRefusal::TooMany.into()) } else { Ok(()) }
    }
}

/// A random code of six digits, uniformly distributed.
fn six_digits() -> String {
    loop {
        let n = u32::from_be_bytes(random());
        // Reject the last, incomplete range of a million values, which would favour small codes.
        if n < 4_294_000_000 {
            return format!("{:06}", n % 1_000_000);
        }
    }
}
