//! Tests of a training plan.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::form::{CITY, HEADCOUNT, LESSON_HOURS, LESSON_MODULE, MODE};
use super::*;
use crate::engine::flow::testing::{REVISION, conditions, decision_input};
use crate::engine::flow::{
    Actor, Command, Conditions, Deadline, DecisionInput, Effect, Event, KindFacts, MatterState, NamedParticipant, Refusal, decide,
};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Path, Problem, Record, Value, check_form};
use crate::matter::{ApplicantRecord, Availability, COURSE_TEACHERS, FILED_COURSES, MatterContext, PLANNED_MODULES};
use crate::record::course::{LessonSpan, OtherLesson, PlanRecord, PlannedCourse};

const PLANNED: Uuid = Uuid::from_u128(1);
const MODULE: Uuid = Uuid::from_u128(2);
const LIN: Uuid = Uuid::from_u128(21);
const ZHOU: Uuid = Uuid::from_u128(22);
const FIRST: Uuid = Uuid::from_u128(31);
const SECOND: Uuid = Uuid::from_u128(32);

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect()
}

fn lesson(id: Uuid, teacher: Uuid, day: &str, starts: &str, ends: &str, hours: &str) -> Record {
    let (module, teacher) = (MODULE.to_string(), teacher.to_string());
    let pairs = [
        (LESSON_DAY, day),
        (LESSON_STARTS, starts),
        (LESSON_ENDS, ends),
        (LESSON_HOURS, hours),
        (LESSON_MODULE, module.as_str()),
        (LESSON_TEACHER, teacher.as_str()),
    ];
    Record { id, fields: fields(&pairs), removed: false }
}

/// A class of two days with a lesson on each, for a course of sixteen hours.
fn answers() -> Answers {
    let course = PLANNED.to_string();
    let head = [
        (COURSE, course.as_str()),
        (TITLE, "内审员一期"),
        (MODE, "face"),
        (START, "2026-12-14"),
        (END, "2026-12-15"),
        (CITY, "北京市"),
        ("address", "示例路 6 号"),
        (HEADCOUNT, "30"),
        ("contact", "王芳"),
        ("contact_phone", "010-12345678"),
    ];
    let mut answers = Answers { fields: fields(&head), ..Answers::default() };
    answers.put_record(LESSONS, lesson(FIRST, LIN, "2026-12-14", "08:30", "17:30", "8"));
    answers.put_record(LESSONS, lesson(SECOND, ZHOU, "2026-12-15", "08:30", "17:30", "8"));
    answers
}

fn on_record() -> PlanRecord {
    let course = PlannedCourse { id: PLANNED, hours: 16, class_max: 30, valid_until: "2027-06-30".parse().unwrap() };
    PlanRecord {
        may_train: true,
        courses: vec![course],
        earliest_start: Some("2026-12-07".parse().unwrap()),
        confirm_by: Some("2026-12-09".parse().unwrap()),
        lessons: Vec::new(),
    }
}

