//! Tests of the form, the flow and the warnings.

use uuid::Uuid;

use super::*;
use crate::base::catalogue::{Category, Grade};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Path, Problem, Record, Scope, Value, Widget};
use crate::matter::{ApplicantRecord, COURSE_CATEGORIES};
use crate::record::certificate::{CertificateStatus, HeldCertificate};
use crate::record::teaching::{CourseCategory, Delivery, TeacherRecord};

const TODAY: &str = "2026-11-27";

fn course_category(code: &str, needs_review: bool, ends_on: Option<&str>) -> CourseCategory {
    CourseCategory {
        code: code.into(),
        name: "内审员课程".into(),
        domain: None,
        deliveries: [Delivery::FaceToFace].into(),
        least_hours: 16,
        class_max: 40,
        needs_review,
        opens_on: "2021-01-01".parse().unwrap(),
        ends_on: ends_on.map(|day| day.parse().unwrap()),
    }
}

fn record() -> ApplicantRecord {
    let course_categories =
        vec![course_category("IA", false, None), course_category("F", true, None), course_category("OLD", false, Some(TODAY))];
    ApplicantRecord { course_categories, ..ApplicantRecord::default() }
}

fn fields(pairs: &[(&str, &str)]) -> crate::engine::form::Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

fn work(n: u128, start: &str, end: &str) -> Record {
    let pairs = [
        ("start", start),
        ("end", end),
        ("employer", "示例机电有限公司"),
        ("position", "质量经理"),
        ("is_full_time", "yes"),
        ("relevance", "负责内部审核"),
        ("duties", "质量管理"),
    ];
    Record { id: Uuid::from_u128(n), fields: fields(&pairs), removed: false }
}

fn teaching() -> Record {
    let pairs = [
        ("start", "2025-03-01"),
        ("end", "2025-03-03"),
        ("course", "内审员培训"),
        ("organiser", "示例培训中心"),
        ("delivery", "face"),
        ("role", "lead"),
        ("hours", "16"),
        ("content", "标准条款和审核方法"),
    ];
    Record { id: Uuid::from_u128(9), fields: fields(&pairs), removed: false }
}

/// Valid answers with one 授课经历.
fn answers(category: &str) -> Answers {
    let mut answers = Answers { fields: fields(&[(CATEGORY, category), ("pledge", "2026-11")]), ..Answers::default() };
    answers.put_record(TEACHING, teaching());
    answers
}

fn context() -> TestContext {
    TestContext::on(TODAY).with_list(COURSE_CATEGORIES, &[("IA", "内审员课程"), ("F", "审核员课程"), ("OLD", "旧课程")])
}

fn texts(problems: Vec<Problem>) -> Vec<(&'static str, String)> {
    problems.into_iter().map(|p| (p.step, p.issue.text)).collect()
}

fn check(answers: &Answers, record: &ApplicantRecord) -> Vec<(&'static str, String)> {
    texts(KIND.check(answers, &context().matter(record)))
}

#[test]
fn one_record_of_either_list_is_enough_and_none_is_refused() {
    assert_eq!(check(&answers("IA"), &record()), []);
    let mut worked = answers("IA");
    worked.remove_record(TEACHING, Uuid::from_u128(9));
    let missing = ("experience", "请至少添加一条工作经历或授课经历".to_owned());
    assert_eq!(check(&worked, &record()), [missing]);
    worked.put_record(WORK, work(1, "2020-01-01", ""));
    assert_eq!(check(&worked, &record()), []);
}

#[test]
fn a_category_is_chosen_and_neither_bound_nor_asked_for_nor_ended() {
    for (category, bound, pending, expected) in [
        ("", "", "", Some("请选择课程类别")),
        ("IA", "", "", None),
        ("IA", "F", "F", None),
        ("IA", "IA", "", Some("您已绑定该课程类别")),
        ("IA", "", "IA", Some("您已提交该课程类别的绑定申请，请等待审核结果")),
        ("OLD", "", "", Some("该课程类别已停用，请选择其他课程类别")),
    ] {
        let of = |code: &str| Some(code.to_owned()).filter(|code| !code.is_empty()).into_iter().collect();
        let teacher = TeacherRecord { bound: of(bound), pending: of(pending), education: Vec::new() };
        let record = ApplicantRecord { teacher, ..record() };
        let expected: Vec<_> = expected.map(|text| ("category", text.to_owned())).into_iter().collect();
        assert_eq!(check(&answers(category), &record), expected, "{category} {bound} {pending}");
    }
}

