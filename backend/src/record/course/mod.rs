//! 备案课程: the register of filed courses and the ties of their teachers.

mod file;
mod notice;
mod tie;

pub(crate) use file::file_course;
pub(crate) use notice::{CourseNotice, notify_course};
pub use tie::release_teacher;
