//! Rules of a plan across fields, warnings, and its deadlines.

use chrono::NaiveDate;
use uuid::Uuid;

use super::flow::{CHANGE_UNTIL, CONFIRM_BY, ENDS};
use super::form::{COURSE, END, FORM, HEADCOUNT, LESSON_DAY, LESSON_HOURS, LESSON_TEACHER, LESSONS, START};
use super::lesson::{PlannedLesson, planned_lessons};
use crate::base::calendar::{TeachingHours, parse_day};
use crate::base::rule::key;
use crate::engine::flow::{Deadline, KindFacts};
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::{Availability, MatterContext};
use crate::record::course::{Clash, OtherLesson, clash};

/// Why an institution without 培训权限 reports nothing.
const NOT_PERMITTED: &str = "本机构尚未开通培训业务，请联系协会";

/// Only an institution with 培训权限 and a valid filed course can begin a plan.
pub(super) fn availability(context: &MatterContext<'_>) -> Availability {
    let plans = context.plans();
    if !plans.may_train {
        Availability::closed(NOT_PERMITTED)
    } else if plans.courses.is_empty() {
        Availability::closed("本机构没有有效的备案课程，请先办理课程备案")
    } else {
        Availability::Open
    }
}

/// The deadlines of a plan, by its first and last day.
pub(super) fn facts(answers: &Answers, context: &MatterContext<'_>) -> KindFacts {
    let (start, end) = (day(answers, START), day(answers, END));
    let deadlines =
        [(CONFIRM_BY.code, context.plans().confirm_by), (CHANGE_UNTIL.code, start.and_then(|start| start.pred_opt())), (ENDS.code, end)];
    let known = deadlines.into_iter().filter_map(|(code, day)| Some((code, Deadline::Day(day?))));
    KindFacts { deadlines: known.collect(), ..KindFacts::default() }
}

fn day(answers: &Answers, name: &str) -> Option<NaiveDate> {
    parse_day(answers.text(name)).ok()
}

fn problem(step: &'static str, path: Path, issue: Issue) -> Problem {
    let label = match (&path, FORM.label_at(&path)) {
        (Path::Field(name), label) if label.is_empty() => FORM.records(name).map_or(label, |(_, list)| list.label.to_owned()),
        (_, label) => label,
    };
    Problem { step, path, label, issue }
}

/// The rules across fields.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let mut problems = of_class(answers, context);
    problems.extend(of_lessons(answers, context));
    problems.extend(clashes(answers, context).into_iter().filter(|found| found.is_hard()).map(|found| found.problem()));
    problems
}

/// What the institution is told of lessons of its teachers in other plans.
pub(super) fn warnings(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    clashes(answers, context).into_iter().filter(|found| !found.is_hard()).map(|found| found.problem()).collect()
}

/// Permission, course, first day, and number of people.
fn of_class(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let plans = context.plans();
    let at = |name: &str, code, text: String| problem("class", Path::field(name), Issue::new(code, text));
    let mut problems = Vec::new();
    if !plans.may_train {
        problems.push(at(COURSE, "not_permitted", NOT_PERMITTED.to_owned()));
    }
    if let Some((earliest, _)) = plans.earliest_start.zip(day(answers, START)).filter(|(earliest, start)| start < earliest) {
        let days = context.rules_on().int(key::PLAN_LEAD_DAYS);
        problems.push(at(START, "late_report", format!("培训计划应在开班 {days} 个工作日前上报，最早可填 {earliest}")));
    }
    let Some(course) = plans.course(answers.text(COURSE)) else { return problems };
    let last = day(answers, END).unwrap_or(context.today).max(context.today);
    if course.valid_until < last {
        problems.push(at(COURSE, "course_expired", format!("课程备案已到期（{}）", course.valid_until)));
    }
    if answers.text(HEADCOUNT).parse::<i64>().is_ok_and(|people| people > course.class_max) {
        problems.push(at(HEADCOUNT, "large_class", format!("计划人数超过备案的每班人数上限 {}", course.class_max)));
    }
    problems
}

