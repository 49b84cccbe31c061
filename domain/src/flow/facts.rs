//! What is true of a matter, read off its history.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Flow;
use super::event::{Event, Item, What};

/// What is true of a matter. Derived from its events; never stored as the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Code of the stage it is at.
    pub stage: String,
    /// The revision last submitted.
    pub submitted: Option<i64>,
    /// How often it came back to its applicant.
    pub returns: u32,
    /// Who decided at which stage.
    pub deciders: BTreeMap<String, Vec<Uuid>>,
    /// Who is assigned now.
    pub assigned: Vec<Uuid>,
    /// Opinions given at the present stage since it was last entered: who, for which command.
    pub votes: Vec<(Uuid, String)>,
    /// What the last return pointed at, and its opinion.
    pub asked: Option<(String, Vec<Item>)>,
    /// Events so far.
    pub seq: i64,
}

impl Facts {
    /// Reads the history of a matter of this flow.
    pub fn read(flow: &Flow, events: &[Event]) -> Self {
        let mut facts = Facts {
            stage: flow.draft().map_or_else(String::new, |s| s.code.to_owned()),
            submitted: None,
            returns: 0,
            deciders: BTreeMap::new(),
            assigned: Vec::new(),
            votes: Vec::new(),
            asked: None,
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
            What::Moved { from, to, note, items, revision, .. } => {
                if let Some(who) = event.by {
                    self.deciders.entry(from.clone()).or_default().push(who);
                }
                if revision.is_some() {
                    self.submitted = *revision;
                }
                let back = flow.stage(to).is_some_and(|s| s.edit != super::Edit::Nothing);
                if back {
                    self.returns += 1;
                    self.asked = Some((note.clone(), items.clone()));
                } else if revision.is_some() {
                    self.asked = None;
                }
                self.votes.clear();
                self.stage = to.clone();
            }
            What::Voted { stage, command, .. } => {
                if let Some(who) = event.by {
                    self.deciders.entry(stage.clone()).or_default().push(who);
                    self.votes.push((who, command.clone()));
                }
            }
            What::Assigned { people } => self.assigned = people.clone(),
        }
    }
}
