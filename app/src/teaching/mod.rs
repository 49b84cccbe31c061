//! 人员培训: the bindings of a teacher, and the course categories of the association.

pub mod binding;
pub mod category;
