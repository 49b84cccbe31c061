//! 人员培训: categories of courses, and the teachers bound to them (docs/domain.md §10).

mod binding;
mod category;

pub use binding::{BindingState, CategoryBinding, Hindrance, TEACHER_SERIES, hindrances_to_unbinding, teacher_number};
pub use category::{CourseCategory, Delivery};
