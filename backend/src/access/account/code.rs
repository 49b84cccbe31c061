//! 验证码: sending and verifying (docs/manual.md 2.2). A code, its attempts and the interval to the next one belong to a number, a
//! purpose and a session, so another session can neither use up a code nor delay one.

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::identity::{SmsCodeError, read_sms_code};
use domain::base::rule::{RulesOn, key};
use domain::engine::notification::Channel;
use domain::record::account::{CodeRefusal, Purpose, SendRefusal};
use uuid::Uuid;

use crate::access::account::RequestOrigin;
use crate::access::rate_limit::{RateLimit, network_of};
use crate::infra::db;
use crate::infra::db::outbox::OutboxRow;
use crate::infra::db::sms::SmsCodeRow;
use crate::infra::db::{DbError, Tx};
use crate::infra::outbox::code_row;
use crate::infra::secret::{constant_time_eq, random};
use crate::state::AppState;

/// Purpose and recipient of a code.
#[derive(Clone)]
pub struct CodeTarget {
    /// Purpose.
    pub purpose: Purpose,
    /// Mobile number, or mail address if the purpose is sent by mail.
    pub recipient: String,
    /// Whether the code is delivered; all other steps are the same.
    pub deliver: bool,
}

impl CodeTarget {
    /// A code that is delivered.
    pub fn new(purpose: Purpose, recipient: &str) -> Self {
        Self { purpose, recipient: recipient.to_owned(), deliver: true }
    }

    fn fingerprint(&self, app: &AppState) -> Vec<u8> {
        match self.purpose.channel() {
            Channel::Sms => app.keys.fingerprint("mobile", &self.recipient),
            Channel::Mail => app.keys.fingerprint("email", &self.recipient.to_lowercase()),
        }
    }

    fn lifetime(&self, rules: &RulesOn<'_>) -> TimeDelta {
        match self.purpose.channel() {
            Channel::Sms => TimeDelta::seconds(rules.int(key::SMS_TTL_SECONDS)),
            Channel::Mail => TimeDelta::minutes(rules.int(key::MAIL_CODE_MINUTES)),
        }
    }
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

/// Sends a code. Earlier codes of this session for the same purpose become invalid.
///
/// # Errors
/// A limit of the number, the session or the address is reached. A recovery never reports the limit of the number, which would reveal
/// that it belongs to an account.
pub async fn send_code(app: &AppState, target: CodeTarget, origin: &RequestOrigin) -> Result<(), CodeSendError> {
    send_codes(app, vec![target], origin, Vec::new()).await
}

/// Sends codes to several recipients, all or none, if `also` has room for this attempt too.
///
/// # Errors
/// Those of [`send_code`], for any of the codes.
pub(crate) async fn send_codes(
    app: &AppState,
    targets: Vec<CodeTarget>,
    origin: &RequestOrigin,
    also: Vec<RateLimit>,
) -> Result<(), CodeSendError> {
    let mut prepared: Vec<PreparedCode> = targets.iter().map(|target| PreparedCode::new(app, target, origin)).collect();
    // Their counters are locked in one sequence, whoever asks.
    prepared.sort_by(|one, other| one.row.target_fingerprint.cmp(&other.row.target_fingerprint));
    {
        let mut tx = app.db.read().await?;
        for code in &prepared {
            code.limits.check_sender(&mut tx, &code.row).await?;
        }
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                for code in prepared {
                    code.send(tx).await?;
                }
                take_or_refuse(tx, &also).await
            })
        })
        .await
}

/// A code with its message, before its limits are checked.
#[derive(Clone)]
struct PreparedCode {
    row: SmsCodeRow,
    message: OutboxRow,
    limits: SendLimits,
}

impl PreparedCode {
    fn new(app: &AppState, target: &CodeTarget, origin: &RequestOrigin) -> Self {
        let tables = app.tables();
        let rules = tables.rules.on(app.today());
        let (code, lifetime) = (six_digits(), target.lifetime(&rules));
        let row = code_row_of(app, target, origin, &code, lifetime);
        let text = format!(
            "【认证人员综合服务平台】您正在办理{}，验证码 {code}，{} 分钟内有效，请勿告知他人。",
            target.purpose.label(),
            lifetime.num_minutes()
        );
        let message = code_row(&app.keys, row.id, target.purpose.channel(), &target.recipient, &text, (app.now(), app.now() + lifetime));
        Self { row, message, limits: SendLimits::new(app, &rules, target, origin) }
    }

