//! Tests of participants, each of whom must agree.

use uuid::Uuid;

use super::*;
use crate::base::permission::Role;
use crate::base::rule::Rules;
use crate::engine::flow::testing::{REVISION, conditions, decision_input};
use crate::engine::flow::{
    Actor, Command, DecisionInput, Event, EventKind, MatterState, NamedParticipant, Refusal, decide, open_transitions, visible_history,
};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Path, Record};
use crate::matter::ApplicantRecord;

const OWNER: u128 = 1;
const FIRST: u128 = 2;
const SECOND: u128 = 3;
const THIRD: u128 = 4;
const OFFICER: u128 = 5;

fn account(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn answers(people: &[(u128, u128, &str)]) -> Answers {
    let record = |(id, person, duty): &(u128, u128, &str)| Record {
        id: account(*id),
        fields: [(PERSON, account(*person).to_string()), (DUTY, (*duty).to_owned())]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.as_str().into()))
            .collect(),
        removed: false,
    };
    Answers { records: [(PEOPLE.to_owned(), people.iter().map(record).collect())].into(), ..Answers::default() }
}

/// The participants of answers, by those submitted before.
fn named(before: Option<&Answers>, now: &Answers) -> Vec<NamedParticipant> {
    let (context, record) = (TestContext::on("2026-11-23"), ApplicantRecord::default());
    let people = |answers: &Answers| KIND.participants_of(answers, &context.matter(&record));
    let earlier: Vec<(Uuid, Path)> = before.map(people).unwrap_or_default().into_iter().map(|p| (p.account, p.path)).collect();
    KIND.named_participants(&people(now), before.map(|before| (before, earlier.as_slice())), now)
}

/// A matter whose commands are decided one after the other.
#[derive(Default)]
struct Case {
    events: Vec<Event>,
    submitted: Option<Answers>,
}

impl Case {
    fn state(&self) -> MatterState {
        MatterState::from_events(&FLOW, &self.events)
    }

    fn give(&mut self, who: u128, party: Party, name: &str, named: &[NamedParticipant]) -> Result<&'static str, Refusal> {
        let (answers, rules) = (Answers::default(), Rules::default());
        let input = DecisionInput { participants: named, ..decision_input(&answers, &rules) };
        let command = Command { name: name.into(), note: format!("意见 {who}"), revision: Some(REVISION), ..Command::default() };
        let decision = decide(&FLOW, &self.state(), &Actor { account: account(who), parties: vec![party] }, &command, &input)?;
        self.events.extend(decision.events);
        Ok(decision.stage.code)
    }

    fn submit(&mut self, answers: Answers) -> &'static str {
        let named = named(self.submitted.as_ref(), &answers);
        self.submitted = Some(answers);
        self.give(OWNER, Party::Applicant, "submit", &named).unwrap()
    }

    fn say(&mut self, who: u128, name: &str) -> Result<&'static str, Refusal> {
        self.give(who, Party::Participant, name, &[])
    }

    fn officer(&mut self, name: &str) -> &'static str {
        self.give(OFFICER, Party::Association(Role::Officer), name, &[]).unwrap()
    }
}

fn submitted() -> Case {
    let mut case = Case::default();
    assert_eq!(case.submit(answers(&[(10, FIRST, "讲授"), (11, SECOND, "答疑")])), "consent");
    case
}

#[test]
fn the_matter_goes_on_when_every_participant_has_agreed() {
    let mut case = submitted();
    assert_eq!(case.say(FIRST, "agree"), Ok("consent"));
    assert_eq!(case.say(FIRST, "agree"), Err(Refusal::Voted));
    assert_eq!(case.say(THIRD, "agree"), Err(Refusal::NotOpen), "nobody else is asked");
    assert_eq!(case.say(SECOND, "agree"), Ok("review"));
}

#[test]
fn the_agreement_ends_at_once_when_one_participant_declines() {
    let mut case = submitted();
    assert_eq!(case.say(SECOND, "decline"), Ok("returned"));
    let state = case.state();
    assert_eq!(state.return_request.unwrap().0, "意见 3", "the applicant reads why");
    assert_eq!(case.say(FIRST, "agree"), Err(Refusal::NotOpen));
}

#[test]
fn after_a_resubmission_only_those_are_asked_again_whose_part_changed() {
    let mut case = submitted();
    case.say(FIRST, "agree").unwrap();
    case.say(SECOND, "agree").unwrap();
    assert_eq!(case.officer("return"), "returned");
    assert_eq!(case.submit(answers(&[(10, FIRST, "讲授"), (11, SECOND, "讲授和答疑")])), "consent");
    assert_eq!(case.state().undecided_participants().collect::<Vec<_>>(), [account(SECOND)]);
    assert_eq!(case.say(FIRST, "agree"), Err(Refusal::Voted), "the agreement stands");
    assert_eq!(case.say(SECOND, "agree"), Ok("review"));
}

