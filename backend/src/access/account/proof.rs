//! What an anonymous form asks before it may check for duplicates or send a message: a computation that a browser does unnoticed, or,
//! without scripts, a plain question and a short wait. Both are bound to a signed token that is accepted once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use domain::base::rule::key;

use crate::access::rate_limit::{RateLimit, take_all};
use crate::infra::db::DbError;
use crate::infra::secret::{constant_time_eq, random, sha256};
use crate::state::AppState;

/// Length of the random part of a token.
const NONCE: usize = 12;
const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A challenge for a form.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Signed token; a hidden field of the form.
    pub token: String,
    /// The SHA-256 of `token:work` must begin with this many zero bits.
    pub work_bits: i64,
    /// The question for a browser without scripts.
    pub question: String,
}

/// The answer to a challenge, as posted.
#[derive(Debug, Clone, Default)]
pub struct ProofAnswer {
    /// The token of the challenge.
    pub token: String,
    /// The result of the computation; may be empty.
    pub work: String,
    /// The answer to the question; may be empty.
    pub answer: String,
}

/// Why an answer was refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProofError {
    /// No valid token, neither computation nor answer, or a wrong one.
    #[error("no proof")]
    Wrong,
    /// The token has expired or was used.
    #[error("the token is used up")]
    Expired,
    /// Answered without scripts sooner than a person does; remaining seconds.
    #[error("too fast")]
    TooFast(i64),
    /// Too many answers without scripts from this address or altogether.
    #[error("too many answers")]
    TooMany,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ProofError {
    /// Message for the user.
    pub fn text(&self) -> String {
        match self {
            ProofError::Wrong => "请用数字回答防机器问题".to_owned(),
            ProofError::Expired => "页面已过期，请重新提交".to_owned(),
            ProofError::TooFast(seconds) => format!("请在 {seconds} 秒后再提交"),
            ProofError::TooMany => "当前办理人数较多，请稍后再试，或启用浏览器脚本后重试".to_owned(),
            ProofError::Db(error) => error.text().to_owned(),
        }
    }
}

/// A new challenge; none if the rules ask for no proof.
pub fn new_challenge(app: &AppState) -> Option<Challenge> {
    let nonce: [u8; NONCE] = random();
    let issued = app.clock.steady().timestamp().to_be_bytes();
    let mac = token_mac(app, &issued, &nonce);
    challenge_of(app, URL_SAFE_NO_PAD.encode([issued.as_slice(), &nonce, &mac].concat()))
}

/// The challenge of a token that was posted but not used, so that a corrected form need not wait again; a new one for any other token.
///
/// # Errors
/// The database cannot be read.
pub async fn same_challenge(app: &AppState, answer: &ProofAnswer) -> Result<Option<Challenge>, DbError> {
    let Ok(age) = age_of(app, &answer.token) else {
        return Ok(new_challenge(app));
    };
    let used = {
        let mut tx = app.db.read().await?;
        single_use(app, &answer.token, age).is_reached(&mut tx).await?
    };
    Ok(if used { new_challenge(app) } else { challenge_of(app, answer.token.clone()) })
}

/// Accepts an answer once.
///
/// # Errors
/// The answer is missing, wrong, too fast, too late, or was used before. An invalid answer writes nothing.
pub async fn accept_proof(app: &AppState, answer: &ProofAnswer, address: &str) -> Result<(), ProofError> {
    let tables = app.tables();
    let rules = tables.rules.on(app.today());
    let work_bits = rules.int(key::PROOF_WORK_BITS);
    if work_bits == 0 {
        return Ok(());
    }
    let age = age_of(app, &answer.token)?;
    let mut limits = Vec::new();
    if zero_bits(&sha256(format!("{}:{}", answer.token, answer.work).as_bytes())) < work_bits {
        if answer.answer != answer_of(app, &answer.token).to_string() {
            return Err(ProofError::Wrong);
        }
        let wait = rules.int(key::PROOF_WAIT_SECONDS) - age;
        if wait > 0 {
            return Err(ProofError::TooFast(wait));
        }
        limits = RateLimit::of_address(app, b"proof-address", address, 3600, rules.int(key::PROOF_ANSWERS_PER_IP_HOUR));
        limits.push(RateLimit::new(app, &[b"proof-answers"], 3600, rules.int(key::PROOF_ANSWERS_PER_HOUR)));
    }
    if !limits.is_empty() && !take_all(app, limits).await? {
        return Err(ProofError::TooMany);
    }
    let once = single_use(app, &answer.token, age);
    if take_all(app, vec![once]).await? { Ok(()) } else { Err(ProofError::Expired) }
}

/// The limit by which a token of this age is accepted once.
fn single_use(app: &AppState, token: &str, age: i64) -> RateLimit {
    let issued = DateTime::from_timestamp(app.clock.steady().timestamp() - age, 0).unwrap_or_default();
    RateLimit::once(app, &[b"proof-token", token.as_bytes()], issued)
}