    /// Counts the code against every limit and stores it with its message.
    async fn send(self, tx: &mut Tx) -> Result<(), CodeSendError> {
        let Self { mut row, message, limits } = self;
        // Counting locks the row of this session, so concurrent requests see each other.
        db::rate::increment(tx, &row.session_hash, hour_of(row.sent_at)).await?;
        limits.check_sender(tx, &row).await?;
        take_or_refuse(tx, &limits.address).await?;
        row.delivered = row.delivered && limits.check_number(tx, &row).await?;
        db::sms::replace(tx, &row).await?;
        if row.delivered {
            db::outbox::insert(tx, &message).await?;
        }
        Ok(())
    }
}

fn code_row_of(app: &AppState, target: &CodeTarget, origin: &RequestOrigin, code: &str, lifetime: TimeDelta) -> SmsCodeRow {
    let now = app.clock.steady();
    SmsCodeRow {
        id: Uuid::now_v7(),
        purpose: target.purpose.code().to_owned(),
        session_hash: session_hash(app, origin),
        address_hash: app.keys.mac(&[b"sms-address", network_of(&origin.address).as_bytes()]),
        code_hash: code_hash(app, target, origin, code),
        target_fingerprint: target.fingerprint(app),
        sent_at: now,
        expires_at: now + lifetime,
        tries: 0,
        spent_at: None,
        delivered: target.deliver,
    }
}

/// Seconds until this session may have another code sent; `None` if it may be sent now.
pub async fn seconds_until_resend(app: &AppState, target: &CodeTarget, origin: &RequestOrigin) -> Result<Option<i64>, DbError> {
    let interval = app.tables().rules.on(app.today()).int(key::SMS_MIN_INTERVAL_SECONDS);
    let now = app.clock.steady();
    let mut tx = app.db.read().await?;
    let (fingerprint, session) = (target.fingerprint(app), session_hash(app, origin));
    let sent = db::sms::last_sent(&mut tx, &fingerprint, target.purpose.code(), &session).await?;
    Ok(sent.map(|at| interval - (now - at).num_seconds()).filter(|left| (1..=interval).contains(left)))
}

fn session_hash(app: &AppState, origin: &RequestOrigin) -> Vec<u8> {
    app.keys.mac(&[b"sms-session", origin.session.as_bytes()])
}

/// Hash of a code, bound to recipient, purpose and session.
fn code_hash(app: &AppState, target: &CodeTarget, origin: &RequestOrigin, code: &str) -> Vec<u8> {
    let parts = [target.recipient.as_str(), target.purpose.code(), &origin.session, code];
    app.keys.mac(&[&[b"sms-code".as_slice()][..], &parts.map(str::as_bytes)[..]].concat())
}

/// Prepares the verification of a code, in any usual spelling, inside a transaction.
pub(crate) fn code_check(app: &AppState, target: &CodeTarget, origin: &RequestOrigin, typed: &str) -> CodeCheck {
    let (code, unreadable) = match read_sms_code(typed) {
        Ok(code) => (code, None),
        Err(error) => (String::new(), Some(error)),
    };
    CodeCheck {
        unreadable,
        hash: code_hash(app, target, origin, &code),
        fingerprint: target.fingerprint(app),
        session: session_hash(app, origin),
        purpose: target.purpose.code(),
        max_tries: app.tables().rules.on(app.today()).int(key::SMS_TRIES),
        now: app.clock.steady(),
    }
}

/// A code to verify.
#[derive(Clone)]
pub(crate) struct CodeCheck {
    unreadable: Option<SmsCodeError>,
    hash: Vec<u8>,
    fingerprint: Vec<u8>,
    session: Vec<u8>,
    purpose: &'static str,
    max_tries: i64,
    now: DateTime<Utc>,
}

impl CodeCheck {
    /// The code that can be tried, without counting a try: a request that has none to try writes nothing.
    pub(crate) async fn find(&self, tx: &mut Tx) -> Result<Result<SmsCodeRow, CodeRefusal>, DbError> {
        if let Some(error) = self.unreadable {
            return Ok(Err(CodeRefusal::Shape(error)));
        }
        let Some(sent) = db::sms::last_unspent(tx, &self.fingerprint, self.purpose, &self.session).await? else {
            return Ok(Err(CodeRefusal::None));
        };
        // A code from the future was sent before the clock was set back and the server started again.
        if self.now >= sent.expires_at || self.now < sent.sent_at {
            return Ok(Err(CodeRefusal::Expired));
        }
        Ok(if sent.tries >= self.max_tries { Err(CodeRefusal::Void) } else { Ok(sent) })
    }

