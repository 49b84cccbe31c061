//! Filings of courses from the draft to the register, and the register over time.

mod plans;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::base::rule::key;
use domain::engine::flow::{Command, Party, Refusal};
use domain::engine::form::Value;
use domain::kind::course_filing::{AGREE, DECLINE, HOURS, KIND, MODULE_HOURS, MODULES, RESULT, TEACHER_NAME, TEACHERS};
use domain::record::course::{CourseState, TieState};
use uuid::Uuid;

use super::expiry::check_courses;
use super::filings::{FilingView, TeacherStanding, list_filings};
use super::register::{CourseFilter, list_of_institution, list_public};
use crate::access::guard::Allowed;
use crate::demo::actions::{decide, fields, fill_step};
use crate::demo::course::{NewTeacher, answer, bind, complete_filing, put_record};
use crate::demo::testing::{TestApp, create_teaching};
use crate::demo_test;
use crate::infra::db;
use crate::matter::tests::races::at_once;
use crate::matter::{MatterError, Seen};
use crate::record::course::release_teacher;
use crate::service::deadlines::run_deadlines;
use crate::workflow::draft::{DraftEdit, edit_draft};
use crate::workflow::execute::{CommandRequest, execute};

const NAME: &str = "试点内审员培训";

/// A filing of the first institution that names these accounts, submitted.
async fn submitted(s: &TestApp, teachers: &[&Allowed]) -> Uuid {
    for who in teachers {
        bind(&s.app, who.account()).await.unwrap();
    }
    let institution = s.sign_in("inst-a").await;
    let named: Vec<NewTeacher> = teachers.iter().map(|who| NewTeacher::of(who)).collect();
    let id = complete_filing(&s.app, &institution, NAME, &named).await.unwrap();
    decide(&s.app, &institution, id, "submit", "").await.unwrap();
    id
}

async fn stage(s: &TestApp, id: Uuid) -> String {
    crate::matter::load(&s.app, &s.sign_in("inst-a").await, id).await.unwrap().state.stage
}

/// Takes a filing whose teachers have agreed to the register; gives the id of the course.
async fn file(s: &TestApp, id: Uuid) -> Uuid {
    decide(&s.app, &s.sign_in("officer").await, id, "propose", "").await.unwrap();
    decide(&s.app, &s.sign_in("approver2").await, id, "approve", "").await.unwrap();
    db::course::by_matter(&mut s.app.db.read().await.unwrap(), id).await.unwrap().unwrap().id
}

/// State and number of a course in the public register.
async fn listed(s: &TestApp, name: &str) -> Vec<(CourseState, String, Vec<String>)> {
    let filter = CourseFilter { name: name.to_owned(), ..CourseFilter::default() };
    let page = list_public(&s.app, &filter, None).await.unwrap();
    page.courses.into_iter().map(|c| (c.state, c.number, c.teachers.into_iter().map(|t| t.name).collect())).collect()
}

