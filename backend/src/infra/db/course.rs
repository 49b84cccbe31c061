//! SQL of the register of filed courses: entries, modules, and the ties of teachers.

use chrono::NaiveDate;
use domain::record::course::{CourseState, CourseTerm, TeacherRole, TieState};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::list::containing;
use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An entry of the register.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CourseRow {
    /// Id of the course.
    pub id: Uuid,
    /// 备案编号.
    pub number: String,
    /// The institution.
    pub institution_id: Uuid,
    /// The matter by which it was filed.
    pub matter_id: Uuid,
    /// Name of the course.
    pub name: String,
    /// Code of its category.
    pub category_code: String,
    /// Hours of the whole course.
    pub hours: i64,
    /// Most people of a class.
    pub class_max: i64,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
    /// Day since which a module has no teacher who leads it.
    pub lacking_since: Option<NaiveDate>,
    /// Day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Day of the next check by the job.
    pub next_check_on: Option<NaiveDate>,
}

impl CourseRow {
    /// The days from which its state follows.
    pub fn term(&self) -> CourseTerm {
        let Self { valid_from, valid_until, lacking_since, cancelled_on, .. } = *self;
        CourseTerm { valid_from, valid_until, lacking_since, cancelled_on }
    }
}

/// A module of a course.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ModuleRow {
    /// The course.
    pub course_id: Uuid,
    /// Id within the course: that of the record of the application.
    pub id: Uuid,
    /// Place in the outline, from 0.
    pub position: i64,
    /// Name.
    pub name: String,
    /// Hours, in steps of half an hour.
    pub hours: String,
}

/// The tie of a teacher to a course.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TieRow {
    /// The course.
    pub course_id: Uuid,
    /// The teacher.
    pub account_id: Uuid,
    /// Role in the course.
    #[sqlx(try_from = "Coded<TeacherRole>")]
    pub role: TeacherRole,
    /// Ids of the modules.
    pub modules: Json<Vec<Uuid>>,
    /// State.
    #[sqlx(try_from = "Coded<TieState>")]
    pub state: TieState,
    /// Day on which it was filed.
    pub filed_on: NaiveDate,
    /// Day on which it ended.
    pub ended_on: Option<NaiveDate>,
}

/// Inserts an entry.
pub async fn insert(tx: &mut Tx, row: &CourseRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into filed_course (id, number, institution_id, matter_id, name, category_code, hours, class_max, valid_from, valid_until,
         lacking_since, cancelled_on, next_check_on) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        row.id,
        &row.number,
        row.institution_id,
        row.matter_id,
        &row.name,
        &row.category_code,
        row.hours,
        row.class_max,
        row.valid_from,
        row.valid_until,
        row.lacking_since,
        row.cancelled_on,
        row.next_check_on
    )
}

/// Inserts a module.
pub async fn insert_module(tx: &mut Tx, row: &ModuleRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into course_module (course_id, id, position, name, hours) values ($1, $2, $3, $4, $5)",
        row.course_id,
        row.id,
        row.position,
        &row.name,
        &row.hours
    )
}

/// Ties a teacher to a course, again after a release.
pub async fn put_tie(tx: &mut Tx, row: &TieRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into course_teacher (course_id, account_id, role, modules, state, filed_on, ended_on) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (course_id, account_id) do update set role = excluded.role, modules = excluded.modules, state = excluded.state,
         filed_on = excluded.filed_on, ended_on = excluded.ended_on",
        row.course_id,
        row.account_id,
        row.role.code(),
        &row.modules,
        row.state.code(),
        row.filed_on,
        row.ended_on
    )
}

/// Sets the state of a tie; returns false if it is in another state than `from`.
pub async fn set_tie_state(
    tx: &mut Tx,
    (course, account): (Uuid, Uuid),
    (from, to): (TieState, TieState),
    ended_on: Option<NaiveDate>,
) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update course_teacher set state = $4, ended_on = $5 where course_id = $1 and account_id = $2 and state = $3",
        course,
        account,
        from.code(),
        to.code(),
        ended_on
    )?;
    Ok(changed == 1)
}

