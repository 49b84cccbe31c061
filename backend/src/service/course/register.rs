//! Lists of the register: the public one, that of an institution, and that of the association.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::record::course::{CourseState, TeacherRole, TieState, mask_teacher};
use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::access::guard::Allowed;
use crate::infra::db::course::{CourseCursor, CourseRow, ListedCourseRow};
use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

pub use crate::infra::db::course::CourseFilter;

/// Rows on one page.
const PAGE: usize = 20;

/// An entry of the register.
pub struct ListedCourse {
    /// Id of the course.
    pub id: Uuid,
    /// The matter by which it was filed.
    pub matter: Uuid,
    /// 备案编号.
    pub number: String,
    /// Name.
    pub name: String,
    /// Name of the institution.
    pub institution: String,
    /// Name of the category.
    pub category: String,
    /// Hours.
    pub hours: i64,
    /// Last day.
    pub valid_until: NaiveDate,
    /// State today.
    pub state: CourseState,
    /// Teachers who are tied to it.
    pub teachers: Vec<ListedTeacher>,
}

/// A teacher of an entry.
pub struct ListedTeacher {
    /// Name; of the public list the surname only.
    pub name: String,
    /// Role.
    pub role: TeacherRole,
    /// State of the tie.
    pub state: TieState,
}

/// A page of the register.
pub struct RegisterPage {
    /// Entries, newest first.
    pub courses: Vec<ListedCourse>,
    /// Codes and names of the categories.
    pub categories: Vec<(String, String)>,
    /// First day and number of the last entry, if there are more.
    pub next: Option<CourseCursor>,
}

/// How teachers are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Full,
    Masked,
}

/// A page of the public register.
pub async fn list_public(app: &AppState, filter: &CourseFilter, cursor: Option<CourseCursor>) -> Result<RegisterPage, DbError> {
    list_all(app, filter, cursor, Names::Masked).await
}

/// A page of 备案课程库, for the association.
pub async fn list_register(
    app: &AppState,
    _who: &Allowed,
    filter: &CourseFilter,
    cursor: Option<CourseCursor>,
) -> Result<RegisterPage, DbError> {
    list_all(app, filter, cursor, Names::Full).await
}

async fn list_all(app: &AppState, filter: &CourseFilter, cursor: Option<CourseCursor>, names: Names) -> Result<RegisterPage, DbError> {
    let today = app.today();
    let mut tx = app.db.read().await?;
    let rows = db::course::list(&mut tx, filter, today, &start(cursor, today), limit()).await?;
    into_page(&mut tx, app, rows, names).await
}

/// A page of the courses of the caller's institutions.
pub async fn list_of_institution(app: &AppState, who: &Allowed, cursor: Option<CourseCursor>) -> Result<RegisterPage, DbError> {
    let today = app.today();
    let mut tx = app.db.read().await?;
    let (mut rows, start) = (Vec::new(), start(cursor, today));
    for (institution, _) in &who.caller().institutions {
        rows.extend(db::course::list_of_institution(&mut tx, *institution, &start, limit()).await?);
    }
    rows.sort_by(|a: &ListedCourseRow, b| (b.course.valid_from, &b.course.number).cmp(&(a.course.valid_from, &a.course.number)));
    into_page(&mut tx, app, rows, Names::Full).await
}

fn limit() -> i64 {
    i64::try_from(PAGE + 1).unwrap_or(0)
}

fn start(cursor: Option<CourseCursor>, today: NaiveDate) -> CourseCursor {
    cursor.unwrap_or((today.succ_opt().unwrap_or(today), String::new()))
}

async fn into_page(tx: &mut Tx, app: &AppState, mut rows: Vec<ListedCourseRow>, names: Names) -> Result<RegisterPage, DbError> {
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| (row.course.valid_from, row.course.number.clone()));
    let categories = db::teaching::list_categories(tx).await?;
    let categories: BTreeMap<String, String> = categories.into_iter().map(|category| (category.code.clone(), category.title())).collect();
    let mut known = BTreeMap::new();
    let mut courses = Vec::with_capacity(rows.len());
    for ListedCourseRow { course, institution_name } in rows {
        let teachers = teachers(tx, app, &course, names, &mut known).await?;
        let category = categories.get(&course.category_code).cloned().unwrap_or_default();
        courses.push(ListedCourse {
            state: course.term().state_on(app.today()),
            id: course.id,
            matter: course.matter_id,
            number: course.number,
            name: course.name,
            institution: institution_name,
            category,
            hours: course.hours,
            valid_until: course.valid_until,
            teachers,
        });
    }
    Ok(RegisterPage { courses, categories: categories.into_iter().collect(), next })
}

/// The teachers of a course who are not released. `known`: names that were read before.
async fn teachers(
    tx: &mut Tx,
    app: &AppState,
    course: &CourseRow,
    names: Names,
    known: &mut BTreeMap<Uuid, String>,
) -> Result<Vec<ListedTeacher>, DbError> {
    let mut teachers = Vec::new();
    for tie in db::course::list_ties(tx, course.id).await?.into_iter().filter(|tie| tie.state != TieState::Released) {
        let name = match known.get(&tie.account_id) {
            Some(name) => name.clone(),
            None => {
                let name = person_name(app, tx, tie.account_id).await?;
                known.insert(tie.account_id, name.clone());
                name
            }
        };
        let name = if names == Names::Masked { mask_teacher(&name) } else { name };
        teachers.push(ListedTeacher { name, role: tie.role, state: tie.state });
    }
    Ok(teachers)
}
