//! Training plans: confirmation, clashes of one teacher's plans, changes, and the end.

use chrono::{Days, TimeDelta};
use domain::kind::training_plan::{AGREE, DECLINE};
use uuid::Uuid;

use super::{file, stage, submitted};
use crate::access::guard::Allowed;
use crate::demo::actions::decide;
use crate::demo::course::answer;
use crate::demo::plan::{NewPlan, complete_plan, set_time};
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db;
use crate::matter::MatterError;
use crate::matter::tests::races::at_once;
use crate::service::course::filings::TeacherStanding;
use crate::service::course::plans::{PlanView, calendar, list_plans};
use crate::service::deadlines::run_deadlines;

/// A filed course of the first institution whose teacher is `teacher`.
async fn course(s: &TestApp) -> Uuid {
    let teacher = s.sign_in("teacher").await;
    let id = submitted(s, &[&teacher]).await;
    answer(&s.app, &teacher, id, AGREE).await.unwrap();
    file(s, id).await
}

fn plan(s: &TestApp, course: Uuid, title: &str, city: &'static str, time: (&'static str, &'static str)) -> NewPlan {
    let start = s.app.today().checked_add_days(Days::new(60)).unwrap();
    NewPlan { title: title.to_owned(), course, start, city, time }
}

/// A plan of the first institution whose lessons `teacher` gives, submitted.
async fn reported(s: &TestApp, plan: &NewPlan) -> Uuid {
    let (institution, teacher) = (s.sign_in("inst-a").await, s.account("teacher").await);
    let id = complete_plan(&s.app, &institution, plan, teacher).await.unwrap();
    decide(&s.app, &institution, id, "submit", "").await.unwrap();
    id
}

async fn confirm(s: &TestApp, who: &Allowed, id: Uuid) -> Result<String, MatterError> {
    answer(&s.app, who, id, AGREE).await
}

async fn lessons(s: &TestApp) -> Vec<bool> {
    let (mut tx, teacher) = (s.app.db.read().await.unwrap(), s.account("teacher").await);
    let first = s.app.today().checked_add_days(Days::new(59)).unwrap();
    let rows = db::plan::list_between(&mut tx, teacher, (first, first.checked_add_days(Days::new(9)).unwrap()), Uuid::nil()).await.unwrap();
    rows.into_iter().map(|row| row.lesson.is_confirmed).collect()
}

demo_test!(of_two_plans_at_one_time_a_teacher_confirms_one_and_the_other_is_moved, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, institution) = (s.sign_in("teacher").await, s.sign_in("inst-a").await);
    let course = course(&s).await;
    let first = reported(&s, &plan(&s, course, "一期", "北京市", ("08:30", "17:30"))).await;
    let second = reported(&s, &plan(&s, course, "二期", "北京市", ("17:00", "21:00"))).await;
    assert_eq!(lessons(&s).await, [false; 4]);
    assert_eq!(confirm(&s, &teacher, first).await.unwrap(), "reported");
    let page = list_plans(&s.app, &teacher, PlanView::Waiting, None).await.unwrap();
    let waiting = page.plans.iter().find(|plan| plan.matter == second).unwrap();
    assert!(waiting.clash.as_ref().unwrap().ends_with("08:30–17:30 已有培训计划“一期”"), "{:?}", waiting.clash);
    let refused = confirm(&s, &teacher, second).await;
    let Err(MatterError::Blocked(text)) = refused else { panic!("{refused:?}") };
    assert!(text.starts_with("与您已确认的培训计划时间冲突，不能确认"), "{text}");
    assert_eq!(stage(&s, second).await, "teachers", "nothing was recorded");
    assert_eq!(answer(&s.app, &teacher, second, DECLINE).await.unwrap(), "declined");
    assert_eq!(lessons(&s).await, [true; 2], "the time of the second plan is free");
    let again = s.submit(&institution, second, revision(&s, &institution, second).await, Uuid::now_v7()).await;
    assert!(matches!(again, Err(MatterError::InvalidAnswers(_) | MatterError::Refused(_))), "{again:?}");
    set_time(&s.app, &institution, second, ("17:30", "21:30")).await.unwrap();
    decide(&s.app, &institution, second, "submit", "").await.unwrap();
    assert_eq!(confirm(&s, &teacher, second).await.unwrap(), "reported");
    let file = calendar(&s.app, &teacher).await.unwrap();
    assert_eq!(file.matches("BEGIN:VEVENT").count(), 4, "{file}");
});

