//! The state of a matter, derived from its events.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::command::Conditions;
use super::common::is_acceptance;
use super::definition::{Flow, Stage};
use super::event::{Event, EventKind, RectificationItem};
use super::party::Party;
use crate::engine::form::{Answers, Fields};

/// The state of a matter, derived from its events and never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterState {
    /// Code of the current stage.
    pub stage: String,
    /// The last submitted revision.
    pub submitted: Option<i64>,
    /// The revision submitted before it.
    pub submitted_before: Option<i64>,
    /// Number of returns to the applicant.
    pub returns: u32,
    /// Number of returns that were rounds of rectification.
    pub rounds: u32,
    /// The stage that opened the last round of rectification.
    pub rectification_from: String,
    /// Whether the association has accepted the matter (受理), so that its examination has begun.
    pub accepted: bool,
    /// Deciders by stage.
    pub deciders: BTreeMap<String, Vec<Uuid>>,
    /// Accounts of the people assigned now.
    pub assigned: Vec<Uuid>,
    /// All past and present assignees.
    pub ever_assigned: Vec<Uuid>,
    /// Accounts of the participants named by the last submission.
    pub participants: Vec<Uuid>,
    /// Participants who have agreed to their part as it is now.
    pub agreed: Vec<Uuid>,
    /// Votes of the people assigned, since the current stage was last entered, or before where the transitions keep them.
    pub votes: Vec<Vote>,
    /// Names whose holders the association excluded.
    pub excluded_names: Vec<String>,
    /// Opinion and items of the last return, until the next submission.
    pub return_request: Option<(String, Vec<RectificationItem>)>,
    /// Opinion and items of the return before the last submission.
    pub answered_request: Option<(String, Vec<RectificationItem>)>,
    /// Number of the event that led into the current stage; 0 in a draft.
    pub entered: i64,
    /// Number of events.
    pub seq: i64,
}

/// The vote of one of several people assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Account of the voter.
    pub by: Uuid,
    /// Code of the command voted for.
    pub command: String,
    /// Note given with the vote.
    pub note: String,
    /// Items of rectification named by the voter.
    pub items: Vec<RectificationItem>,
    /// Answers to the form of the vote.
    pub answers: Answers,
}

impl MatterState {
    /// Derives the state from the events of a matter.
    pub fn from_events(flow: &Flow, events: &[Event]) -> Self {
        let mut state = MatterState {
            stage: flow.draft().map_or_else(String::new, |s| s.code.to_owned()),
            submitted: None,
            submitted_before: None,
            returns: 0,
            rounds: 0,
            rectification_from: String::new(),
            accepted: false,
            deciders: BTreeMap::new(),
            assigned: Vec::new(),
            ever_assigned: Vec::new(),
            participants: Vec::new(),
            agreed: Vec::new(),
            votes: Vec::new(),
            excluded_names: Vec::new(),
            return_request: None,
            answered_request: None,
            entered: 0,
            seq: 0,
        };
        for event in events {
            state.apply(flow, event);
        }
        state
    }

    /// Applies one event.
    pub fn apply(&mut self, flow: &Flow, event: &Event) {
        self.seq = event.seq;
        match &event.kind {
            EventKind::Transitioned { from, command, to, note, items, revision, .. } => {
                if let Some(decider) = event.by {
                    self.deciders.entry(from.clone()).or_default().push(decider);
                }
                self.accepted |= is_acceptance(from, command);
                if revision.is_some() {
                    self.submitted_before = self.submitted;
                    self.submitted = *revision;
                    self.answered_request = self.return_request.take();
                }
                if flow.is_return(from, command, to) {
                    self.returns += 1;
                    if flow.opens_round(from, command) {
                        self.rounds += 1;
                        self.rectification_from.clone_from(from);
                    }
                    self.return_request = Some((note.clone(), items.clone()));
                }
                if !flow.keeps_votes(from, command) {
                    self.votes.clear();
                }
                self.entered = event.seq;
                self.stage.clone_from(to);
            }
            EventKind::Voted { stage, command, note, items, answers } => {
                if let Some(by) = event.by {
                    self.deciders.entry(stage.clone()).or_default().push(by);
                    if flow.stage(stage).is_some_and(|s| s.is_agreement(command, answers)) && !self.agreed.contains(&by) {
                        self.agreed.push(by);
                    }
                    let (command, note, items, answers) = (command.clone(), note.clone(), items.clone(), answers.clone());
                    self.votes.push(Vote { by, command, note, items, answers });
                }
            }
            EventKind::Assigned { people, .. } => {
                self.assigned.clone_from(people);
                self.ever_assigned.extend(people.iter().filter(|p| !self.ever_assigned.contains(p)).copied().collect::<Vec<_>>());
                self.votes.retain(|v| people.contains(&v.by));
            }
            EventKind::Recused { .. } => {
                self.assigned.retain(|p| Some(*p) != event.by);
                self.votes.retain(|v| Some(v.by) != event.by);
            }
            EventKind::Absent { people } => {
                self.assigned.retain(|p| !people.contains(p));
                self.votes.retain(|v| !people.contains(&v.by));
            }
            EventKind::Named { people, changed } => {
                self.participants.clone_from(people);
                self.agreed.retain(|p| people.contains(p) && !changed.contains(p));
            }
            EventKind::Excluded { name, people, .. } => {
                self.excluded_names.push(name.clone());
                self.assigned.retain(|p| !people.contains(p));
                self.votes.retain(|v| !people.contains(&v.by));
            }
        }
    }

    /// Whether no participant is left who has not agreed.
    pub fn all_agreed(&self) -> bool {
        self.undecided_participants().next().is_none()
    }

    /// The participants who have not agreed to their part.
    pub fn undecided_participants(&self) -> impl Iterator<Item = Uuid> {
        self.participants.iter().filter(|p| !self.agreed.contains(p)).copied()
    }

    /// The people from whom a stage awaits a vote: experts or participants; none at a stage that one person decides.
    pub fn awaited(&self, stage: &Stage) -> Vec<Uuid> {
        let has_voted = |person: &Uuid| self.votes.iter().any(|vote| vote.by == *person);
        match stage.turn {
            Some(Party::Expert) => self.assigned.iter().filter(|p| !has_voted(p)).copied().collect(),
            Some(Party::Participant) => self.undecided_participants().filter(|p| !has_voted(p)).collect(),
            _ => Vec::new(),
        }
    }

    /// Rewrites the texts of the last returns, which their readers see beside the answers. Votes stay, since decisions are made of them.
    pub fn redact_returns(&mut self, redact: impl Fn(&str) -> String) {
        for (note, items) in self.return_request.iter_mut().chain(&mut self.answered_request) {
            *note = redact(note);
            for item in items {
                item.text = redact(&item.text);
            }
        }
    }

    /// Facts for the conditions of transitions, as fields: those of the kind, and `_sent_from` (a stage code), `_rounds_left` and
    /// `_filed_by_institution` (`yes` or `no`).
    pub(super) fn routing_facts(&self, conditions: &Conditions<'_>) -> Fields {
        let yes_no = |yes| if yes { "yes" } else { "no" };
        let own = [
            ("_sent_from", self.rectification_from.as_str()),
            ("_rounds_left", yes_no(self.rounds < conditions.rounds)),
            ("_filed_by_institution", yes_no(conditions.filed_by_institution)),
        ];
        let mut facts = conditions.facts.fields.clone();
        facts.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
        facts
    }
}
