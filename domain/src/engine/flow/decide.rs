//! The only function that changes the stage of a matter.

use uuid::Uuid;

use super::agreement::Agreement;
use super::command::{Command, Conditions, Decision, DecisionInput};
use super::definition::{Edit, Flow, Requires, Stage, Transition};
use super::event::{Event, EventKind, RectificationItem};
use super::facts::Deadline;
use super::party::{Actor, Party};
use super::refusal::{EXCLUDED_NAME, NOTE_MAX, Refusal};
use super::state::{MatterState, Vote};
use crate::base::identity::fold_name;
use crate::base::rule::RulesOn;
use crate::engine::form::{Answers, Scope, When};

/// The transitions open to an actor now, from which the buttons are made.
pub fn open_transitions(flow: &Flow, state: &MatterState, actor: &Actor, conditions: &Conditions<'_>) -> Vec<&'static Transition> {
    let Some(stage) = flow.stage(&state.stage) else {
        return Vec::new();
    };
    let transitions: &'static [Transition] = stage.transitions;
    transitions.iter().filter(|t| authorize(flow, t, stage, state, actor, conditions).is_ok()).collect()
}

/// The party as which the actor may make this transition.
fn authorize(
    flow: &Flow,
    t: &Transition,
    stage: &Stage,
    state: &MatterState,
    actor: &Actor,
    conditions: &Conditions<'_>,
) -> Result<Party, Refusal> {
    let is_asked = match t.by {
        Party::Expert => state.assigned.contains(&actor.account),
        Party::Participant => state.participants.contains(&actor.account) || concludes(stage, t, state, actor),
        _ => true,
    };
    if !actor.parties.contains(&t.by) || !is_asked || stage.is_outcome(t.command) && !concludes(stage, t, state, actor) {
        return Err(Refusal::NotOpen);
    }
    let decided_at = |stage: &&'static str| state.deciders.get(*stage).is_some_and(|deciders| deciders.contains(&actor.account));
    if t.four_eyes_with.iter().any(decided_at) {
        return Err(Refusal::SamePerson);
    }
    let always_returns = t.to.iter().all(|(_, to)| flow.stage(to).is_some_and(|s| s.edit != Edit::Nothing));
    if t.round && always_returns && state.rounds >= conditions.rounds {
        return Err(Refusal::NoRounds);
    }
    let has_agreed = t.by == Party::Participant && state.agreed.contains(&actor.account);
    if is_vote(stage, t) && (has_agreed || state.votes.iter().any(|vote| vote.by == actor.account)) {
        return Err(Refusal::Voted);
    }
    if !concludes(stage, t, state, actor) {
        check_conditions(t, state, conditions)?;
    }
    Ok(t.by)
}

/// Checks the condition and the deadline of a transition.
fn check_conditions(t: &Transition, state: &MatterState, conditions: &Conditions<'_>) -> Result<(), Refusal> {
    if t.when != When::Always && !holds(&t.when, state, conditions) {
        return Err(Refusal::Unmet);
    }
    let over = |deadline: &Deadline| deadline.is_over(conditions.now, conditions.today);
    match t.until.and_then(|key| Some((key, conditions.facts.deadline(key).filter(over)?))) {
        Some((key, deadline)) => Err(Refusal::TooLate(key, deadline)),
        None => Ok(()),
    }
}

/// Whether a condition of a transition holds for answers, facts and rules.
fn holds(when: &When, state: &MatterState, conditions: &Conditions<'_>) -> bool {
    let facts = state.routing_facts(conditions);
    when.holds(&Scope::form(conditions.answers).with_facts(&facts).with_rules(conditions.rules))
}

/// Whether a transition is a vote at a stage where several people decide.
fn is_vote(stage: &Stage, t: &Transition) -> bool {
    stage.votes().any(|vote| std::ptr::eq(vote, t))
}

/// Whether this is the platform's command to carry out what every participant has agreed to already.
fn concludes(stage: &Stage, t: &Transition, state: &MatterState, actor: &Actor) -> bool {
    actor.account.is_nil() && stage.agreed_command() == Some(t.command) && state.all_agreed()
}

/// The command by which the platform itself carries out what every participant has agreed to; none while somebody is awaited.
pub fn concluding_command(stage: &Stage, state: &MatterState) -> Option<&'static str> {
    stage.agreed_command().filter(|_| state.all_agreed())
}