/// The entry of an id.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<CourseRow>, DbError> {
    fetch_optional!(tx, CourseRow, "select * from filed_course where id = $1", id)
}

/// The entry that a matter filed.
pub async fn by_matter(tx: &mut Tx, matter: Uuid) -> Result<Option<CourseRow>, DbError> {
    fetch_optional!(tx, CourseRow, "select * from filed_course where matter_id = $1", matter)
}

/// The modules of a course, in the order of the outline.
pub async fn list_modules(tx: &mut Tx, course: Uuid) -> Result<Vec<ModuleRow>, DbError> {
    fetch_all!(tx, ModuleRow, "select * from course_module where course_id = $1 order by position, id", course)
}

/// The ties of a course.
pub async fn list_ties(tx: &mut Tx, course: Uuid) -> Result<Vec<TieRow>, DbError> {
    fetch_all!(tx, TieRow, "select * from course_teacher where course_id = $1 order by role desc, account_id", course)
}

/// The ties of a teacher.
pub async fn list_ties_of(tx: &mut Tx, account: Uuid) -> Result<Vec<TieRow>, DbError> {
    fetch_all!(tx, TieRow, "select * from course_teacher where account_id = $1 order by filed_on desc, course_id", account)
}

/// Whether a course that is valid, or that lacks teachers, of a category names a teacher on a day.
pub async fn names_teacher(tx: &mut Tx, account: Uuid, category: &str, today: NaiveDate) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select t.course_id from course_teacher t join filed_course c on c.id = t.course_id
         where t.account_id = $1 and t.state <> 'released' and c.category_code = $2 and c.valid_until >= $3 and c.cancelled_on is null limit 1",
        account,
        category,
        today
    )?;
    Ok(row.is_some())
}

/// Sets the days from which the state follows, and the next check; returns false if another check came first.
pub async fn set_checked(tx: &mut Tx, row: &CourseRow, term: &CourseTerm, next: Option<NaiveDate>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update filed_course set lacking_since = $2, cancelled_on = $3, next_check_on = $4
         where id = $1 and next_check_on is not distinct from $5 and cancelled_on is null",
        row.id,
        term.lacking_since,
        term.cancelled_on,
        next,
        row.next_check_on
    )?;
    Ok(changed == 1)
}