#[test]
fn whoever_takes_the_place_of_a_participant_is_asked_and_nobody_else() {
    let mut case = submitted();
    case.say(FIRST, "agree").unwrap();
    assert_eq!(case.say(SECOND, "decline"), Ok("returned"));
    case.submit(answers(&[(10, FIRST, "讲授"), (11, THIRD, "答疑")]));
    assert_eq!(case.state().undecided_participants().collect::<Vec<_>>(), [account(THIRD)]);
    assert_eq!(case.say(SECOND, "agree"), Err(Refusal::NotOpen), "no longer named");
    assert_eq!(case.say(THIRD, "agree"), Ok("review"));
}

#[test]
fn whoever_declined_is_asked_again_although_their_part_is_the_same() {
    let mut case = submitted();
    case.say(SECOND, "decline").unwrap();
    case.submit(answers(&[(10, FIRST, "讲授"), (11, SECOND, "答疑")]));
    assert_eq!(case.state().undecided_participants().count(), 2);
}

#[test]
fn the_platform_carries_out_what_everyone_agreed_to_before_and_nothing_else() {
    let mut case = submitted();
    let platform = |case: &mut Case| case.give(0, Party::Participant, "agree", &[]);
    assert_eq!(platform(&mut case), Err(Refusal::NotOpen), "not while a participant is awaited");
    case.say(FIRST, "agree").unwrap();
    case.say(SECOND, "agree").unwrap();
    case.officer("return");
    case.submit(answers(&[(10, FIRST, "讲授"), (11, SECOND, "答疑")]));
    let state = case.state();
    assert_eq!(state.undecided_participants().count(), 0);
    let first = Actor { account: account(FIRST), parties: vec![Party::Participant] };
    assert!(
        open_transitions(&FLOW, &state, &first, &conditions(&Answers::default(), &Rules::default())).is_empty(),
        "nobody is asked again"
    );
    assert_eq!(case.give(0, Party::Participant, "decline", &[]), Err(Refusal::NotOpen));
    assert_eq!(platform(&mut case), Ok("review"));
    assert_eq!(case.events.last().unwrap().by, None);
}

#[test]
fn the_transition_of_a_group_has_no_author() {
    let mut case = submitted();
    case.say(FIRST, "agree").unwrap();
    case.say(SECOND, "agree").unwrap();
    let last = case.events.last().unwrap();
    assert!(matches!(&last.kind, EventKind::Transitioned { from, .. } if from == "consent"));
    assert_eq!((last.by, last.party.as_str()), (None, "participant"));
    let deciders = &case.state().deciders["consent"];
    assert_eq!(deciders, &[account(FIRST), account(SECOND)], "each of them decided");
}

#[test]
fn the_author_of_a_group_transition_of_an_earlier_release_is_not_shown() {
    let mut case = submitted();
    case.say(FIRST, "agree").unwrap();
    case.say(SECOND, "agree").unwrap();
    case.events.last_mut().unwrap().by = Some(account(SECOND));
    for party in [Party::Association(Role::Officer), Party::Applicant, Party::Participant] {
        let seen = visible_history(&FLOW, &case.events, &Actor { account: account(OFFICER), parties: vec![party] });
        assert_eq!(seen.last().unwrap().by, None, "{party:?}");
    }
}

#[test]
fn the_applicant_reads_which_participant_agreed_and_an_expert_does_not() {
    let mut case = submitted();
    case.say(FIRST, "agree").unwrap();
    let voters = |party| {
        let seen = visible_history(&FLOW, &case.events, &Actor { account: account(OWNER), parties: vec![party] });
        seen.iter().filter(|e| matches!(e.kind, EventKind::Voted { .. })).map(|e| e.by).collect::<Vec<_>>()
    };
    assert_eq!(voters(Party::Applicant), [Some(account(FIRST))]);
    assert!(voters(Party::Expert).is_empty());
}

#[test]
fn a_participant_named_in_two_records_is_asked_once_and_for_either() {
    let (before, now) = (answers(&[(10, FIRST, "讲授")]), answers(&[(10, FIRST, "讲授"), (11, FIRST, "答疑")]));
    let asked = |account, changed| NamedParticipant { account, changed };
    assert_eq!(named(None, &before), [asked(account(FIRST), true)]);
    assert_eq!(named(Some(&before), &before), [asked(account(FIRST), false)]);
    assert_eq!(named(Some(&before), &now), [asked(account(FIRST), true)]);
}
