//! Random commands on the flows of the kinds.

use chrono::NaiveDate;
use proptest::prelude::*;
use uuid::Uuid;

use crate::base::permission::Role;
use crate::base::rule::Rules;
use crate::engine::flow::testing::{REVISION, conditions, decision_input};
use crate::engine::flow::{
    Actor, Agreement, Command, Conditions, Deadline, DecisionInput, Edit, Event, Flow, InstitutionRelation, KindFacts, MatterState,
    NamedParticipant, Party, RectificationItem, Refusal, Vote, decide, open_transitions,
};
use crate::engine::form::{Answers, Path};
use crate::kind::trial::panel::{CONCLUSION, CONTENT, FORM_GRADE, LAST_DAY, VETO};

const PARTIES: [Party; 14] = [
    Party::Applicant,
    Party::Institution(InstitutionRelation::Recommending),
    Party::Institution(InstitutionRelation::Leaving),
    Party::Association(Role::Officer),
    Party::Association(Role::Approver),
    Party::Association(Role::Finance),
    Party::Association(Role::Admin),
    Party::Expert,
    Party::Participant,
    Party::Institution(InstitutionRelation::Joining),
    Party::Cashier,
    Party::Appeal,
    Party::Clock,
    Party::Closing,
];

fn item() -> RectificationItem {
    RectificationItem { id: Uuid::from_u128(77), path: Path::field("address"), text: "请补充".into() }
}

fn person(n: u8) -> Uuid {
    Uuid::from_u128(u128::from(n) + 1)
}

/// One random attempt: account, party, command, with or without the required input.
#[derive(Debug, Clone)]
struct Try {
    /// Whether it is a transition of the stage with everything it requires. Random commands alone seldom get far.
    guided: bool,
    who: u8,
    party: usize,
    command: usize,
    note: bool,
    right_revision: bool,
    valid: bool,
    changed: bool,
    people: u8,
    late: bool,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let one = (any::<bool>(), 0u8..4, 0..PARTIES.len(), 0usize..1000, 0u8..6, flags);
    let one = one.prop_map(|(guided, who, party, command, people, (note, right_revision, valid, changed, late))| Try {
        guided,
        who,
        party,
        command,
        note,
        right_revision,
        valid,
        changed,
        people,
        late,
    });
    proptest::collection::vec(one, 100)
}

fn commands(flow: &Flow) -> Vec<&'static str> {
    let mut all: Vec<&str> = flow.stages.iter().flat_map(|s| s.transitions.iter().map(|m| m.command)).collect();
    all.sort_unstable();
    all.dedup();
    all.push("no_such_command");
    all
}

/// The targets in the table of a stage for a command of a party.
fn table(flow: &Flow, stage: &str, party: Party, command: &str) -> Vec<&'static str> {
    let stage = flow.stage(stage).unwrap();
    let fits = stage.transitions.iter().filter(|m| m.command == command && m.by == party);
    fits.flat_map(|m| m.to.iter().map(|(_, to)| *to)).collect()
}

/// The command as given at a stage.
fn guide(flow: &Flow, stage: &str, t: &Try) -> (Try, Party, &'static str) {
    let (all, moves) = (commands(flow), flow.stage(stage).unwrap().transitions);
    if !t.guided || moves.is_empty() {
        return (t.clone(), PARTIES[t.party], all[t.command % all.len()]);
    }
    let m = &moves[t.command % moves.len()];
    let party = PARTIES.into_iter().find(|h| m.by == *h).unwrap();
    (Try { note: true, right_revision: true, valid: true, changed: true, people: 3, ..t.clone() }, party, m.command)
}

/// The form of a vote of the panel or of a confirmation, as a random voter fills it in.
fn sheet(t: &Try) -> Answers {
    let conclusion = ["pass", "revise", "fail"][t.party % 3];
    let (content, veto) = (if t.changed { "60" } else { "20" }, if t.valid { "no" } else { "yes" });
    let result = if t.valid { "agree" } else { "decline" };
    let fields = [(CONTENT, content), (FORM_GRADE, "excellent"), (VETO, veto), (CONCLUSION, conclusion), ("result", result)];
    Answers { fields: fields.map(|(name, value)| (name.to_owned(), value.into())).into(), ..Answers::default() }
}

/// Facts of a kind, on the last day of every deadline of its transitions or after it.
fn facts(flow: &Flow, late: bool) -> KindFacts {
    let last = if late { NaiveDate::default().pred_opt().unwrap() } else { NaiveDate::default() };
    let ahead = if late { "no" } else { "yes" };
    let keys = flow.stages.iter().flat_map(|stage| stage.transitions).filter_map(|t| t.until);
    let deadlines = keys.chain([LAST_DAY]).map(|key| (key.code, Deadline::Day(last))).collect();
    let fields = [("ahead".to_owned(), ahead.into()), ("needs_review".to_owned(), ahead.into())].into();
    KindFacts { fields, deadlines }
}