/// Changes the hours of a module, and of the course.
async fn set_hours(s: &TestApp, who: &Allowed, id: Uuid, module: usize, hours: &str, total: &str) {
    let matter = crate::matter::load(&s.app, who, id).await.unwrap();
    let record = matter.answers.records(MODULES).nth(module).unwrap().clone();
    let mut changed = record.fields.clone();
    changed.insert(MODULE_HOURS.to_owned(), hours.into());
    put_record(&s.app, who, id, MODULES, record.id, changed).await.unwrap();
    let matter = crate::matter::load(&s.app, who, id).await.unwrap();
    let step = matter.kind.form.step("course").unwrap();
    let mut course: BTreeMap<String, Value> = matter
        .answers
        .fields
        .iter()
        .filter(|(name, _)| step.fields().any(|f| f.name == name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    course.insert(HOURS.to_owned(), total.into());
    edit_draft(&s.app, who, id, DraftEdit::Fields { step: "course".into(), base: matter.revision, fields: course }).await.unwrap();
}

async fn standing(s: &TestApp, who: &Allowed, id: Uuid) -> TeacherStanding {
    let page = list_filings(&s.app, who, FilingView::All, None).await.unwrap();
    page.filings.into_iter().find(|filing| filing.matter == id).unwrap().standing
}

demo_test!(a_filing_is_confirmed_by_each_teacher_and_reaches_the_public_register, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, certified) = (s.sign_in("teacher").await, s.sign_in("certified").await);
    let id = submitted(&s, &[&teacher, &certified]).await;
    assert_eq!(standing(&s, &teacher, id).await, TeacherStanding::Waiting);
    assert_eq!(told(&s, &teacher, "待确认课程备案提醒").await, 1);
    let waiting = list_filings(&s.app, &teacher, FilingView::Waiting, None).await.unwrap();
    let row = waiting.filings.iter().find(|filing| filing.matter == id).unwrap();
    assert_eq!((row.course.as_str(), row.part[1].1.as_str(), row.due_on.is_some()), (NAME, "第 1 单元（16 学时）", true));
    let seen = crate::matter::load(&s.app, &teacher, id).await.unwrap();
    assert!(seen.is_party(Party::Participant) && !seen.is_own());
    assert_eq!(answer(&s.app, &teacher, id, AGREE).await.unwrap(), "teachers");
    assert_eq!((standing(&s, &teacher, id).await, standing(&s, &certified, id).await), (TeacherStanding::Agreed, TeacherStanding::Waiting));
    assert!(listed(&s, NAME).await.is_empty(), "not before the approval");
    assert_eq!(answer(&s.app, &certified, id, AGREE).await.unwrap(), "review");
    assert_eq!(told(&s, &s.sign_in("inst-a").await, "教师已全部确认").await, 1);
    file(&s, id).await;
    let entry = listed(&s, NAME).await.remove(0);
    assert_eq!((entry.0, entry.2), (CourseState::Valid, vec!["周**".to_owned(), "高**".to_owned()]));
    assert!(entry.1.starts_with("BA2026-"), "{}", entry.1);
    assert_eq!(standing(&s, &teacher, id).await, TeacherStanding::Tied(TieState::Filed));
    let own = list_of_institution(&s.app, &s.sign_in("inst-a").await, None).await.unwrap();
    assert!(own.courses.iter().any(|course| course.name == NAME && course.teachers.iter().any(|t| t.name == "高志远")));
    assert!(list_of_institution(&s.app, &s.sign_in("inst-b").await, None).await.unwrap().courses.is_empty());
    let mut tx = s.app.db.read().await.unwrap();
    assert!(db::course::names_teacher(&mut tx, teacher.account(), "FC-IA", s.app.today()).await.unwrap());
    assert!(!db::course::names_teacher(&mut tx, teacher.account(), "FC-CPD", s.app.today()).await.unwrap());
});

demo_test!(two_teachers_who_answer_at_once_are_both_heard, |demo| async move {
    let s = TestApp::new(demo).await;
    let people = [s.sign_in("teacher").await, s.sign_in("certified").await];
    let id = submitted(&s, &[&people[0], &people[1]]).await;
    let mut jobs = Vec::new();
    for who in people {
        let seen = crate::matter::load(&s.app, &who, id).await.unwrap().seen();
        let app = s.app.clone();
        jobs.push(async move {
            let answers = domain::engine::form::Answers { fields: fields(&[(RESULT, AGREE)]), ..Default::default() };
            let command = Command { name: "answer".into(), answers, ..Command::default() };
            execute(&app, &who, CommandRequest { key: Uuid::now_v7(), matter: id, seen: Some(seen), command }).await
        });
    }
    for outcome in at_once(jobs).await {
        outcome.unwrap();
    }
    assert_eq!(stage(&s, id).await, "review");
});

