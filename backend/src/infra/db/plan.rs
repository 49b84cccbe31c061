//! SQL of the lessons of training plans.

use chrono::NaiveDate;
use domain::record::course::LessonSpan;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A lesson of a plan.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LessonRow {
    /// The plan.
    pub matter_id: Uuid,
    /// Record of the answers.
    pub record_id: Uuid,
    /// The teacher.
    pub account_id: Uuid,
    /// Day.
    pub day: NaiveDate,
    /// Beginning, in minutes since midnight.
    pub starts: i64,
    /// End, in minutes since midnight.
    pub ends: i64,
    /// City; empty for a lesson that is held on line.
    pub city: String,
    /// Whether the teacher has confirmed it.
    pub is_confirmed: bool,
}

impl LessonRow {
    /// When and where.
    pub fn span(&self) -> LessonSpan {
        let minutes = |minutes: i64| u32::try_from(minutes).unwrap_or(0);
        LessonSpan { day: self.day, starts: minutes(self.starts), ends: minutes(self.ends), city: self.city.clone() }
    }
}

/// A lesson with the title of its plan.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TitledLessonRow {
    /// The lesson.
    #[sqlx(flatten)]
    pub lesson: LessonRow,
    /// Title of the plan.
    pub title: String,
}

/// Replaces the lessons of a plan.
pub async fn replace(tx: &mut Tx, matter: Uuid, lessons: &[LessonRow]) -> Result<(), DbError> {
    delete(tx, matter).await?;
    for row in lessons {
        execute!(
            tx,
            "insert into plan_lesson (matter_id, record_id, account_id, day, starts, ends, city, is_confirmed)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            row.matter_id,
            row.record_id,
            row.account_id,
            row.day,
            row.starts,
            row.ends,
            &row.city,
            row.is_confirmed
        )?;
    }
    Ok(())
}

/// Deletes the lessons of a plan.
pub async fn delete(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from plan_lesson where matter_id = $1", matter)
}

/// Deletes the lessons of a teacher in a plan.
pub async fn delete_of(tx: &mut Tx, matter: Uuid, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from plan_lesson where matter_id = $1 and account_id = $2", matter, account)
}

/// Records that a teacher has confirmed the lessons of a plan.
pub async fn confirm(tx: &mut Tx, matter: Uuid, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update plan_lesson set is_confirmed = true where matter_id = $1 and account_id = $2", matter, account)
}

/// The first lesson of another plan that a teacher has confirmed and that overlaps a lesson of this one.
pub async fn confirmed_overlap(tx: &mut Tx, matter: Uuid, account: Uuid) -> Result<Option<TitledLessonRow>, DbError> {
    fetch_optional!(
        tx,
        TitledLessonRow,
        "select other.*, m.title from plan_lesson own
         join plan_lesson other on other.account_id = own.account_id and other.day = own.day and other.matter_id <> own.matter_id
           and other.starts < own.ends and own.starts < other.ends and other.is_confirmed
         join matter m on m.id = other.matter_id
         where own.matter_id = $1 and own.account_id = $2 order by other.day, other.starts limit 1",
        matter,
        account
    )
}

/// The lessons of a teacher from one day to another in other plans than one, by time.
pub async fn list_between(
    tx: &mut Tx,
    account: Uuid,
    (first, last): (NaiveDate, NaiveDate),
    except: Uuid,
) -> Result<Vec<TitledLessonRow>, DbError> {
    fetch_all!(
        tx,
        TitledLessonRow,
        "select l.*, m.title from plan_lesson l join matter m on m.id = l.matter_id
         where l.account_id = $1 and l.day >= $2 and l.day <= $3 and l.matter_id <> $4 order by l.day, l.starts",
        account,
        first,
        last,
        except
    )
}

/// The lessons that a teacher has confirmed, from a day on.
pub async fn list_confirmed(tx: &mut Tx, account: Uuid, from: NaiveDate) -> Result<Vec<TitledLessonRow>, DbError> {
    fetch_all!(
        tx,
        TitledLessonRow,
        "select l.*, m.title from plan_lesson l join matter m on m.id = l.matter_id
         where l.account_id = $1 and l.day >= $2 and l.is_confirmed order by l.day, l.starts limit 500",
        account,
        from
    )
}

/// The first lesson of a teacher from a day on.
pub async fn next_of(tx: &mut Tx, account: Uuid, from: NaiveDate) -> Result<Option<TitledLessonRow>, DbError> {
    fetch_optional!(
        tx,
        TitledLessonRow,
        "select l.*, m.title from plan_lesson l join matter m on m.id = l.matter_id
         where l.account_id = $1 and l.day >= $2 order by l.day, l.starts limit 1",
        account,
        from
    )
}
