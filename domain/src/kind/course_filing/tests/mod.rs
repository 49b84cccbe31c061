//! Tests of the filing of a course.

mod consent;

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Path, Problem, Record, Value, check_form};
use crate::matter::{ApplicantRecord, Availability, COURSE_CATEGORIES, COURSE_DELIVERIES, COURSE_MODULES, MatterContext};
use crate::record::course::{FilingRecord, FoundTeacher, TeacherLookup};
use crate::record::teaching::{CourseCategory, Delivery};

/// Ids of modules, of records of teachers, and of their accounts.
const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);
const LIN: Uuid = Uuid::from_u128(11);
const ZHOU: Uuid = Uuid::from_u128(12);
const LIN_ACCOUNT: Uuid = Uuid::from_u128(21);
const ZHOU_ACCOUNT: Uuid = Uuid::from_u128(22);
const BOUND: &str = "FC-IA";

fn category(code: &str, name: &str) -> CourseCategory {
    CourseCategory {
        code: code.into(),
        name: name.into(),
        domain: None,
        deliveries: [Delivery::FaceToFace, Delivery::Live].into(),
        least_hours: 16,
        class_max: 40,
        needs_review: false,
        opens_on: "2020-01-01".parse().unwrap(),
        ends_on: None,
    }
}

fn found(account: Uuid) -> TeacherLookup {
    TeacherLookup::Found(FoundTeacher { account, categories: vec![BOUND.into()] })
}

/// What is on record: both teachers, who are bound to the first category.
fn on_record() -> FilingRecord {
    FilingRecord { may_train: true, teachers: [(LIN, found(LIN_ACCOUNT)), (ZHOU, found(ZHOU_ACCOUNT))].into() }
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let value =
        |text: &str| text.strip_prefix('*').map_or_else(|| text.into(), |codes| Value::Many(codes.split(',').map(str::to_owned).collect()));
    pairs.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
}

fn record(id: Uuid, pairs: &[(&str, &str)]) -> Record {
    Record { id, fields: fields(pairs), removed: false }
}

fn teacher(id: Uuid, name: &str, contact: (&str, &str), role: &str, modules: &[Uuid]) -> Record {
    let codes = format!("*{}", modules.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","));
    record(id, &[(TEACHER_NAME, name), contact, (TEACHER_ROLE, role), (TEACHER_MODULES, &codes)])
}

/// A course of two modules, each led by one teacher.
fn answers() -> Answers {
    let head = [
        (COURSE_NAME, "内审员培训"),
        (CATEGORY, BOUND),
        (DELIVERY, "*face"),
        (HOURS, "16"),
        (CLASS_MAX, "40"),
        ("audience", "企业内审员"),
        ("objectives", "掌握内审方法"),
        ("assessment", "*closed_book"),
        ("certificate", "yes"),
        ("contact", "王芳"),
        ("contact_phone", "010-12345678"),
        ("declared", "2026-1"),
    ];
    let mut answers = Answers { fields: fields(&head), ..Answers::default() };
    for (id, name, hours) in [(FIRST, "标准理解", "7.5"), (SECOND, "审核实务", "8.5")] {
        answers.put_record(MODULES, record(id, &[(MODULE_NAME, name), ("content", "要点"), (MODULE_HOURS, hours), ("method", "lecture")]));
    }
    answers.put_record(TEACHERS, teacher(LIN, "林晓月", (TEACHER_MOBILE, "13900000001"), "lead", &[FIRST]));
    answers.put_record(TEACHERS, teacher(ZHOU, "周敏", (TEACHER_NUMBER, "JS000002"), "lead", &[SECOND]));
    answers
}

fn set(answers: &mut Answers, name: &str, text: &str) {
    answers.fields.extend(fields(&[(name, text)]));
}

fn set_in(answers: &mut Answers, list: &str, id: Uuid, name: &str, text: &str) {
    let mut changed = answers.record(list, id).unwrap().clone();
    changed.fields.extend(fields(&[(name, text)]));
    answers.put_record(list, changed);
}

