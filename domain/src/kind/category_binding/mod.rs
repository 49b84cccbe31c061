//! 绑定课程类别: a teacher gives experience in work or teaching, and is bound to a category of courses; where the category asks for it, after
//! a review of the association (docs/manual.md 5.1.1; docs/domain.md §10).

mod flow;
mod form;
mod validation;

use crate::engine::flow::KindFacts;
use crate::engine::form::Answers;
use crate::matter::{BASE_KIND, Facet, Guide, Kind, MatterContext, Need, OpenKey, binding_key};
use crate::record::teaching::BindingState;

use flow::NEEDS_REVIEW;

pub use flow::FLOW;
pub use form::{CATEGORY, FORM, TEACHING, WORK};

/// Code of the kind.
pub const CODE: &str = "category_binding";

/// The kind 绑定课程类别.
pub static KIND: Kind = Kind {
    code: CODE,
    label: "绑定课程类别",
    apply_label: "绑定课程类别",
    number_prefix: "BD",
    group: "人员培训",
    applicant_label: "教师",
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "成为一类培训课程的授课教师",
        summary: "填写工作经历或授课经历，与课程类别绑定。绑定后，机构可以在该类别的备案课程和培训计划中列您为授课教师。",
        applicants: "有相关工作经历或授课经历、拟担任培训课程教师的个人。每个课程类别只能绑定一次，可以绑定多个类别。",
        prepare: &["工作经历或授课经历，至少一条，可从基本信息库添加", "工作证明、授课证明等证明材料（如有）"],
        steps: &["选择课程类别", "填写工作经历、授课经历", "核对后点击“完成”", "不需审核的类别即时绑定；需审核的类别由协会审核"],
    },
    needs: &[Need::Certificates, Need::CourseCategories, Need::Bindings],
    validate: validation::validate,
    warnings: validation::warnings,
    preset: &[CATEGORY],
    facets: |answers| category(answers).map(|code| (Facet::CourseCategory, code)).into_iter().collect(),
    facts: Some(facts),
    open_keys,
    visible_to: &[crate::base::permission::Role::Officer],
    ..BASE_KIND
};

/// Code of the category in answers.
pub fn category(answers: &Answers) -> Option<String> {
    Some(answers.text(CATEGORY).to_owned()).filter(|code| !code.is_empty())
}

/// State of a binding that a matter at this stage asks for; none where there is nothing to show: a draft, a binding on record, an
/// application that was given up.
pub fn state_at(stage: &str) -> Option<BindingState> {
    match stage {
        "review" => Some(BindingState::Pending),
        "returned" => Some(BindingState::Returned),
        "refused" => Some(BindingState::Refused),
        _ => None,
    }
}

/// Whether the category asks for a review.
fn facts(answers: &Answers, context: &MatterContext<'_>) -> KindFacts {
    let needs_review = context.course_category(answers.text(CATEGORY)).is_some_and(|category| category.needs_review);
    let answer = if needs_review { "yes" } else { "no" };
    KindFacts { fields: [(NEEDS_REVIEW.to_owned(), answer.into())].into(), ..KindFacts::default() }
}

/// Only one binding of a person to a category at a time.
fn open_keys(answers: &Answers) -> Vec<OpenKey> {
    category(answers).map(binding_key).into_iter().collect()
}

#[cfg(test)]
mod tests;