demo_test!(consent_names_a_revision_and_only_the_teacher_whose_part_changed_is_asked_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, certified, institution) = (s.sign_in("teacher").await, s.sign_in("certified").await, s.sign_in("inst-a").await);
    let id = submitted(&s, &[&teacher, &certified]).await;
    let before: Seen = crate::matter::load(&s.app, &certified, id).await.unwrap().seen();
    answer(&s.app, &teacher, id, AGREE).await.unwrap();
    assert_eq!(answer(&s.app, &certified, id, DECLINE).await.unwrap(), "declined");
    set_hours(&s, &institution, id, 1, "8", "24").await;
    decide(&s.app, &institution, id, "submit", "").await.unwrap();
    assert_eq!(stage(&s, id).await, "teachers");
    assert!(matches!(answer(&s.app, &teacher, id, AGREE).await, Err(MatterError::Refused(Refusal::Voted))), "that consent stands");
    let answers = domain::engine::form::Answers { fields: fields(&[(RESULT, AGREE)]), ..Default::default() };
    let command = Command { name: "answer".into(), answers, ..Command::default() };
    let late = execute(&s.app, &certified, CommandRequest { key: Uuid::now_v7(), matter: id, seen: Some(before), command }).await;
    assert!(matches!(late, Err(MatterError::Outdated(_))), "a page of the former hours: {late:?}");
    assert_eq!(answer(&s.app, &certified, id, AGREE).await.unwrap(), "review");
});

demo_test!(a_teacher_of_the_institution_that_files_confirms_the_own_part_and_decides_nothing_else, |demo| async move {
    let s = TestApp::new(demo).await;
    let filer = s.sign_in("inst-a").await;
    let id = submitted(&s, &[&filer]).await;
    let both = crate::matter::load(&s.app, &filer, id).await.unwrap();
    assert_eq!(both.actor.parties, [Party::Applicant, Party::Participant]);
    assert_eq!(answer(&s.app, &filer, id, AGREE).await.unwrap(), "review");
    assert!(matches!(s.execute(&filer, id, "propose").await, Err(MatterError::Refused(Refusal::NotOpen))));
});

demo_test!(silence_sends_a_filing_back_after_ten_working_days, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    let id = submitted(&s, &[&teacher]).await;
    s.app.clock.advance(TimeDelta::days(10));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "teachers", "ten days are not ten working days");
    s.app.clock.advance(TimeDelta::days(8));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "declined");
    assert_eq!(standing(&s, &teacher, id).await, TeacherStanding::Silent);
    assert!(answer(&s.app, &teacher, id, AGREE).await.is_err());
    decide(&s.app, &s.sign_in("inst-a").await, id, "submit", "").await.unwrap();
    assert_eq!(answer(&s.app, &teacher, id, AGREE).await.unwrap(), "review", "it can be submitted as it was");
});

/// The problems of a submission that names a teacher.
async fn problems(s: &TestApp, teacher: NewTeacher) -> Vec<String> {
    let institution = s.sign_in("inst-a").await;
    let id = complete_filing(&s.app, &institution, NAME, &[teacher]).await.unwrap();
    let revision = crate::matter::load(&s.app, &institution, id).await.unwrap().revision;
    match s.submit(&institution, id, revision, Uuid::now_v7()).await {
        Err(MatterError::InvalidAnswers(problems)) => problems.into_iter().map(|p| p.issue.text).collect(),
        Ok(_) => Vec::new(),
        Err(other) => panic!("{other:?}"),
    }
}

