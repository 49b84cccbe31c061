//! Published exam scores of the applicant.

use domain::matter::SCORES;
use domain::record::exam;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};

/// Reads the scores; those that are valid are displayed.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let scores = db::exam::list_scores(tx, request.account).await?;
    let applied = request.applied;
    contents.list(SCORES, exam::valid_score_lines(&scores, applied, &request.tables.rules.on(applied)));
    contents.record.scores = scores;
    Ok(())
}
