//! Commands given on a page that shows an earlier state.

use domain::engine::flow::{Requires, Transition};
use domain::matter::Kind;

use crate::demo::testing::stages::{Cast, account_in, place};
use crate::matter::tests::*;
use crate::workflow::draft::{begin_draft, discard_draft, edit_draft};
use crate::workflow::execute::{CommandRequest, execute};

async fn cast(s: &TestApp) -> Cast {
    let institution = |who: Allowed| who.caller().institutions[0].0;
    Cast {
        owner: s.account("applicant").await,
        institution: institution(s.sign_in("inst-a").await),
        joining: institution(s.sign_in("inst-b").await),
        experts: vec![s.account("expert1").await],
    }
}

/// Gives a command on an outdated page, and checks that it is refused and changes nothing.
async fn refused(s: &TestApp, who: &Allowed, id: Uuid, transition: &Transition, seen: Seen, whole: &str) {
    let before = crate::matter::load(&s.app, who, id).await.unwrap();
    let revision = (transition.requires == Requires::Submission).then_some(before.revision);
    let command = Command { name: transition.command.into(), note: "意见".into(), revision, ..Command::default() };
    let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: Some(seen), command };
    let error = execute(&s.app, who, request).await.unwrap_err();
    assert!(matches!(error, MatterError::Outdated(old) if old == seen), "{whole}: {error:?}");
    assert_eq!(error.class(), ErrorClass::Conflict);
    let after = crate::matter::load(&s.app, who, id).await.unwrap();
    assert_eq!((after.event_count, after.revision, &after.state), (before.event_count, before.revision, &before.state), "{whole}");
}

async fn walk(s: &TestApp, kind: &'static Kind, cast: &Cast) -> usize {
    let mut walked = 0;
    // What the association begins is stored with its submission, so nobody acts on its draft.
    let is_shown = |stage: &&domain::engine::flow::Stage| stage.code != "draft" || kind.can_be_begun_by_users();
    for stage in kind.flow.stages.iter().filter(is_shown) {
        for transition in stage.transitions {
            let Some(account) = account_in(kind, transition.by) else { continue };
            let who = s.sign_in(account).await;
            let id = place(&s.app, kind, stage, cast).await.unwrap();
            let whole = format!("{} · {} · {}", kind.code, stage.code, transition.command);
            let now = crate::matter::load(&s.app, &who, id).await.unwrap_or_else(|e| panic!("{whole}: {e}")).seen();
            refused(s, &who, id, transition, Seen { events: now.events - 1, ..now }, &whole).await;
            refused(s, &who, id, transition, Seen::NOTHING, &whole).await;
            if transition.requires != Requires::Submission {
                refused(s, &who, id, transition, Seen { revision: now.revision - 1, ..now }, &whole).await;
            }
            walked += 1;
        }
    }
    walked
}

demo_test!(every_transition_of_every_flow_is_refused_on_a_page_that_is_outdated_or_says_nothing_and_changes_nothing, |demo| async move {
    let s = TestApp::new(demo).await;
    let cast = cast(&s).await;
    let mut walked = 0;
    for kind in domain::kind::KINDS {
        walked += walk(&s, kind, &cast).await;
    }
    assert!(walked > 100, "{walked} transitions");
});

demo_test!(a_decision_on_what_was_changed_meanwhile_is_refused_with_what_was_seen, |demo| async move {
    let s = TestApp::new(demo).await;
    let (inst, applicant) = (s.sign_in("inst-a").await, s.sign_in("applicant").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    let seen = crate::matter::load(&s.app, &inst, id).await.unwrap().seen();
    s.execute(&inst, id, "return").await.unwrap();
    let opened = crate::matter::load(&s.app, &applicant, id).await.unwrap();
    let step = opened.kind.form.step("person").unwrap();
    let mut fields: BTreeMap<_, _> =
        step.fields().filter_map(|f| Some((f.name.to_owned(), opened.answers.fields.get(f.name)?.clone()))).collect();
    fields.insert("postcode".into(), "200121".into());
    let edit = DraftEdit::Fields { step: "person".into(), base: opened.revision, fields };
    let saved = edit_draft(&s.app, &applicant, id, edit).await.unwrap();
    s.submit(&applicant, id, saved.revision, Uuid::now_v7()).await.unwrap();

    let command = Command { name: "pass".into(), note: "同意".into(), ..Command::default() };
    let request = |seen| CommandRequest { key: Uuid::now_v7(), matter: id, seen: Some(seen), command: command.clone() };
    let error = execute(&s.app, &inst, request(seen)).await.unwrap_err();
    let MatterError::Outdated(old) = error else { panic!("{error:?}") };
    let now = crate::matter::load(&s.app, &inst, id).await.unwrap();
    let before = answers_seen(&s.app, &now, old).await.unwrap().unwrap();
    assert_eq!((before.text("postcode"), now.answers.text("postcode")), ("200120", "200121"));
    assert_eq!(execute(&s.app, &inst, request(now.seen())).await.unwrap().stage, "payment");
});

demo_test!(what_was_never_submitted_is_not_shown_as_a_difference, |demo| async move {
    let s = TestApp::new(demo).await;
    let (inst, applicant) = (s.sign_in("inst-a").await, s.sign_in("applicant").await);
    let id = s.matter(&applicant, "质量管理体系").await;
    let now = crate::matter::load(&s.app, &inst, id).await.unwrap();
    for revision in 1..now.revision {
        let seen = Seen { revision, ..now.seen() };
        assert!(answers_seen(&s.app, &now, seen).await.unwrap().is_none(), "revision {revision} was only a draft");
    }
});

demo_test!(a_draft_that_was_written_on_meanwhile_is_not_discarded_from_an_old_page, |demo| async move {
    let s = TestApp::new(demo).await;
    let who = s.sign_in("applicant").await;
    let id = begin_draft(&s.app, &who, &domain::kind::registration::KIND, Uuid::now_v7()).await.unwrap();
    let seen = crate::matter::load(&s.app, &who, id).await.unwrap().seen();
    let fields = [("address".to_owned(), "甲路 1 号".into())].into();
    edit_draft(&s.app, &who, id, DraftEdit::Fields { step: "person".into(), base: 0, fields }).await.unwrap();
    let error = discard_draft(&s.app, &who, id, Some(seen)).await.unwrap_err();
    assert!(matches!(error, MatterError::Outdated(_)), "{error:?}");
    let now = crate::matter::load(&s.app, &who, id).await.unwrap().seen();
    discard_draft(&s.app, &who, id, Some(now)).await.unwrap();
});
