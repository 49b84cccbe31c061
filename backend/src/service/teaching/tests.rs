//! Bindings and course categories, on both databases.

use domain::engine::flow::Refusal;
use domain::engine::form::Answers;
use domain::record::teaching::{BindingState, CourseCategory, answers_of};
use uuid::Uuid;

use super::binding::{BindingLine, Unbinding, end_binding, own_bindings, unbinding_page};
use super::category::{CategoryChange, category_version, find_category, save_category};
use crate::access::guard::Allowed;
use crate::demo::actions::decide;
use crate::demo::binding::complete_binding;
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::infra::db;
use crate::matter::MatterError;
use crate::workflow::draft::{DraftEdit, edit_draft};

/// A category whose binding holds at once, and one that is reviewed.
const AT_ONCE: &str = "FC-IA";
const REVIEWED: &str = "FC-AUD-F";

async fn submit(s: &TestApp, who: &Allowed, category: &str) -> Result<Uuid, MatterError> {
    let id = complete_binding(&s.app, who, category).await.unwrap();
    decide(&s.app, who, id, "submit", "").await.map(|()| id)
}

async fn lines(s: &TestApp, who: &Allowed) -> Vec<BindingLine> {
    own_bindings(&s.app, who).await.unwrap().lines
}

/// Category and state of each line.
async fn states(s: &TestApp, who: &Allowed) -> Vec<(String, BindingState)> {
    lines(s, who).await.into_iter().map(|line| (line.category, line.state)).collect()
}

fn state(category: &str, state: BindingState) -> (String, BindingState) {
    (category.to_owned(), state)
}

/// The texts of the problems for which a submission was refused.
fn problems(refused: Result<Uuid, MatterError>) -> Vec<String> {
    match refused {
        Err(MatterError::InvalidAnswers(problems)) => problems.into_iter().map(|problem| problem.issue.text).collect(),
        other => panic!("{other:?}"),
    }
}

async fn audited(s: &TestApp, action: &str) -> usize {
    let rows = db::audit::list_pending(&mut s.app.db.read().await.unwrap(), 100_000).await.unwrap();
    rows.iter().filter(|row| row.action == action).count()
}

async fn save(s: &TestApp, category: &CourseCategory, seen: &str, is_new: bool) -> Result<(), MatterError> {
    let code = (!is_new).then(|| category.code.clone());
    let change = CategoryChange { code, seen: seen.to_owned(), answers: answers_of(category) };
    save_category(&s.app, &s.sign_in("officer").await, change).await
}

async fn end_category(s: &TestApp, code: &str) {
    let category = find_category(&s.app, code).await.unwrap();
    let ended = CourseCategory { ends_on: Some(s.app.today()), ..category.clone() };
    save(s, &ended, &category_version(&category), false).await.unwrap();
}

demo_test!(a_category_without_review_is_bound_by_the_submission_and_gives_a_number_once, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    assert!(own_bindings(&s.app, &teacher).await.unwrap().number.is_none());
    let id = submit(&s, &teacher, AT_ONCE).await.unwrap();
    let matter = crate::matter::load(&s.app, &teacher, id).await.unwrap();
    assert_eq!((matter.stage().map(|stage| stage.code), matter.closed_at.is_some()), (Some("bound"), true));
    let found = own_bindings(&s.app, &teacher).await.unwrap();
    assert_eq!(found.number.as_deref(), Some("JS000001"));
    let line = &found.lines[0];
    assert_eq!((line.state, line.matter, line.bound_on), (BindingState::Bound, Some(id), Some(s.app.today())));
    submit(&s, &teacher, "FC-STD").await.unwrap();
    assert_eq!(own_bindings(&s.app, &teacher).await.unwrap().number.as_deref(), Some("JS000001"));
    submit(&s, &s.sign_in("expert1").await, AT_ONCE).await.unwrap();
    let number = own_bindings(&s.app, &s.sign_in("expert1").await).await.unwrap().number;
    assert_eq!(number.as_deref(), Some("JS000002"));
    let mut tx = s.app.db.read().await.unwrap();
    let teachers = db::teaching::teachers_bound(&mut tx, AT_ONCE).await.unwrap();
    assert_eq!(teachers.len(), 2);
    assert_eq!(db::teaching::teacher_by_number(&mut tx, "JS000001").await.unwrap(), Some(teacher.account()));
    assert_eq!(audited(&s, "teaching.bound").await, 3);
});

