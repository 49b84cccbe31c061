//! Who is asked, and when again.

use super::*;
use crate::base::permission::Role;
use crate::base::rule::{RuleRow, Rules};
use crate::engine::flow::testing::{REVISION, conditions, decision_input};
use crate::engine::flow::{
    Actor, Command, DecisionInput, Effect, Event, MatterState, NamedParticipant, Outcome, Refusal, concluding_command, decide,
};
use crate::engine::form::Answers;

const INSTITUTION: u128 = 50;
const OFFICER: u128 = 51;
const APPROVER: u128 = 52;

fn named(before: Option<&Answers>, now: &Answers) -> Vec<NamedParticipant> {
    in_context(&on_record(), |context| {
        let people = |answers: &Answers| KIND.participants_of(answers, context);
        let earlier: Vec<(Uuid, Path)> = before.map(people).unwrap_or_default().into_iter().map(|p| (p.account, p.path)).collect();
        KIND.named_participants(&people(now), before.map(|before| (before, earlier.as_slice())), now)
    })
}

/// The accounts that a change asks again.
fn asked_again(change: impl Fn(&mut Answers)) -> Vec<Uuid> {
    let (before, mut now) = (answers(), answers());
    change(&mut now);
    named(Some(&before), &now).into_iter().filter(|p| p.changed).map(|p| p.account).collect()
}

#[test]
fn only_teachers_whose_part_changed_are_asked_again() {
    let both = [LIN_ACCOUNT, ZHOU_ACCOUNT];
    let two = format!("*{FIRST},{SECOND}");
    let nobody: [Uuid; 0] = [];
    assert_eq!(asked_again(|_| ()), nobody);
    assert_eq!(asked_again(|a| set_in(a, MODULES, FIRST, MODULE_HOURS, "9")), [LIN_ACCOUNT], "hours of a module");
    assert_eq!(asked_again(|a| set_in(a, MODULES, SECOND, MODULE_NAME, "实务")), [ZHOU_ACCOUNT], "name of a module");
    assert_eq!(asked_again(|a| set_in(a, TEACHERS, LIN, TEACHER_ROLE, "assistant")), [LIN_ACCOUNT], "role");
    assert_eq!(asked_again(|a| set_in(a, TEACHERS, ZHOU, TEACHER_MODULES, &two)), [ZHOU_ACCOUNT], "modules");
    assert_eq!(asked_again(|a| set(a, COURSE_NAME, "另一课程")), both, "head of the course");
    assert_eq!(asked_again(|a| set(a, DELIVERY, "*live")), both, "head of the course");
    assert_eq!(asked_again(|a| set(a, HOURS, "20")), nobody, "the hours of each module say what a teacher teaches");
    assert_eq!(asked_again(|a| set(a, "contact", "李明")), nobody);
    assert_eq!(asked_again(|a| set_in(a, TEACHERS, LIN, TEACHER_MOBILE, "13900000009")), nobody, "the same person under another number");
}

#[test]
fn a_record_that_names_another_person_asks_that_person() {
    let other = Uuid::from_u128(23);
    let (before, now) = (answers(), answers());
    let earlier = [(LIN_ACCOUNT, Path::Row(TEACHERS.into(), LIN)), (ZHOU_ACCOUNT, Path::Row(TEACHERS.into(), ZHOU))];
    let swapped = FilingRecord { teachers: [(LIN, found(other)), (ZHOU, found(ZHOU_ACCOUNT))].into(), ..on_record() };
    let asked = in_context(&swapped, |context| {
        let people = KIND.participants_of(&now, context);
        KIND.named_participants(&people, Some((&before, &earlier)), &now)
    });
    let expected = [(other, true), (ZHOU_ACCOUNT, false)].map(|(account, changed)| NamedParticipant { account, changed });
    assert_eq!(asked, expected);
}

/// A filing whose commands are decided one after the other.
struct Case {
    events: Vec<Event>,
    rules: Rules,
    submitted: Option<Answers>,
}

impl Case {
    fn new(at_once: bool) -> Self {
        let (key, value) = ("teach.decline_at_once".into(), if at_once { "yes" } else { "no" }.into());
        let rules = Rules::new([RuleRow { key, value, effective_from: "1970-01-01".parse().unwrap() }]).unwrap();
        Self { events: Vec::new(), rules, submitted: None }
    }

    fn state(&self) -> MatterState {
        MatterState::from_events(&FLOW, &self.events)
    }

    fn give(&mut self, who: Uuid, party: Party, command: Command, named: &[NamedParticipant]) -> Result<&'static str, Refusal> {
        let answers = Answers::default();
        let input =
            DecisionInput { conditions: conditions(&answers, &self.rules), participants: named, ..decision_input(&answers, &self.rules) };
        let decision = decide(&FLOW, &self.state(), &Actor { account: who, parties: vec![party] }, &command, &input)?;
        self.events.extend(decision.events);
        let (stage, entered) = (decision.stage, decision.entered);
        // The platform carries out what everyone has agreed to already.
        if let Some(name) = concluding_command(stage, &self.state()).filter(|_| entered) {
            return self.give(Uuid::nil(), Party::Participant, Command { name: name.into(), ..Command::default() }, &[]);
        }
        Ok(stage.code)
    }

    fn submit(&mut self, now: &Answers) -> Result<&'static str, Refusal> {
        let named = named(self.submitted.as_ref(), now);
        self.submitted = Some(now.clone());
        let command = Command { name: "submit".into(), revision: Some(REVISION), ..Command::default() };
        self.give(Uuid::from_u128(INSTITUTION), Party::Applicant, command, &named)
    }

    fn answer(&mut self, who: Uuid, result: &str) -> Result<&'static str, Refusal> {
        let answers = Answers { fields: fields(&[(RESULT, result), (OPINION, "意见")]), ..Answers::default() };
        self.give(who, Party::Participant, Command { name: "answer".into(), answers, ..Command::default() }, &[])
    }

    fn association(&mut self, who: u128, role: Role, name: &str) -> Result<&'static str, Refusal> {
        let command = Command { name: name.into(), note: "意见".into(), ..Command::default() };
        self.give(Uuid::from_u128(who), Party::Association(role), command, &[])
    }
}

