//! Sessions of an account and its attempts to sign in, as its person sees them.

use chrono::{DateTime, Utc};
use domain::base::rule::key;
use uuid::Uuid;

use crate::infra::db::sign_in::{SignInOutcome, SignInRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::constant_time_eq;
use crate::infra::session::{self, BROWSER_KEY, is_live, text_of};
use crate::state::AppState;

/// Attempts of one outcome that are shown.
const SHOWN_ATTEMPTS: i64 = 20;
/// Sessions that are shown.
const SHOWN: i64 = 50;

/// A live session.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// Identifier within the account.
    pub id: String,
    /// Name of the browser; may be empty.
    pub browser: String,
    /// Time of signing in.
    pub signed_in_at: DateTime<Utc>,
    /// Time of last use, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// An attempt to sign in.
#[derive(Debug, Clone)]
pub struct SignInAttempt {
    /// Outcome.
    pub outcome: SignInOutcome,
    /// Name of the browser; may be empty.
    pub browser: String,
    /// Time.
    pub at: DateTime<Utc>,
}

/// The live sessions of an account, last used first. `current`: token hash of the session that asks.
pub async fn list_sessions(app: &AppState, account: Uuid, current: &[u8]) -> Result<Vec<OwnSession>, DbError> {
    let now = app.clock.steady();
    let mut tx = app.db.read().await?;
    let rows = db::session::list_of_account(&mut tx, account, SHOWN).await?;
    let version = db::account::by_id(&mut tx, account).await?.map(|row| row.session_version);
    let live = rows.into_iter().filter(|row| is_live(row, now) && Some(row.account_version) == version);
    Ok(live
        .map(|row| OwnSession {
            id: session_id(app, &row.token_hash),
            browser: text_of(&row.data.0, BROWSER_KEY),
            signed_in_at: row.created_at,
            last_seen_at: row.last_seen_at,
            current: constant_time_eq(&row.token_hash, current),
        })
        .collect())
}

/// Ends one session of an account; returns whether there was such a session.
pub async fn end_session(app: &AppState, account: Uuid, id: &str) -> Result<bool, DbError> {
    let found = {
        let mut tx = app.db.read().await?;
        let rows = db::session::list_of_account(&mut tx, account, SHOWN).await?;
        rows.into_iter().find(|row| session_id(app, &row.token_hash) == id)
    };
    let Some(row) = found else { return Ok(false) };
    let now = app.clock.steady();
    let ended = app
        .db
        .on_behalf_of(account)
        .write(move |tx| Box::pin(async move { db::session::revoke_of_account(tx, account, &row.token_hash, now).await }))
        .await?;
    Ok(ended == 1)
}

/// Ends every session of an account, also those of log-ins that are under way, but the one that asks.
pub async fn end_other_sessions(app: &AppState, account: Uuid, current: Vec<u8>) -> Result<(), DbError> {
    let now = app.clock.steady();
    app.db
        .on_behalf_of(account)
        .write(move |tx| Box::pin(async move { session::end_sessions(tx, account, &current, now).await.map(|_version| ()) }))
        .await
}

/// The stored attempts to sign in to an account, newest first.
pub async fn list_sign_ins(app: &AppState, account: Uuid) -> Result<Vec<SignInAttempt>, DbError> {
    let mut tx = app.db.read().await?;
    let mut rows = Vec::new();
    // Many failures do not hide who signed in.
    for outcome in [SignInOutcome::Success, SignInOutcome::WrongPassword, SignInOutcome::WrongCode] {
        rows.extend(db::sign_in::list_of_account(&mut tx, account, outcome, SHOWN_ATTEMPTS).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
    Ok(rows.into_iter().map(|row| SignInAttempt { outcome: row.outcome, browser: row.browser, at: row.at }).collect())
}

/// Stores an attempt to sign in; a success ends the sessions of the account that have not been used for longest beyond their maximum.
pub(crate) async fn record_sign_in(
    app: &AppState,
    tx: &mut Tx,
    account: Uuid,
    outcome: SignInOutcome,
    browser: &str,
) -> Result<(), DbError> {
    let row = SignInRow { id: Uuid::now_v7(), account_id: account, outcome, browser: browser.to_owned(), at: app.now() };
    db::sign_in::insert(tx, &row).await?;
    if outcome == SignInOutcome::Success {
        let most = app.tables().rules.on(app.today()).int(key::SESSIONS_PER_ACCOUNT);
        // The session of this sign-in is stored after its response.
        db::session::revoke_oldest(tx, account, (most - 1).max(0), app.clock.steady()).await?;
    }
    Ok(())
}

/// A name of a session that does not reveal its token.
fn session_id(app: &AppState, token_hash: &[u8]) -> String {
    app.keys.mac(&[b"session-id", token_hash]).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