demo_test!(a_category_with_review_waits_for_the_officer_and_can_be_returned, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, officer) = (s.sign_in("teacher").await, s.sign_in("officer").await);
    let id = submit(&s, &teacher, REVIEWED).await.unwrap();
    assert_eq!(states(&s, &teacher).await, [state(REVIEWED, BindingState::Pending)]);
    let mut tx = s.app.db.read().await.unwrap();
    assert!(!db::teaching::is_bound(&mut tx, teacher.account(), REVIEWED, s.app.today()).await.unwrap());
    drop(tx);
    let again = submit(&s, &teacher, REVIEWED).await;
    let Err(MatterError::InvalidAnswers(problems)) = again else { panic!("{again:?}") };
    assert_eq!(problems[0].issue.text, "您已提交该课程类别的绑定申请，请等待审核结果");
    s.execute(&officer, id, "return").await.unwrap();
    assert_eq!(states(&s, &teacher).await, [state(REVIEWED, BindingState::Returned)]);
    let unchanged = decide(&s.app, &teacher, id, "submit", "").await;
    assert!(matches!(unchanged, Err(MatterError::Refused(Refusal::Unchanged))), "{unchanged:?}");
    let base = crate::matter::load(&s.app, &teacher, id).await.unwrap().revision;
    let fields = [("category", REVIEWED), ("direction", "审核实务")].map(|(name, value)| (name.to_owned(), value.into())).into();
    edit_draft(&s.app, &teacher, id, DraftEdit::Fields { step: "category".into(), base, fields }).await.unwrap();
    decide(&s.app, &teacher, id, "submit", "").await.unwrap();
    assert!(s.execute(&teacher, id, "pass").await.is_err(), "nobody passes the own binding");
    s.execute(&officer, id, "pass").await.unwrap();
    assert_eq!(states(&s, &teacher).await, [state(REVIEWED, BindingState::Bound)]);
    let mut tx = s.app.db.read().await.unwrap();
    assert!(db::teaching::is_bound(&mut tx, teacher.account(), REVIEWED, s.app.today()).await.unwrap());
});

demo_test!(a_refused_binding_is_shown_until_the_category_is_asked_for_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, officer) = (s.sign_in("teacher").await, s.sign_in("officer").await);
    let first = submit(&s, &teacher, REVIEWED).await.unwrap();
    s.execute(&officer, first, "refuse").await.unwrap();
    assert_eq!(states(&s, &teacher).await, [state(REVIEWED, BindingState::Refused)]);
    s.app.clock.advance(chrono::TimeDelta::minutes(1));
    let second = submit(&s, &teacher, REVIEWED).await.unwrap();
    assert_eq!(states(&s, &teacher).await, [state(REVIEWED, BindingState::Pending)]);
    decide(&s.app, &teacher, second, "withdraw", "").await.unwrap();
    assert_eq!(states(&s, &teacher).await, [state(REVIEWED, BindingState::Refused)]);
});

