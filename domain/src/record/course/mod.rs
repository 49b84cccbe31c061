//! 备案课程: the register of filed courses, the teachers of each, and what a filing reads on record (docs/domain.md §10).

pub mod application;
mod clash;
mod filed;
mod filing;
mod plan;
mod tie;

pub use clash::{Clash, LessonSpan, clash};
pub use filed::{COURSE_SERIES, CourseState, CourseTerm, DueStep, course_number};
pub use filing::{FilingRecord, FoundTeacher, TeacherLookup};
pub use plan::{OtherLesson, PlanRecord, PlannedCourse};
pub use tie::{TeacherRole, TieState, mask_teacher, modules_without_lead};
