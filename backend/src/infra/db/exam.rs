//! SQL of exam scores.

use chrono::NaiveDate;
use domain::record::exam::Score;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

#[derive(sqlx::FromRow)]
struct ScoreRow {
    subject: String,
    session: String,
    marks: i64,
    passed: bool,
    sat_on: NaiveDate,
    published_on: NaiveDate,
}

impl From<ScoreRow> for Score {
    fn from(row: ScoreRow) -> Self {
        let ScoreRow { subject, session, marks, passed, sat_on, published_on } = row;
        Score { subject, session, marks, passed, sat_on, published_on }
    }
}

/// Scores of an account, newest exam first.
pub async fn list_scores(tx: &mut Tx, account: Uuid) -> Result<Vec<Score>, DbError> {
    let rows = fetch_all!(
        tx,
        ScoreRow,
        "select subject, session, marks, passed, sat_on, published_on from score where account_id = $1 order by sat_on desc, subject limit 500",
        account
    )?;
    Ok(rows.into_iter().map(Score::from).collect())
}

/// Inserts a score, or corrects the one of the same subject and session.
pub async fn upsert_score(tx: &mut Tx, account: Uuid, score: &Score) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into score (id, account_id, subject, session, marks, passed, sat_on, published_on) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (account_id, subject, session) do update set marks = excluded.marks, passed = excluded.passed, sat_on = excluded.sat_on,
         published_on = excluded.published_on",
        Uuid::now_v7(),
        account,
        &score.subject,
        &score.session,
        score.marks,
        score.passed,
        score.sat_on,
        score.published_on
    )
}