demo_test!(of_two_submissions_at_once_one_binds_and_the_other_is_told, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    let mut drafts = Vec::new();
    for _ in 0..2 {
        drafts.push(complete_binding(&s.app, &teacher, AT_ONCE).await.unwrap());
    }
    let one = |id: Uuid| {
        let (s, teacher) = (&s, &teacher);
        async move { decide(&s.app, teacher, id, "submit", "").await }
    };
    let (a, b) = tokio::join!(one(drafts[0]), one(drafts[1]));
    assert_eq!([&a, &b].iter().filter(|result| result.is_ok()).count(), 1, "{a:?} {b:?}");
    let refused = a.and(b).unwrap_err();
    assert!(matches!(refused, MatterError::InvalidAnswers(_) | MatterError::AlreadyOpen(..) | MatterError::Blocked(_)), "{refused:?}");
    assert_eq!(states(&s, &teacher).await, [state(AT_ONCE, BindingState::Bound)]);
});

demo_test!(a_bound_category_is_refused_and_the_database_holds_one_open_binding, |demo| async move {
    let s = TestApp::new(demo).await;
    let teacher = s.sign_in("teacher").await;
    submit(&s, &teacher, AT_ONCE).await.unwrap();
    assert_eq!(problems(submit(&s, &teacher, AT_ONCE).await), ["您已绑定该课程类别"]);
    let account = teacher.account();
    let row = move |category: &str| db::teaching::BindingRow {
        id: Uuid::now_v7(),
        account_id: account,
        category_code: category.to_owned(),
        matter_id: None,
        bound_at: chrono::Utc::now(),
        ended_at: None,
    };
    let added = async |row: db::teaching::BindingRow| {
        s.app.db.write(move |tx| Box::pin(async move { db::teaching::insert_binding(tx, &row).await })).await.unwrap()
    };
    assert!(!added(row(AT_ONCE)).await);
    assert!(added(row("FC-STD")).await);
});

demo_test!(a_binding_ends_once_whatever_is_repeated_and_the_category_can_be_bound_again, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, other) = (s.sign_in("teacher").await, s.sign_in("expert1").await);
    submit(&s, &teacher, AT_ONCE).await.unwrap();
    submit(&s, &teacher, "FC-STD").await.unwrap();
    let line = lines(&s, &teacher).await.into_iter().find(|line| line.category == AT_ONCE).unwrap();
    let binding = line.binding.unwrap();
    let request = Unbinding { key: Uuid::now_v7(), binding };
    assert!(matches!(end_binding(&s.app, &other, request).await, Err(MatterError::NotFound)), "nobody ends another one's binding");
    assert!(matches!(unbinding_page(&s.app, &other, binding).await, Err(MatterError::NotFound)));
    assert_eq!(unbinding_page(&s.app, &teacher, binding).await.unwrap().1, None);
    let (a, b) = tokio::join!(end_binding(&s.app, &teacher, request), end_binding(&s.app, &teacher, request));
    a.and(b).unwrap();
    end_binding(&s.app, &teacher, Unbinding { key: Uuid::now_v7(), binding }).await.unwrap();
    assert_eq!(audited(&s, "teaching.unbound").await, 1);
    let elsewhere = lines(&s, &teacher).await.into_iter().find(|line| line.category == "FC-STD").unwrap().binding.unwrap();
    let reused = end_binding(&s.app, &teacher, Unbinding { binding: elsewhere, ..request }).await;
    assert!(matches!(reused, Err(MatterError::KeyReused)), "{reused:?}");
    s.app.clock.advance(chrono::TimeDelta::minutes(1));
    submit(&s, &teacher, AT_ONCE).await.unwrap();
    let of_category: Vec<BindingState> =
        states(&s, &teacher).await.into_iter().filter(|(category, _)| category == AT_ONCE).map(|(_, state)| state).collect();
    assert_eq!(of_category, [BindingState::Bound, BindingState::Released]);
});

