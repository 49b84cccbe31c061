//! SQL of attempts to sign in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::access::count_event;
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

impl SignInOutcome {
    /// Attempts of one account that are stored in an hour; of later ones only the number is known. Only failures can be caused by others.
    fn stored_in_an_hour(self) -> i64 {
        match self {
            SignInOutcome::Success => 60,
            SignInOutcome::WrongPassword | SignInOutcome::WrongCode => 10,
        }
    }
}

/// Counts an attempt, and inserts it unless the hour has enough of them.
pub async fn insert(tx: &mut Tx, row: &SignInRow) -> Result<(), DbError> {
    let action = format!("sign_in.{}", row.outcome.code());
    if count_event(tx, row.account_id, &action, row.at).await? > row.outcome.stored_in_an_hour() {
        return Ok(());
    }
    execute!(
        tx,
        "insert into sign_in_event (id, account_id, outcome, browser, at) values ($1, $2, $3, $4, $5)",
        row.id,
        row.account_id,
        row.outcome.code(),
        &row.browser,
        row.at
    )?;
    Ok(())
}

/// The newest attempts of an account with an outcome.
pub async fn list_of_account(tx: &mut Tx, account: Uuid, outcome: SignInOutcome, limit: i64) -> Result<Vec<SignInRow>, DbError> {
    fetch_all!(
        tx,
        SignInRow,
        "select * from sign_in_event where account_id = $1 and outcome = $2 order by at desc, id desc limit $3",
        account,
        outcome.code(),
        limit
    )
}

/// Deletes attempts before a time, at most `limit`; returns their number.
pub async fn delete_before(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, DbError> {
    execute!(tx, "delete from sign_in_event where id in (select id from sign_in_event where at < $1 order by at limit $2)", before, limit)
}
