//! A transition that comes with a form: the officer's review of the trial kind.

use domain::engine::flow::{Event, EventKind};
use domain::engine::form::Answers;
use domain::kind::trial::{KIND, MARK, REMARK};

use crate::demo::testing::stages::{Cast, place};
use crate::matter::tests::*;
use crate::workflow::execute::{CommandOutcome, CommandRequest, execute};

/// A matter that awaits the officer's review.
async fn under_review(s: &TestApp) -> Uuid {
    let institution = s.sign_in("inst-a").await.caller().institutions[0].0;
    let cast = Cast { owner: s.account("applicant").await, institution, joining: institution, experts: Vec::new() };
    place(&s.app, &KIND, KIND.flow.stage("review").unwrap(), &cast).await.unwrap()
}

async fn review(s: &TestApp, who: &Allowed, id: Uuid, key: Uuid, answers: &[(&str, &str)]) -> Result<CommandOutcome, MatterError> {
    let fields = answers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let command = Command { name: "propose".into(), answers: Answers { fields, ..Answers::default() }, ..Command::default() };
    execute(&s.app, who, CommandRequest { key, matter: id, seen: None, command }).await
}

fn answers_of(events: &[Event]) -> &Answers {
    match &events.last().unwrap().kind {
        EventKind::Transitioned { answers, .. } => answers,
        other => panic!("{other:?}"),
    }
}

const COMPLETE: &[(&str, &str)] = &[(MARK, "86"), (REMARK, "林晓月表现良好"), ("result", "pass"), ("conditions", "不适用")];

demo_test!(a_form_that_fails_a_check_is_refused_at_its_fields_and_changes_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, officer) = (under_review(&s).await, s.sign_in("officer").await);
    let before = crate::matter::load(&s.app, &officer, id).await.unwrap().event_count;
    for (answers, fields) in [
        (&[][..], &[MARK, REMARK, "result"][..]),
        (&[(MARK, "101"), (REMARK, "好"), ("result", "pass")], &[MARK]),
        (&[(MARK, "60"), (REMARK, "好"), ("result", "conditional")], &["conditions"]),
    ] {
        match review(&s, &officer, id, Uuid::now_v7(), answers).await {
            Err(MatterError::InvalidForm(problems)) => {
                assert_eq!(problems.iter().map(|p| p.path.to_string()).collect::<Vec<_>>(), fields);
            }
            other => panic!("{other:?}"),
        }
    }
    let after = crate::matter::load(&s.app, &officer, id).await.unwrap();
    assert_eq!((after.event_count, after.state.stage.as_str()), (before, "review"));
    let stranger = review(&s, &s.sign_in("finance").await, id, Uuid::now_v7(), COMPLETE).await;
    assert!(matches!(stranger, Err(MatterError::NotFound)), "{stranger:?}");
});

demo_test!(the_answers_of_a_form_are_sealed_in_the_event_and_read_by_the_parties, |demo| async move {
    let s = TestApp::new(demo).await;
    let (id, officer, key) = (under_review(&s).await, s.sign_in("officer").await, Uuid::now_v7());
    assert_eq!(review(&s, &officer, id, key, COMPLETE).await.unwrap().stage, "approval");
    assert_eq!(review(&s, &officer, id, key, COMPLETE).await.unwrap().stage, "approval", "a repetition");
    let other = review(&s, &officer, id, key, &[(MARK, "87"), (REMARK, "好"), ("result", "pass")]).await;
    assert!(matches!(other, Err(MatterError::KeyReused)), "{other:?}");
    let mut tx = s.app.db.read().await.unwrap();
    for row in db::event::list_of_matter(&mut tx, id).await.unwrap() {
        let bare = serde_json::to_string(&row.event.0).unwrap();
        assert!(!bare.contains("表现良好") && !bare.contains("\"86\""), "{bare}");
        assert!(!String::from_utf8_lossy(&row.private_sealed.unwrap_or_default()).contains("表现良好"));
    }
    drop(tx);
    for reader in ["officer", "approver2", "inst-a"] {
        let seen = crate::matter::load(&s.app, &s.sign_in(reader).await, id).await.unwrap_or_else(|error| panic!("{reader}: {error}"));
        let answers = answers_of(&seen.events);
        assert_eq!((answers.text(MARK), answers.text(REMARK)), ("86", "林晓月表现良好"), "{reader}");
        assert_eq!(answers.text("conditions"), "", "what a condition hides is not recorded");
    }
});

demo_test!(a_form_of_a_transition_is_a_draft_until_it_is_sent, |demo| async move {
    use crate::record::form_draft::{DraftKey, FormDraftError, SaveRequest, own_drafts, save, state_of};
    use domain::engine::form_draft::{Since, TRANSITION_FORM};
    let s = TestApp::new(demo).await;
    let (id, officer) = (under_review(&s).await, s.sign_in("officer").await);
    let matter = crate::matter::load(&s.app, &officer, id).await.unwrap();
    let first = SaveRequest {
        key: DraftKey { form: &TRANSITION_FORM, part: "propose".into(), subject: id },
        state: state_of(&matter),
        base: 0,
        page: Uuid::now_v7(),
        seq: 1,
        account: None,
        pairs: vec![(MARK.into(), "86".into()), ("_key".into(), "7".into())],
        since: Some(Since { changed: vec![MARK.into()], before: Vec::new() }),
    };
    save(&s.app, &officer, first.clone()).await.unwrap();
    let other = SaveRequest {
        page: Uuid::now_v7(),
        pairs: vec![(REMARK.into(), "好".into())],
        since: Some(Since { changed: vec![REMARK.into()], before: Vec::new() }),
        ..first.clone()
    };
    let merged = save(&s.app, &officer, other.clone()).await.unwrap();
    let both = vec![(MARK.to_owned(), "86".to_owned()), (REMARK.to_owned(), "好".to_owned())];
    assert_eq!((merged.revision, merged.merged), (2, Some(both.clone())), "two devices, two fields");
    let differing = SaveRequest { page: Uuid::now_v7(), pairs: vec![(MARK.into(), "68".into())], ..first.clone() };
    match save(&s.app, &officer, differing).await {
        Err(FormDraftError::Older(draft, Some(merged))) => {
            assert_eq!((draft.pairs.clone(), merged.questions), (both, vec![MARK.to_owned()]));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(review(&s, &officer, id, Uuid::now_v7(), COMPLETE).await.unwrap().stage, "approval");
    assert!(own_drafts(&s.app, &officer).await.unwrap().is_empty());
    let late = save(&s.app, &officer, SaveRequest { base: 2, seq: 2, ..first }).await;
    assert!(matches!(late, Err(FormDraftError::MovedOn)), "{late:?}");
});