demo_test!(a_category_that_ended_makes_its_bindings_void_and_takes_no_new_ones, |demo| async move {
    let s = TestApp::new(demo).await;
    let (teacher, officer) = (s.sign_in("teacher").await, s.sign_in("officer").await);
    submit(&s, &teacher, AT_ONCE).await.unwrap();
    let reviewed = submit(&s, &teacher, REVIEWED).await.unwrap();
    let draft = complete_binding(&s.app, &teacher, "FC-STD").await.unwrap();
    for category in [AT_ONCE, REVIEWED, "FC-STD"] {
        end_category(&s, category).await;
    }
    assert!(states(&s, &teacher).await.contains(&state(AT_ONCE, BindingState::CategoryEnded)));
    let mut tx = s.app.db.read().await.unwrap();
    assert!(!db::teaching::is_bound(&mut tx, teacher.account(), AT_ONCE, s.app.today()).await.unwrap());
    drop(tx);
    let refused = decide(&s.app, &teacher, draft, "submit", "").await.map(|()| draft);
    assert_eq!(problems(refused), ["该课程类别已停用，请选择其他课程类别"]);
    let refused = s.execute(&officer, reviewed, "pass").await;
    assert!(matches!(&refused, Err(MatterError::Blocked(text)) if text == "该课程类别已停用，不能绑定"), "{refused:?}");
    s.execute(&officer, reviewed, "refuse").await.unwrap();
});

demo_test!(a_category_is_changed_from_the_page_that_shows_it_and_its_code_stays_its_own, |demo| async move {
    let s = TestApp::new(demo).await;
    let before = find_category(&s.app, AT_ONCE).await.unwrap();
    let seen = category_version(&before);
    let changed = CourseCategory { least_hours: before.least_hours + 8, ..before.clone() };
    save(&s, &changed, &seen, false).await.unwrap();
    assert_eq!(find_category(&s.app, AT_ONCE).await.unwrap(), changed);
    save(&s, &changed, &seen, false).await.unwrap();
    assert_eq!(audited(&s, "course_category.changed").await, 1, "the same content again changes nothing");
    let late = CourseCategory { class_max: 10, ..changed.clone() };
    assert!(matches!(save(&s, &late, &seen, false).await, Err(MatterError::RecordChanged)));
    let taken = save(&s, &CourseCategory { name: "另一类别".into(), ..changed.clone() }, "", true).await.map(|()| Uuid::nil());
    assert_eq!(problems(taken), ["该类别代码已有其他课程类别使用，请更换"]);
    let new = CourseCategory { code: "FC-NEW".into(), ..changed };
    save(&s, &new, "", true).await.unwrap();
    save(&s, &new, "", true).await.unwrap();
    assert_eq!(audited(&s, "course_category.added").await, 1);
    let unknown = CategoryChange { code: Some("FC-NONE".into()), seen: String::new(), answers: answers_of(&new) };
    let unknown = save_category(&s.app, &s.sign_in("officer").await, unknown).await;
    assert!(matches!(unknown, Err(MatterError::NotFound)), "{unknown:?}");
    let empty = CategoryChange { code: None, seen: String::new(), answers: Answers::default() };
    let empty = save_category(&s.app, &s.sign_in("officer").await, empty).await;
    assert!(matches!(empty, Err(MatterError::InvalidAnswers(_))));
});

demo_test!(the_bindings_of_a_merged_account_go_with_it_and_one_open_binding_stays, |demo| async move {
    let s = TestApp::new(demo).await;
    let (from, into) = (s.sign_in("expert1").await, s.sign_in("expert2").await);
    for (who, category) in [(&from, AT_ONCE), (&from, "FC-STD"), (&into, AT_ONCE)] {
        submit(&s, who, category).await.unwrap();
    }
    let (old, new) = (from.account(), into.account());
    s.app.db.write(move |tx| Box::pin(async move { db::merge::move_records(tx, old, new).await })).await.unwrap();
    let bound = db::teaching::bound_categories(&mut s.app.db.read().await.unwrap(), new).await.unwrap();
    assert_eq!(bound, [AT_ONCE, "FC-STD"]);
    assert_eq!(own_bindings(&s.app, &into).await.unwrap().number.as_deref(), Some("JS000002"));
});
