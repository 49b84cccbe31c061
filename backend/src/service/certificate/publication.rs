//! 公告: the public list of certificates, batch by batch.

use domain::record::certificate::is_number;

use crate::infra::db::DbError;
use crate::infra::db::certificate;
use crate::infra::db::certificate::Before;
use crate::record::certificate::Certificate;
use crate::state::AppState;

/// Lines on one page of the list.
const PAGE: usize = 20;

/// What of the list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// A number, or part of the name of an institution; everything if empty.
    pub words: String,
    /// Where the page before ended.
    pub before: Option<Before>,
}

/// One page of the list.
pub struct Published {
    /// Its lines, newest batch first.
    pub lines: Vec<Certificate>,
    /// Where the next page begins.
    pub next: Option<Before>,
}

/// The public list as of today.
pub async fn published(app: &AppState, asked: &Asked) -> Result<Published, DbError> {
    let today = app.today();
    let mut tx = app.db.read().await?;
    let start = today.succ_opt().unwrap_or(today);
    let before = asked.before.clone().unwrap_or((start, String::new()));
    let limit = i64::try_from(PAGE + 1).unwrap_or(0);
    let number = asked.words.to_ascii_uppercase();
    let mut rows = if is_number(&number) {
        let found = certificate::by_number(&mut tx, &number).await?;
        found.into_iter().filter(|row| row.published_on.is_some_and(|day| day <= today)).collect()
    } else if asked.words.is_empty() {
        certificate::published(&mut tx, today, &before, limit).await?
    } else {
        certificate::published_at(&mut tx, &asked.words, today, &before, limit).await?
    };
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).and_then(|row| Some((row.published_on?, row.number.clone())));
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(crate::record::certificate::certificate(app, &mut tx, row).await?);
    }
    Ok(Published { lines, next })
}
