//! Conditions and deadlines of transitions.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::testing::{REVISION, conditions, decision_input};
use super::*;
use crate::base::calendar::day_of;
use crate::base::rule::{RuleRow, Rules, key};
use crate::engine::form::{Answers, When};

const CLOSES: DeadlineKey = DeadlineKey { code: "closes", label: "报名截止日" };
const ALWAYS: When = When::Always;

static FLOW: Flow = Flow {
    stages: &[
        common::draft(&[Transition {
            to: &[(When::Rule(key::REG_FULL_DIRECT), "granted"), (When::Is("direct", &["yes"]), "granted"), (ALWAYS, "refused")],
            ..common::SUBMIT
        }]),
        Stage {
            code: "refused",
            turn: Some(common::OFFICER),
            transitions: &[
                Transition {
                    when: When::Is("ready", &["yes"]), ..common::consent("go", common::OFFICER, "办理", &[(ALWAYS, "granted")])
                },
                Transition {
                    when: When::Rule(key::REG_FULL_DIRECT),
                    ..common::consent("rule", common::OFFICER, "办理", &[(ALWAYS, "granted")])
                },
                Transition { until: Some(CLOSES), ..common::consent("late", common::OFFICER, "办理", &[(ALWAYS, "granted")]) },
                // The same command of another party is no reason to hide why it is refused.
                Transition { by: Party::Applicant, ..common::consent("late", common::OFFICER, "办理", &[(ALWAYS, "granted")]) },
            ],
            ..STAGE
        },
        common::GRANTED,
    ],
};

fn rules(direct: &str) -> Rules {
    let row = RuleRow { key: key::REG_FULL_DIRECT.name.into(), value: direct.into(), effective_from: NaiveDate::default() };
    Rules::new([row]).unwrap()
}

/// The stage that a command leads to, which is offered exactly if it is accepted.
fn give(rules: &Rules, facts: &KindFacts, from: &str, name: &str, now: DateTime<Utc>) -> Result<&'static str, Refusal> {
    let answers = Answers::default();
    let mut state = MatterState::from_events(&FLOW, &[]);
    from.clone_into(&mut state.stage);
    let party = if from == "draft" { Party::Applicant } else { common::OFFICER };
    let actor = Actor { account: Uuid::from_u128(1), parties: vec![party] };
    let conditions = Conditions { facts, now, today: day_of(now), ..conditions(&answers, rules) };
    let input = DecisionInput { conditions, ..decision_input(&answers, rules) };
    let command = Command { name: name.into(), revision: Some(REVISION), ..Command::default() };
    let decided = decide(&FLOW, &state, &actor, &command, &input).map(|decision| decision.stage.code);
    let offered = open_transitions(&FLOW, &state, &actor, &conditions).iter().any(|t| t.command == name);
    assert_eq!(offered, decided.is_ok(), "{name}");
    decided
}

fn fields(pairs: &[(&str, &str)]) -> KindFacts {
    KindFacts { fields: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(), ..KindFacts::default() }
}

fn closing(deadline: Deadline) -> KindFacts {
    KindFacts { deadlines: [(CLOSES.code, deadline)].into(), ..KindFacts::default() }
}

#[test]
fn a_rule_switches_where_a_transition_leads() {
    let at = DateTime::default();
    assert_eq!(give(&rules("yes"), &NO_FACTS, "draft", "submit", at), Ok("granted"));
    assert_eq!(give(&rules("no"), &NO_FACTS, "draft", "submit", at), Ok("refused"));
    assert_eq!(give(&Rules::default(), &NO_FACTS, "draft", "submit", at), Ok("refused"));
}

#[test]
fn a_fact_of_the_kind_switches_where_a_transition_leads() {
    let at = DateTime::default();
    assert_eq!(give(&rules("no"), &fields(&[("direct", "yes")]), "draft", "submit", at), Ok("granted"));
    assert_eq!(give(&rules("no"), &fields(&[("direct", "no")]), "draft", "submit", at), Ok("refused"));
}

#[test]
fn no_kind_can_replace_a_fact_of_the_engine() {
    let (answers, rules, facts) = (Answers::default(), Rules::default(), fields(&[("_rounds_left", "no"), ("own", "yes")]));
    let known = MatterState::from_events(&FLOW, &[]).routing_facts(&Conditions { facts: &facts, ..conditions(&answers, &rules) });
    assert_eq!((known["_rounds_left"].text(), known["own"].text()), ("yes", "yes"));
}

#[test]
fn a_transition_with_a_condition_is_offered_and_accepted_only_while_it_holds() {
    let at = DateTime::default();
    for (facts, result) in [
        (fields(&[("ready", "yes")]), Ok("granted")),
        (fields(&[("ready", "no")]), Err(Refusal::Unmet)),
        (KindFacts::default(), Err(Refusal::Unmet)),
    ] {
        assert_eq!(give(&rules("no"), &facts, "refused", "go", at), result, "{facts:?}");
    }
    assert_eq!(give(&rules("yes"), &NO_FACTS, "refused", "rule", at), Ok("granted"));
    assert_eq!(give(&rules("no"), &NO_FACTS, "refused", "rule", at), Err(Refusal::Unmet));
}

#[test]
fn a_transition_is_offered_and_accepted_until_the_end_of_its_day_or_its_instant() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let day = Deadline::Day("2026-12-01".parse().unwrap());
    let instant = Deadline::Instant(at("2026-12-01T10:00:00Z"));
    for (now, by_day, by_instant) in [
        ("2026-11-30T00:00:00Z", true, true),
        ("2026-12-01T10:00:00Z", true, true),
        ("2026-12-01T10:00:01Z", true, false),
        ("2026-12-01T15:59:59Z", true, false),
        ("2026-12-01T16:00:00Z", false, false),
    ] {
        for (deadline, in_time) in [(day, by_day), (instant, by_instant)] {
            let expected = if in_time { Ok("granted") } else { Err(Refusal::TooLate(CLOSES, deadline)) };
            assert_eq!(give(&rules("no"), &closing(deadline), "refused", "late", at(now)), expected, "{now}");
        }
    }
    assert_eq!(give(&rules("no"), &NO_FACTS, "refused", "late", at("2030-01-01T00:00:00Z")), Ok("granted"), "no such day");
}

#[test]
fn a_refusal_names_the_day_that_is_over() {
    let refusal = Refusal::TooLate(CLOSES, Deadline::Day("2026-12-01".parse().unwrap()));
    assert_eq!(refusal.text(), "已超过报名截止日（2026-12-01），不能再进行此操作");
}
