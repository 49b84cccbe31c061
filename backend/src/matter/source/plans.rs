//! What a training plan reads: 培训权限, filed courses with their teachers and modules, its days, and the other plans of its teachers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use domain::base::calendar::parse_day;
use domain::base::rule::key;
use domain::engine::flow::{Edit, Event, EventKind};
use domain::engine::form::{Answers, list_within};
use domain::kind::training_plan::{COURSE, START, planned_lessons};
use domain::matter::{COURSE_TEACHERS, FILED_COURSES, PLANNED_MODULES};
use domain::record::course::{CourseState, OtherLesson, PlannedCourse, TieState};
use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::infra::db::course::CourseRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;
use crate::matter::source::contents::{Contents, Request};

/// Reads the courses that can be chosen, or the one that was, and what depends on the answers of the matter.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let (_, institution) = request.owner.person_and_institution();
    let answers: Vec<&Answers> = request.matter.map(|matter| &matter.answers).into_iter().chain(request.shown.answers).collect();
    let is_editable = request.matter.is_none_or(|matter| matter.is_editable());
    if let Some(institution) = institution {
        contents.record.plans.may_train = db::institution::may_train(tx, institution).await?;
        let mut courses = db::course::list_valid_of_institution(tx, institution, request.today).await?;
        let named: BTreeSet<&str> = answers.iter().map(|answers| answers.text(COURSE)).collect();
        courses.retain(|course| {
            let is_named = named.contains(course.id.to_string().as_str());
            is_named || is_editable && course.term().state_on(request.today) == CourseState::Valid
        });
        read_courses(tx, request, &courses, contents).await?;
    }
    let (rules, days) = (request.tables.rules.on(request.applied), &request.tables.working_days);
    contents.record.plans.earliest_start = Some(days.after(request.applied, rules.int(key::PLAN_LEAD_DAYS)));
    let start = answers.first().and_then(|answers| parse_day(answers.text(START)).ok());
    let asked_on = asked_on(request);
    contents.record.plans.confirm_by = start.map(|start| {
        let usual = days.before(start, rules.int(key::PLAN_CONFIRM_BEFORE_DAYS));
        // A plan that is changed later is confirmed until the day before it begins.
        if usual < asked_on { start.pred_opt().unwrap_or(start) } else { usual }
    });
    if let Some(answers) = answers.first() {
        contents.record.plans.lessons = other_lessons(tx, request, answers).await?;
    }
    Ok(())
}

/// The day on which the teachers were asked last; today while the plan can be submitted.
fn asked_on(request: &Request<'_>) -> NaiveDate {
    let is_open = |matter: &&LoadedMatter| matter.stage().is_some_and(|stage| stage.edit == Edit::Nothing);
    let submitted = |event: &&Event| matches!(event.kind, EventKind::Transitioned { revision: Some(_), .. });
    let last = request.matter.filter(is_open).and_then(|matter| matter.events.iter().rev().find(submitted));
    last.map_or(request.today, |event| event.effective_on)
}

/// The courses as options, each with its teachers and its modules.
async fn read_courses(tx: &mut Tx, request: &Request<'_>, courses: &[CourseRow], contents: &mut Contents) -> Result<(), DbError> {
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    for course in courses {
        let id = course.id.to_string();
        let mut teachers = Vec::new();
        for tie in db::course::list_ties(tx, course.id).await?.into_iter().filter(|tie| tie.state != TieState::Released) {
            let name = match names.get(&tie.account_id) {
                Some(name) => name.clone(),
                None => person_name(request.app, tx, tie.account_id).await?,
            };
            names.insert(tie.account_id, name.clone());
            teachers.push((tie.account_id.to_string(), name));
        }
        let modules = db::course::list_modules(tx, course.id).await?;
        contents.list(&list_within(COURSE_TEACHERS, &id), teachers);
        contents.list(&list_within(PLANNED_MODULES, &id), modules.into_iter().map(|module| (module.id.to_string(), module.name)).collect());
    }
    contents.list(
        FILED_COURSES,
        courses.iter().map(|course| (course.id.to_string(), format!("{}（{}）", course.name, course.number))).collect(),
    );
    let planned = |course: &CourseRow| PlannedCourse {
        id: course.id,
        hours: course.hours,
        class_max: course.class_max,
        valid_until: course.valid_until,
    };
    contents.record.plans.courses = courses.iter().map(planned).collect();
    Ok(())
}

/// The lessons of the teachers in other plans, from the day before the first of theirs to the day after the last.
async fn other_lessons(tx: &mut Tx, request: &Request<'_>, answers: &Answers) -> Result<Vec<OtherLesson>, DbError> {
    let mut spans: BTreeMap<Uuid, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for lesson in planned_lessons(answers) {
        let span = spans.entry(lesson.teacher).or_insert((lesson.span.day, lesson.span.day));
        *span = (span.0.min(lesson.span.day), span.1.max(lesson.span.day));
    }
    let mut others = Vec::new();
    for (account, (first, last)) in spans {
        let around = (first.checked_sub_days(Days::new(1)).unwrap_or(first), last.checked_add_days(Days::new(1)).unwrap_or(last));
        let rows = db::plan::list_between(tx, account, around, request.checked()).await?;
        if rows.is_empty() {
            continue;
        }
        let teacher = person_name(request.app, tx, account).await?;
        others.extend(rows.into_iter().map(|row| OtherLesson {
            account,
            teacher: teacher.clone(),
            is_confirmed: row.lesson.is_confirmed,
            span: row.lesson.span(),
            plan: row.title,
        }));
    }
    Ok(others)
}
