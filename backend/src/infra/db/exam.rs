//! SQL of exam scores.

use chrono::{DateTime, NaiveDate, Utc};
use domain::record::exam::Score;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

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
        "select subject, session, marks, passed, sat_on, published_on from score where account_id = $1 order by sat_on desc, subject",
        account
    )?;
    Ok(rows.into_iter().map(Score::from).collect())
}

/// The recorded score of an exam.
#[derive(Clone, Copy, sqlx::FromRow)]
pub struct PresentScoreRow {
    /// The score.
    pub id: Uuid,
    /// Marks.
    pub marks: i64,
    /// Whether the exam was passed.
    pub passed: bool,
    /// Day of publication.
    pub published_on: NaiveDate,
    /// Number of its latest version; 0 if an earlier release recorded it without one.
    pub version: i64,
}

/// The recorded score of an account in a subject on a day.
pub async fn score_of_day(tx: &mut Tx, account: Uuid, subject: &str, day: NaiveDate) -> Result<Option<PresentScoreRow>, DbError> {
    fetch_optional!(
        tx,
        PresentScoreRow,
        "select s.id, s.marks, s.passed, s.published_on, coalesce((select max(v.version) from score_version v where v.score_id = s.id), 0) as version
         from score s where s.account_id = $1 and s.subject = $2 and s.sat_on = $3 limit 1",
        account,
        subject,
        day
    )
}

/// Inserts a score.
pub async fn insert_score(tx: &mut Tx, id: Uuid, account: Uuid, score: &Score) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into score (id, account_id, subject, session, marks, passed, sat_on, published_on) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        account,
        &score.subject,
        &score.session,
        score.marks,
        score.passed,
        score.sat_on,
        score.published_on
    )
}

/// Replaces the marks of a score.
pub async fn correct_score(tx: &mut Tx, id: Uuid, score: &Score) -> Result<u64, DbError> {
    execute!(
        tx,
        "update score set marks = $2, passed = $3, published_on = $4 where id = $1",
        id,
        score.marks,
        score.passed,
        score.published_on
    )
}

/// A version of a score.
#[derive(Clone, sqlx::FromRow)]
pub struct ScoreVersionRow {
    /// The score.
    pub score_id: Uuid,
    /// Number, from 1.
    pub version: i64,
    /// Marks.
    pub marks: i64,
    /// Whether the exam was passed.
    pub passed: bool,
    /// Day of publication.
    pub published_on: NaiveDate,
    /// Time of the record.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it; none on the command line of the server.
    pub recorded_by: Option<Uuid>,
    /// Why it was corrected, sealed; `None` for the first version.
    pub reason_sealed: Option<Vec<u8>>,
}

/// Inserts a version of a score.
pub async fn insert_version(tx: &mut Tx, row: &ScoreVersionRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into score_version (score_id, version, marks, passed, published_on, recorded_at, recorded_by, reason, reason_sealed)
         values ($1, $2, $3, $4, $5, $6, $7, '', $8)",
        row.score_id,
        row.version,
        row.marks,
        row.passed,
        row.published_on,
        row.recorded_at,
        row.recorded_by,
        row.reason_sealed.as_deref()
    )
}

/// A correction of a score: its subject and day, and what the version replaced the former marks by.
#[derive(Clone, sqlx::FromRow)]
pub struct CorrectionRow {
    /// Code of the subject.
    pub subject: String,
    /// Day of the exam.
    pub sat_on: NaiveDate,
    /// Marks before.
    pub before: i64,
    /// Marks after.
    pub after: i64,
    /// Day of publication.
    pub published_on: NaiveDate,
    /// The score.
    pub score_id: Uuid,
    /// Number of the version.
    pub version: i64,
    /// Why it was corrected, sealed; `None` in rows of earlier releases.
    pub reason_sealed: Option<Vec<u8>>,
    /// Why it was corrected, in rows of earlier releases.
    pub reason: String,
}

/// Corrections of the scores of an account, oldest first.
pub async fn list_corrections(tx: &mut Tx, account: Uuid) -> Result<Vec<CorrectionRow>, DbError> {
    fetch_all!(
        tx,
        CorrectionRow,
        "select s.subject, s.sat_on, former.marks as before, v.marks as after, v.published_on, v.score_id, v.version, v.reason_sealed, v.reason
         from score s join score_version v on v.score_id = s.id
         join score_version former on former.score_id = v.score_id and former.version = v.version - 1
         where s.account_id = $1 order by s.sat_on, s.subject, v.version",
        account
    )
}

/// Versions of earlier releases whose reason is not sealed: score, number, reason.
pub async fn list_clear_reasons(tx: &mut Tx, limit: i64) -> Result<Vec<(Uuid, i64, String)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, i64, String),
        "select score_id, version, reason from score_version where reason <> '' order by score_id, version limit $1",
        limit
    )
}

/// Puts a sealed reason in place of a clear one.
pub async fn seal_reason(tx: &mut Tx, score: Uuid, version: i64, sealed: &[u8]) -> Result<u64, DbError> {
    execute!(tx, "update score_version set reason = '', reason_sealed = $3 where score_id = $1 and version = $2", score, version, sealed)
}
