//! The ties of teachers to a course: their end, and what follows for the course.

use chrono::NaiveDate;
use domain::record::course::{TieState, modules_without_lead};
use uuid::Uuid;

use crate::infra::db::course::CourseRow;
use crate::infra::db::{self, DbError, Tx};
use crate::record::course::notice::{CourseNotice, notify_course};
use crate::state::AppState;

/// Ends the tie of a teacher on a day; returns false if it had ended before. A course that then lacks a teacher who leads a module is told
/// to its institution.
pub async fn release_teacher(tx: &mut Tx, app: &AppState, course: Uuid, teacher: Uuid, on: NaiveDate) -> Result<bool, DbError> {
    let mut ended = false;
    for from in [TieState::Releasing, TieState::Filed] {
        ended = ended || db::course::set_tie_state(tx, (course, teacher), (from, TieState::Released), Some(on)).await?;
    }
    if let Some(row) = db::course::by_id(tx, course).await?.filter(|_| ended) {
        set_lacking(tx, app, &row, on).await?;
    }
    Ok(ended)
}

/// Stores since when the course lacks a teacher who leads a module, or that it lacks none any more.
async fn set_lacking(tx: &mut Tx, app: &AppState, row: &CourseRow, on: NaiveDate) -> Result<(), DbError> {
    let modules = db::course::list_modules(tx, row.id).await?;
    let ties = db::course::list_ties(tx, row.id).await?;
    let teaching = ties.iter().filter(|tie| tie.state != TieState::Released);
    let left = modules_without_lead(modules.iter().map(|module| module.id), teaching.map(|tie| (tie.role, tie.modules.0.as_slice())));
    let lacking_since = (!left.is_empty()).then(|| row.lacking_since.unwrap_or(on));
    if lacking_since == row.lacking_since {
        return Ok(());
    }
    let tables = app.tables();
    let rules = tables.rules.on(on);
    let term = domain::record::course::CourseTerm { lacking_since, ..row.term() };
    if db::course::set_checked(tx, row, &term, term.next_check_on(app.today(), rules)).await?
        && let Some(due) = term.teachers_due_on(rules)
    {
        let users = db::institution::list_users(tx, row.institution_id).await?;
        notify_course(tx, app, row, &users, &CourseNotice::LacksTeachers(due)).await?;
    }
    Ok(())
}
