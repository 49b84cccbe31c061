//! A panel of experts, walked by commands: votes with forms, disputes, experts who join and who are silent.

use domain::engine::flow::EventKind;
use domain::engine::form::Answers;
use domain::kind::trial::panel::{CONCLUSION, CONTENT, DAY, FORM_GRADE, KIND, OPINION, SUBJECT, VETO};

use crate::demo::actions::{decide, fill_step};
use crate::matter::tests::*;
use crate::service::deadlines::run_deadlines;
use crate::workflow::draft::begin_draft;
use crate::workflow::execute::{CommandOutcome, CommandRequest, execute};

async fn give(s: &TestApp, name: &str, id: Uuid, command: Command) -> Result<CommandOutcome, MatterError> {
    execute(&s.app, &s.sign_in(name).await, CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command }).await
}

async fn assign(s: &TestApp, id: Uuid, name: &str, experts: &[&str]) -> Result<CommandOutcome, MatterError> {
    let mut assignees = Vec::new();
    for expert in experts {
        assignees.push(s.account(expert).await);
    }
    give(s, "officer", id, Command { name: name.into(), assignees, ..Command::default() }).await
}

/// A vote: points of the content beside 40 for the form, whether there is a veto, and the conclusion.
async fn vote(s: &TestApp, expert: &str, id: Uuid, content: &str, veto: &str, conclusion: &str) -> Result<CommandOutcome, MatterError> {
    let opinion = format!("{expert}的意见");
    let pairs = [(CONTENT, content), (FORM_GRADE, "excellent"), (VETO, veto), (OPINION, &opinion), (CONCLUSION, conclusion)];
    let fields = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let answers = Answers { fields, ..Answers::default() };
    give(s, expert, id, Command { name: "evaluate".into(), answers, ..Command::default() }).await
}

/// A matter that two experts evaluate.
async fn evaluated(s: &TestApp) -> Uuid {
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let day = (s.app.today() + chrono::Days::new(10)).to_string();
    fill_step(&s.app, &who, id, "subject", &[(SUBJECT, "课程文件"), (DAY, &day)]).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    s.execute(&s.sign_in("officer").await, id, "confirm").await.unwrap();
    assert_eq!(assign(s, id, "assign", &["expert1", "expert2"]).await.unwrap().stage, "evaluation");
    id
}

/// Two experts of whom one votes for and one against, so that an officer has to add one.
async fn disputed(s: &TestApp) -> Uuid {
    let id = evaluated(s).await;
    assert_eq!(vote(s, "expert1", id, "50", "no", "pass").await.unwrap().stage, "evaluation");
    assert_eq!(vote(s, "expert2", id, "20", "no", "fail").await.unwrap().stage, "joining");
    id
}

/// Turn and person of the open tasks.
async fn tasks(s: &TestApp, id: Uuid) -> Vec<(String, Option<Uuid>)> {
    let mut tx = s.app.db.read().await.unwrap();
    db::task::list_open(&mut tx, id).await.unwrap()
}

async fn read(s: &TestApp, name: &str, id: Uuid) -> LoadedMatter {
    crate::matter::load(&s.app, &s.sign_in(name).await, id).await.unwrap()
}

/// The note of the last transition, and the number of votes in the history, as a party reads them.
fn last_note_and_votes(matter: &LoadedMatter) -> (String, usize) {
    let last =
        matter.events.iter().rev().find_map(|e| if let EventKind::Transitioned { note, .. } = &e.kind { Some(note.clone()) } else { None });
    (last.unwrap(), matter.events.iter().filter(|e| matches!(e.kind, EventKind::Voted { .. })).count())
}