    /// Counts a try and compares the code, which can still be spent. The caller must commit in either case.
    pub(crate) async fn compare(&self, tx: &mut Tx) -> Result<Result<Uuid, CodeRefusal>, DbError> {
        let sent = match self.find(tx).await? {
            Ok(sent) => sent,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if !db::sms::increment_tries(tx, sent.id, self.max_tries).await? {
            return Ok(Err(CodeRefusal::Void));
        }
        if !constant_time_eq(&sent.code_hash, &self.hash) {
            let left = self.max_tries - sent.tries - 1;
            return Ok(Err(if left > 0 { CodeRefusal::Wrong(left) } else { CodeRefusal::Void }));
        }
        Ok(Ok(sent.id))
    }

    /// Marks a code that was compared as used; refused if it was used meanwhile.
    pub(crate) async fn spend(&self, tx: &mut Tx, id: Uuid) -> Result<Result<(), CodeRefusal>, DbError> {
        Ok(if db::sms::spend(tx, id, self.now).await? { Ok(()) } else { Err(CodeRefusal::None) })
    }

    /// Compares the code and marks it as used. A wrong attempt is counted, so the caller must commit in either case.
    pub(crate) async fn verify(&self, tx: &mut Tx) -> Result<Result<(), CodeRefusal>, DbError> {
        match self.compare(tx).await? {
            Ok(id) => self.spend(tx, id).await,
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

#[derive(Clone)]
struct SendLimits {
    interval: i64,
    hour: i64,
    day: i64,
    session: i64,
    address: Vec<RateLimit>,
    /// Whether the limit of the number is not reported.
    silent: bool,
}

impl SendLimits {
    fn new(app: &AppState, rules: &RulesOn<'_>, target: &CodeTarget, origin: &RequestOrigin) -> Self {
        Self {
            interval: rules.int(key::SMS_MIN_INTERVAL_SECONDS),
            hour: rules.int(key::SMS_PER_HOUR),
            day: rules.int(key::SMS_PER_DAY),
            session: rules.int(key::SMS_PER_SESSION),
            address: RateLimit::of_address(app, b"code-address", &origin.address, 3600, rules.int(key::SMS_PER_IP_HOUR)),
            silent: target.purpose == Purpose::Recovery,
        }
    }

    /// The limits of who asks; they count whether or not a code is delivered.
    async fn check_sender(&self, tx: &mut Tx, row: &SmsCodeRow) -> Result<(), CodeSendError> {
        for limit in &self.address {
            if limit.is_reached(tx).await? {
                return Err(SendRefusal::TooMany.into());
            }
        }
        if let Some(last) = db::sms::last_sent(tx, &row.target_fingerprint, &row.purpose, &row.session_hash).await? {
            let left = self.interval - (row.sent_at - last).num_seconds();
            if left > 0 {
                return Err(SendRefusal::TooSoon(left.min(self.interval)).into());
            }
        }
        let since = row.sent_at - TimeDelta::days(1);
        let by_session = db::sms::count_by_session(tx, &row.session_hash, &row.purpose, since).await?;
        if by_session >= self.session { Err(SendRefusal::TooMany.into()) } else { Ok(()) }
    }

    /// Whether the number may get another code; only delivered codes count.
    async fn check_number(&self, tx: &mut Tx, row: &SmsCodeRow) -> Result<bool, CodeSendError> {
        // Counting locks the row of this number, so concurrent requests see each other.
        db::rate::increment(tx, &row.target_fingerprint, hour_of(row.sent_at)).await?;
        let since = |period| row.sent_at - period;
        let in_hour = db::sms::count_delivered(tx, &row.target_fingerprint, &row.purpose, since(TimeDelta::hours(1))).await?;
        let in_day = db::sms::count_delivered(tx, &row.target_fingerprint, &row.purpose, since(TimeDelta::days(1))).await?;
        if in_hour < self.hour && in_day < self.day {
            Ok(true)
        } else if self.silent {
            Ok(false)
        } else {
            Err(SendRefusal::TooMany.into())
        }
    }
}

/// Counts an attempt against each limit.
async fn take_or_refuse(tx: &mut Tx, limits: &[RateLimit]) -> Result<(), CodeSendError> {
    for limit in limits {
        if !limit.take(tx).await? {
            return Err(SendRefusal::TooMany.into());
        }
    }
    Ok(())
}

/// The beginning of an hour.
fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(3600) * 3600, 0).unwrap_or(at)
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
