//! What the filing of a course reads on record.

use std::collections::BTreeMap;

use uuid::Uuid;

/// What the filing of a course reads on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilingRecord {
    /// Whether the institution may train (培训权限).
    pub may_train: bool,
    /// What was found for the teachers that the answers name, by record.
    pub teachers: BTreeMap<Uuid, TeacherLookup>,
}

/// What was found for a person named as a teacher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeacherLookup {
    /// The person.
    Found(FoundTeacher),
    /// Nobody, or somebody of another name; the two look alike.
    NotFound,
    /// Too many people were looked for.
    TooMany,
}

/// A person who can be named as a teacher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTeacher {
    /// Account of the person.
    pub account: Uuid,
    /// Codes of the categories to which the person is bound.
    pub categories: Vec<String>,
}

impl FilingRecord {
    /// The person that a record names.
    pub fn teacher(&self, record: Uuid) -> Option<&FoundTeacher> {
        match self.teachers.get(&record)? {
            TeacherLookup::Found(found) => Some(found),
            TeacherLookup::NotFound | TeacherLookup::TooMany => None,
        }
    }
}