fn in_context<T>(plans: &PlanRecord, ask: impl Fn(&MatterContext<'_>) -> T) -> T {
    let record = ApplicantRecord { plans: plans.clone(), ..ApplicantRecord::default() };
    let (course, module, lin, zhou) = (PLANNED.to_string(), MODULE.to_string(), LIN.to_string(), ZHOU.to_string());
    let context = TestContext::on("2026-11-23")
        .with_list(FILED_COURSES, &[(&course, "内审员培训")])
        .with_list(&format!("{COURSE_TEACHERS}/{course}"), &[(&lin, "林晓月"), (&zhou, "周敏")])
        .with_list(&format!("{PLANNED_MODULES}/{course}"), &[(&module, "标准理解")]);
    ask(&context.matter(&record))
}

fn texts(problems: Vec<Problem>) -> Vec<(&'static str, String)> {
    problems.into_iter().map(|p| (p.step, p.issue.text)).collect()
}

fn found(answers: &Answers, plans: &PlanRecord) -> Vec<(&'static str, String)> {
    in_context(plans, |context| texts(condition::validate(answers, context)))
}

fn warned(answers: &Answers, plans: &PlanRecord) -> Vec<(&'static str, String)> {
    in_context(plans, |context| texts(condition::warnings(answers, context)))
}

fn one(step: &'static str, text: &str) -> Vec<(&'static str, String)> {
    vec![(step, text.to_owned())]
}

fn with(name: &str, text: &str) -> Answers {
    let mut answers = answers();
    answers.fields.insert(name.to_owned(), text.into());
    answers
}

fn with_lesson(record: Record) -> Answers {
    let mut answers = answers();
    answers.put_record(LESSONS, record);
    answers
}

#[test]
fn a_complete_plan_has_no_problem() {
    let problems = in_context(&on_record(), |context| KIND.check(&answers(), context));
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn a_plan_is_begun_by_an_institution_with_permission_and_a_valid_course() {
    let availability = |plans: &PlanRecord| in_context(plans, condition::availability);
    assert_eq!(availability(&on_record()), Availability::Open);
    assert!(availability(&PlanRecord { may_train: false, ..on_record() }) == Availability::closed("本机构尚未开通培训业务，请联系协会"));
    assert!(availability(&PlanRecord { courses: vec![], ..on_record() }) != Availability::Open);
}

#[test]
fn a_plan_is_reported_ten_working_days_ahead() {
    let with_start = |start: &str| {
        let mut changed = with(START, start);
        changed.put_record(LESSONS, lesson(FIRST, LIN, start, "08:30", "17:30", "8"));
        found(&changed, &on_record())
    };
    assert_eq!(with_start("2026-12-07"), []);
    assert_eq!(with_start("2026-12-06"), one("class", "培训计划应在开班 10 个工作日前上报，最早可填 2026-12-07"));
}

#[test]
fn the_course_limits_people_hours_and_the_last_day() {
    assert_eq!(found(&with(HEADCOUNT, "30"), &on_record()), []);
    assert_eq!(found(&with(HEADCOUNT, "31"), &on_record()), one("class", "计划人数超过备案的每班人数上限 30"));
    let short = with_lesson(lesson(SECOND, ZHOU, "2026-12-15", "08:30", "17:30", "7.5"));
    assert_eq!(found(&short, &on_record()), one("lessons", "各课次学时合计 15.5，少于备案总学时 16"));
    let long = with_lesson(lesson(SECOND, ZHOU, "2026-12-15", "08:30", "17:30", "8.5"));
    assert_eq!(found(&long, &on_record()), [], "more hours than filed");
    let until = |day: &str| {
        let mut plans = on_record();
        plans.courses[0].valid_until = day.parse().unwrap();
        found(&answers(), &plans)
    };
    assert_eq!(until("2026-12-15"), []);
    assert_eq!(until("2026-12-14"), one("class", "课程备案已到期（2026-12-14）"));
}

#[test]
fn lessons_lie_within_the_training_and_beside_each_other() {
    for (day, starts, ends, said) in [
        ("2026-12-15", "08:30", "17:30", None),
        ("2026-12-16", "08:30", "17:30", Some("课次时间不在培训起止日期内")),
        ("2026-12-13", "08:30", "17:30", Some("课次时间不在培训起止日期内")),
        ("2026-12-14", "17:30", "21:00", None),
        ("2026-12-14", "17:29", "21:00", Some("第 1、2 课次时间重叠")),
        ("2026-12-14", "07:00", "08:31", Some("第 1、2 课次时间重叠")),
    ] {
        let changed = with_lesson(lesson(SECOND, ZHOU, day, starts, ends, "8"));
        assert_eq!(found(&changed, &on_record()), said.map_or_else(Vec::new, |said| one("lessons", said)), "{day} {starts} {ends}");
    }
}

/// A lesson of `LIN` in another plan.
fn other(starts: u32, ends: u32, city: &str, is_confirmed: bool) -> PlanRecord {
    let span = LessonSpan { day: "2026-12-14".parse().unwrap(), starts, ends, city: city.into() };
    let other = OtherLesson { account: LIN, teacher: "林晓月".into(), plan: "外审员二期".into(), is_confirmed, span };
    PlanRecord { lessons: vec![other], ..on_record() }
}

#[test]
fn a_confirmed_lesson_at_the_same_time_is_refused_and_any_other_clash_is_told() {
    let busy = "教师 林晓月 在 2026-12-14 16:00–18:00 已有培训计划“外审员二期”";
    assert_eq!(found(&answers(), &other(960, 1080, "上海市", true)), one("lessons", busy));
    assert_eq!(found(&answers(), &other(960, 1080, "上海市", false)), []);
    assert_eq!(warned(&answers(), &other(960, 1080, "上海市", false)), one("lessons", busy));
    // The lesson ends at 17:30, which is 1050.
    for (starts, city, near) in [(1169, "上海市", true), (1170, "上海市", false), (1050, "北京市", false), (1050, "", false)] {
        let plans = other(starts, starts + 60, city, true);
        assert_eq!(found(&answers(), &plans), [], "{starts} {city}");
        let told = warned(&answers(), &plans);
        assert_eq!(told.iter().any(|(_, text)| text.ends_with("两地相距时间较短，请确认")), near, "{starts} {city}: {told:?}");
    }
    let mut of_other = other(960, 1080, "上海市", true);
    of_other.lessons[0].account = ZHOU;
    assert_eq!(found(&answers(), &of_other), [], "the lesson of another teacher");
}

#[test]
fn a_training_on_line_asks_for_its_address_and_has_no_city() {
    let live = with(MODE, "live");
    let missing = in_context(&on_record(), |context| check_form(&FORM, &live, context));
    assert_eq!(missing.iter().map(|p| p.issue.text.as_str()).collect::<Vec<_>>(), ["请填写直播地址"]);
    assert!(planned_lessons(&live).iter().all(|lesson| lesson.span.city.is_empty()));
    assert!(planned_lessons(&answers()).iter().all(|lesson| lesson.span.city == "北京市"));
}

#[test]
fn a_teacher_who_does_not_confirm_gives_a_reason() {
    let faults = |pairs: &[(&str, &str)]| {
        let answers = Answers { fields: fields(pairs), ..Answers::default() };
        let found = in_context(&on_record(), |context| check_form(&CONFIRMATION, &answers, context));
        found.into_iter().map(|p| p.issue.text).collect::<Vec<_>>()
    };
    assert_eq!(faults(&[]), ["请选择确认结果"]);
    assert_eq!(faults(&[(RESULT, AGREE)]), [""; 0]);
    assert_eq!(faults(&[(RESULT, DECLINE)]), ["不确认的，请填写理由"]);
}

/// A plan whose commands are decided one after the other.
#[derive(Default)]
struct Case {
    events: Vec<Event>,
    facts: KindFacts,
}

impl Case {
    fn state(&self) -> MatterState {
        MatterState::from_events(&FLOW, &self.events)
    }

    fn give(
        &mut self,
        who: Uuid,
        party: Party,
        command: Command,
        named: &[NamedParticipant],
    ) -> Result<(&'static str, Vec<Effect>), Refusal> {
        let (answers, rules) = (Answers::default(), crate::base::rule::Rules::default());
        let conditions = Conditions { facts: &self.facts, ..conditions(&answers, &rules) };
        let input = DecisionInput { conditions, participants: named, ..decision_input(&answers, &rules) };
        let decision = decide(&FLOW, &self.state(), &Actor { account: who, parties: vec![party] }, &command, &input)?;
        self.events.extend(decision.events);
        Ok((decision.stage.code, [decision.vote_effects, decision.effects].concat()))
    }

    fn submit(&mut self) -> (&'static str, Vec<Effect>) {
        let named = [LIN, ZHOU].map(|account| NamedParticipant { account, changed: true });
        let command = Command { name: "submit".into(), revision: Some(REVISION), ..Command::default() };
        self.give(Uuid::from_u128(1), Party::Applicant, command, &named).unwrap()
    }

    fn answer(&mut self, who: Uuid, result: &str) -> Result<(&'static str, Vec<Effect>), Refusal> {
        let answers = Answers { fields: fields(&[(RESULT, result), (REASON, "另有安排")]), ..Answers::default() };
        self.give(who, Party::Participant, Command { name: "answer".into(), answers, ..Command::default() }, &[])
    }
}

#[test]
fn each_vote_has_its_effect_and_one_who_does_not_confirm_sends_the_plan_back_at_once() {
    let mut case = Case::default();
    assert_eq!(case.submit(), ("teachers", vec![Effect::PlanLessons]));
    assert_eq!(case.answer(LIN, AGREE), Ok(("teachers", vec![Effect::ConfirmLessons])));
    assert_eq!(case.answer(ZHOU, AGREE), Ok(("reported", vec![Effect::ConfirmLessons])));
    let mut case = Case::default();
    case.submit();
    assert_eq!(case.answer(ZHOU, DECLINE), Ok(("declined", vec![Effect::ConfirmLessons])));
    assert_eq!(case.state().return_request.map(|(note, _)| note).as_deref(), Some("另有安排"));
    let cancel = Command { name: "cancel".into(), note: "改期".into(), ..Command::default() };
    assert_eq!(case.give(Uuid::from_u128(1), Party::Applicant, cancel, &[]), Ok(("cancelled", vec![Effect::ReleaseLessons])));
}

#[test]
fn nobody_confirms_after_the_deadline_and_nothing_is_changed_on_the_day_it_begins() {
    let day = |text: &str| Deadline::Day(text.parse().unwrap());
    let mut case = Case::default();
    case.submit();
    // The day of the tests is the first of the calendar.
    case.facts.deadlines.insert("confirm_by", day("1969-12-31"));
    let late = case.answer(LIN, AGREE).unwrap_err();
    assert_eq!(late.text(), "已超过确认截止时间（1969-12-31），不能再进行此操作");
    case.facts.deadlines.insert("confirm_by", day("1970-01-01"));
    case.answer(LIN, AGREE).unwrap();
    case.answer(ZHOU, AGREE).unwrap();
    case.facts.deadlines.insert("change_until", day("1969-12-31"));
    let cancel = Command { name: "cancel".into(), note: "改期".into(), ..Command::default() };
    assert!(matches!(case.give(Uuid::from_u128(1), Party::Applicant, cancel.clone(), &[]), Err(Refusal::TooLate(..))));
    case.facts.deadlines.insert("change_until", day("1970-01-01"));
    assert!(case.give(Uuid::from_u128(1), Party::Applicant, cancel, &[]).is_ok());
}

#[test]
fn only_teachers_whose_lessons_or_place_changed_are_asked_again() {
    let asked = |change: &dyn Fn(&mut Answers)| {
        let (before, mut now) = (answers(), answers());
        change(&mut now);
        in_context(&on_record(), |context| {
            let earlier: Vec<(Uuid, Path)> = KIND.participants_of(&before, context).into_iter().map(|p| (p.account, p.path)).collect();
            let named = KIND.named_participants(&KIND.participants_of(&now, context), Some((&before, &earlier)), &now);
            named.into_iter().filter(|p| p.changed).map(|p| p.account).collect::<Vec<_>>()
        })
    };
    let nobody: [Uuid; 0] = [];
    assert_eq!(asked(&|_| ()), nobody);
    assert_eq!(asked(&|a| a.put_record(LESSONS, lesson(SECOND, ZHOU, "2026-12-15", "09:00", "17:30", "8"))), [ZHOU]);
    assert_eq!(asked(&|a| a.put_record(LESSONS, lesson(SECOND, LIN, "2026-12-15", "08:30", "17:30", "8"))), [LIN]);
    assert_eq!(asked(&|a| drop(a.fields.insert(CITY.into(), "上海市".into()))), [LIN, ZHOU]);
    assert_eq!(asked(&|a| drop(a.fields.insert(HEADCOUNT.into(), "20".into()))), nobody);
}
