//! What an application to file a course says of its modules and teachers.

use uuid::Uuid;

use crate::engine::form::{Answers, Record, Value};

/// Name of the field with the code of the category.
pub const CATEGORY: &str = "category";
/// Name of the list of modules.
pub const MODULES: &str = "modules";
/// Field of a module with its name.
pub const MODULE_NAME: &str = "name";
/// Name of the list of teachers.
pub const TEACHERS: &str = "teachers";
/// Field of a teacher with the name.
pub const TEACHER_NAME: &str = "name";
/// Field of a teacher with the mobile number.
pub const TEACHER_MOBILE: &str = "mobile";
/// Field of a teacher with the 教师编号.
pub const TEACHER_NUMBER: &str = "number";
/// Field of a teacher with the ids of the modules.
pub const TEACHER_MODULES: &str = "teaches";

/// A person who is looked for as a teacher.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SoughtTeacher {
    /// The record that names the person.
    pub record: Uuid,
    /// Name.
    pub name: String,
    /// Mobile number; empty if none is given.
    pub mobile: String,
    /// 教师编号; empty if none is given.
    pub number: String,
}

/// The people whom answers name as teachers, with what is needed to find them.
pub fn sought_teachers(answers: &Answers) -> Vec<SoughtTeacher> {
    let sought = |record: &Record| SoughtTeacher {
        record: record.id,
        name: record.text(TEACHER_NAME).to_owned(),
        mobile: record.text(TEACHER_MOBILE).to_owned(),
        number: record.text(TEACHER_NUMBER).to_owned(),
    };
    let is_complete = |teacher: &SoughtTeacher| !teacher.name.is_empty() && !(teacher.mobile.is_empty() && teacher.number.is_empty());
    answers.records(TEACHERS).map(sought).filter(is_complete).collect()
}

/// Ids and names of the modules.
pub fn named_modules(answers: &Answers) -> Vec<(Uuid, String)> {
    answers.records(MODULES).map(|module| (module.id, module.text(MODULE_NAME).to_owned())).collect()
}

/// Ids of the modules that a record of a teacher names.
pub fn module_ids(teacher: &Record) -> Vec<Uuid> {
    let codes = teacher.fields.get(TEACHER_MODULES).map(Value::codes).unwrap_or_default();
    codes.into_iter().filter_map(|code| code.parse().ok()).collect()
}