fn challenge_of(app: &AppState, token: String) -> Option<Challenge> {
    let work_bits = app.tables().rules.on(app.today()).int(key::PROOF_WORK_BITS);
    let (left, right) = summands(app, &token);
    let digit = |n: usize| DIGITS.get(n).copied().unwrap_or_default();
    let question = format!("{}加{}等于多少？", digit(left), digit(right));
    (work_bits > 0).then_some(Challenge { token, work_bits, question })
}

/// Age of a token in seconds.
fn age_of(app: &AppState, token: &str) -> Result<i64, ProofError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| ProofError::Wrong)?;
    let (issued, rest) = bytes.split_at_checked(8).ok_or(ProofError::Wrong)?;
    let (nonce, mac) = rest.split_at_checked(NONCE).ok_or(ProofError::Wrong)?;
    if !constant_time_eq(mac, &token_mac(app, issued, nonce)) {
        return Err(ProofError::Wrong);
    }
    let issued = issued.try_into().map(i64::from_be_bytes).map_err(|_| ProofError::Wrong)?;
    let age = app.clock.steady().timestamp() - issued;
    let most = 60 * app.tables().rules.on(app.today()).int(key::PROOF_MINUTES);
    if (0..most).contains(&age) { Ok(age) } else { Err(ProofError::Expired) }
}

fn token_mac(app: &AppState, issued: &[u8], nonce: &[u8]) -> Vec<u8> {
    app.keys.mac(&[b"proof", issued, nonce])
}

/// The summands of a token's question, each from 1 to 9.
fn summands(app: &AppState, token: &str) -> (usize, usize) {
    let mac = app.keys.mac(&[b"proof-question", token.as_bytes()]);
    let digit = |place: usize| mac.get(place).map_or(1, |byte| usize::from(*byte) % 9 + 1);
    (digit(0), digit(1))
}

fn answer_of(app: &AppState, token: &str) -> usize {
    let (left, right) = summands(app, token);
    left + right
}

/// Number of zero bits at the beginning of a hash.
fn zero_bits(hash: &[u8]) -> i64 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(whole).map_or(0, |byte| byte.leading_zeros());
    i64::try_from(whole).unwrap_or(0) * 8 + i64::from(rest)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::access::account::tests::app;
    use crate::database_test;

    fn work(challenge: &Challenge) -> String {
        let bits = challenge.work_bits;
        (0..).map(|n: u64| n.to_string()).find(|n| zero_bits(&sha256(format!("{}:{n}", challenge.token).as_bytes())) >= bits).unwrap()
    }

    database_test!(a_computation_is_accepted_once, |db, _| async move {
        let (app, _folder) = app(db).await;
        let challenge = new_challenge(&app).unwrap();
        let none = ProofAnswer { token: challenge.token.clone(), ..ProofAnswer::default() };
        assert!(matches!(accept_proof(&app, &none, "192.0.2.1").await, Err(ProofError::Wrong)));
        let answer = ProofAnswer { work: work(&challenge), ..none };
        accept_proof(&app, &answer, "192.0.2.1").await.unwrap();
        assert!(matches!(accept_proof(&app, &answer, "192.0.2.1").await, Err(ProofError::Expired)), "a second time");
        app.clock.advance(TimeDelta::minutes(30));
        assert!(matches!(accept_proof(&app, &answer, "192.0.2.1").await, Err(ProofError::Expired)), "late");
        let forged = ProofAnswer { token: format!("{}A", answer.token), ..answer };
        assert!(matches!(accept_proof(&app, &forged, "192.0.2.1").await, Err(ProofError::Wrong)));
    });

    database_test!(a_person_without_scripts_answers_a_question_after_a_short_wait, |db, _| async move {
        let (app, _folder) = app(db).await;
        let answer = || {
            let challenge = new_challenge(&app).unwrap();
            let answer = answer_of(&app, &challenge.token).to_string();
            ProofAnswer { token: challenge.token, answer, ..ProofAnswer::default() }
        };
        let first = answer();
        assert!(matches!(accept_proof(&app, &first, "192.0.2.1").await, Err(ProofError::TooFast(5))));
        app.clock.advance(TimeDelta::seconds(5));
        accept_proof(&app, &first, "192.0.2.1").await.unwrap();
        for _ in 0..9 {
            let next = answer();
            app.clock.advance(TimeDelta::seconds(5));
            accept_proof(&app, &next, "192.0.2.1").await.unwrap();
        }
        let eleventh = answer();
        app.clock.advance(TimeDelta::seconds(5));
        assert!(matches!(accept_proof(&app, &eleventh, "192.0.2.1").await, Err(ProofError::TooMany)));
        accept_proof(&app, &eleventh, "192.0.2.2").await.unwrap();
    });
}