fn in_context<T>(filing: &FilingRecord, ask: impl Fn(&MatterContext<'_>) -> T) -> T {
    let course_categories = vec![category(BOUND, "内审员课程"), category("FC-CPD", "继续教育专题")];
    let record = ApplicantRecord { filing: filing.clone(), course_categories, ..ApplicantRecord::default() };
    let deliveries = format!("{COURSE_DELIVERIES}/{BOUND}");
    let (first, second) = (FIRST.to_string(), SECOND.to_string());
    let context = TestContext::on("2026-11-23")
        .with_list(COURSE_CATEGORIES, &[(BOUND, "内审员课程"), ("FC-CPD", "继续教育专题")])
        .with_list(&deliveries, &[("face", "面授"), ("live", "直播")])
        .with_list(COURSE_MODULES, &[(&first, "标准理解"), (&second, "审核实务")]);
    ask(&context.matter(&record))
}

fn problems(answers: &Answers, filing: &FilingRecord) -> Vec<Problem> {
    in_context(filing, |context| condition::validate(answers, context))
}

/// Step and text of each problem across fields.
fn texts(change: impl Fn(&mut Answers), filing: &FilingRecord) -> Vec<(&'static str, String)> {
    let mut answers = answers();
    change(&mut answers);
    problems(&answers, filing).into_iter().map(|p| (p.step, p.issue.text)).collect()
}

fn one(step: &'static str, text: &str) -> Vec<(&'static str, String)> {
    vec![(step, text.to_owned())]
}

#[test]
fn a_complete_filing_lacks_nothing_but_its_files() {
    let missing = in_context(&on_record(), |context| KIND.check(&answers(), context));
    let fields: Vec<String> = missing.iter().map(|p| p.path.to_string()).collect();
    assert_eq!(fields, ["syllabus", "handout", "slides", "exam_paper", "timetable", "licence"]);
    assert!(missing.iter().all(|p| p.issue.text.starts_with("请上传")));
}

#[test]
fn only_an_institution_that_may_train_files_a_course() {
    let without = FilingRecord { may_train: false, ..on_record() };
    let availability = |filing: &FilingRecord| in_context(filing, condition::availability);
    assert_eq!(availability(&on_record()), Availability::Open);
    assert_eq!(availability(&without), Availability::closed("本机构尚未开通培训业务，请联系协会"));
    assert_eq!(texts(|_| (), &without), one("course", "本机构尚未开通培训业务，请联系协会"), "nor one that lost the permission");
}

#[test]
fn the_category_limits_hours_and_class() {
    let filing = on_record();
    for (name, text, said) in
        [(CLASS_MAX, "40", None), (CLASS_MAX, "41", Some("每班人数不能超过该课程类别的上限 40 人")), (CLASS_MAX, "1", None)]
    {
        let found = texts(|answers| set(answers, name, text), &filing);
        assert_eq!(found, said.map_or_else(Vec::new, |said| one("course", said)), "{text}");
    }
    let hours = |total: &'static str, second: &'static str| {
        texts(
            |a| {
                set(a, HOURS, total);
                set_in(a, MODULES, SECOND, MODULE_HOURS, second);
            },
            &filing,
        )
    };
    assert_eq!(hours("16", "8.5"), []);
    assert_eq!(hours("15", "7.5"), one("course", "总学时不能少于该课程类别的最少学时 16"));
}

#[test]
fn the_hours_of_the_modules_add_up_to_those_of_the_course() {
    let filing = on_record();
    for (second, said) in [
        ("8.5", None),
        ("8", Some("各模块学时合计 15.5，与总学时 16 不一致")),
        ("9", Some("各模块学时合计 16.5，与总学时 16 不一致")),
        // What is no number is the fault of its own field.
        ("很多", None),
    ] {
        let found = texts(|answers| set_in(answers, MODULES, SECOND, MODULE_HOURS, second), &filing);
        assert_eq!(found, said.map_or_else(Vec::new, |said| one("outline", said)), "{second}");
    }
}

#[test]
fn a_teacher_is_found_or_not_without_a_reason() {
    let with = |lookup: TeacherLookup| FilingRecord { teachers: [(LIN, lookup), (ZHOU, found(ZHOU_ACCOUNT))].into(), ..on_record() };
    let unbound = TeacherLookup::Found(FoundTeacher { account: LIN_ACCOUNT, categories: vec!["FC-CPD".into()] });
    for (lookup, said) in [
        (found(LIN_ACCOUNT), None),
        (TeacherLookup::NotFound, Some("未找到符合条件的教师，请核对")),
        (TeacherLookup::TooMany, Some("查找教师的次数过多，请 1 小时后再试")),
        (unbound, Some("林晓月 未绑定课程类别“内审员课程”，请其先在“课程管理”中绑定")),
        (found(ZHOU_ACCOUNT), Some("同一教师不能重复添加")),
    ] {
        let found = texts(|_| (), &with(lookup.clone()));
        assert_eq!(found, said.map_or_else(Vec::new, |said| one("teachers", said)), "{lookup:?}");
    }
    let nothing = texts(|answers| set_in(answers, TEACHERS, LIN, TEACHER_MOBILE, ""), &on_record());
    assert_eq!(nothing, one("teachers", "请填写手机号码或教师编号"));
}

#[test]
fn every_module_has_a_teacher_who_leads_it() {
    let filing = on_record();
    let assistant = texts(|answers| set_in(answers, TEACHERS, ZHOU, TEACHER_ROLE, "assistant"), &filing);
    assert_eq!(assistant, one("teachers", "模块“审核实务”没有主讲教师"));
    let both = format!("*{FIRST},{SECOND}");
    let led = texts(
        |answers| {
            set_in(answers, TEACHERS, ZHOU, TEACHER_ROLE, "assistant");
            set_in(answers, TEACHERS, LIN, TEACHER_MODULES, &both);
        },
        &filing,
    );
    assert_eq!(led, []);
    let mut none = answers();
    none.records.remove(TEACHERS);
    assert!(problems(&none, &filing).is_empty(), "the list itself is asked for by the form");
}

#[test]
fn fields_take_answers_up_to_their_limits() {
    let long = |n: usize| "字".repeat(n);
    for (name, most) in [(COURSE_NAME, 80), ("audience", 200), ("objectives", 1000), ("fee_note", 200)] {
        for (length, fits) in [(most, true), (most + 1, false)] {
            let mut answers = answers();
            set(&mut answers, name, &long(length));
            let faults = in_context(&on_record(), |context| check_form(&FORM, &answers, context));
            assert_eq!(faults.iter().all(|p| p.path != Path::field(name)), fits, "{name} {length}");
        }
    }
    for (hours, fits) in [("0", false), ("0.5", true), ("40", true), ("40.5", false), ("1.2", false)] {
        let mut answers = answers();
        set_in(&mut answers, MODULES, FIRST, MODULE_HOURS, hours);
        let cell = Path::Cell(MODULES.into(), FIRST, MODULE_HOURS.into());
        let faults = in_context(&on_record(), |context| check_form(&FORM, &answers, context));
        assert_eq!(faults.iter().all(|p| p.path != cell), fits, "{hours}");
    }
}

#[test]
fn a_teacher_who_declines_gives_an_opinion() {
    let faults = |pairs: &[(&str, &str)]| {
        let answers = Answers { fields: fields(pairs), ..Answers::default() };
        let found = in_context(&on_record(), |context| check_form(&CONFIRMATION, &answers, context));
        found.into_iter().map(|p| p.issue.text).collect::<Vec<_>>()
    };
    assert_eq!(faults(&[]), ["请选择确认结果"]);
    assert_eq!(faults(&[(RESULT, AGREE)]), [""; 0]);
    assert_eq!(faults(&[(RESULT, DECLINE)]), ["不同意的，请填写确认意见"]);
    assert_eq!(faults(&[(RESULT, DECLINE), (OPINION, "时间冲突")]), [""; 0]);
    assert_eq!(faults(&[(RESULT, DECLINE), (OPINION, &"字".repeat(501))]), ["最多 500 字，现有 501 字"]);
}

#[test]
fn a_teacher_reads_the_own_role_and_modules() {
    let lines = |id| participant::lines(&answers(), &Path::Row(TEACHERS.into(), id));
    assert_eq!(lines(LIN), [("授课角色", "主讲".to_owned()), ("承担模块", "标准理解（7.5 学时）".to_owned())]);
    assert_eq!(lines(FIRST), []);
}
