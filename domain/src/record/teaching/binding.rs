//! 绑定课程类别: a teacher and a category of courses.

use chrono::NaiveDate;
use uuid::Uuid;

/// Name of the series of serial numbers of teachers.
pub const TEACHER_SERIES: &str = "teacher";

/// A binding on record: a teacher can be named in courses of the category from `bound_on` until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryBinding {
    /// Id of the binding.
    pub id: Uuid,
    /// Account of the teacher.
    pub account: Uuid,
    /// Code of the category.
    pub category: String,
    /// Day from which it holds.
    pub bound_on: NaiveDate,
    /// Day on which the teacher ended it.
    pub ended_on: Option<NaiveDate>,
}

/// What is on record about a person as a teacher.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeacherRecord {
    /// Codes of the categories to which they are bound.
    pub bound: Vec<String>,
    /// Codes of the categories for which another submitted matter of theirs is open.
    pub pending: Vec<String>,
    /// Codes of the levels of education in 基本信息库.
    pub education: Vec<String>,
}

/// State of a binding, also of one that is asked for and not on record yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingState {
    /// It holds.
    Bound,
    /// The association reviews it.
    Pending,
    /// The association sent it back.
    Returned,
    /// The association refused it.
    Refused,
    /// The teacher ended it.
    Released,
    /// Its category is no longer used.
    CategoryEnded,
}

impl BindingState {
    /// Text for users.
    pub const fn label(self) -> &'static str {
        match self {
            BindingState::Bound => "已绑定",
            BindingState::Pending => "待审核",
            BindingState::Returned => "已退回，待修改",
            BindingState::Refused => "审核未通过",
            BindingState::Released => "已解除绑定",
            BindingState::CategoryEnded => "已失效（类别停用）",
        }
    }

    /// The state of a binding on record. `category_ended`: whether its category is no longer used.
    pub const fn of_record(has_ended: bool, category_ended: bool) -> Self {
        match (has_ended, category_ended) {
            (true, _) => BindingState::Released,
            (false, true) => BindingState::CategoryEnded,
            (false, false) => BindingState::Bound,
        }
    }
}

/// What a teacher still does in a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// A filed course names the teacher.
    FiledCourse,
    /// A plan of a course that has not begun names the teacher.
    PlanAhead,
}

/// Why a teacher cannot end a binding (domain of the rule: docs/domain.md §10); none if nothing hinders it.
pub fn hindrances_to_unbinding(hindrances: &[Hindrance]) -> Option<&'static str> {
    (!hindrances.is_empty()).then_some("您在该类别下有有效的备案课程或未开班的培训计划，不能解除绑定")
}

/// 教师编号: given with the first binding, and never changed.
pub fn teacher_number(serial: i64) -> String {
    format!("JS{serial:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_that_was_ended_stays_so_when_its_category_ends() {
        for (ended, category_ended, label) in
            [(false, false, "已绑定"), (false, true, "已失效（类别停用）"), (true, false, "已解除绑定"), (true, true, "已解除绑定")]
        {
            assert_eq!(BindingState::of_record(ended, category_ended).label(), label);
        }
    }

    #[test]
    fn only_a_course_or_a_plan_keeps_a_teacher_bound() {
        assert_eq!(hindrances_to_unbinding(&[]), None);
        for one in [Hindrance::FiledCourse, Hindrance::PlanAhead] {
            assert!(hindrances_to_unbinding(&[one]).is_some_and(|text| text.ends_with("不能解除绑定")));
        }
    }

    #[test]
    fn a_teacher_number_has_at_least_six_digits() {
        assert_eq!(teacher_number(1), "JS000001");
        assert_eq!(teacher_number(1_234_567), "JS1234567");
    }
}