demo_test!(a_wrong_number_and_a_wrong_name_are_refused_in_the_same_words_and_not_often, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    bind(&s.app, teacher.account()).await.unwrap();
    let right = NewTeacher::of(&teacher);
    assert_eq!(problems(&s, right.clone()).await, [""; 0]);
    let not_found = ["未找到符合条件的教师，请核对"];
    assert_eq!(problems(&s, NewTeacher { name: "高志强".into(), ..right.clone() }).await, not_found);
    assert_eq!(problems(&s, NewTeacher { mobile: "13900009999".into(), ..right.clone() }).await, not_found);
    let applicant = NewTeacher::of(&s.sign_in("applicant").await);
    let unbound = problems(&s, applicant.clone()).await;
    assert_eq!(unbound.len(), 1);
    assert!(unbound[0].starts_with("林晓月 未绑定课程类别“"), "{unbound:?}");
    s.set_rule(key::TEACHER_LOOKUPS_PER_HOUR, "4").await;
    assert_eq!(problems(&s, NewTeacher { mobile: "13900009998".into(), ..right.clone() }).await, ["查找教师的次数过多，请 1 小时后再试"]);
    assert_eq!(problems(&s, right).await, [""; 0], "who was found before is found again");
    s.app.clock.advance(TimeDelta::hours(1));
    assert_eq!(problems(&s, applicant).await, unbound);
});

demo_test!(two_courses_approved_at_once_have_two_numbers, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let id = submitted(&s, &[&teacher]).await;
        answer(&s.app, &teacher, id, AGREE).await.unwrap();
        decide(&s.app, &s.sign_in("officer").await, id, "propose", "").await.unwrap();
        let (app, approver) = (s.app.clone(), s.sign_in("approver2").await);
        jobs.push(async move { decide(&app, &approver, id, "approve", "").await });
    }
    for outcome in at_once(jobs).await {
        outcome.unwrap();
    }
    let numbers: std::collections::BTreeSet<String> = listed(&s, NAME).await.into_iter().map(|(_, number, _)| number).collect();
    assert_eq!(numbers.len(), 2);
});

demo_test!(a_course_whose_teacher_ended_the_binding_is_not_filed, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("applicant").await;
    let id = submitted(&s, &[&teacher]).await;
    answer(&s.app, &teacher, id, AGREE).await.unwrap();
    decide(&s.app, &s.sign_in("officer").await, id, "propose", "").await.unwrap();
    let (account, now) = (teacher.account(), s.app.now());
    let ended = s.app.db.write(move |tx| {
        Box::pin(async move {
            let binding = db::teaching::list_bindings(tx, account).await?.remove(0);
            db::teaching::end_binding(tx, account, binding.id, now).await
        })
    });
    assert!(ended.await.unwrap());
    let refused = s.execute(&s.sign_in("approver2").await, id, "approve").await;
    assert!(matches!(refused, Err(MatterError::Blocked(_))), "{refused:?}");
    assert!(listed(&s, NAME).await.is_empty());
});

/// Messages with a title that an account was sent.
async fn told(s: &TestApp, who: &Allowed, title: &str) -> usize {
    let mut tx = s.app.db.read().await.unwrap();
    let sent = db::fetch_all!(&mut tx, (Uuid,), "select id from message where account_id = $1 and title = $2", who.account(), title);
    sent.unwrap().len()
}

demo_test!(an_institution_is_reminded_three_times_and_the_course_then_ends_by_its_day, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, institution) = (s.sign_in("teacher").await, s.sign_in("inst-a").await);
    let id = submitted(&s, &[&teacher]).await;
    answer(&s.app, &teacher, id, AGREE).await.unwrap();
    let course = file(&s, id).await;
    let until = db::course::by_id(&mut s.app.db.read().await.unwrap(), course).await.unwrap().unwrap().valid_until;
    for (before, reminders) in [(91, 0), (90, 1), (90, 1), (30, 2), (7, 3), (0, 3), (-1, 3)] {
        s.app.clock.advance(until - TimeDelta::days(before) - s.app.today());
        let jobs = [s.app.clone(), s.app.clone()].map(|app| async move { check_courses(&app).await });
        for outcome in at_once(jobs).await {
            outcome.unwrap();
        }
        assert_eq!(told(&s, &institution, "备案到期提醒").await, reminders, "{before} days before the end");
        let state = listed(&s, NAME).await.remove(0).0;
        assert_eq!(state, if before < 0 { CourseState::Expired } else { CourseState::Valid }, "{before}");
    }
});

