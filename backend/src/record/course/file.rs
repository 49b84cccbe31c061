//! Filing a course in the transaction of the decision.

use chrono::{Datelike, NaiveDate};
use domain::engine::form::Answers;
use domain::kind::course_filing::{CATEGORY, CLASS_MAX, COURSE_NAME, HOURS, MODULE_HOURS, MODULE_NAME, MODULES, teacher_part};
use domain::record::course::{COURSE_SERIES, CourseTerm, TieState, course_number};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::course::{CourseRow, ModuleRow, TieRow};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::record::course::notice::{CourseNotice, notify_course};
use crate::state::AppState;

/// Files the course that the submitted answers describe, with its modules and teachers, and tells institution and teachers.
///
/// # Errors
/// [`MatterError::Misconfigured`] for a matter that belongs to no institution, or whose answers describe no course;
/// [`MatterError::Blocked`] if a teacher is not bound to the category any more.
pub(crate) async fn file_course(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, today: NaiveDate) -> Result<(), MatterError> {
    let missing = || MatterError::misconfigured(matter.kind.code, "course");
    let institution = matter.filing_institution().ok_or_else(missing)?;
    let serial = db::certificate::next_serial(tx, COURSE_SERIES, 1).await?;
    let row = entry(app, matter, institution, (serial, today)).ok_or_else(missing)?;
    let ties = ties(tx, &row, matter, today).await?;
    for tie in &ties {
        require_bound(tx, tie, &row, today).await?;
    }
    db::course::insert(tx, &row).await?;
    for module in modules(row.id, &matter.answers) {
        db::course::insert_module(tx, &module).await?;
    }
    for tie in &ties {
        db::course::put_tie(tx, tie).await?;
    }
    let users = matter.belongs_to().accounts(tx).await?;
    let told = users.iter().copied().chain(ties.iter().map(|tie| tie.account_id).filter(|account| !users.contains(account)));
    let told: Vec<Uuid> = told.collect();
    notify_course(tx, app, &row, &told, &CourseNotice::Filed).await?;
    Ok(())
}

/// The entry; none for answers that describe no course.
fn entry(app: &AppState, matter: &LoadedMatter, institution: Uuid, (serial, today): (i64, NaiveDate)) -> Option<CourseRow> {
    let (answers, tables) = (&matter.answers, app.tables());
    let rules = tables.rules.on(today);
    let term = CourseTerm::of_filing(today, rules);
    Some(CourseRow {
        id: Uuid::now_v7(),
        number: course_number(today.year(), serial),
        institution_id: institution,
        matter_id: matter.id,
        name: answers.text(COURSE_NAME).to_owned(),
        category_code: answers.text(CATEGORY).to_owned(),
        hours: answers.text(HOURS).parse().ok()?,
        class_max: answers.text(CLASS_MAX).parse().ok()?,
        valid_from: term.valid_from,
        valid_until: term.valid_until,
        lacking_since: None,
        cancelled_on: None,
        next_check_on: term.next_check_on(today, rules),
    })
}

fn modules(course: Uuid, answers: &Answers) -> Vec<ModuleRow> {
    let records = answers.records(MODULES).zip(0..);
    let module = |(record, position): (&domain::engine::form::Record, i64)| ModuleRow {
        course_id: course,
        id: record.id,
        position,
        name: record.text(MODULE_NAME).to_owned(),
        hours: record.text(MODULE_HOURS).to_owned(),
    };
    records.map(module).collect()
}

/// The ties of the people whom the submission named, each as the own record says.
async fn ties(tx: &mut Tx, course: &CourseRow, matter: &LoadedMatter, today: NaiveDate) -> Result<Vec<TieRow>, DbError> {
    let named = db::participant::list(tx, matter.id).await?;
    let tie = |(account, path)| {
        let part = teacher_part(&matter.answers, &path)?;
        let modules = Json(part.modules.into_iter().map(|(id, ..)| id).collect());
        let (course_id, role, state) = (course.id, part.role, TieState::Filed);
        Some(TieRow { course_id, account_id: account, role, modules, state, filed_on: today, ended_on: None })
    };
    let mut ties: Vec<TieRow> = named.into_iter().filter_map(tie).collect();
    // Accounts are locked in one order, whatever the order of the records.
    ties.sort_by_key(|tie| tie.account_id);
    Ok(ties)
}

/// Refuses a course whose teacher ended the binding to the category since the submission.
async fn require_bound(tx: &mut Tx, tie: &TieRow, course: &CourseRow, today: NaiveDate) -> Result<(), MatterError> {
    // An end of the binding at this moment comes before, or finds the course.
    db::account::lock(tx, tie.account_id).await?;
    if db::teaching::is_bound(tx, tie.account_id, &course.category_code, today).await? {
        return Ok(());
    }
    Err(MatterError::Blocked("有教师已不再绑定该课程类别，不能备案，请退回机构修改".to_owned()))
}