async fn revision(s: &TestApp, who: &Allowed, id: Uuid) -> i64 {
    crate::matter::load(&s.app, who, id).await.unwrap().revision
}

demo_test!(two_plans_at_one_time_that_are_confirmed_at_once_are_confirmed_once, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    let course = course(&s).await;
    for round in 0..3 {
        let mut jobs = Vec::new();
        let mut plans = Vec::new();
        for title in ["甲班", "乙班"] {
            let mut plan = plan(&s, course, title, "北京市", ("08:30", "17:30"));
            plan.start = plan.start.checked_add_days(Days::new(round * 10)).unwrap();
            let id = reported(&s, &plan).await;
            plans.push(id);
            let (app, who) = (s.app.clone(), teacher.clone());
            jobs.push(async move { answer(&app, &who, id, AGREE).await });
        }
        let results = at_once(jobs).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().any(|result| matches!(result, Err(MatterError::Blocked(_)))), "{results:?}");
        let mut stages = vec![stage(&s, plans[0]).await, stage(&s, plans[1]).await];
        stages.sort_unstable();
        assert_eq!(stages, ["reported", "teachers"]);
    }
});

demo_test!(a_plan_is_changed_cancelled_and_sent_back_before_it_begins, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, institution, officer) = (s.sign_in("teacher").await, s.sign_in("inst-a").await, s.sign_in("officer").await);
    let course = course(&s).await;
    let id = reported(&s, &plan(&s, course, "一期", "北京市", ("08:30", "17:30"))).await;
    confirm(&s, &teacher, id).await.unwrap();
    set_time(&s.app, &institution, id, ("09:00", "18:00")).await.unwrap();
    decide(&s.app, &institution, id, "submit", "").await.unwrap();
    assert_eq!(stage(&s, id).await, "teachers", "the teacher is asked again");
    assert_eq!(lessons(&s).await, [false; 2]);
    confirm(&s, &teacher, id).await.unwrap();
    assert_eq!(s.execute(&officer, id, "return").await.unwrap().stage, "declined");
    assert_eq!(lessons(&s).await, [true; 2], "the time is held while the plan is changed");
    assert_eq!(s.execute(&institution, id, "cancel").await.unwrap().stage, "cancelled");
    assert!(lessons(&s).await.is_empty());
});

demo_test!(a_plan_ends_by_its_day_and_waits_for_its_result, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, institution) = (s.sign_in("teacher").await, s.sign_in("inst-a").await);
    let course = course(&s).await;
    let id = reported(&s, &plan(&s, course, "一期", "北京市", ("08:30", "17:30"))).await;
    confirm(&s, &teacher, id).await.unwrap();
    s.app.clock.advance(TimeDelta::days(61));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "reported", "on the last day");
    assert!(s.execute(&institution, id, "cancel").await.is_err(), "the training has begun");
    s.app.clock.advance(TimeDelta::days(1));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "results");
    s.app.clock.advance(TimeDelta::days(40));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "overdue");
});

demo_test!(silence_until_three_working_days_before_the_start_sends_a_plan_back, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    let course = course(&s).await;
    let plan = plan(&s, course, "一期", "北京市", ("08:30", "17:30"));
    let id = reported(&s, &plan).await;
    let by = s.app.tables().working_days.before(plan.start, 3);
    let page = list_plans(&s.app, &teacher, PlanView::Waiting, None).await.unwrap();
    let row = page.plans.iter().find(|plan| plan.matter == id).unwrap();
    assert_eq!((row.due_on, row.lessons.len(), row.standing), (Some(by), 2, TeacherStanding::Waiting));
    s.app.clock.advance(by - s.app.today());
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "teachers");
    s.app.clock.advance(TimeDelta::days(1));
    let late = confirm(&s, &teacher, id).await;
    assert!(matches!(late, Err(MatterError::Refused(_))), "{late:?}");
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(stage(&s, id).await, "declined");
});