demo_test!(two_experts_who_agree_decide_and_the_applicant_reads_their_opinions, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = evaluated(&s).await;
    for (content, veto, conclusion) in [("50", "yes", "pass"), ("29", "no", "pass")] {
        let refused = vote(&s, "expert1", id, content, veto, conclusion).await.unwrap_err();
        assert!(matches!(refused, MatterError::Refused(Refusal::Vetoed | Refusal::BelowPassMark(70))), "{refused:?}");
    }
    let incomplete = vote(&s, "expert1", id, "61", "no", "pass").await;
    assert!(matches!(incomplete, Err(MatterError::InvalidForm(_))), "{incomplete:?}");
    vote(&s, "expert1", id, "50", "no", "pass").await.unwrap();
    assert_eq!(tasks(&s, id).await, [("expert".to_owned(), Some(s.account("expert2").await))]);
    assert!(matches!(crate::matter::load(&s.app, &s.sign_in("expert1").await, id).await, Err(MatterError::NotFound)));
    assert_eq!(vote(&s, "expert2", id, "45", "no", "pass").await.unwrap().stage, "granted");
    let note = "评审得分 87.5 分\nexpert1的意见\nexpert2的意见".to_owned();
    assert_eq!(last_note_and_votes(&read(&s, "applicant", id).await), (note.clone(), 0));
    assert_eq!(last_note_and_votes(&read(&s, "officer", id).await), (note, 2));
});

demo_test!(two_experts_who_differ_are_joined_by_a_third_who_alone_is_asked, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = disputed(&s).await;
    assert_eq!(tasks(&s, id).await, [("association_officer".to_owned(), None)]);
    assert_eq!(last_note_and_votes(&read(&s, "applicant", id).await), (String::new(), 0), "how they voted is not told");
    let again = assign(&s, id, "join", &["expert1"]).await;
    assert!(matches!(again, Err(MatterError::Refused(Refusal::People))), "{again:?}");
    let third = s.sign_in("expert3").await;
    let before = crate::service::message::count_unread(&s.app, third.account()).await.unwrap();
    assert_eq!(assign(&s, id, "join", &["expert3"]).await.unwrap().stage, "evaluation");
    assert_eq!(tasks(&s, id).await, [("expert".to_owned(), Some(third.account()))], "only the third is asked");
    assert_eq!(crate::service::message::count_unread(&s.app, third.account()).await.unwrap(), before + 1);
    let seen = read(&s, "expert3", id).await;
    let history = serde_json::to_string(&seen.events).unwrap();
    assert!(last_note_and_votes(&seen).1 == 0 && !history.contains("的意见"), "{history}");
    for expert in ["expert1", "expert2"] {
        let twice = vote(&s, expert, id, "50", "no", "pass").await;
        assert!(matches!(twice, Err(MatterError::NotFound | MatterError::Refused(_))), "{expert}: {twice:?}");
    }
    assert_eq!(vote(&s, "expert3", id, "45", "no", "pass").await.unwrap().stage, "granted");
    let (note, votes) = last_note_and_votes(&read(&s, "officer", id).await);
    assert_eq!((note.lines().next(), votes), (Some("评审得分 87.5 分"), 3));
});

demo_test!(a_veto_of_one_needs_a_third_and_the_majority_decides, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = evaluated(&s).await;
    vote(&s, "expert1", id, "50", "yes", "fail").await.unwrap();
    assert_eq!(vote(&s, "expert2", id, "50", "no", "revise").await.unwrap().stage, "joining");
    assign(&s, id, "join", &["expert3"]).await.unwrap();
    assert_eq!(vote(&s, "expert3", id, "10", "no", "fail").await.unwrap().stage, "refused");
});

demo_test!(a_silent_third_leaves_by_the_clock_and_another_decides, |demo| async move {
    let s = TestApp::new(demo).await;
    let id = disputed(&s).await;
    assign(&s, id, "join", &["expert3"]).await.unwrap();
    let due = read(&s, "officer", id).await.due_on.unwrap();
    s.app.clock.advance(TimeDelta::days((due - s.app.today()).num_days() + 1));
    run_deadlines(&s.app).await.unwrap();
    let matter = read(&s, "officer", id).await;
    assert_eq!((matter.state.stage.as_str(), matter.state.votes.len()), ("joining", 2), "the votes are kept");
    assert!(vote(&s, "expert3", id, "50", "no", "pass").await.is_err(), "who was silent has left");
    assign(&s, id, "join", &["expert4"]).await.unwrap();
    assert_eq!(tasks(&s, id).await, [("expert".to_owned(), Some(s.account("expert4").await))]);
    assert_eq!(vote(&s, "expert4", id, "20", "no", "revise").await.unwrap().stage, "returned", "three different conclusions");
    let matter = read(&s, "applicant", id).await;
    assert!(matter.is_editable() && matter.state.return_request.is_some());
});
