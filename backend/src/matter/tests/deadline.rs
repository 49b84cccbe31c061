//! Deadlines of a matter: what is open before, on and after the day, when the clock acts, and what becomes of the due day if the day moves.

use chrono::NaiveDate;
use domain::engine::flow::Deadline;
use domain::kind::trial::panel::{DAY, EXTENSION, KIND, LAST_DAY, SUBJECT};

use crate::demo::actions::{decide, fill_step};
use crate::matter::tests::*;
use crate::service::deadlines::run_deadlines;
use crate::workflow::draft::begin_draft;
use crate::workflow::due::follow_deadlines;

fn last_day(s: &TestApp) -> NaiveDate {
    s.app.today() + chrono::Days::new(10)
}

/// A submitted matter of the trial kind whose last day is ten days ahead.
async fn pending(s: &TestApp) -> Uuid {
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let day = last_day(s).to_string();
    fill_step(&s.app, &who, id, "subject", &[(SUBJECT, "讲评活动"), (DAY, &day)]).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    id
}

async fn open(s: &TestApp, name: &str, id: Uuid) -> Vec<&'static str> {
    let matter = crate::matter::load(&s.app, &s.sign_in(name).await, id).await.unwrap();
    matter.open_transitions().into_iter().map(|t| t.command).collect()
}

/// The due days of the matter and of its open tasks.
async fn due_days(s: &TestApp, id: Uuid) -> Vec<Option<NaiveDate>> {
    let mut tx = s.app.db.read().await.unwrap();
    let matter = db::matter::by_id(&mut tx, id).await.unwrap().unwrap().due_on;
    [matter].into_iter().chain(db::task::list_due_days(&mut tx, id).await.unwrap()).collect()
}

/// Whether an account was sent a notification of this kind about a matter.
async fn told(s: &TestApp, who: &Allowed, id: Uuid, kind: &str) -> bool {
    let mut tx = s.app.db.read().await.unwrap();
    let sent = db::outbox::list_of_matter(&mut tx, id, 100).await.unwrap();
    sent.iter().any(|row| row.account_id == Some(who.account()) && row.kind == kind)
}

demo_test!(a_command_is_offered_and_accepted_before_and_on_its_last_day_and_not_after, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, last) = (pending(&s).await, last_day(&s));
    assert_eq!(due_days(&s, id).await, [Some(last), Some(last)], "the stage is due on the day of the matter");
    let officer = s.sign_in("officer").await;
    assert_eq!((open(&s, "applicant", id).await, open(&s, "officer", id).await), (vec!["submit", "withdraw"], vec!["confirm"]), "before");
    let early = s.execute(&officer, id, "confirm_late").await;
    assert!(matches!(early, Err(MatterError::Refused(Refusal::Unmet))), "{early:?}");
    s.app.clock.advance(TimeDelta::days(10));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(
        (open(&s, "applicant", id).await, open(&s, "officer", id).await),
        (vec!["submit", "withdraw"], vec!["confirm_late"]),
        "on the day"
    );
    let other = pending(&s).await;
    s.app.clock.advance(TimeDelta::days(1));
    assert!(open(&s, "applicant", id).await.is_empty() && open(&s, "officer", id).await.is_empty(), "after the day");
    for (name, command) in [("applicant", "withdraw"), ("officer", "confirm_late")] {
        let late = s.execute(&s.sign_in(name).await, id, command).await.unwrap_err();
        assert!(matches!(&late, MatterError::Refused(Refusal::TooLate(_, Deadline::Day(day))) if *day == last), "{late:?}");
        assert!(late.text().contains("办理截止日") && late.text().contains(&last.to_string()), "{}", late.text());
    }
    assert_eq!(open(&s, "officer", other).await, ["confirm"], "another matter has a day of its own");
    run_deadlines(&s.app).await.unwrap();
    let closed = crate::matter::load(&s.app, &officer, id).await.unwrap();
    assert_eq!((closed.state.stage.as_str(), closed.due_on), ("lapsed", None), "the clock acts after the day");
    assert_eq!(s.execute(&officer, other, "confirm").await.unwrap().stage, "assignment");
});

