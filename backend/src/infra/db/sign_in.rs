//! SQL of attempts to sign in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::text_code::{Coded, coded_enum};
use crate::infra::db::{DbError, Tx, execute, fetch_all};

coded_enum! {
    /// Outcome of an attempt to sign in.
    SignInOutcome {
        /// Signed in.
        Success = "success",
        /// Wrong password.
        WrongPassword = "wrong_password",
        /// Right password, wrong code of the second factor.
        WrongCode = "wrong_code",
    }
}

/// An attempt to sign in.
#[derive(Clone, sqlx::FromRow)]
pub struct SignInRow {
    /// Row id.
    pub id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Outcome.
    #[sqlx(try_from = "Coded<SignInOutcome>")]
    pub outcome: SignInOutcome,
    /// Name of the browser.
    pub browser: String,
    /// Time of the attempt.
    pub at: DateTime<Utc>,
}

/// Inserts an attempt and deletes the oldest of the same account and outcome beyond `keep`.
pub async fn insert(tx: &mut Tx, row: &SignInRow, keep: i64) -> Result<(), DbError> {
    execute!(
        tx,
        "insert into sign_in_event (id, account_id, outcome, browser, at) values ($1, $2, $3, $4, $5)",
        row.id,
        row.account_id,
        row.outcome.code(),
        &row.browser,
        row.at
    )?;
    execute!(
        tx,
        "delete from sign_in_event where account_id = $1 and outcome = $2 and id not in (
             select id from sign_in_event where account_id = $1 and outcome = $2 order by at desc, id desc limit $3
         )",
        row.account_id,
        row.outcome.code(),
        keep
    )?;
    Ok(())
}

/// The newest attempts of an account.
pub async fn list_of_account(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<SignInRow>, DbError> {
    fetch_all!(tx, SignInRow, "select * from sign_in_event where account_id = $1 order by at desc, id desc limit $2", account, limit)
}
