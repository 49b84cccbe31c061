//! Tasks: whose turn it is, who is reminded, and who has taken one.

use domain::engine::notification::MessageCategory;

use crate::demo::actions::decide;
use crate::matter::tests::owner::{colleague, filled};
use crate::matter::tests::*;
use crate::service::deadlines::run_deadlines;
use crate::service::message::inbox::InboxFilter;
use crate::service::message::inbox_page;
use crate::service::pages::home_page;
use crate::service::queue::{QueueFilter, QueueOf, QueueTask, queue_page};
use crate::service::search::MatterSearch;
use crate::workflow::assignee::{AssigneeChange, AssigneeRequest, change_assignee, role_task};

async fn change(s: &TestApp, who: &Allowed, matter: Uuid, change: AssigneeChange) -> Result<(), MatterError> {
    change_assignee(&s.app, who, AssigneeRequest { key: Uuid::now_v7(), matter, change }).await
}

async fn queue(s: &TestApp, who: &Allowed, of: QueueOf) -> Vec<QueueTask> {
    queue_page(&s.app, who, of, &MatterSearch::default(), &QueueFilter::default(), None).await.unwrap().tasks
}

async fn open_tasks(s: &TestApp, matter: Uuid) -> Vec<(String, Option<Uuid>)> {
    let mut tx = s.app.db.read().await.unwrap();
    db::task::list_open(&mut tx, matter).await.unwrap()
}

demo_test!(a_stage_opens_one_task_for_each_participant_and_a_vote_closes_the_own_one, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let (first, second) = (s.sign_in("certified").await, colleague(&s, "teacher").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("teacher", "答疑")]).await;
    assert_eq!(open_tasks(&s, id).await, [("applicant".to_owned(), None)], "the draft is the institution's");
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    assert_eq!(open_tasks(&s, id).await.len(), 2);
    let waits = |who: Allowed| {
        let app = s.app.clone();
        async move { home_page(&app, &who).await.unwrap().tasks.iter().any(|task| task.id == id) }
    };
    assert!(waits(first.clone()).await && waits(second.clone()).await);
    s.execute(&first, id, "agree").await.unwrap();
    assert_eq!(open_tasks(&s, id).await, [("participant".to_owned(), Some(second.account()))]);
    assert!(!waits(first).await && waits(second.clone()).await);
    s.execute(&second, id, "agree").await.unwrap();
    assert_eq!(open_tasks(&s, id).await, [("association_officer".to_owned(), None)]);
});

demo_test!(the_message_of_a_task_is_closed_for_who_has_answered_and_for_all_when_the_matter_moves_on, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let (first, second) = (s.sign_in("certified").await, colleague(&s, "teacher").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("teacher", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    let open = async |who: &Allowed| {
        let filter = InboxFilter { category: Some(MessageCategory::Task), topic: Some(id), ..InboxFilter::default() };
        let groups = inbox_page(&s.app, who, filter, None).await.unwrap().groups;
        groups.iter().flat_map(|group| &group.messages).filter(|message| message.done_at.is_none()).count()
    };
    assert_eq!((open(&first).await, open(&second).await), (1, 1));
    s.execute(&first, id, "agree").await.unwrap();
    assert_eq!((open(&first).await, open(&second).await), (0, 1));
    s.execute(&second, id, "decline").await.unwrap();
    assert_eq!((open(&first).await, open(&second).await), (0, 0));
});

demo_test!(only_the_participants_who_have_not_answered_are_reminded, |demo| async move {
    let s = TestApp::new(demo).await;
    let author = s.sign_in("inst-a").await;
    let (first, second) = (s.sign_in("certified").await, colleague(&s, "teacher").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("teacher", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    s.execute(&first, id, "agree").await.unwrap();
    let due = crate::matter::load(&s.app, &author, id).await.unwrap().due_on.unwrap();
    s.app.clock.advance(TimeDelta::days((due - s.app.today()).num_days()));
    let reminded = |who: Allowed| {
        let app = s.app.clone();
        async move {
            let messages = crate::service::message::list_messages(&app, &who).await.unwrap();
            messages.iter().filter(|message| message.title == "办理期限提醒" && message.link.contains(&id.to_string())).count()
        }
    };
    run_deadlines(&s.app).await.unwrap();
    assert_eq!((reminded(first.clone()).await, reminded(second.clone()).await), (0, 1));
    s.app.clock.advance(TimeDelta::days(1));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(crate::matter::load(&s.app, &author, id).await.unwrap().state.stage, "lapsed");
    assert!(open_tasks(&s, id).await.is_empty());
});

demo_test!(a_returned_matter_of_an_institution_waits_for_all_its_users, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, other) = (s.sign_in("inst-a").await, colleague(&s, "teacher").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    s.execute(&s.sign_in("certified").await, id, "decline").await.unwrap();
    for who in [&author, &other] {
        assert!(queue(&s, who, QueueOf::Institutions).await.iter().any(|task| task.matter.id == id));
    }
});

demo_test!(an_officer_takes_hands_over_and_gives_back_a_task, |demo| async move {
    let s = TestApp::new(demo).await;
    let (author, officer, second) = (s.sign_in("inst-a").await, s.sign_in("officer").await, s.sign_in("officer2").await);
    let id = filled(&s, &author, &[("certified", "讲授"), ("inst-a", "答疑")]).await;
    decide(&s.app, &author, id, "submit", "").await.unwrap();
    assert!(change(&s, &officer, id, AssigneeChange::Take).await.is_err(), "not the association's turn");
    for who in [&s.sign_in("certified").await, &author] {
        s.execute(who, id, "agree").await.unwrap();
    }
    let request = AssigneeRequest { key: Uuid::now_v7(), matter: id, change: AssigneeChange::Take };
    for _ in 0..2 {
        change_assignee(&s.app, &officer, request).await.expect("a repetition does nothing");
    }
    assert!(matches!(change(&s, &second, id, AssigneeChange::Take).await, Err(MatterError::Blocked(_))));
    assert!(matches!(change(&s, &second, id, AssigneeChange::GiveBack).await, Err(MatterError::Blocked(_))));
    let tasks = queue(&s, &second, QueueOf::Association).await;
    let task = tasks.iter().find(|task| task.matter.id == id).unwrap();
    assert_eq!(task.matter.assignee.as_ref().map(|(account, _)| *account), Some(officer.account()));
    let stranger = change(&s, &officer, id, AssigneeChange::HandOver { from: Some(officer.account()), to: author.account() }).await;
    assert!(matches!(stranger, Err(MatterError::Blocked(_))), "only holders of the role");
    let before = crate::service::message::count_unread(&s.app, second.account()).await.unwrap();
    let stale = change(&s, &officer, id, AssigneeChange::HandOver { from: None, to: second.account() }).await;
    assert!(matches!(stale, Err(MatterError::ChangedMeanwhile)), "the page showed other hands");
    change(&s, &officer, id, AssigneeChange::HandOver { from: Some(officer.account()), to: second.account() }).await.unwrap();
    assert_eq!(crate::service::message::count_unread(&s.app, second.account()).await.unwrap(), before + 1);
    assert_eq!(role_task(&s.app, &officer, id).await.unwrap().assignee.map(|(account, _)| account), Some(second.account()));
    change(&s, &second, id, AssigneeChange::GiveBack).await.unwrap();
    assert!(role_task(&s.app, &officer, id).await.unwrap().assignee.is_none());
    let applicant = role_task(&s.app, &author, id).await;
    assert!(matches!(applicant, Err(MatterError::NotFound)), "nobody else sees who has it");
});