fn run(flow: &'static Flow, tries: &[Try]) -> Result<Vec<String>, TestCaseError> {
    // Half of them choose 个人缴费, transfer with the consent of both institutions, and resume a certificate.
    let mut answers = Answers::default();
    if tries.first().is_some_and(|t| t.guided) {
        answers.fields.insert("payer_type".into(), "individual".into());
        answers.fields.insert("ground".into(), "agreed".into());
        answers.fields.insert("measure".into(), "resume".into());
    }
    let rules = Rules::default();
    let participants = [0, 1].map(|n| NamedParticipant { account: person(n), changed: true });
    let mut events: Vec<Event> = Vec::new();
    let mut seen = Vec::new();
    for t in tries {
        let state = MatterState::from_events(flow, &events);
        seen.push(state.stage.clone());
        let (t, party, name) = guide(flow, &state.stage, t);
        let actor = Actor { account: person(t.who), parties: vec![party] };
        let facts = facts(flow, t.late);
        let conditions = Conditions { facts: &facts, ..conditions(&answers, &rules) };
        let (answers_valid, changed) = (t.valid, t.changed);
        let input = DecisionInput { conditions, answers_valid, changed, participants: &participants, ..decision_input(&answers, &rules) };
        let command = Command {
            name: name.into(),
            note: if t.note { "意见".into() } else { String::new() },
            items: if t.people % 2 == 1 { vec![item()] } else { Vec::new() },
            revision: Some(if t.right_revision { REVISION } else { REVISION - 1 }),
            assignees: (0..t.people).map(person).collect(),
            excluded_name: "某人".into(),
            answers: sheet(&t),
            ..Command::default()
        };
        let outcome = flow.stage(&state.stage).unwrap().is_outcome(name);
        let targets = table(flow, &state.stage, party, name);
        let open = open_transitions(flow, &state, &actor, &conditions);
        let shown = open.iter().any(|m| m.command == name);
        prop_assert!(!t.late || open.iter().all(|m| m.until.is_none()), "nothing is offered after its last day");
        match decide(flow, &state, &actor, &command, &input) {
            Ok(decided) => {
                prop_assert!(!targets.is_empty(), "{} {party:?} {name} is not in the table", state.stage);
                prop_assert!(shown, "what can be done has a button");
                prop_assert!(!outcome, "nobody gives what votes lead to");
                prop_assert!(
                    !decided.entered
                        || targets.contains(&decided.stage.code)
                        || flow.stage(&state.stage).unwrap().agreement != Agreement::One
                );
                for (i, event) in decided.events.iter().enumerate() {
                    prop_assert_eq!(event.seq, state.seq + 1 + i as i64);
                }
                events.extend(decided.events);
                let after = MatterState::from_events(flow, &events);
                prop_assert_eq!(&after.stage, decided.stage.code);
                prop_assert!(flow.stage(&after.stage).is_some());
                let returned = decided.transition.is_some_and(|m| m.returns && decided.stage.edit != Edit::Nothing);
                prop_assert_eq!(after.returns, state.returns + u32::from(returned));
                let counts = |vote: &Vote| decided.stage.turn != Some(Party::Expert) || after.assigned.contains(&vote.by);
                prop_assert!(after.votes.iter().all(counts), "only those assigned are counted");
                let voters: std::collections::BTreeSet<Uuid> = after.votes.iter().map(|vote| vote.by).collect();
                prop_assert_eq!(voters.len(), after.votes.len(), "nobody is counted twice");
            }
            Err(Refusal::NotOpen | Refusal::SamePerson | Refusal::Voted | Refusal::NoRounds | Refusal::Unmet | Refusal::TooLate(..)) => {
                prop_assert!(!shown, "a button that shows is a command that works: {} {party:?} {name}", state.stage);
            }
            Err(_) => prop_assert!(shown && !targets.is_empty(), "only an open command is asked for more"),
        }
        let closed = flow.stage(&MatterState::from_events(flow, &events).stage).unwrap().closed();
        if closed {
            let closed = MatterState::from_events(flow, &events);
            let people = PARTIES.into_iter().filter(|h| *h != Party::Appeal).collect();
            let everyone = Actor { account: person(0), parties: people };
            prop_assert!(open_transitions(flow, &closed, &everyone, &conditions).is_empty());
        }
    }
    Ok(seen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    // A thousand histories of a hundred tries each.
    #[test]
    fn a_hundred_thousand_random_commands_never_leave_the_table(tries in tries()) {
        for kind in super::tested_kinds() {
            run(kind.flow, &tries)?;
        }
    }
}

#[test]
fn random_commands_reach_every_stage_of_every_kind() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let histories: Vec<Vec<Try>> = (0..5000).map(|_| tries().new_tree(&mut runner).unwrap().current()).collect();
    for kind in super::tested_kinds() {
        let mut missed: Vec<&str> = kind.flow.stages.iter().map(|s| s.code).collect();
        for history in &histories {
            let seen = run(kind.flow, history).unwrap();
            missed.retain(|code| !seen.iter().any(|stage| stage == code));
            if missed.is_empty() {
                break;
            }
        }
        assert!(missed.is_empty(), "{}: {missed:?}", kind.code);
    }
}