#[test]
fn a_filing_goes_on_when_every_teacher_has_agreed_and_is_approved_by_another_person() {
    let mut case = Case::new(false);
    assert_eq!(case.submit(&answers()), Ok("teachers"));
    assert_eq!(case.answer(LIN_ACCOUNT, AGREE), Ok("teachers"));
    assert_eq!(case.answer(LIN_ACCOUNT, DECLINE), Err(Refusal::Voted));
    assert_eq!(case.answer(Uuid::from_u128(99), AGREE), Err(Refusal::NotOpen), "nobody else is asked");
    for outcome in ["all_agreed", "declined"] {
        let command = Command { name: outcome.into(), ..Command::default() };
        assert_eq!(case.give(ZHOU_ACCOUNT, Party::Participant, command, &[]), Err(Refusal::NotOpen), "nobody gives an outcome");
    }
    assert_eq!(case.answer(ZHOU_ACCOUNT, AGREE), Ok("review"));
    assert_eq!(case.association(OFFICER, Role::Officer, "propose"), Ok("approval"));
    assert_eq!(case.association(OFFICER, Role::Approver, "approve"), Err(Refusal::SamePerson));
    assert_eq!(case.association(APPROVER, Role::Approver, "approve"), Ok("filed"));
    let filed = FLOW.stage("filed").unwrap();
    assert_eq!(filed.outcome, Some(Outcome::Granted));
    let approve = FLOW.stage("approval").unwrap().transitions.iter().find(|t| t.command == "approve").unwrap();
    assert_eq!(approve.effects, [Effect::FileCourse]);
}

#[test]
fn one_who_declines_sends_it_back_when_all_have_answered_or_at_once_by_the_rule() {
    let mut case = Case::new(false);
    case.submit(&answers()).unwrap();
    assert_eq!(case.answer(LIN_ACCOUNT, DECLINE), Ok("teachers"), "the other one is awaited");
    let awaited = case.state().awaited(FLOW.stage("teachers").unwrap());
    assert_eq!(awaited, [ZHOU_ACCOUNT]);
    assert_eq!(case.answer(ZHOU_ACCOUNT, AGREE), Ok("declined"));
    assert_eq!(case.state().return_request.map(|(note, _)| note).as_deref(), Some("意见"), "the institution reads why");
    let mut case = Case::new(true);
    case.submit(&answers()).unwrap();
    assert_eq!(case.answer(LIN_ACCOUNT, DECLINE), Ok("declined"));
}

#[test]
fn after_a_change_only_the_teacher_whose_part_changed_is_asked_again() {
    let mut case = Case::new(false);
    case.submit(&answers()).unwrap();
    case.answer(LIN_ACCOUNT, AGREE).unwrap();
    case.answer(ZHOU_ACCOUNT, DECLINE).unwrap();
    let mut changed = answers();
    set_in(&mut changed, MODULES, SECOND, MODULE_HOURS, "4.5");
    set(&mut changed, HOURS, "12");
    assert_eq!(case.submit(&changed), Ok("teachers"));
    assert_eq!(case.state().undecided_participants().collect::<Vec<_>>(), [ZHOU_ACCOUNT]);
    assert_eq!(case.answer(LIN_ACCOUNT, AGREE), Err(Refusal::Voted), "that agreement stands");
    assert_eq!(case.answer(ZHOU_ACCOUNT, AGREE), Ok("review"));
    case.association(OFFICER, Role::Officer, "return").unwrap();
    set(&mut changed, "contact", "李明");
    assert_eq!(case.submit(&changed), Ok("review"), "nobody is asked whose part is as confirmed");
    case.association(OFFICER, Role::Officer, "return").unwrap();
    set_in(&mut changed, MODULES, FIRST, MODULE_HOURS, "4.5");
    assert_eq!(case.submit(&changed), Ok("teachers"));
    assert_eq!(case.state().undecided_participants().collect::<Vec<_>>(), [LIN_ACCOUNT]);
}

#[test]
fn silence_until_the_deadline_sends_it_back_and_it_can_be_submitted_as_it_is() {
    let mut case = Case::new(false);
    case.submit(&answers()).unwrap();
    case.answer(LIN_ACCOUNT, AGREE).unwrap();
    let expire = Command { name: "expire".into(), ..Command::default() };
    assert_eq!(case.give(Uuid::nil(), Party::Clock, expire.clone(), &[]), Ok("declined"));
    assert_eq!(case.submit(&answers()), Ok("teachers"));
    assert_eq!(case.state().undecided_participants().collect::<Vec<_>>(), [ZHOU_ACCOUNT]);
    case.give(Uuid::nil(), Party::Clock, expire.clone(), &[]).unwrap();
    assert_eq!(case.give(Uuid::nil(), Party::Clock, expire, &[]), Ok("lapsed"));
}