demo_test!(a_course_without_a_teacher_is_suspended_told_and_cancelled_after_thirty_days, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, institution) = (s.sign_in("teacher").await, s.sign_in("inst-a").await);
    let id = submitted(&s, &[&teacher]).await;
    answer(&s.app, &teacher, id, AGREE).await.unwrap();
    let course = file(&s, id).await;
    let release = async || {
        let (app, account, today) = (s.app.clone(), teacher.account(), s.app.today());
        s.app.db.write(move |tx| Box::pin(async move { release_teacher(tx, &app, course, account, today).await })).await.unwrap()
    };
    assert!(release().await);
    assert!(!release().await, "a second time does nothing");
    assert_eq!(listed(&s, NAME).await.remove(0).0, CourseState::LacksTeachers);
    assert_eq!(told(&s, &institution, "备案课程师资不足").await, 1);
    assert_eq!(standing(&s, &teacher, id).await, TeacherStanding::Tied(TieState::Released));
    s.app.clock.advance(TimeDelta::days(30));
    check_courses(&s.app).await.unwrap();
    assert_eq!(listed(&s, NAME).await.remove(0).0, CourseState::LacksTeachers, "on the last day");
    s.app.clock.advance(TimeDelta::days(1));
    assert_eq!(check_courses(&s.app).await.unwrap().cancelled, 1);
    assert_eq!(check_courses(&s.app).await.unwrap().cancelled, 0, "once");
    assert_eq!(listed(&s, NAME).await.remove(0).0, CourseState::Cancelled);
    assert_eq!(told(&s, &institution, "备案课程已注销").await, 1);
});

demo_test!(the_register_is_searched_by_institution_name_category_and_state, |demo| async move {
    let s = TestApp::new(demo).await;
    create_teaching(&s.app).await;
    let names = async |filter: CourseFilter| {
        let page = list_public(&s.app, &filter, None).await.unwrap();
        page.courses.into_iter().map(|course| course.name).collect::<Vec<_>>()
    };
    let all = names(CourseFilter::default()).await;
    assert_eq!(all.len(), 2, "the courses of the demo: {all:?}");
    let with = |institution: &str, name: &str, category: &str, state| CourseFilter {
        institution: institution.to_owned(),
        name: name.to_owned(),
        category: category.to_owned(),
        state,
    };
    assert_eq!(names(with("华信", "", "FC-IA", Some(CourseState::Valid))).await.len(), 2);
    assert_eq!(names(with("", "环境管理", "", None)).await, ["环境管理体系内审员培训"]);
    for none in [with("中恒", "", "", None), with("", "", "FC-CPD", None), with("", "", "", Some(CourseState::Expired))] {
        assert!(names(none.clone()).await.is_empty(), "{none:?}");
    }
});

demo_test!(nobody_files_a_course_for_a_person_and_an_answer_needs_a_result, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    assert!(crate::workflow::draft::begin_draft(&s.app, &teacher, &KIND, Uuid::now_v7()).await.is_err());
    let id = submitted(&s, &[&teacher]).await;
    assert!(matches!(answer(&s.app, &teacher, id, "").await, Err(MatterError::InvalidForm(_))));
    assert!(matches!(s.execute(&teacher, id, "all_agreed").await, Err(MatterError::Refused(Refusal::NotOpen))));
    let stranger = s.sign_in("certified").await;
    assert!(matches!(answer(&s.app, &stranger, id, AGREE).await, Err(MatterError::NotFound)));
    let institution = s.sign_in("inst-a").await;
    assert!(matches!(s.execute(&institution, id, "answer").await, Err(MatterError::Refused(Refusal::NotOpen))));
    let record = crate::matter::load(&s.app, &institution, id).await.unwrap().answers.records(TEACHERS).next().unwrap().clone();
    assert_eq!(record.text(TEACHER_NAME), "高志远");
    assert!(fill_step(&s.app, &institution, id, "course", &[("course_name", "改名")]).await.is_err(), "not while the teachers are asked");
});
