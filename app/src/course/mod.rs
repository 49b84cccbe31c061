//! 备案课程: the public register, the registers of an institution and of the association, and 课程备案管理 of a teacher.

pub mod filings;
pub mod plans;
pub mod register;

use backend::service::course::filings::TeacherStanding;
use domain::record::course::{CourseState, TieState};

use crate::ui::Tone;

/// Tone of a state of an entry.
fn tone(state: CourseState) -> Tone {
    match state {
        CourseState::Valid => Tone::Good,
        CourseState::LacksTeachers => Tone::Warn,
        CourseState::Expired | CourseState::Cancelled => Tone::Bad,
    }
}

/// Tone of a state of a filing for its teacher.
fn standing_tone(standing: TeacherStanding) -> Tone {
    match standing {
        TeacherStanding::Waiting => Tone::Warn,
        TeacherStanding::Agreed | TeacherStanding::Tied(TieState::Filed) => Tone::Good,
        TeacherStanding::Declined | TeacherStanding::Silent => Tone::Bad,
        TeacherStanding::Tied(TieState::Releasing | TieState::Released) => Tone::Info,
    }
}
