//! 通知公告.

use chrono::NaiveDate;

use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// A notice of the association.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Day of publication, in Shanghai.
    pub published_on: NaiveDate,
}

/// The newest notices of the association.
pub async fn list_notices(app: &AppState) -> Result<Vec<Notice>, DbError> {
    let mut tx = app.db.read().await?;
    notices_in_tx(&mut tx).await
}

/// The newest notices of the association, within a transaction.
pub(crate) async fn notices_in_tx(tx: &mut Tx) -> Result<Vec<Notice>, DbError> {
    let rows = db::rule::list_notices(tx).await?;
    Ok(rows.into_iter().map(|row| Notice { title: row.title, body: row.body, published_on: row.published_on }).collect())
}
