//! 证书公告: the public list of certificates.

use domain::base::identity::read_certificate_number;

use crate::infra::db::DbError;
use crate::infra::db::certificate::{self, PublicationCursor};
use crate::record::certificate::lookup::{Certificate, load_certificate};
use crate::state::AppState;

/// Rows on one page.
const PAGE: usize = 20;

/// Filter and cursor of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicationQuery {
    /// A certificate number, or part of an institution's name; empty for all.
    pub text: String,
    /// End of the previous page.
    pub cursor: Option<PublicationCursor>,
}

/// One page of the public list.
pub struct PublicationPage {
    /// Certificates, newest publication first.
    pub certificates: Vec<Certificate>,
    /// Cursor of the next page.
    pub next: Option<PublicationCursor>,
}

/// Loads a page of the public list as of today.
pub async fn list_publications(app: &AppState, query: &PublicationQuery) -> Result<PublicationPage, DbError> {
    let today = app.today();
    let mut tx = app.db.read().await?;
    let start = today.succ_opt().unwrap_or(today);
    let before = query.cursor.clone().unwrap_or((start, String::new()));
    let limit = i64::try_from(PAGE + 1).unwrap_or(0);
    let mut rows = if let Ok(number) = read_certificate_number(&query.text) {
        let found = certificate::by_number(&mut tx, &number).await?;
        found.into_iter().filter(|row| row.published_on.is_some_and(|day| day <= today)).collect()
    } else if query.text.is_empty() {
        certificate::list_published(&mut tx, today, &before, limit).await?
    } else {
        certificate::list_published_of_institution(&mut tx, &query.text, today, &before, limit).await?
    };
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).and_then(|row| Some((row.published_on?, row.number.clone())));
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(load_certificate(app, &mut tx, row).await?);
    }
    Ok(PublicationPage { certificates: lines, next })
}
