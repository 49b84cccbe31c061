//! The history of a matter as one of its parties reads it: the only place where events, names and notes are left out.

use uuid::Uuid;

use super::definition::Flow;
use super::event::{Event, EventKind};
use super::party::{Actor, Party};
use crate::engine::form::Answers;

/// The events that the actor may read, with what the actor may read of them. Rules of [`Party`], the widest one of the actor first:
///
/// What is read of a note is read of the answers that came with the command.
///
/// - the association reads everything, and only it reads who was excluded;
/// - institutions that review or decide read who of the association and of the institutions acted, but neither who evaluates nor the votes;
/// - the applicant, and the institution that filed the matter, read which party acted;
/// - experts read which party acted, and notes of their own only, so that nobody else's text tells whom it is about or how others voted.
pub fn visible_history(flow: &Flow, events: &[Event], actor: &Actor) -> Vec<Event> {
    let reads = Reading::of(actor);
    events.iter().filter_map(|event| reads.event(flow, event, actor.account)).collect()
}

/// What a party reads of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Everything,
    Institution,
    Applicant,
    Expert,
}

impl Reading {
    fn of(actor: &Actor) -> Self {
        let is = |matches: fn(&Party) -> bool| actor.parties.iter().any(matches);
        if actor.account.is_nil() || is(|p| matches!(p, Party::Association(_))) {
            Reading::Everything
        } else if is(|p| matches!(p, Party::Institution(relation) if *relation != super::party::InstitutionRelation::Filing)) {
            Reading::Institution
        } else if is(|p| matches!(p, Party::Expert)) {
            Reading::Expert
        } else {
            Reading::Applicant
        }
    }

    fn event(self, flow: &Flow, event: &Event, reader: Uuid) -> Option<Event> {
        let mut seen = event.clone();
        if is_of_group(flow, event) {
            seen.by = None;
        }
        if self == Reading::Everything {
            return Some(seen);
        }
        let own = seen.by == Some(reader);
        match &mut seen.kind {
            EventKind::Excluded { .. } | EventKind::Absent { .. } => return None,
            // Participants answer openly: the applicant chose them.
            EventKind::Voted { .. } if event.party == Party::Participant.code() && self != Reading::Expert => return Some(seen),
            EventKind::Voted { .. } | EventKind::Recused { .. } if !(own && self == Reading::Expert) => return None,
            EventKind::Voted { .. } | EventKind::Recused { .. } => {}
            EventKind::Named { people, changed } => {
                people.clear();
                changed.clear();
            }
            EventKind::Assigned { people, recused } => {
                people.clear();
                recused.clear();
            }
            EventKind::Transitioned { from, command, note, items, answers, .. } => {
                let transition = flow.stage(from).and_then(|s| s.transitions.iter().find(|t| t.command == *command));
                if transition.is_some_and(|t| t.internal) || self == Reading::Expert && !own {
                    note.clear();
                    items.clear();
                    *answers = Answers::default();
                }
            }
        }
        let named = self == Reading::Institution && event.party != Party::Expert.code();
        seen.by = seen.by.filter(|_| named);
        Some(seen)
    }
}

