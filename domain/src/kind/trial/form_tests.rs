//! Tests of the form that comes with the officer's review.

use uuid::Uuid;

use super::*;
use crate::base::permission::Role;
use crate::base::rule::Rules;
use crate::engine::flow::testing::decision_input;
use crate::engine::flow::{Actor, Command, DecisionInput, Event, EventKind, MatterState, Party, Refusal, decide, visible_history};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Audience, HIDDEN, Identities, check_form};

const OFFICER: Uuid = Uuid::from_u128(5);

fn review(pairs: &[(&str, &str)]) -> Answers {
    Answers { fields: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(), ..Answers::default() }
}

const COMPLETE: &[(&str, &str)] = &[(MARK, "86"), (REMARK, "材料完整"), ("result", "pass"), ("conditions", "已不适用")];

/// The review of a matter that awaits it, with these answers.
fn decided(answers: Answers, form_valid: bool) -> Result<Vec<Event>, Refusal> {
    let (of_matter, rules) = (Answers::default(), Rules::default());
    let mut state = MatterState::from_events(&FLOW, &[]);
    state.stage = "review".to_owned();
    let actor = Actor { account: OFFICER, parties: vec![Party::Association(Role::Officer)] };
    let command = Command { name: "propose".into(), answers, ..Command::default() };
    let input = DecisionInput { form_valid, ..decision_input(&of_matter, &rules) };
    decide(&FLOW, &state, &actor, &command, &input).map(|decision| decision.events)
}

fn answers_of(event: &Event) -> &Answers {
    let EventKind::Transitioned { answers, .. } = &event.kind else { panic!("{event:?}") };
    answers
}

#[test]
fn a_mark_that_is_missing_or_out_of_range_is_refused_at_its_field() {
    let context = TestContext::on("2026-11-23");
    for (pairs, expected) in [
        (&[][..], &[(MARK, "missing"), (REMARK, "missing"), ("result", "missing")][..]),
        (&[(MARK, "101"), (REMARK, "好"), ("result", "pass")], &[(MARK, "not_whole")]),
        (&[(MARK, "60"), (REMARK, "好"), ("result", "other")], &[("result", "unknown_choice")]),
        (&[(MARK, "60"), (REMARK, "好"), ("result", "conditional")], &[("conditions", "missing")]),
        (COMPLETE, &[]),
    ] {
        let problems = check_form(&REVIEW, &review(pairs), &context.form());
        let found: Vec<(String, &str)> = problems.iter().map(|p| (p.path.to_string(), p.issue.code)).collect();
        let expected: Vec<(String, &str)> = expected.iter().map(|(name, code)| ((*name).to_owned(), *code)).collect();
        assert_eq!(found, expected);
    }
    assert_eq!(decided(review(&[]), false).unwrap_err(), Refusal::InvalidForm);
}

#[test]
fn the_answers_that_apply_are_recorded_with_the_transition() {
    let events = decided(review(COMPLETE), true).unwrap();
    assert_eq!(answers_of(&events[0]).text(MARK), "86");
    assert_eq!(answers_of(&events[0]).text("conditions"), "", "hidden by a condition");
    let stored = serde_json::to_value(&events[0]).unwrap();
    assert_eq!(serde_json::from_value::<Event>(stored).unwrap(), events[0]);
}

#[test]
fn answers_to_a_command_without_a_form_are_not_recorded() {
    let (of_matter, rules) = (Answers::default(), Rules::default());
    let mut state = MatterState::from_events(&FLOW, &[]);
    state.stage = "review".to_owned();
    let actor = Actor { account: OFFICER, parties: vec![Party::Association(Role::Officer)] };
    let command = Command { name: "refuse".into(), note: "不符合".into(), answers: review(COMPLETE), ..Command::default() };
    let decision = decide(&FLOW, &state, &actor, &command, &decision_input(&of_matter, &rules)).unwrap();
    assert!(answers_of(&decision.events[0]).is_empty());
}

#[test]
fn experts_and_blind_readers_learn_nothing_of_a_review_that_names_someone() {
    let events =
        decided(review(&[(MARK, "86"), (REMARK, "欧阳雪松表现良好"), ("result", "pass"), ("contact", "13912345678")]), true).unwrap();
    let seen = |party| visible_history(&FLOW, &events, &Actor { account: Uuid::from_u128(9), parties: vec![party] });
    assert!(answers_of(&seen(Party::Expert)[0]).is_empty());
    assert_eq!(answers_of(&seen(Party::Applicant)[0]).text(MARK), "86");
    let mut identities = Identities::default();
    identities.add_person("欧阳雪松");
    let rules = Rules::default();
    let today = chrono::NaiveDate::default();
    let shown = answers_of(&events[0]).shown_to(&REVIEW, Audience::Blind(&identities), rules.on(today));
    assert_eq!((shown.text(MARK), shown.text("contact")), ("86", HIDDEN));
    assert!(!shown.text(REMARK).contains("欧阳"), "{}", shown.text(REMARK));
}
