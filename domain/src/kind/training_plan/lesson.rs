//! The lessons of a plan, and their teachers as participants.

use uuid::Uuid;

use super::form::{
    ADDRESS, CITY, COURSE, LESSON_DAY, LESSON_ENDS, LESSON_HOURS, LESSON_STARTS, LESSON_TEACHER, LESSONS, LINK, MODE, TITLE,
};
use crate::base::calendar::{TimeOfDay, parse_day};
use crate::engine::form::{Answers, Path, Record};
use crate::matter::{MatterContext, Participant};
use crate::record::course::LessonSpan;

/// What every teacher confirms beside the own lessons.
const HEAD: [&str; 6] = [COURSE, TITLE, MODE, CITY, ADDRESS, LINK];

/// A lesson of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLesson {
    /// Id of its record.
    pub record: Uuid,
    /// Account of the teacher.
    pub teacher: Uuid,
    /// When and where.
    pub span: LessonSpan,
}

/// The lessons whose day, times and teacher can be read.
pub fn planned_lessons(answers: &Answers) -> Vec<PlannedLesson> {
    let city = if answers.text(MODE) == "live" { "" } else { answers.text(CITY) };
    let lesson = |record: &Record| {
        let time = |name: &str| TimeOfDay::parse(record.text(name)).ok().map(TimeOfDay::minutes);
        let day = parse_day(record.text(LESSON_DAY)).ok()?;
        let (starts, ends) = (time(LESSON_STARTS)?, time(LESSON_ENDS)?);
        let span = LessonSpan { day, starts, ends, city: city.to_owned() };
        let teacher = record.text(LESSON_TEACHER).parse().ok()?;
        (starts < ends).then_some(PlannedLesson { record: record.id, teacher, span })
    };
    answers.records(LESSONS).filter_map(lesson).collect()
}

/// The teachers, once for each of their lessons.
pub(super) fn participants(answers: &Answers, _: &MatterContext<'_>) -> Vec<Participant> {
    let named = answers.records(LESSONS).filter_map(|record| {
        let path = Path::Row(LESSONS.to_owned(), record.id);
        let part = HEAD.into_iter().map(Path::field).chain([path.clone()]).collect();
        Some(Participant { account: record.text(LESSON_TEACHER).parse().ok()?, path, part })
    });
    named.collect()
}

/// A lesson as a line of a page.
pub(super) fn lines(answers: &Answers, path: &Path) -> Vec<(&'static str, String)> {
    let Path::Row(list, id) = path else { return Vec::new() };
    let Some(record) = answers.record(list, *id).filter(|_| list == LESSONS) else { return Vec::new() };
    let text = |name: &str| record.text(name);
    let line = format!("{} {}–{}（{} 学时）", text(LESSON_DAY), text(LESSON_STARTS), text(LESSON_ENDS), text(LESSON_HOURS));
    vec![("本人课次", line)]
}