/// Whether an event is the transition that several votes decided. Earlier releases stored the last voter as its author.
fn is_of_group(flow: &Flow, event: &Event) -> bool {
    match &event.kind {
        EventKind::Transitioned { from, command, .. } => flow.stage(from).is_some_and(|s| s.votes().any(|t| t.command == *command)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::permission::Role;
    use crate::engine::flow::{InstitutionRelation, STAGE, Stage, TRANSITION, Transition};

    static FLOW: Flow = Flow {
        stages: &[
            Stage { code: "review", transitions: &[Transition { command: "pass", ..TRANSITION }], ..STAGE },
            Stage { code: "decision", transitions: &[Transition { command: "propose", internal: true, ..TRANSITION }], ..STAGE },
        ],
    };

    fn account(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn event(seq: i64, by: u128, party: Party, kind: EventKind) -> Event {
        Event {
            seq,
            at: chrono::DateTime::default(),
            effective_on: chrono::NaiveDate::default(),
            by: Some(account(by)),
            party: party.code(),
            kind,
        }
    }

    /// Answers that hold the note, so that each test of a note is one of answers.
    fn marked(note: &str) -> Answers {
        Answers { fields: [("remark".to_owned(), note.into())].into(), ..Answers::default() }
    }

    fn moved(from: &str, command: &str, note: &str) -> EventKind {
        let (from, command, note, answers) = (from.to_owned(), command.to_owned(), note.to_owned(), marked(note));
        EventKind::Transitioned { from, command, to: String::new(), note, items: Vec::new(), revision: None, answers }
    }

    fn voted(note: &str) -> EventKind {
        EventKind::Voted {
            stage: "evaluation".into(),
            command: "conform".into(),
            note: note.into(),
            items: Vec::new(),
            answers: marked(note),
        }
    }

    fn excluded(name: &str) -> EventKind {
        EventKind::Excluded { name: name.into(), people: Vec::new(), note: "回避的理由".into() }
    }

    fn history() -> Vec<Event> {
        vec![
            event(1, 2, Party::Institution(InstitutionRelation::Recommending), moved("review", "pass", "初核意见")),
            event(
                2,
                3,
                Party::Association(Role::Officer),
                EventKind::Assigned { people: vec![account(4), account(5)], recused: Vec::new() },
            ),
            event(3, 4, Party::Expert, voted("甲的意见")),
            event(4, 5, Party::Expert, voted("乙的意见")),
            event(5, 3, Party::Association(Role::Officer), moved("decision", "propose", "内部意见")),
            event(6, 3, Party::Association(Role::Officer), excluded("回避人员的姓名")),
        ]
    }

    fn seen(by: u128, party: Party) -> (String, Vec<Option<Uuid>>) {
        let seen = visible_history(&FLOW, &history(), &Actor { account: account(by), parties: vec![party] });
        (serde_json::to_string(&seen).unwrap(), seen.iter().map(|e| e.by).collect())
    }

    #[test]
    fn the_association_reads_everything() {
        let (text, _) = seen(3, Party::Association(Role::Officer));
        for note in ["初核意见", "甲的意见", "乙的意见", "内部意见", "回避人员的姓名", "回避的理由"] {
            assert!(text.contains(note), "{note}");
        }
    }

    #[test]
    fn only_the_association_reads_who_was_excluded() {
        let institution = |relation| Party::Institution(relation);
        for party in
            [Party::Applicant, Party::Expert, institution(InstitutionRelation::Recommending), institution(InstitutionRelation::Filing)]
        {
            let (text, _) = seen(1, party);
            assert!(!text.contains("回避"), "{party:?}: {text}");
        }
    }

    #[test]
    fn institutions_read_neither_who_evaluates_nor_the_votes() {
        let (text, by) = seen(2, Party::Institution(InstitutionRelation::Recommending));
        assert!(text.contains("初核意见") && !text.contains("的意见\"") && !text.contains("内部意见"), "{text}");
        assert_eq!(by, [Some(account(2)), Some(account(3)), Some(account(3))]);
        assert!(!text.contains(&account(4).to_string()));
    }

    #[test]
    fn an_expert_reads_only_notes_of_their_own_and_no_other_account() {
        let (text, by) = seen(4, Party::Expert);
        assert!(text.contains("甲的意见"), "{text}");
        for other in ["初核意见", "乙的意见", "内部意见"] {
            assert!(!text.contains(other), "{other}");
        }
        assert!(by.iter().all(Option::is_none));
    }

    #[test]
    fn applicants_and_filing_institutions_read_which_party_acted() {
        for party in [Party::Applicant, Party::Institution(InstitutionRelation::Filing)] {
            let (text, by) = seen(1, party);
            assert!(text.contains("初核意见") && !text.contains("甲的意见") && !text.contains("内部意见"), "{text}");
            assert!(by.iter().all(Option::is_none));
        }
    }
}
