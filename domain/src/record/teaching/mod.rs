//! 人员培训: categories of courses, and the teachers bound to them (docs/domain.md §10).

mod binding;
mod category;
mod category_form;

pub use binding::{BindingState, CategoryBinding, Hindrance, TEACHER_SERIES, TeacherRecord, hindrances_to_unbinding, teacher_number};
pub use category::{CourseCategory, Delivery};
pub use category_form::{CATEGORY_FORM, CODE as CATEGORY_CODE, answers_of, category_of, check_category};