demo_test!(a_draft_is_not_submitted_after_its_last_day, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &KIND, Uuid::now_v7()).await.unwrap();
    let yesterday = s.app.today().pred_opt().unwrap().to_string();
    fill_step(&s.app, &who, id, "subject", &[(SUBJECT, "讲评活动"), (DAY, &yesterday)]).await.unwrap();
    let late = decide(&s.app, &who, id, "submit", "").await.unwrap_err();
    assert!(matches!(late, MatterError::Refused(Refusal::TooLate(..))), "{late:?}");
    assert_eq!(open(&s, "applicant", id).await, Vec::<&str>::new());
    let today = s.app.today().to_string();
    fill_step(&s.app, &who, id, "subject", &[(SUBJECT, "讲评活动"), (DAY, &today)]).await.unwrap();
    decide(&s.app, &who, id, "submit", "").await.unwrap();
});

demo_test!(a_day_that_moves_moves_the_due_days_of_the_open_tasks_and_their_reminders, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, confirmed, last) = (pending(&s).await, pending(&s).await, last_day(&s));
    let officer = s.sign_in("officer").await;
    s.execute(&officer, confirmed, "confirm").await.unwrap();
    let of_review = due_days(&s, confirmed).await;
    let reminders = || async {
        let messages = crate::service::message::list_messages(&s.app, &officer).await.unwrap();
        messages.iter().filter(|m| m.title == "办理期限提醒" && m.link.contains(&id.to_string())).count()
    };
    s.app.clock.advance(TimeDelta::days(9));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(reminders().await, 1, "one day before");
    s.set_rule(EXTENSION, "5").await;
    assert_eq!(follow_deadlines(&s.app, &KIND, LAST_DAY).await.unwrap(), 1);
    let moved = last + chrono::Days::new(5);
    assert_eq!(due_days(&s, id).await, [Some(moved), Some(moved)]);
    assert_eq!(due_days(&s, confirmed).await, of_review, "a stage with another time limit keeps its day");
    assert_eq!(follow_deadlines(&s.app, &KIND, LAST_DAY).await.unwrap(), 0, "a repetition changes nothing");
    s.app.clock.advance(TimeDelta::days(5));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(reminders().await, 2, "one day before the new day");
    assert_eq!(crate::matter::load(&s.app, &officer, id).await.unwrap().state.stage, "pending");
    s.app.clock.advance(TimeDelta::days(2));
    run_deadlines(&s.app).await.unwrap();
    assert_eq!(crate::matter::load(&s.app, &officer, id).await.unwrap().state.stage, "lapsed");
});

demo_test!(the_clock_does_not_act_on_a_day_that_has_moved_meanwhile, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, last) = (pending(&s).await, last_day(&s));
    s.set_rule(EXTENSION, "5").await;
    s.app.clock.advance(TimeDelta::days(11));
    run_deadlines(&s.app).await.unwrap();
    let matter = crate::matter::load(&s.app, &s.sign_in("officer").await, id).await.unwrap();
    assert_eq!((matter.state.stage.as_str(), matter.due_on), ("pending", Some(last + chrono::Days::new(5))));
});

demo_test!(a_change_while_it_waits_and_a_supplement_are_no_returns, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, who, officer) = (pending(&s).await, s.sign_in("applicant").await, s.sign_in("officer").await);
    let read = || async { crate::matter::load(&s.app, &who, id).await.unwrap() };
    let matter = read().await;
    assert!(matter.is_editable() && matter.state.return_request.is_none() && matter.state.returns == 0);
    // Nothing has to be changed, and a change moves the due day.
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    let later = last_day(&s) + chrono::Days::new(2);
    fill_step(&s.app, &who, id, "subject", &[(SUBJECT, "讲评活动"), (DAY, &later.to_string())]).await.unwrap();
    assert_eq!(due_days(&s, id).await, [Some(last_day(&s)); 2], "what is saved and not submitted moves nothing");
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    assert_eq!(due_days(&s, id).await, [Some(later); 2]);
    s.execute(&officer, id, "confirm").await.unwrap();
    assert_eq!((told(&s, &who, id, "task").await, told(&s, &who, id, "returned").await), (false, false));
    assert_eq!(s.execute(&officer, id, "supplement").await.unwrap().stage, "pending");
    let matter = read().await;
    assert!(matter.is_editable() && matter.state.return_request.is_none() && matter.state.returns == 0);
    let notified = (told(&s, &who, id, "task").await, told(&s, &who, id, "returned").await);
    assert_eq!(notified, (true, false), "the notification that the transition names");
    decide(&s.app, &who, id, "submit", "").await.unwrap();
    s.execute(&officer, id, "confirm").await.unwrap();
    assert_eq!(s.execute(&officer, id, "return").await.unwrap().stage, "returned");
    assert!(told(&s, &who, id, "returned").await);
    assert!(matches!(decide(&s.app, &who, id, "submit", "").await, Err(MatterError::Refused(Refusal::Unchanged))));
});
