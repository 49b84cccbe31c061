//! Exam scores: the caller's own; import from the command line or the demo page.

use domain::record::exam::{InvalidScore, Score};

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::record::audit::audit;
use crate::state::AppState;

/// Why a score was not recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ScoreError {
    /// Unknown account.
    #[error("there is no account of this name")]
    NoAccount,
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
            ScoreError::Invalid(fault) => fault.text(),
            ScoreError::Db(error) => error.text(),
        }
    }

    /// Stable error code.
    pub fn code(&self) -> &'static str {
        match self {
            ScoreError::NoAccount => "no_account",
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

/// Records or corrects a score of an account for each of these subjects, all or none.
pub async fn record_scores(app: &AppState, account: &str, subjects: &[&str], day: &str, marks: &str) -> Result<(), ScoreError> {
    let (owned, today) = (app.clone(), app.today());
    let tables = app.tables();
    let rules = tables.rules.on(today);
    let read = |subject: &&str| Score::parse(subject, day, marks, today, &rules);
    let scores = subjects.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let name = account.to_ascii_lowercase();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::account::by_name(tx, &name).await?.ok_or(ScoreError::NoAccount)?;
                for score in &scores {
                    db::exam::upsert_score(tx, row.id, score).await?;
                    let action = format!("score.recorded.{}.{}", score.subject, score.session);
                    audit(tx, &owned, None, &action, &row.id.to_string()).await?;
                }
                Ok(())
            })
        })
        .await
}

#[cfg(test)]
mod tests;
