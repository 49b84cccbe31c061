//! The job that deletes expired rows.

use chrono::TimeDelta;

use crate::infra::db::{self, DbError};
use crate::state::AppState;

/// Deletes expired rows: sessions, SMS codes, unfinished registrations, rate windows.
pub async fn delete_expired(app: &AppState) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                db::session::delete_before(tx, now - TimeDelta::days(1)).await?;
                db::account::delete_expired_signups(tx, now).await?;
                db::sms::delete_before(tx, now - TimeDelta::days(2)).await?;
                db::rate::delete_before(tx, now - TimeDelta::days(2)).await?;
                db::patch::delete_before(tx, now - TimeDelta::days(30)).await?;
                Ok::<_, DbError>(())
            })
        })
        .await
}