/// Decides a command: gives the new events, the stage afterwards and the effects.
///
/// # Errors
/// The [`Refusal`], if the command is not open to the actor or does not contain what its transition requires.
pub fn decide(flow: &Flow, state: &MatterState, actor: &Actor, command: &Command, input: &DecisionInput<'_>) -> Result<Decision, Refusal> {
    let stage = flow.stage(&state.stage).ok_or(Refusal::NotOpen)?;
    let (t, party) = select_transition(flow, stage, state, actor, command, input)?;
    validate(stage, t, state, command, input)?;
    let by = (!actor.account.is_nil()).then_some(actor.account);
    let mut log = EventLog { flow, state: state.clone(), by, party, input, events: Vec::new() };
    let note = command.note.trim().to_owned();
    match t.requires {
        _ if concludes(stage, t, state, actor) => tally(stage, log),
        _ if is_vote(stage, t) => {
            let (stage_code, command_code, items) = (stage.code.to_owned(), t.command.to_owned(), command.items.clone());
            log.write(EventKind::Voted { stage: stage_code, command: command_code, note, items, answers: answers_of(t, command, input) });
            // A vote that can be carried out itself has its effects then.
            let vote_effects = if stage.confirmation().is_some() { t.effects } else { &[] };
            tally(stage, log).map(|decision| Decision { vote_effects, ..decision })
        }
        Requires::Recusal => {
            log.write(EventKind::Recused { note });
            after_departure(stage, t, log)
        }
        Requires::Absence => {
            let people = state.awaited(stage);
            let decided = is_decided(stage, state);
            log.write(EventKind::Absent { people });
            if decided || enough_people(stage, log.state.assigned.len(), input.conditions.rules) {
                tally(stage, log)
            } else {
                transition(stage, t, Remarks::default(), log)
            }
        }
        Requires::Exclusion => {
            let (name, people, assigned) = (command.excluded_name.trim().to_owned(), command.excluded.clone(), state.assigned.len());
            log.write(EventKind::Excluded { name, people, note });
            if stage.turn == Some(Party::Expert) && log.state.assigned.len() < assigned {
                after_departure(stage, t, log)
            } else {
                Ok(Decision { events: log.events, stage, entered: false, effects: &[], vote_effects: &[], transition: None })
            }
        }
        Requires::Assignees(count) => {
            let present = if count.joins { state.assigned.as_slice() } else { &[] };
            let people = [present, &command.assignees].concat();
            log.write(EventKind::Assigned { people, recused: command.recused.clone() });
            if t.to.iter().all(|(_, to)| *to == stage.code) {
                tally(stage, log)
            } else {
                transition(stage, t, Remarks { note, ..Remarks::default() }, log)
            }
        }
        _ => {
            let (items, answers) = (command.items.clone(), answers_of(t, command, input));
            transition(stage, t, Remarks { note, items, answers }, log)
        }
    }
}

/// What is recorded of the answers of a command: those that apply, of a transition that comes with a form.
fn answers_of(t: &Transition, command: &Command, input: &DecisionInput<'_>) -> Answers {
    t.form().map_or_else(Answers::default, |form| command.answers.applicable(form, input.conditions.rules))
}

