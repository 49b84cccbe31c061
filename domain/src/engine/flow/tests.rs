use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::base::rule::Rules;
use crate::engine::form::Answers;
use crate::kind::KINDS;

const HATS: [Hat; 13] = [
    Hat::Applicant,
    Hat::Institution(Link::Recommending),
    Hat::Institution(Link::Leaving),
    Hat::Association(Role::Officer),
    Hat::Association(Role::Approver),
    Hat::Association(Role::Finance),
    Hat::Association(Role::Admin),
    Hat::Expert,
    Hat::Teacher,
    Hat::Institution(Link::Joining),
    Hat::Cashier,
    Hat::Appeal,
    Hat::Clock,
];

fn item() -> Item {
    Item { id: Uuid::from_u128(77), path: crate::engine::form::Path::field("address"), text: "请补充".into() }
}

fn person(n: u8) -> Uuid {
    Uuid::from_u128(u128::from(n) + 1)
}

/// One random try: who, as what, which command, with or without what it asks for.
#[derive(Debug, Clone)]
struct Try {
    /// Whether it is one that the stage has, with all it asks for: chance alone seldom comes far.
    guided: bool,
    who: u8,
    hat: usize,
    command: usize,
    note: bool,
    right_revision: bool,
    sound: bool,
    changed: bool,
    people: u8,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = (any::<bool>(), 0u8..4, 0..HATS.len(), 0usize..1000, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), 0u8..6);
    let one = one.prop_map(|(guided, who, hat, command, note, right_revision, sound, changed, people)| Try {
        guided,
        who,
        hat,
        command,
        note,
        right_revision,
        sound,
        changed,
        people,
    });
    proptest::collection::vec(one, 100)
}

fn commands(flow: &Flow) -> Vec<&'static str> {
    let mut all: Vec<&str> = flow.stages.iter().flat_map(|s| s.moves.iter().map(|m| m.command)).collect();
    all.sort_unstable();
    all.dedup();
    all.push("no_such_command");
    all
}

/// The written table: does this stage have this command for this hat, and where does it lead?
fn table(flow: &Flow, stage: &str, hat: Hat, command: &str) -> Vec<&'static str> {
    let stage = flow.stage(stage).unwrap();
    let fits = stage.moves.iter().filter(|m| m.command == command && m.by.wears(hat));
    fits.flat_map(|m| m.to.iter().map(|(_, to)| *to)).collect()
}

/// The try as it is made at a stage.
fn guide(flow: &Flow, stage: &str, t: &Try) -> (Try, Hat, &'static str) {
    let (all, moves) = (commands(flow), flow.stage(stage).unwrap().moves);
    if !t.guided || moves.is_empty() {
        return (t.clone(), HATS[t.hat], all[t.command % all.len()]);
    }
    let m = &moves[t.command % moves.len()];
    let hat = HATS.into_iter().find(|h| m.by.wears(*h)).unwrap();
    (Try { note: true, right_revision: true, sound: true, changed: true, people: 3, ..t.clone() }, hat, m.command)
}

fn run(flow: &'static Flow, tries: &[Try]) -> Result<Vec<String>, TestCaseError> {
    // Half of them pay themselves, and move with the consent of both institutions.
    let mut answers = Answers::default();
    if tries.first().is_some_and(|t| t.guided) {
        answers.fields.insert("payer_type".into(), "individual".into());
        answers.fields.insert("ground".into(), "agreed".into());
    }
    let rules = Rules::default();
    let mut events: Vec<Event> = Vec::new();
    let mut seen = Vec::new();
    for t in tries {
        let facts = Facts::read(flow, &events);
        seen.push(facts.stage.clone());
        let (t, hat, name) = guide(flow, &facts.stage, t);
        let actor = Actor { account: person(t.who), hats: vec![hat] };
        let asked = Asked {
            at: chrono::DateTime::default(),
            today: chrono::NaiveDate::default(),
            answers: &answers,
            revision: 7,
            sound: t.sound,
            changed: t.changed,
            rounds: 2,
            at_desk: false,
            rules: rules.on(chrono::NaiveDate::default()),
        };
        let command = Command {
            name: name.into(),
            note: if t.note { "意见".into() } else { String::new() },
            items: if t.people % 2 == 1 { vec![item()] } else { Vec::new() },
            revision: Some(if t.right_revision { 7 } else { 6 }),
            people: (0..t.people).map(person).collect(),
            recused: Vec::new(),
        };
        let ways = table(flow, &facts.stage, hat, name);
        let shown = open_moves(flow, &facts, &actor, 2).iter().any(|m| m.command == name);
        match decide(flow, &facts, &actor, &command, &asked) {
            Ok(decided) => {
                prop_assert!(!ways.is_empty(), "{} {hat:?} {name} is not in the table", facts.stage);
                prop_assert!(shown, "what can be done has a button");
                prop_assert!(
                    !decided.entered || ways.contains(&decided.stage.code) || flow.stage(&facts.stage).unwrap().agreement != Agreement::One
                );
                for (i, event) in decided.events.iter().enumerate() {
                    prop_assert_eq!(event.seq, facts.seq + 1 + i as i64);
                }
                events.extend(decided.events);
                let after = Facts::read(flow, &events);
                prop_assert_eq!(&after.stage, decided.stage.code);
                prop_assert!(flow.stage(&after.stage).is_some());
            }
            Err(Refusal::NotOpen | Refusal::SamePerson | Refusal::Voted | Refusal::NoRounds) => {
                prop_assert!(!shown, "a button that shows is a command that works: {} {hat:?} {name}", facts.stage);
            }
            Err(_) => prop_assert!(shown && !ways.is_empty(), "only an open command is asked for more"),
        }
        let closed = flow.stage(&Facts::read(flow, &events).stage).unwrap().closed();
        if closed {
            let over = Facts::read(flow, &events);
            let people = HATS.into_iter().filter(|h| *h != Hat::Appeal).collect();
            let everyone = Actor { account: person(0), hats: people };
            prop_assert!(open_moves(flow, &over, &everyone, 2).is_empty());
        }
    }
    Ok(seen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    // A thousand histories of a hundred tries each.
    #[test]
    fn a_hundred_thousand_random_commands_never_leave_the_table(tries in tries()) {
        for kind in KINDS {
            run(kind.flow, &tries)?;
        }
    }
}

#[test]
fn random_commands_reach_every_stage_of_every_kind() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let histories: Vec<Vec<Try>> = (0..300).map(|_| tries().new_tree(&mut runner).unwrap().current()).collect();
    for kind in KINDS {
        let mut seen: Vec<String> = histories.iter().flat_map(|h| run(kind.flow, h).unwrap()).collect();
        seen.sort_unstable();
        seen.dedup();
        let missed: Vec<&str> = kind.flow.stages.iter().map(|s| s.code).filter(|code| !seen.iter().any(|s| s == code)).collect();
        assert!(missed.is_empty(), "{}: {missed:?}", kind.code);
    }
}
