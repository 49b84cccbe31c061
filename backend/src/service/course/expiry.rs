//! The daily check of filed courses: reminders before the end, and the end of those that lack teachers for too long.
//!
//! Each entry stores the day of its next check, which is advanced in the transaction of the action. So each action happens once, however
//! often the job runs and wherever it is interrupted.

use chrono::NaiveDate;
use domain::record::course::{CourseTerm, DueStep};

use crate::infra::db::course::CourseRow;
use crate::infra::db::{self, DbError, Tx};
use crate::record::audit::audit;
use crate::record::course::{CourseNotice, notify_course};
use crate::state::AppState;

/// Entries in one transaction.
const BATCH: i64 = 100;

/// Result of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CourseReport {
    /// Institutions reminded.
    pub reminded: usize,
    /// Entries cancelled.
    pub cancelled: usize,
}

/// Checks every entry whose next check is due.
pub async fn check_courses(app: &AppState) -> Result<CourseReport, DbError> {
    let (today, mut report) = (app.today(), CourseReport::default());
    loop {
        let owned = app.clone();
        let batch = app.db.write(move |tx| Box::pin(async move { check_batch(tx, &owned, today).await })).await?;
        let Some(batch) = batch else { return Ok(report) };
        report.reminded += batch.reminded;
        report.cancelled += batch.cancelled;
    }
}

/// Checks the next entries; `None` if there are no more.
async fn check_batch(tx: &mut Tx, app: &AppState, today: NaiveDate) -> Result<Option<CourseReport>, DbError> {
    let rows = db::course::list_to_check(tx, today, BATCH).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut report = CourseReport::default();
    for row in &rows {
        check_course(tx, app, row, today, &mut report).await?;
    }
    Ok(Some(report))
}

async fn check_course(tx: &mut Tx, app: &AppState, row: &CourseRow, today: NaiveDate, report: &mut CourseReport) -> Result<(), DbError> {
    let tables = app.tables();
    let rules = tables.rules.on(today);
    let term = row.term();
    let step = term.due_step(row.next_check_on.unwrap_or(today), today, rules);
    let after = CourseTerm { cancelled_on: (step == Some(DueStep::Cancel)).then_some(today), ..term };
    if !db::course::set_checked(tx, row, &after, after.next_check_on(today, rules)).await? {
        return Ok(());
    }
    let notice = match step {
        None => return Ok(()),
        Some(DueStep::Reminder(days)) => {
            report.reminded += 1;
            CourseNotice::EndsIn(days)
        }
        Some(DueStep::Cancel) => {
            report.cancelled += 1;
            audit(tx, app, None, "course.cancel", &row.id.to_string()).await?;
            CourseNotice::Cancelled
        }
    };
    let users = db::institution::list_users(tx, row.institution_id).await?;
    notify_course(tx, app, row, &users, &notice).await
}
