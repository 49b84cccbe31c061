//! Input and output of [`super::decide`]: the command, the data it is decided with, and the decision.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::definition::{Effect, Stage, Transition};
use super::event::{Event, RectificationItem};
use super::facts::KindFacts;
use crate::base::rule::RulesOn;
use crate::engine::form::Answers;

/// A command given to a matter.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// Code of the command, as in [`Transition::command`].
    pub name: String,
    /// Note given with the command.
    pub note: String,
    /// Items of rectification.
    pub items: Vec<RectificationItem>,
    /// Answers to the form of the transition.
    pub answers: Answers,
    /// The revision submitted.
    pub revision: Option<i64>,
    /// The people assigned.
    pub assignees: Vec<Uuid>,
    /// People who could not be assigned, with the reason.
    pub recused: Vec<(Uuid, String)>,
    /// Name of a person who is excluded.
    pub excluded_name: String,
    /// Accounts of people of this name.
    pub excluded: Vec<Uuid>,
}

/// A participant as the answers of a submission name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedParticipant {
    /// Account of the participant.
    pub account: Uuid,
    /// Whether the participant's part is new, or differs from the last submission.
    pub changed: bool,
}

/// What the conditions of transitions are checked with, for buttons and decisions alike.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    /// The present time.
    pub now: DateTime<Utc>,
    /// Today in Shanghai.
    pub today: NaiveDate,
    /// The answers as the actor reads them: the last saved ones for the applicant.
    pub answers: &'a Answers,
    /// Facts of the kind, of the same answers.
    pub facts: &'a KindFacts,
    /// Maximum number of rounds of rectification, from the rule table.
    pub rounds: u32,
    /// Whether an institution filed the matter for its staff.
    pub filed_by_institution: bool,
    /// The rule table of today.
    pub rules: RulesOn<'a>,
}

/// The data a command is decided with, beside the state of the matter.
#[derive(Debug, Clone, Copy)]
pub struct DecisionInput<'a> {
    /// What conditions are checked with.
    pub conditions: Conditions<'a>,
    /// Revision of the answers.
    pub revision: i64,
    /// Whether these answers passed every check of the kind.
    pub answers_valid: bool,
    /// Whether the answers of the command passed the checks of the form of its transition, if it has one.
    pub form_valid: bool,
    /// Whether these answers differ from the revision last submitted.
    pub changed: bool,
    /// The participants that the answers name, for a submission.
    pub participants: &'a [NamedParticipant],
}

/// Result of a command.
#[derive(Debug, Clone)]
pub struct Decision {
    /// New events, in order.
    pub events: Vec<Event>,
    /// The stage afterwards.
    pub stage: &'static Stage,
    /// Whether the stage was entered by this command.
    pub entered: bool,
    /// Effects to carry out.
    pub effects: &'static [Effect],
    /// Effects of the vote that was given, before those of what the votes lead to.
    pub vote_effects: &'static [Effect],
    /// The transition made; none while other votes are missing. At a stage with several voters it may differ from the last vote.
    pub transition: Option<&'static Transition>,
}