#[test]
fn the_pledge_is_required() {
    let mut answers = answers("IA");
    answers.fields.remove("pledge");
    assert_eq!(check(&answers, &record()), [("experience", "请阅读后勾选".to_owned())]);
}

#[test]
fn each_limit_of_a_record_holds_on_both_sides() {
    let long = |n: usize| "字".repeat(n);
    for (list, field, accepted, refused) in [
        (WORK, "employer", long(60), long(61)),
        (WORK, "department", long(40), long(41)),
        (WORK, "position", long(40), long(41)),
        (WORK, "relevance", long(500), long(501)),
        (WORK, "duties", long(500), long(501)),
        (TEACHING, "course", long(80), long(81)),
        (TEACHING, "organiser", long(60), long(61)),
        (TEACHING, "hours", "1".into(), "0".into()),
        (TEACHING, "hours", "999".into(), "1000".into()),
        (TEACHING, "audience", long(60), long(61)),
        (TEACHING, "trainees", "9999".into(), "10000".into()),
        (TEACHING, "content", long(500), long(501)),
        (TEACHING, "delivery", "recorded".into(), "online".into()),
        (TEACHING, "role", "assistant".into(), "guest".into()),
    ] {
        let with = |value: &str| {
            let mut answers = answers("IA");
            let mut record = if list == WORK { work(1, "2015-01-01", "") } else { teaching() };
            record.fields.insert(field.to_owned(), value.into());
            answers.put_record(list, record);
            check(&answers, &self::record())
        };
        assert_eq!(with(&accepted), [], "{list} {field}");
        assert_eq!(with(&refused).len(), 1, "{list} {field}");
    }
    let files = |list: &str| {
        let field = FORM.records(list).unwrap().1.field("proof").unwrap();
        matches!(&field.widget, Widget::Files(files) if files.most == 3)
    };
    assert!(files(WORK) && files(TEACHING));
}

fn warnings(answers: &Answers, record: &ApplicantRecord, rules: &[(&str, &str)]) -> Vec<String> {
    let context = context().with_rule_values(rules);
    KIND.warnings_for(answers, &context.matter(record)).into_iter().map(|w| w.issue.text).collect()
}

#[test]
fn less_than_five_years_of_work_is_told_and_overlapping_days_count_once() {
    let of = |works: &[(&str, &str)]| {
        let mut answers = answers("IA");
        for (n, (start, end)) in works.iter().enumerate() {
            answers.put_record(WORK, work(n as u128, start, end));
        }
        answers
    };
    let short = vec!["工作经历不足 5 年".to_owned()];
    for (works, expected) in [
        (vec![], short.clone()),
        (vec![("2021-11-28", "")], vec![]),
        (vec![("2021-11-29", "")], short.clone()),
        (vec![("2018-01-01", "2022-12-31")], vec![]),
        (vec![("2018-01-01", "2022-12-30")], short.clone()),
        (vec![("2018-01-01", "2021-12-31"), ("2019-01-01", "2022-06-30")], short.clone()),
    ] {
        assert_eq!(warnings(&of(&works), &record(), &[]), expected, "{works:?}");
    }
    assert_eq!(warnings(&of(&[("2018-01-01", "2022-12-31")]), &record(), &[("teach.work_years", "6")]), ["工作经历不足 6 年"]);
    assert_eq!(warnings(&of(&[]), &record(), &[("teach.work_years", "0")]), Vec::<String>::new());
    let mut none = answers("IA");
    none.remove_record(TEACHING, Uuid::from_u128(9));
    assert_eq!(warnings(&none, &record(), &[]), Vec::<String>::new(), "what is missing is a problem, not a warning");
}

