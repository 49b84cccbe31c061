//! A kind for tests of the engine, with what no kind of the association has: it belongs to an institution, two of its people must agree, and
//! it can continue an earlier matter.

mod flow;
mod form;
pub mod panel;
mod schedule;

use crate::engine::flow::{InstitutionRelation, Party};
use crate::matter::{BASE_KIND, Guide, Kind, LinkRule, Need};

pub use flow::FLOW;
pub use form::{CONTINUED, CONTINUES, DAY, DUTY, FORM, MARK, PEOPLE, PERSON, REMARK, REVIEW, SUBJECT, people};
pub use schedule::{LESSONS, SCHEDULE, lists};

/// The kinds of the tests.
pub const KINDS: [&Kind; 2] = [&KIND, &panel::KIND];

/// The first kind of the tests.
pub static KIND: Kind = Kind {
    code: "trial",
    label: "试办事项",
    apply_label: "试办事项申请",
    group: "测试",
    applicant_label: "申请机构",
    participant_label: "参与人员",
    begun_by: &[Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "用于测试",
        summary: "用于测试。",
        applicants: "机构用户。",
        prepare: &[],
        steps: &["填写并提交", "参与人员同意", "协会审批"],
    },
    title: form::title,
    needs: &[Need::Matters, Need::People],
    validate: form::validate,
    warnings: schedule::warnings,
    preset: &[SUBJECT, "first_day"],
    participants: Some(people),
    links: &[LinkRule { role: &CONTINUES, named: form::continued }],
    ..BASE_KIND
};

#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod panel_tests;
#[cfg(test)]
mod panel_walk_tests;
#[cfg(test)]
mod tests;