/// Entries whose next check is due, longest first.
pub async fn list_to_check(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<Vec<CourseRow>, DbError> {
    fetch_all!(tx, CourseRow, "select * from filed_course where next_check_on <= $1 order by next_check_on, id limit $2", today, limit)
}

/// What restricts the register.
#[derive(Debug, Clone, Default)]
pub struct CourseFilter {
    /// Part of the institution's name.
    pub institution: String,
    /// Part of the course's name.
    pub name: String,
    /// Code of the category; empty for all.
    pub category: String,
    /// State on the day; none for all.
    pub state: Option<CourseState>,
}

/// First day and number of the last row of the page before.
pub type CourseCursor = (NaiveDate, String);

/// An entry of the register with the name of its institution.
#[derive(sqlx::FromRow)]
pub struct ListedCourseRow {
    /// The entry.
    #[sqlx(flatten)]
    pub course: CourseRow,
    /// Name of the institution.
    pub institution_name: String,
}

/// A page of the register, newest first.
pub async fn list(
    tx: &mut Tx,
    filter: &CourseFilter,
    today: NaiveDate,
    cursor: &CourseCursor,
    limit: i64,
) -> Result<Vec<ListedCourseRow>, DbError> {
    fetch_all!(
        tx,
        ListedCourseRow,
        "select c.*, i.name as institution_name from filed_course c join institution i on i.id = c.institution_id
         where (c.valid_from, c.number) < ($1, $2) and c.name like $3 escape '\\' and i.name like $4 escape '\\'
         and ($5 = '' or c.category_code = $5)
         and case $6
             when 'cancelled' then c.cancelled_on <= $7
             when 'expired' then c.cancelled_on is null and c.valid_until < $7
             when 'lacks_teachers' then c.cancelled_on is null and c.valid_until >= $7 and c.lacking_since <= $7
             when 'valid' then c.cancelled_on is null and c.valid_until >= $7 and (c.lacking_since is null or c.lacking_since > $7)
             else true end
         order by c.valid_from desc, c.number desc limit $8",
        cursor.0,
        &cursor.1,
        containing(&filter.name),
        containing(&filter.institution),
        &filter.category,
        filter.state.map_or("", CourseState::code),
        today,
        limit
    )
}

/// The entries of an institution, newest first.
pub async fn list_of_institution(
    tx: &mut Tx,
    institution: Uuid,
    cursor: &CourseCursor,
    limit: i64,
) -> Result<Vec<ListedCourseRow>, DbError> {
    fetch_all!(
        tx,
        ListedCourseRow,
        "select c.*, i.name as institution_name from filed_course c join institution i on i.id = c.institution_id
         where c.institution_id = $1 and (c.valid_from, c.number) < ($2, $3) order by c.valid_from desc, c.number desc limit $4",
        institution,
        cursor.0,
        &cursor.1,
        limit
    )
}

/// The courses of an institution that are neither over nor cancelled, by name.
pub async fn list_valid_of_institution(tx: &mut Tx, institution: Uuid, today: NaiveDate) -> Result<Vec<CourseRow>, DbError> {
    fetch_all!(
        tx,
        CourseRow,
        "select * from filed_course where institution_id = $1 and cancelled_on is null and valid_until >= $2 order by name, number",
        institution,
        today
    )
}

/// A matter in which a person is a participant.
#[derive(sqlx::FromRow)]
pub struct ParticipantMatterRow {
    /// The matter.
    pub matter_id: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Code of the stage.
    pub stage: String,
    /// Last day of the stage.
    pub due_on: Option<NaiveDate>,
    /// The institution that it belongs to.
    pub institution_name: Option<String>,
    /// Revision submitted last.
    pub submitted_revision: Option<i64>,
    /// When the person was asked.
    pub asked_at: chrono::DateTime<chrono::Utc>,
    /// When the person answered.
    pub answered_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The matters of a kind in which a person is a participant, newest first. `view`: `waiting`, `answered`, `filed`, or anything else for all.
pub async fn list_of_participant(
    tx: &mut Tx,
    account: Uuid,
    kind: &str,
    view: &str,
    cursor: crate::infra::db::list::Cursor,
    limit: i64,
) -> Result<Vec<ParticipantMatterRow>, DbError> {
    let (at, id) = crate::infra::db::list::bounds(cursor);
    fetch_all!(
        tx,
        ParticipantMatterRow,
        "select p.matter_id, m.kind, m.title, m.stage, m.due_on, i.name as institution_name, m.submitted_revision, p.asked_at,
             p.done_at as answered_at
         from matter_person p join matter m on m.id = p.matter_id left join institution i on i.id = m.owner_institution_id
         where p.account_id = $1 and p.part = 'participant' and p.kind = $2 and p.left_at is null
         and (p.asked_at < $4 or (p.asked_at = $4 and p.matter_id > $5))
         and case $3
             when 'waiting' then p.done_at is null and m.turn = 'participant'
             when 'answered' then p.done_at is not null
             when 'filed' then exists (
                 select 1 from filed_course c join course_teacher t on t.course_id = c.id
                 where c.matter_id = m.id and t.account_id = $1 and t.state <> 'released')
             else true end
         order by p.asked_at desc, p.matter_id limit $6",
        account,
        kind,
        view,
        at,
        id,
        limit
    )
}
