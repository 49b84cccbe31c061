//! The cases assigned to an expert.

use chrono::{DateTime, Utc};
use domain::engine::flow::Party;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::expert::AssignmentRow;
use crate::infra::db::list::Cursor;
use crate::infra::db::{self, DbError};
use crate::matter::MatterSummary;
use crate::state::AppState;

pub use crate::infra::db::expert::AssignmentFilter;
pub use crate::infra::db::search::SearchConditions;

/// Cases on one page of a list.
const PAGE: usize = 20;
/// Rows to read for one page: one more tells whether there is a next page.
const LIMIT: i64 = 21;

/// A case assigned to an expert.
pub struct ExpertCase {
    /// The matter, without the applicant's name.
    pub matter: MatterSummary,
    /// When it was assigned.
    pub assigned_at: DateTime<Utc>,
    /// When the expert gave their opinion.
    pub finished_at: Option<DateTime<Utc>>,
    /// Whether it waits for the expert's opinion.
    pub is_waiting: bool,
}

/// One page of an expert's cases.
pub struct ExpertCasePage {
    /// Its cases.
    pub cases: Vec<ExpertCase>,
    /// Cursor of the next page.
    pub next: Cursor,
}

/// The caller's cases, assigned last first.
pub async fn expert_cases(app: &AppState, who: &Allowed, filter: &AssignmentFilter, cursor: Cursor) -> Result<ExpertCasePage, DbError> {
    let rows = db::expert::list_assignments(&mut app.db.read().await?, who.account(), filter, cursor, LIMIT).await?;
    Ok(into_page(rows))
}

/// The caller's cases that meet the conditions, assigned last first, and their number. The applicant's name is no condition.
///
/// # Errors
/// The database.
pub async fn search_cases(
    app: &AppState,
    who: &Allowed,
    filter: &AssignmentFilter,
    search: &SearchConditions,
    cursor: Cursor,
) -> Result<(ExpertCasePage, i64), DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::search::list_assignments(&mut tx, who.account(), filter, search, cursor, LIMIT).await?;
    let count = db::search::count_assignments(&mut tx, who.account(), filter, search).await?;
    Ok((into_page(rows), count))
}

fn into_page(mut rows: Vec<AssignmentRow>) -> ExpertCasePage {
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next: Option<(DateTime<Utc>, Uuid)> = rows.last().filter(|_| more).map(|row| (row.assigned_at, row.matter.id));
    let case = |row: AssignmentRow| ExpertCase {
        assigned_at: row.assigned_at,
        finished_at: row.finished_at,
        is_waiting: row.finished_at.is_none() && row.matter.turn == Party::Expert.code(),
        matter: MatterSummary::new(row.matter, String::new()),
    };
    ExpertCasePage { cases: rows.into_iter().map(case).collect(), next }
}

/// How many cases wait for the caller's opinion.
pub async fn expert_task_count(app: &AppState, who: &Allowed) -> Result<i64, DbError> {
    let mut tx = app.db.read().await?;
    db::task::count_of_person(&mut tx, who.account(), &Party::Expert.code()).await
}
