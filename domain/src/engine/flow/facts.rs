//! What is true of a matter, read off its history.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::event::{Event, Item, What};
use super::{Edit, Flow};
use crate::engine::form::Fields;

/// What is true of a matter. Derived from its events; never stored as the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Code of the stage it is at.
    pub stage: String,
    /// The revision last submitted.
    pub submitted: Option<i64>,
    /// The revision submitted before that.
    pub submitted_before: Option<i64>,
    /// How often it came back to its applicant.
    pub returns: u32,
    /// How many of those were rounds of rectification.
    pub rounds: u32,
    /// The stage that sent it into its last round of rectification.
    pub sent_from: String,
    /// Who decided at which stage.
    pub deciders: BTreeMap<String, Vec<Uuid>>,
    /// Who is assigned now.
    pub assigned: Vec<Uuid>,
    /// Who was assigned at any time.
    pub ever_assigned: Vec<Uuid>,
    /// Opinions given at the present stage since it was last entered.
    pub votes: Vec<Vote>,
    /// What the last return pointed at, and its opinion, until it is submitted again.
    pub asked: Option<(String, Vec<Item>)>,
    /// What the applicant was asked before the last submission, and has responded to.
    pub answered: Option<(String, Vec<Item>)>,
    /// Events so far.
    pub seq: i64,
}

/// An opinion of one of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Whose.
    pub by: Uuid,
    /// The command it is for.
    pub command: String,
    /// In words.
    pub note: String,
    /// What it points at.
    pub items: Vec<Item>,
}

impl Facts {
    /// Reads the history of a matter of this flow.
    pub fn read(flow: &Flow, events: &[Event]) -> Self {
        let mut facts = Facts {
            stage: flow.draft().map_or_else(String::new, |s| s.code.to_owned()),
            submitted: None,
            submitted_before: None,
            returns: 0,
            rounds: 0,
            sent_from: String::new(),
            deciders: BTreeMap::new(),
            assigned: Vec::new(),
            ever_assigned: Vec::new(),
            votes: Vec::new(),
            asked: None,
            answered: None,
            seq: 0,
        };
        for event in events {
            facts.follow(flow, event);
        }
        facts
    }

    /// Takes one more event in.
    pub fn follow(&mut self, flow: &Flow, event: &Event) {
        self.seq = event.seq;
        match &event.what {
            What::Moved { from, command, to, note, items, revision } => {
                if let Some(who) = event.by {
                    self.deciders.entry(from.clone()).or_default().push(who);
                }
                if revision.is_some() {
                    self.submitted_before = self.submitted;
                    self.submitted = *revision;
                    self.answered = self.asked.take();
                }
                if flow.stage(to).is_some_and(|s| s.edit != Edit::Nothing) {
                    self.returns += 1;
                    if flow.is_round(from, command) {
                        self.rounds += 1;
                        self.sent_from.clone_from(from);
                    }
                    self.asked = Some((note.clone(), items.clone()));
                }
                self.votes.clear();
                self.stage.clone_from(to);
            }
            What::Voted { stage, command, note, items } => {
                if let Some(by) = event.by {
                    self.deciders.entry(stage.clone()).or_default().push(by);
                    self.votes.push(Vote { by, command: command.clone(), note: note.clone(), items: items.clone() });
                }
            }
            What::Assigned { people, .. } => {
                self.assigned.clone_from(people);
                self.ever_assigned.extend(people.iter().filter(|p| !self.ever_assigned.contains(p)).copied().collect::<Vec<_>>());
                self.votes.retain(|v| people.contains(&v.by));
            }
            What::Recused { .. } => {
                self.assigned.retain(|p| Some(*p) != event.by);
                self.votes.retain(|v| Some(v.by) != event.by);
            }
        }
    }

    /// The facts a way through the flow may depend on, as answers to questions nobody is asked: `_sent_from` (a stage),
    /// `_rounds_left` and `_at_desk` (`yes` or `no`).
    pub fn known(&self, rounds: u32, at_desk: bool) -> Fields {
        let yes_no = |yes| if yes { "yes" } else { "no" };
        let known =
            [("_sent_from", self.sent_from.as_str()), ("_rounds_left", yes_no(self.rounds < rounds)), ("_at_desk", yes_no(at_desk))];
        known.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
    }
}
