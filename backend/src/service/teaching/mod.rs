//! 人员培训: the course categories of the association, and the bindings of a teacher.

pub mod binding;
pub mod category;
pub mod hindrance;

#[cfg(test)]
mod tests;
