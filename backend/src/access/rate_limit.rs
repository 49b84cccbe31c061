//! Rate limits: attempts are counted in windows of fixed length.

use chrono::DateTime;

use crate::infra::db::{self, DbError};
use crate::state::AppState;

/// Counts an attempt of a subject in a window of `seconds`; returns whether the count is still at most `most`.
pub async fn within_rate_limit(app: &AppState, subject: &[&[u8]], seconds: i64, most: i64) -> Result<bool, DbError> {
    let subject = app.keys.mac(subject);
    let now = app.now().timestamp();
    let window = DateTime::from_timestamp(now - now.rem_euclid(seconds), 0).unwrap_or_default();
    let count = app.db.write(move |tx| Box::pin(async move { db::rate::increment(tx, &subject, window).await })).await?;
    Ok(count <= most)
}
