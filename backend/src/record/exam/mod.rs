//! Exam scores: the caller's own; import from the command line or the demo page.

use chrono::NaiveDate;
use domain::record::exam::{InvalidScore, Score};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::exam::ScoreVersionRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::record::audit::audit;
use crate::state::AppState;

/// Why a score was not recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ScoreError {
    /// Unknown account.
    #[error("there is no account of this name")]
    NoAccount,
    /// A correction without a reason.
    #[error("a correction needs a reason")]
    NoReason,
    /// The score is invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidScore),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ScoreError {
    /// Message for the user.
    pub fn text(&self) -> &'static str {
        match self {
            ScoreError::NoAccount => "没有这个登录账号",
            ScoreError::NoReason => "该考试已有成绩，更正成绩请填写更正原因（不超过 200 字）",
            ScoreError::Invalid(fault) => fault.text(),
            ScoreError::Db(error) => error.text(),
        }
    }

    /// Stable error code.
    pub fn code(&self) -> &'static str {
        match self {
            ScoreError::NoAccount => "no_account",
            ScoreError::NoReason => "score_reason",
            ScoreError::Invalid(fault) => fault.code(),
            ScoreError::Db(_) => "database",
        }
    }
}

/// The caller's scores, newest exam first.
pub async fn own_scores(app: &AppState, who: &Allowed) -> Result<Vec<Score>, DbError> {
    let mut tx = app.db.read().await?;
    db::exam::list_scores(&mut tx, who.account()).await
}

/// A correction of a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
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
    /// Why it was corrected.
    pub reason: String,
}

/// Corrections of the caller's scores, oldest first.
pub async fn own_corrections(app: &AppState, who: &Allowed) -> Result<Vec<Correction>, DbError> {
    let mut tx = app.db.read().await?;
    list_corrections(&mut tx, &app.keys, who.account()).await
}

/// Corrections of the scores of an account, oldest first.
pub(crate) async fn list_corrections(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<Vec<Correction>, DbError> {
    let rows = db::exam::list_corrections(tx, account).await?;
    rows.into_iter()
        .map(|row| {
            let reason = match &row.reason_sealed {
                Some(sealed) => {
                    keys.unseal_json(context(row.score_id, row.version), sealed).map_err(|_| DbError::Unreadable(REASON.into()))?
                }
                None => row.reason,
            };
            let db::exam::CorrectionRow { subject, sat_on, before, after, published_on, .. } = row;
            Ok(Correction { subject, sat_on, before, after, published_on, reason })
        })
        .collect()
}

/// A reason is bound to its version, so that none can be put in the place of another.
fn context(score: Uuid, version: i64) -> SealContext {
    SealContext::numbered(REASON, score, version)
}

/// Seals the reasons of corrections of earlier releases.
pub async fn seal_all_old_reasons(app: &AppState) -> Result<(), DbError> {
    while seal_old_reasons(app).await? > 0 {}
    Ok(())
}

async fn seal_old_reasons(app: &AppState) -> Result<usize, DbError> {
    let rows = db::exam::list_clear_reasons(&mut app.db.read().await?, BATCH).await?;
    let (count, keys) = (rows.len(), app.keys.clone());
    if count > 0 {
        let seal = app.db.write(move |tx| {
            Box::pin(async move {
                for (score, version, reason) in rows {
                    db::exam::seal_reason(tx, score, version, &keys.seal_json(context(score, version), &reason)).await?;
                }
                Ok::<_, DbError>(())
            })
        });
        seal.await?;
    }
    Ok(count)
}

/// Who records a score, and why if it is a correction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recorder<'a> {
    /// The account; none on the command line of the server.
    pub account: Option<Uuid>,
    /// Reason of a correction.
    pub reason: &'a str,
}

/// Reasons of corrections, sealed.
const REASON: &str = "score_version.reason_sealed";
/// Reasons of earlier releases that are sealed in one transaction.
const BATCH: i64 = 200;
/// Longest reason of a correction, in characters.
const REASON_MAX: usize = 200;

/// Records or corrects a score of an account for each of these subjects, all or none. What was recorded before stays on record.
///
/// # Errors
/// [`ScoreError::NoReason`] if a score of the same exam has other marks and no reason is given, or one that is too long.
pub async fn record_scores(
    app: &AppState,
    account: &str,
    subjects: &[&str],
    (day, marks): (&str, &str),
    by: Recorder<'_>,
) -> Result<(), ScoreError> {
    let (owned, today) = (app.clone(), app.today());
    let tables = app.tables();
    let rules = tables.rules.on(today);
    let read = |subject: &&str| Score::parse(subject, day, marks, today, &rules);
    let scores = subjects.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let (name, recorder, reason) = (account.to_ascii_lowercase(), by.account, by.reason.trim().to_owned());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let id = db::account::by_name(tx, &name).await?.ok_or(ScoreError::NoAccount)?.id;
                // Two records of one exam at once are made one after the other.
                db::account::lock(tx, id).await?;
                for score in &scores {
                    record_score(tx, &owned, id, score, Recorder { account: recorder, reason: &reason }).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Records one score. The same marks once more change nothing.
async fn record_score(tx: &mut Tx, app: &AppState, account: Uuid, score: &Score, by: Recorder<'_>) -> Result<(), ScoreError> {
    let version = |id, version: i64, (marks, passed, published_on), by: Recorder<'_>| ScoreVersionRow {
        score_id: id,
        version,
        marks,
        passed,
        published_on,
        recorded_at: app.now(),
        recorded_by: by.account,
        reason_sealed: (!by.reason.is_empty()).then(|| app.keys.seal_json(context(id, version), &by.reason)),
    };
    let new = (score.marks, score.passed, score.published_on);
    let row = match db::exam::score_of_day(tx, account, &score.subject, score.sat_on).await? {
        None => {
            let id = Uuid::now_v7();
            db::exam::insert_score(tx, id, account, score).await?;
            version(id, 1, new, Recorder { reason: "", ..by })
        }
        Some(present) if (present.marks, present.passed) == (score.marks, score.passed) => return Ok(()),
        Some(_) if by.reason.is_empty() || by.reason.chars().count() > REASON_MAX => return Err(ScoreError::NoReason),
        Some(present) => {
            db::exam::correct_score(tx, present.id, score).await?;
            if present.version == 0 {
                let former = (present.marks, present.passed, present.published_on);
                db::exam::insert_version(tx, &version(present.id, 1, former, Recorder::default())).await?;
            }
            version(present.id, present.version.max(1) + 1, new, by)
        }
    };
    db::exam::insert_version(tx, &row).await?;
    let action = format!("score.recorded.{}.{}", score.subject, score.session);
    audit(tx, app, by.account, &action, &account.to_string()).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