/// The first transition of the command that the actor may make. If there is none, the refusal of the last one that is the actor's.
fn select_transition(
    flow: &Flow,
    stage: &Stage,
    state: &MatterState,
    actor: &Actor,
    command: &Command,
    input: &DecisionInput<'_>,
) -> Result<(&'static Transition, Party), Refusal> {
    let transitions: &'static [Transition] = stage.transitions;
    let mut refusal = Refusal::NotOpen;
    for t in transitions.iter().filter(|t| t.command == command.name) {
        match authorize(flow, t, stage, state, actor, &input.conditions) {
            Ok(party) => return Ok((t, party)),
            Err(Refusal::NotOpen) => {}
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}

/// The decision after an assignee left the case: the votes of the others decide, or too few are left.
fn after_departure(stage: &'static Stage, t: &'static Transition, log: EventLog<'_>) -> Result<Decision, Refusal> {
    if enough_people(stage, log.state.assigned.len(), log.input.conditions.rules) {
        tally(stage, log)
    } else {
        transition(stage, t, Remarks::default(), log)
    }
}

/// Whether `count` people can decide a stage, by the requirement of the transition that assigns people there. A panel has two at least.
fn enough_people(stage: &Stage, count: usize, rules: RulesOn<'_>) -> bool {
    let required = stage.transitions.iter().find_map(|t| match t.requires {
        Requires::Assignees(required) => Some(required),
        _ => None,
    });
    let least = if stage.rubric().is_some() { 2 } else { 1 };
    count >= least && required.is_none_or(|required| required.accepts(count, rules))
}

/// Whether the votes that are missing cannot change the result.
fn is_decided(stage: &Stage, state: &MatterState) -> bool {
    let votes_for = |command: &str| state.votes.iter().filter(|vote| vote.command == command).count();
    match stage.agreement {
        Agreement::One | Agreement::Every { .. } | Agreement::Confirmed(_) => false,
        Agreement::All(_, otherwise) => votes_for(otherwise) > 0,
        // Another expert can change the score, and so whether there is a dispute.
        Agreement::Panel(_) => false,
        Agreement::Majority(_) => stage.votes().any(|t| votes_for(t.command) * 2 > state.assigned.len()),
    }
}

/// Checks that the command contains what its transition requires.
fn validate(stage: &Stage, t: &Transition, state: &MatterState, command: &Command, input: &DecisionInput<'_>) -> Result<(), Refusal> {
    if command.note.chars().count() > NOTE_MAX {
        return Err(Refusal::LongNote);
    }
    if t.form().is_some() && !input.form_valid {
        return Err(Refusal::InvalidForm);
    }
    if let Some(rubric) = stage.rubric().filter(|_| is_vote(stage, t)) {
        rubric.check(&command.answers, input.conditions.rules)?;
    }
    let has_note = !command.note.trim().is_empty();
    let has_name = EXCLUDED_NAME.contains(&command.excluded_name.trim().chars().count());
    match t.requires {
        Requires::Nothing | Requires::OptionalNote | Requires::Absence | Requires::Form(_) => Ok(()),
        Requires::Exclusion if !has_name => Err(Refusal::NoName),
        Requires::Exclusion if state.excluded_names.iter().any(|name| fold_name(name) == fold_name(&command.excluded_name)) => {
            Err(Refusal::AlreadyExcluded)
        }
        Requires::Note | Requires::NoteAndItems | Requires::Findings | Requires::Recusal | Requires::Exclusion if !has_note => {
            Err(Refusal::NoNote)
        }
        Requires::Findings if command.items.is_empty() => Err(Refusal::NoItems),
        Requires::Note | Requires::NoteAndItems | Requires::Findings | Requires::Recusal | Requires::Exclusion => Ok(()),
        Requires::Submission if command.revision != Some(input.revision) => Err(Refusal::OldRevision),
        Requires::Submission if !input.answers_valid => Err(Refusal::InvalidAnswers),
        Requires::Submission if state.return_request.is_some() && !input.changed => Err(Refusal::Unchanged),
        Requires::Submission => Ok(()),
        Requires::Assignees(required) => {
            let mut people = command.assignees.clone();
            people.sort_unstable();
            people.dedup();
            let distinct = people.len() == command.assignees.len();
            let present = if required.joins { state.assigned.as_slice() } else { &[] };
            let is_new = !people.is_empty() && people.iter().all(|person| !present.contains(person));
            if distinct && is_new && required.accepts(present.len() + people.len(), input.conditions.rules) {
                Ok(())
            } else {
                Err(Refusal::People)
            }
        }
    }
}

/// Note, items and answers recorded with a transition.
#[derive(Default)]
struct Remarks {
    note: String,
    items: Vec<RectificationItem>,
    answers: Answers,
}

/// The events written for one command, and the state after them.
struct EventLog<'a> {
    flow: &'a Flow,
    state: MatterState,
    /// The author of the events; none for the platform, and for the transition of a group.
    by: Option<Uuid>,
    party: Party,
    input: &'a DecisionInput<'a>,
    events: Vec<Event>,
}

impl EventLog<'_> {
    fn write(&mut self, kind: EventKind) {
        let event = Event {
            seq: self.state.seq + 1,
            at: self.input.conditions.now,
            effective_on: self.input.conditions.today,
            by: self.by,
            party: self.party.code(),
            kind,
        };
        self.state.apply(self.flow, &event);
        self.events.push(event);
    }
}

