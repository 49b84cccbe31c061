//! The teachers of a course as participants: what each of them agrees to.

use uuid::Uuid;

use super::form::{CATEGORY, COURSE_NAME, DELIVERY, MODULE_HOURS, MODULE_NAME, MODULES, TEACHER_MODULES, TEACHER_ROLE, TEACHERS};
use crate::engine::form::{Answers, Path, Record};
use crate::matter::{MatterContext, Participant};
use crate::record::course::TeacherRole;
use crate::record::course::application::module_ids;

/// What every teacher agrees to: the head of the course.
const HEAD: [&str; 3] = [COURSE_NAME, CATEGORY, DELIVERY];

/// What the answers ask of a teacher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeacherPart {
    /// Role in the course.
    pub role: TeacherRole,
    /// The modules: id, name, hours.
    pub modules: Vec<(Uuid, String, String)>,
}

/// The teachers who were found, each with role, modules and the head of the course.
pub(super) fn participants(answers: &Answers, context: &MatterContext<'_>) -> Vec<Participant> {
    let filing = context.filing();
    let found = answers.records(TEACHERS).filter_map(|record| Some((record, filing.teacher(record.id)?.account)));
    let participant = |(record, account): (&Record, Uuid)| {
        let cell = |name: &str| Path::Cell(TEACHERS.to_owned(), record.id, name.to_owned());
        let modules = module_ids(record).into_iter().map(|id| Path::Row(MODULES.to_owned(), id));
        let part = HEAD.into_iter().map(Path::field).chain([cell(TEACHER_ROLE), cell(TEACHER_MODULES)]).chain(modules).collect();
        Participant { account, path: Path::Row(TEACHERS.to_owned(), record.id), part }
    };
    found.map(participant).collect()
}

/// What the answers ask of the teacher whom a record names; none for another path, and before the record is complete.
pub fn teacher_part(answers: &Answers, path: &Path) -> Option<TeacherPart> {
    let Path::Row(list, id) = path else { return None };
    let record = answers.record(list, *id).filter(|_| list == TEACHERS)?;
    let role = TeacherRole::from_code(record.text(TEACHER_ROLE))?;
    let modules = module_ids(record).into_iter().filter_map(|id| answers.record(MODULES, id));
    let modules = modules.map(|module| (module.id, module.text(MODULE_NAME).to_owned(), module.text(MODULE_HOURS).to_owned()));
    Some(TeacherPart { role, modules: modules.collect() })
}

/// The same as lines of a page.
pub(super) fn lines(answers: &Answers, path: &Path) -> Vec<(&'static str, String)> {
    let Some(part) = teacher_part(answers, path) else { return Vec::new() };
    let modules: Vec<String> = part.modules.iter().map(|(_, name, hours)| format!("{name}（{hours} 学时）")).collect();
    vec![("授课角色", part.role.label().to_owned()), ("承担模块", modules.join("、"))]
}
