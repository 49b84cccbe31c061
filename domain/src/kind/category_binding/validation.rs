//! Rules across the fields of a binding, and what the teacher is told without being kept from submitting.

use chrono::NaiveDate;

use super::form::{CATEGORY, EXPERIENCE, TEACHING, WORK};
use crate::base::calendar::{Period, PeriodLength};
use crate::base::catalogue::{EDUCATION, Grade, label, rank};
use crate::base::rule::key;
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::audit_experience::record_period;
use crate::matter::{MatterContext, binding_key};

/// The category is used, and the teacher is not bound to it; there is experience in work or teaching.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let category = category_issue(answers.text(CATEGORY), context).map(|issue| Problem {
        step: "category",
        path: Path::field(CATEGORY),
        label: "课程类别".to_owned(),
        issue,
    });
    let without = is_without_experience(answers);
    let experience = without.then(|| problem(WORK, "工作经历", Issue::new("no_experience", "请至少添加一条工作经历或授课经历")));
    category.into_iter().chain(experience).collect()
}

fn category_issue(code: &str, context: &MatterContext<'_>) -> Option<Issue> {
    let teacher = context.teacher();
    let names = |codes: &[String]| codes.iter().any(|known| known == code);
    if names(&teacher.bound) {
        Some(Issue::new("bound", "您已绑定该课程类别"))
    } else if names(&teacher.pending) {
        Some(Issue::new("pending", binding_key(code.to_owned()).taken))
    } else if context.course_category(code).is_some_and(|category| !category.is_active_on(context.today)) {
        Some(Issue::new("category_ended", "该课程类别已停用，请选择其他课程类别"))
    } else {
        None
    }
}

fn is_without_experience(answers: &Answers) -> bool {
    answers.records(WORK).next().is_none() && answers.records(TEACHING).next().is_none()
}

fn problem(field: &str, label: &str, issue: Issue) -> Problem {
    Problem { step: EXPERIENCE, path: Path::field(field), label: label.to_owned(), issue }
}

/// Less work or a lower education than proposed (docs/domain.md §10). A senior certificate stands for the work.
pub(super) fn warnings(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    if is_without_experience(answers) {
        return Vec::new();
    }
    let work = short_of_work(answers, context).map(|issue| problem(WORK, "工作经历", issue));
    let education = low_education(context).map(|issue| problem(WORK, "学历", issue));
    work.into_iter().chain(education).collect()
}

fn short_of_work(answers: &Answers, context: &MatterContext<'_>) -> Option<Issue> {
    let (day, years) = (context.applied_on, context.rules_on().int(key::TEACH_WORK_YEARS));
    let is_senior = context.certificates().iter().any(|held| held.grade == Grade::Senior && held.is_valid_on(day));
    let worked = PeriodLength::of(answers.records(WORK).filter_map(|record| until(record_period(record, Some(day))?, day)));
    let is_short = worked < PeriodLength::years(years) && !is_senior;
    is_short.then(|| Issue::new("short_of_work", format!("工作经历不足 {years} 年")))
}

fn until(period: Period, day: NaiveDate) -> Option<Period> {
    Period::new(period.first, period.last.min(day))
}

/// The highest education in 基本信息库 is too low. Nothing is said of a teacher who has none on record.
fn low_education(context: &MatterContext<'_>) -> Option<Issue> {
    let least = context.rules_on().text(key::TEACH_EDUCATION);
    let highest = context.teacher().education.iter().filter_map(|code| rank(EDUCATION, code)).max()?;
    let is_low = rank(EDUCATION, &least).is_some_and(|needed| highest < needed);
    is_low.then(|| Issue::new("low_education", format!("学历低于{}", label(EDUCATION, &least))))
}