/// The lessons lie within the training, do not overlap each other, and have the hours of the course.
fn of_lessons(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some((start, end)) = day(answers, START).zip(day(answers, END)) {
        let outside = |text: &str| parse_day(text).is_ok_and(|day| day < start || day > end);
        for record in answers.records(LESSONS).filter(|record| outside(record.text(LESSON_DAY))) {
            let cell = Path::Cell(LESSONS.to_owned(), record.id, LESSON_DAY.to_owned());
            problems.push(problem("lessons", cell, Issue::new("lesson_outside", "课次时间不在培训起止日期内")));
        }
    }
    problems.extend(overlaps(answers));
    let hours: Vec<TeachingHours> = answers.records(LESSONS).filter_map(|r| TeachingHours::parse(r.text(LESSON_HOURS)).ok()).collect();
    let (sum, count): (TeachingHours, usize) = (hours.iter().copied().sum(), answers.records(LESSONS).count());
    if let Some(course) = context.plans().course(answers.text(COURSE)).filter(|_| count > 0 && count == hours.len())
        && i64::from(sum.tenths) < course.hours * 10
    {
        let text = format!("各课次学时合计 {}，少于备案总学时 {}", sum.stored(), course.hours);
        problems.push(problem("lessons", Path::field(LESSONS), Issue::new("few_hours", text)));
    }
    problems
}

/// Two lessons of the plan at one time, each pair once.
fn overlaps(answers: &Answers) -> Vec<Problem> {
    let places: Vec<Uuid> = answers.records(LESSONS).map(|record| record.id).collect();
    let place = |id: Uuid| places.iter().position(|place| *place == id).map_or(0, |place| place + 1);
    let lessons = planned_lessons(answers);
    let mut problems = Vec::new();
    for (n, first) in lessons.iter().enumerate() {
        for second in lessons.iter().skip(n + 1).filter(|second| clash(&first.span, &second.span, 0) == Some(Clash::Overlap)) {
            let text = format!("第 {}、{} 课次时间重叠", place(first.record), place(second.record));
            let cell = Path::Cell(LESSONS.to_owned(), second.record, LESSON_DAY.to_owned());
            problems.push(problem("lessons", cell, Issue::new("lessons_overlap", text)));
        }
    }
    problems
}

/// A lesson of the plan, and one of its teacher in another plan.
struct Found<'a> {
    lesson: PlannedLesson,
    other: &'a OtherLesson,
    clash: Clash,
}

impl Found<'_> {
    /// Whether the plan is refused for it: the teacher has confirmed the other lesson, and can hold one of them only.
    fn is_hard(&self) -> bool {
        self.clash == Clash::Overlap && self.other.is_confirmed
    }

    fn problem(&self) -> Problem {
        let OtherLesson { teacher, plan, span, .. } = self.other;
        let text = format!("教师 {teacher} 在 {} {} 已有培训计划“{plan}”", span.day, span.time());
        let (code, text) = match self.clash {
            Clash::Overlap => ("teacher_busy", text),
            Clash::Near => ("teacher_travels", format!("{text}，两地相距时间较短，请确认")),
        };
        let cell = Path::Cell(LESSONS.to_owned(), self.lesson.record, LESSON_TEACHER.to_owned());
        problem("lessons", cell, Issue::new(code, text))
    }
}

/// Lessons of the plan that clash with lessons of their teachers in other plans.
fn clashes<'a>(answers: &Answers, context: &MatterContext<'a>) -> Vec<Found<'a>> {
    let gap = context.rules_on().int(key::PLAN_GAP_MINUTES);
    let others = &context.plans().lessons;
    let mut found = Vec::new();
    for lesson in planned_lessons(answers) {
        for other in others.iter().filter(|other| other.account == lesson.teacher) {
            if let Some(clash) = clash(&lesson.span, &other.span, gap) {
                found.push(Found { lesson: lesson.clone(), other, clash });
            }
        }
    }
    found
}
