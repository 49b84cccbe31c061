//! What a training plan reads on record.

use chrono::NaiveDate;
use uuid::Uuid;

use super::clash::LessonSpan;

/// What a training plan reads on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanRecord {
    /// Whether the institution may train (培训权限).
    pub may_train: bool,
    /// The filed courses of the institution that are valid, and the one that the answers name.
    pub courses: Vec<PlannedCourse>,
    /// The first day on which a training can begin; none before there is a plan.
    pub earliest_start: Option<NaiveDate>,
    /// The last day on which the teachers can confirm, by the first day of the training.
    pub confirm_by: Option<NaiveDate>,
    /// Lessons of the teachers in other plans.
    pub lessons: Vec<OtherLesson>,
}

/// A filed course for which trainings are planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCourse {
    /// Id of the course.
    pub id: Uuid,
    /// Hours.
    pub hours: i64,
    /// Most people of a class.
    pub class_max: i64,
    /// Last day of the filing.
    pub valid_until: NaiveDate,
}

/// A lesson of a teacher in another plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLesson {
    /// The teacher.
    pub account: Uuid,
    /// Name of the teacher.
    pub teacher: String,
    /// Title of the plan.
    pub plan: String,
    /// Whether the teacher has confirmed it.
    pub is_confirmed: bool,
    /// When and where.
    pub span: LessonSpan,
}

impl PlanRecord {
    /// The course of an id, as it stands in answers.
    pub fn course(&self, id: &str) -> Option<&PlannedCourse> {
        let id: Uuid = id.parse().ok()?;
        self.courses.iter().find(|course| course.id == id)
    }
}
