//! Training plans in the demo.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::kind::training_plan::{COURSE, END, KIND, LESSON_DAY, LESSON_ENDS, LESSON_STARTS, LESSON_TEACHER, LESSONS, START, TITLE};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{decide, fields, fill_step, sign_in};
use crate::demo::course::put_record;
use crate::demo::error::DemoError;
use crate::infra::db;
use crate::infra::db::account::AccountRow;
use crate::matter::MatterError;
use crate::state::AppState;
use crate::workflow::draft::begin_draft_for;

/// A class of a filed course: one lesson a day from `start` on, each of eight hours, until the hours of the course are reached.
#[derive(Debug, Clone)]
pub(crate) struct NewPlan {
    /// Name of the class.
    pub title: String,
    /// The filed course.
    pub course: Uuid,
    /// First day.
    pub start: NaiveDate,
    /// City.
    pub city: &'static str,
    /// Beginning and end of each lesson.
    pub time: (&'static str, &'static str),
}

/// Completes the draft of a plan whose lessons are all given by `teacher`, without submitting it.
pub(crate) async fn complete_plan(app: &AppState, who: &Allowed, plan: &NewPlan, teacher: Uuid) -> Result<Uuid, MatterError> {
    let institution = who.caller().institutions.first().map(|(id, _)| *id);
    let id = begin_draft_for(app, who, &KIND, Uuid::now_v7(), institution, BTreeMap::new()).await?;
    let (hours, module) = {
        let mut tx = app.db.read().await?;
        let course = db::course::by_id(&mut tx, plan.course).await?.ok_or(MatterError::NotFound)?;
        let module = db::course::list_modules(&mut tx, plan.course).await?.first().map_or(Uuid::nil(), |module| module.id);
        (course.hours, module)
    };
    let lessons = u64::try_from((hours + 7) / 8).unwrap_or(1);
    let day = |n: u64| plan.start.checked_add_days(Days::new(n)).unwrap_or(plan.start).to_string();
    let (course, start, end) = (plan.course.to_string(), plan.start.to_string(), day(lessons - 1));
    let class = [
        (COURSE, course.as_str()),
        (TITLE, &plan.title),
        ("mode", "face"),
        (START, &start),
        (END, &end),
        ("city", plan.city),
        ("address", "示例路 6 号"),
        ("headcount", "25"),
        ("contact", "吴海燕"),
        ("contact_phone", "010-65994500"),
    ];
    fill_step(app, who, id, "class", &class).await?;
    for n in 0..lessons {
        let (module, teacher, day) = (module.to_string(), teacher.to_string(), day(n));
        let pairs = [
            (LESSON_DAY, day.as_str()),
            (LESSON_STARTS, plan.time.0),
            (LESSON_ENDS, plan.time.1),
            ("lesson_hours", "8"),
            ("module", &module),
            (LESSON_TEACHER, &teacher),
        ];
        put_record(app, who, id, LESSONS, Uuid::now_v7(), fields(&pairs)).await?;
    }
    Ok(id)
}

/// Moves the lessons of a plan to another time of their days.
#[cfg(test)]
pub(crate) async fn set_time(app: &AppState, who: &Allowed, id: Uuid, (starts, ends): (&str, &str)) -> Result<(), MatterError> {
    let records: Vec<_> = crate::matter::load(app, who, id).await?.answers.records(LESSONS).cloned().collect();
    for record in records {
        let mut changed = record.fields.clone();
        changed.extend(fields(&[(LESSON_STARTS, starts), (LESSON_ENDS, ends)]));
        put_record(app, who, id, LESSONS, record.id, changed).await?;
    }
    Ok(())
}

/// Creates a plan of the first institution that waits for `teacher`.
pub(super) async fn create_plan(app: &AppState, accounts: &[AccountRow]) -> Result<(), DemoError> {
    let (institution, teacher) = (sign_in(app, accounts, "inst-a").await?, sign_in(app, accounts, "teacher").await?);
    let owner = institution.caller().institutions.first().map_or(Uuid::nil(), |(id, _)| *id);
    let courses = {
        let mut tx = app.db.read().await?;
        let mut named = Vec::new();
        for course in db::course::list_valid_of_institution(&mut tx, owner, app.today()).await? {
            let ties = db::course::list_ties(&mut tx, course.id).await?;
            named.extend(ties.iter().any(|tie| tie.account_id == teacher.account()).then_some(course.id));
        }
        named
    };
    let Some(course) = courses.first() else { return Ok(()) };
    let start = app.tables().working_days.after(app.today(), 15);
    let plan =
        NewPlan {
            title: "质量管理体系内审员培训班第 1 期".to_owned(), course: *course, start, city: "北京市", time: ("08:30", "17:30")
        };
    let id = complete_plan(app, &institution, &plan, teacher.account()).await?;
    Ok(decide(app, &institution, id, "submit", "").await?)
}
