//! 短信验证码: sending and checking (manual 2.2).

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::base::rule::key;
use domain::record::account::{CodeRefusal, Purpose, SendRefusal};
use uuid::Uuid;

use crate::access::account::Origin;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::{random, same};
use crate::service::message::outbox::sms_row;
use crate::state::AppState;

/// Where a code goes.
#[derive(Clone)]
pub struct CodeTarget {
    /// What it is for.
    pub purpose: Purpose,
    /// Mobile number.
    pub mobile: String,
    /// Whether it really goes out; everything else is the same when it does not.
    pub deliver: bool,
}

/// Why no code was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SendError {
    /// A limit.
    #[error(transparent)]
    Refused(#[from] SendRefusal),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sends a code; says until when it is good. Sending makes older codes for the same purpose worthless.
pub async fn send_code(app: &AppState, target: CodeTarget, origin: &Origin) -> Result<DateTime<Utc>, SendError> {
    let now = app.now();
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let int = |k| rules.int(k);
    let code = six_digits();
    let fingerprint = app.keys.fingerprint("mobile", &target.mobile);
    let row = db::sms::Row {
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
    let message = target.deliver.then(|| sms_row(&app.keys, row.id, &target.mobile, &text, row.expires_at, now));
    let good_until = row.expires_at;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                // Counting locks the row of this number: of many asking at once, the second sees what the first did.
                let hour = row.sent_at.duration_trunc(TimeDelta::hours(1)).unwrap_or(row.sent_at);
                db::rate::count(tx, &row.target_fingerprint, hour).await?;
                limits.check(tx, &row, interval).await?;
                db::sms::replace(tx, &row).await?;
                if let Some(message) = message {
                    db::outbox::enqueue(tx, &message).await?;
                }
                Ok::<_, SendError>(good_until)
            })
        })
        .await
}

/// Seconds until another code may be sent to a number; none if it may be sent now.
pub async fn code_wait(app: &AppState, mobile: &str) -> Result<Option<i64>, DbError> {
    let interval = app.tables().rules.on(app.today()).int(key::SMS_MIN_INTERVAL_SECONDS);
    let fingerprint = app.keys.fingerprint("mobile", mobile);
    let now = app.now();
    let mut tx = app.db.read().await?;
    let (_, last) = db::sms::sent_to(&mut tx, &fingerprint, now - TimeDelta::days(1)).await?;
    Ok(last.map(|at| interval - (now - at).num_seconds()).filter(|left| *left > 0))
}

/// What a code is checked against: bound to number, purpose and session.
pub(crate) fn code_hash(app: &AppState, target: &CodeTarget, origin: &Origin, code: &str) -> Vec<u8> {
    app.keys.mac(&[b"sms-code", target.mobile.as_bytes(), target.purpose.code().as_bytes(), origin.session.as_bytes(), code.as_bytes()])
}

/// What checking a code inside a transaction needs.
pub(crate) fn code_check(app: &AppState, target: &CodeTarget, origin: &Origin, code: &str) -> CodeCheck {
    CodeCheck {
        plain: code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
        hash: code_hash(app, target, origin, code),
        fingerprint: app.keys.fingerprint("mobile", &target.mobile),
        purpose: target.purpose.code(),
        most: app.tables().rules.on(app.today()).int(key::SMS_TRIES),
        now: app.now(),
    }
}

/// A code to be checked.
pub(crate) struct CodeCheck {
    plain: bool,
    hash: Vec<u8>,
    fingerprint: Vec<u8>,
    purpose: &'static str,
    most: i64,
    now: DateTime<Utc>,
}

impl CodeCheck {
    /// Checks the code and, if it is right, spends it. A wrong try counts, so the caller must commit in either case.
    pub(crate) async fn run(&self, tx: &mut Tx) -> Result<Result<(), CodeRefusal>, DbError> {
        if !self.plain {
            return Ok(Err(CodeRefusal::Shape));
        }
        let Some(sent) = db::sms::last(tx, &self.fingerprint, self.purpose).await? else {
            return Ok(Err(CodeRefusal::None));
        };
        if self.now >= sent.expires_at {
            return Ok(Err(CodeRefusal::Expired));
        }
        if !db::sms::count_try(tx, sent.id, self.most).await? {
            return Ok(Err(CodeRefusal::Void));
        }
        if !same(&sent.code_hash, &self.hash) {
            let left = self.most - sent.tries - 1;
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
    async fn check(&self, tx: &mut Tx, row: &db::sms::Row, interval: i64) -> Result<(), SendError> {
        let (now, target) = (row.sent_at, &row.target_fingerprint);
        let (in_day, last) = db::sms::sent_to(tx, target, now - TimeDelta::days(1)).await?;
        if let Some(last) = last {
            let left = interval - (now - last).num_seconds();
            if left > 0 {
                return Err(SendRefusal::TooSoon(left).into());
            }
        }
        let (in_hour, _) = db::sms::sent_to(tx, target, now - TimeDelta::hours(1)).await?;
        let by_session = db::sms::asked_by_session(tx, &row.session_hash, now - TimeDelta::days(1)).await?;
        let from_address = db::sms::asked_from_address(tx, &row.address_hash, now - TimeDelta::hours(1)).await?;
        let full = in_hour >= self.hour || in_day >= self.day || by_session >= self.session || from_address >= self.address;
        if full { Err(SendRefusal::TooMany.into()) } else { Ok(()) }
    }
}

/// Six digits, each value equally likely.
fn six_digits() -> String {
    loop {
        let n = u32::from_be_bytes(random());
        // The last, incomplete run of a million values would favour small codes.
        if n < 4_294_000_000 {
            return format!("{:06}", n % 1_000_000);
        }
    }
}
