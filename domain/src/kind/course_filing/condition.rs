//! Rules of a filing across fields, and what it needs on record.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::form::{
    CATEGORY, CLASS_MAX, FORM, HOURS, MODULE_HOURS, MODULE_NAME, MODULES, TEACHER_MOBILE, TEACHER_NAME, TEACHER_NUMBER, TEACHER_ROLE,
    TEACHERS,
};
use crate::base::calendar::TeachingHours;
use crate::engine::form::{Answers, Issue, Path, Problem, Record};
use crate::matter::{Availability, MatterContext};
use crate::record::course::application::module_ids;
use crate::record::course::{TeacherLookup, TeacherRole, modules_without_lead};
use crate::record::teaching::CourseCategory;

/// Why an institution without 培训权限 files nothing.
const NOT_PERMITTED: &str = "本机构尚未开通培训业务，请联系协会";

/// Only an institution with 培训权限 can begin a filing.
pub(super) fn availability(context: &MatterContext<'_>) -> Availability {
    if context.filing().may_train { Availability::Open } else { Availability::closed(NOT_PERMITTED) }
}

/// The rules across fields.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !context.filing().may_train {
        problems.push(problem("course", Path::field(CATEGORY), Issue::new("not_permitted", NOT_PERMITTED)));
    }
    if let Some(category) = context.course_category(answers.text(CATEGORY)) {
        problems.extend(limits(answers, category));
    }
    problems.extend(hours_differ(answers));
    problems.extend(teachers(answers, context));
    problems
}

fn problem(step: &'static str, path: Path, issue: Issue) -> Problem {
    let label = FORM.label_at(&path);
    let label = if label.is_empty() { list_label(&path) } else { label };
    Problem { step, path, label, issue }
}

fn list_label(path: &Path) -> String {
    let Path::Field(name) = path else { return String::new() };
    FORM.records(name).map_or_else(String::new, |(_, list)| list.label.to_owned())
}

/// The least hours and the largest class of the category.
fn limits(answers: &Answers, category: &CourseCategory) -> Vec<Problem> {
    let number = |name: &str| answers.text(name).parse::<i64>().ok();
    let (least, most) = (category.least_hours, category.class_max);
    let hours =
        number(HOURS).filter(|hours| *hours < least).map(|_| (HOURS, "few_hours", format!("总学时不能少于该课程类别的最少学时 {least}")));
    let class = number(CLASS_MAX)
        .filter(|people| *people > most)
        .map(|_| (CLASS_MAX, "large_class", format!("每班人数不能超过该课程类别的上限 {most} 人")));
    hours.into_iter().chain(class).map(|(name, code, text)| problem("course", Path::field(name), Issue::new(code, text))).collect()
}

/// The hours of the modules add up to those of the course.
fn hours_differ(answers: &Answers) -> Option<Problem> {
    let total = TeachingHours::parse(answers.text(HOURS)).ok()?;
    let modules: Vec<TeachingHours> =
        answers.records(MODULES).map(|m| TeachingHours::parse(m.text(MODULE_HOURS)).ok()).collect::<Option<_>>()?;
    let sum: TeachingHours = modules.iter().copied().sum();
    if modules.is_empty() || sum == total {
        return None;
    }
    let text = format!("各模块学时合计 {}，与总学时 {} 不一致", sum.stored(), total.stored());
    Some(problem("outline", Path::field(MODULES), Issue::new("hours_differ", text)))
}

/// The teachers can be found, are bound to the category, stand once, and each module has one who leads it.
fn teachers(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let (mut problems, mut known) = (Vec::new(), BTreeSet::new());
    for record in answers.records(TEACHERS) {
        let found = context.filing().teacher(record.id);
        let fault = teacher_fault(record, answers, context);
        let again = found.filter(|found| !known.insert(found.account)).map(|_| Issue::new("teacher_twice", "同一教师不能重复添加"));
        let cell = Path::Cell(TEACHERS.to_owned(), record.id, TEACHER_NAME.to_owned());
        problems.extend(fault.or(again).map(|issue| problem("teachers", cell, issue)));
    }
    if answers.records(TEACHERS).next().is_some() {
        problems.extend(modules_to_lead(answers).into_iter().map(|name| {
            let issue = Issue::new("no_lead", format!("模块“{name}”没有主讲教师"));
            problem("teachers", Path::field(TEACHERS), issue)
        }));
    }
    problems
}

fn teacher_fault(record: &Record, answers: &Answers, context: &MatterContext<'_>) -> Option<Issue> {
    if record.text(TEACHER_MOBILE).is_empty() && record.text(TEACHER_NUMBER).is_empty() {
        return Some(Issue::new("no_contact", "请填写手机号码或教师编号"));
    }
    let found = match context.filing().teachers.get(&record.id)? {
        TeacherLookup::Found(found) => found,
        TeacherLookup::NotFound => return Some(Issue::new("teacher_not_found", "未找到符合条件的教师，请核对")),
        TeacherLookup::TooMany => return Some(Issue::new("too_many_lookups", "查找教师的次数过多，请 1 小时后再试")),
    };
    let category = context.course_category(answers.text(CATEGORY))?;
    if found.categories.contains(&category.code) {
        return None;
    }
    let name = record.text(TEACHER_NAME);
    let text = format!("{name} 未绑定课程类别“{}”，请其先在“课程管理”中绑定", category.title());
    Some(Issue::new("teacher_not_bound", text))
}

/// Names of the modules that nobody leads.
fn modules_to_lead(answers: &Answers) -> Vec<String> {
    let teachers: Vec<(TeacherRole, Vec<Uuid>)> = answers
        .records(TEACHERS)
        .filter_map(|record| Some((TeacherRole::from_code(record.text(TEACHER_ROLE))?, module_ids(record))))
        .collect();
    let modules = answers.records(MODULES).map(|module| module.id);
    let left = modules_without_lead(modules, teachers.iter().map(|(role, modules)| (*role, modules.as_slice())));
    left.into_iter().filter_map(|id| answers.record(MODULES, id)).map(|module| module.text(MODULE_NAME).to_owned()).collect()
}