fn transition(stage: &Stage, t: &'static Transition, remarks: Remarks, mut log: EventLog<'_>) -> Result<Decision, Refusal> {
    let to = t.to.iter().find(|(when, _)| holds(when, &log.state, &log.input.conditions)).map(|(_, to)| *to);
    let next = to.and_then(|to| log.flow.stage(to)).ok_or(Refusal::NotOpen)?;
    let named = log.input.participants;
    if t.requires == Requires::Submission && !(named.is_empty() && log.state.participants.is_empty()) {
        let people = named.iter().map(|p| p.account).collect();
        log.write(EventKind::Named { people, changed: named.iter().filter(|p| p.changed).map(|p| p.account).collect() });
    }
    log.write(EventKind::Transitioned {
        from: stage.code.to_owned(),
        command: t.command.to_owned(),
        to: next.code.to_owned(),
        note: remarks.note,
        items: remarks.items,
        revision: (t.requires == Requires::Submission).then_some(log.input.revision),
        answers: remarks.answers,
    });
    Ok(Decision { events: log.events, stage: next, entered: true, effects: t.effects, vote_effects: &[], transition: Some(t) })
}

/// Makes the transition that the votes decide, which has no single author. While votes are missing, the matter stays at its stage.
fn tally(stage: &'static Stage, mut log: EventLog<'_>) -> Result<Decision, Refusal> {
    let rules = log.input.conditions.rules;
    let Some(winner) = winner(stage, &log.state, rules) else {
        return Ok(Decision { events: log.events, stage, entered: false, effects: &[], vote_effects: &[], transition: None });
    };
    let remarks = match stage.agreement {
        Agreement::Panel(rubric) => {
            Remarks { note: rubric.report(&forms(&log.state.votes), log.state.assigned.len(), rules), ..Remarks::default() }
        }
        Agreement::Confirmed(confirmation) => Remarks { note: confirmation.reasons(&forms(&log.state.votes)), ..Remarks::default() },
        _ => votes_for(winner, &log.state),
    };
    (log.by, log.party) = (None, winner.by);
    transition(stage, winner, remarks, log)
}

/// The answers to the forms that came with votes.
fn forms(votes: &[Vote]) -> Vec<&Answers> {
    votes.iter().map(|vote| &vote.answers).collect()
}

/// Notes and items of the votes for a transition. The answers of each voter stay with the vote.
fn votes_for(winner: &Transition, state: &MatterState) -> Remarks {
    let votes = || state.votes.iter().filter(|vote| vote.command == winner.command);
    Remarks {
        note: votes().map(|vote| vote.note.as_str()).filter(|note| !note.is_empty()).collect::<Vec<_>>().join("\n"),
        items: votes().flat_map(|vote| vote.items.iter().cloned()).collect(),
        answers: Answers::default(),
    }
}

/// The transition that the votes decide; none while votes that can change it are missing.
fn winner(stage: &Stage, state: &MatterState, rules: RulesOn<'_>) -> Option<&'static Transition> {
    let (votes, voters) = (&state.votes, state.assigned.len());
    let votes_for = |command: &str| votes.iter().filter(|vote| vote.command == command).count();
    let named = |command: &str| stage.votes().find(|t| t.command == command);
    let complete = !votes.is_empty() && votes.len() >= voters;
    let transition = |command: &str| {
        let transitions: &'static [Transition] = stage.transitions;
        transitions.iter().find(|t| t.command == command)
    };
    match stage.agreement {
        Agreement::One => None,
        Agreement::All(unanimous, otherwise) => {
            named(if votes_for(unanimous) == voters { unanimous } else { otherwise }).filter(|_| complete)
        }
        Agreement::Majority(otherwise) => {
            stage.votes().find(|t| votes_for(t.command) * 2 > voters).or_else(|| named(otherwise)).filter(|_| complete)
        }
        Agreement::Panel(rubric) => transition(rubric.result(&forms(votes), voters, rules)?.outcome),
        Agreement::Every { breaks } if votes_for(breaks) > 0 => named(breaks),
        Agreement::Every { .. } if state.all_agreed() => stage.agreed_command().and_then(transition),
        Agreement::Every { .. } => None,
        Agreement::Confirmed(confirmation) => transition(confirmation.outcome(&forms(votes), state.awaited(stage).is_empty(), rules)?),
    }
}