#[test]
fn a_valid_senior_certificate_stands_for_the_work() {
    let held = |grade: Grade, until: &str| HeldCertificate {
        number: "2026-N2QMS-4000001".into(),
        category: Category::Auditor,
        domain: "QMS".into(),
        grade,
        issued_on: "2024-01-01".parse().unwrap(),
        valid_until: until.parse().unwrap(),
        confirm_due_on: until.parse().unwrap(),
        status: CertificateStatus::Valid,
        overdue: false,
        scheduled: None,
        specialties: vec![],
        holder: Uuid::nil(),
    };
    for (grade, until, count) in [(Grade::Senior, TODAY, 0), (Grade::Senior, "2026-11-26", 1), (Grade::Full, TODAY, 1)] {
        let record = ApplicantRecord { certificates: vec![held(grade, until)], ..record() };
        assert_eq!(warnings(&answers("IA"), &record, &[]).len(), count, "{grade:?} {until}");
    }
}

#[test]
fn the_highest_education_on_record_counts_and_none_is_no_ground() {
    let low = Some("学历低于大学本科");
    for (levels, least, expected) in [
        (vec![], "bachelor", None),
        (vec!["junior_college"], "bachelor", low),
        (vec!["bachelor"], "bachelor", None),
        (vec!["junior_college", "master"], "bachelor", None),
        (vec!["bachelor"], "master", Some("学历低于硕士研究生")),
    ] {
        let education = levels.iter().map(|level| (*level).to_owned()).collect();
        let record = ApplicantRecord { teacher: TeacherRecord { education, ..TeacherRecord::default() }, ..record() };
        let found = warnings(&answers("IA"), &record, &[("teach.work_years", "0"), ("teach.education", least)]);
        assert_eq!(found.first().map(String::as_str), expected, "{levels:?} {least}");
    }
}

#[test]
fn a_category_without_review_is_bound_by_the_submission_and_another_one_is_reviewed() {
    for (category, stage, binds) in [("IA", "bound", true), ("F", "review", false), ("", "bound", true)] {
        let (answers, record, context) = (answers(category), record(), context());
        let facts = facts(&answers, &context.matter(&record));
        let scope = Scope::form(&answers).with_facts(&facts.fields);
        let open: Vec<_> = FLOW.draft().unwrap().transitions.iter().filter(|t| t.when.holds(&scope)).collect();
        assert_eq!(open.iter().map(|t| (t.to[0].1, !t.effects.is_empty())).collect::<Vec<_>>(), [(stage, binds)], "{category}");
        assert_eq!(open[0].label, "完成");
    }
}

#[test]
fn a_person_has_one_open_binding_to_a_category() {
    let key = |category: &str| (KIND.open_keys)(&answers(category)).into_iter().map(|key| key.text(Uuid::nil())).collect::<Vec<_>>();
    assert_eq!(key("IA").len(), 1);
    assert_ne!(key("IA"), key("F"));
    assert_eq!(key(""), [""; 0]);
}

#[test]
fn the_relevance_to_a_category_is_not_kept_in_the_library() {
    let (_, list) = FORM.records(WORK).unwrap();
    let kept = list.reusable(&work(1, "2020-01-01", "").fields);
    assert!(!kept.contains_key("relevance") && kept.contains_key("duties"));
    assert!(FORM.field_at(&Path::field("pledge")).is_some_and(|field| field.is_single_use()));
    assert!(!answers("IA").fields.values().any(|value| matches!(value, Value::Files(_))));
}

#[test]
fn stages_at_which_something_is_asked_for_have_the_label_of_their_state() {
    for stage in FLOW.stages {
        if let Some(state) = state_at(stage.code) {
            assert_eq!(state.label(), stage.label, "{}", stage.code);
        }
    }
    assert_eq!(FLOW.stages.iter().filter(|stage| state_at(stage.code).is_some()).count(), 3);
    assert_eq!(FLOW.stage("bound").unwrap().label, BindingState::Bound.label());
}
