//! Walks of the panel of the second trial kind: votes, disputes, experts who join, leave or are silent, and what each party reads.

use uuid::Uuid;

use super::panel::{CONCLUSION, CONTENT, DAY, FLOW, FORM_GRADE, LAST_DAY, OPINION, VETO};
use crate::base::permission::Role;
use crate::base::rule::Rules;
use crate::engine::flow::testing::{REVISION, conditions, decision_input};
use crate::engine::flow::{
    Actor, Command, Conditions, Deadline, DecisionInput, Event, EventKind, KindFacts, MatterState, Party, Refusal, decide,
    open_transitions, visible_history,
};
use crate::engine::form::Answers;

const OFFICER: u128 = 9;

fn account(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn fields(pairs: &[(&str, &str)]) -> Answers {
    Answers { fields: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(), ..Answers::default() }
}

/// A form of a vote: points of the content beside 40 for the form, and the conclusion.
fn sheet(content: &str, conclusion: &str) -> Answers {
    let opinion = format!("意见：{content} {conclusion}");
    fields(&[(CONTENT, content), (FORM_GRADE, "excellent"), (VETO, "no"), (CONCLUSION, conclusion), (OPINION, &opinion)])
}

/// A matter whose commands are given one after the other.
#[derive(Default)]
struct Case {
    events: Vec<Event>,
}

impl Case {
    /// A matter whose experts 1 and 2 are to evaluate it.
    fn evaluated() -> Self {
        let mut case = Case::default();
        case.give(5, Party::Applicant, "submit", &[], Answers::default()).unwrap();
        case.officer("confirm", &[]).unwrap();
        assert_eq!(case.officer("assign", &[1, 2]), Ok("evaluation"));
        case
    }

    fn state(&self) -> MatterState {
        MatterState::from_events(&FLOW, &self.events)
    }

    fn give(&mut self, who: u128, party: Party, name: &str, people: &[u128], form: Answers) -> Result<&'static str, Refusal> {
        let (answers, rules) = (fields(&[(DAY, "1970-01-01")]), Rules::default());
        let conditions = conditions(&answers, &rules);
        let facts = KindFacts {
            fields: [("ahead".to_owned(), "yes".into())].into(),
            deadlines: [(LAST_DAY.code, Deadline::Day(conditions.today))].into(),
        };
        let input = DecisionInput { conditions: Conditions { facts: &facts, ..conditions }, ..decision_input(&answers, &rules) };
        let assignees = people.iter().copied().map(account).collect();
        let command =
            Command { name: name.into(), note: "意见".into(), revision: Some(REVISION), assignees, answers: form, ..Command::default() };
        let actor = Actor { account: account(who), parties: vec![party] };
        let decision = decide(&FLOW, &self.state(), &actor, &command, &input)?;
        self.events.extend(decision.events);
        Ok(decision.stage.code)
    }

    fn officer(&mut self, name: &str, people: &[u128]) -> Result<&'static str, Refusal> {
        self.give(OFFICER, Party::Association(Role::Officer), name, people, Answers::default())
    }

    fn vote(&mut self, who: u128, content: &str, conclusion: &str) -> Result<&'static str, Refusal> {
        self.give(who, Party::Expert, "evaluate", &[], sheet(content, conclusion))
    }

    fn clock(&mut self) -> Result<&'static str, Refusal> {
        self.give(0, Party::Clock, "pass_over", &[], Answers::default())
    }

    /// Command and note of the last transition, which has no author.
    fn last(&self) -> (&str, &str) {
        match self.events.last() {
            Some(Event { by: None, kind: EventKind::Transitioned { command, note, .. }, .. }) => (command, note),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn two_experts_who_agree_decide() {
    for (conclusion, stage) in [("pass", "granted"), ("revise", "returned"), ("fail", "refused")] {
        let mut case = Case::evaluated();
        assert_eq!(case.vote(1, "50", conclusion), Ok("evaluation"));
        assert_eq!(case.vote(1, "50", conclusion), Err(Refusal::Voted));
        assert_eq!(case.vote(2, "45", conclusion), Ok(stage));
        assert_eq!(case.last(), (conclusion, &*format!("评审得分 87.5 分\n意见：50 {conclusion}\n意见：45 {conclusion}")));
        assert_eq!(case.state().return_request.is_some(), conclusion == "revise");
        assert!(case.state().votes.is_empty());
    }
}

#[test]
fn two_who_differ_are_joined_by_a_third_who_decides_with_them() {
    for (third, stage, score) in [("pass", "granted", "87.5"), ("fail", "refused", "87.5"), ("revise", "returned", "87.5")] {
        let mut case = Case::evaluated();
        case.vote(1, "50", "pass").unwrap();
        assert_eq!(case.vote(2, "20", "fail"), Ok("joining"));
        assert_eq!(case.last(), ("split", ""), "nobody is told how they voted");
        assert_eq!(case.state().votes.len(), 2, "the votes are kept");
        assert_eq!(case.vote(1, "50", "fail"), Err(Refusal::NotOpen));
        for wrong in [&[][..], &[1], &[1, 3], &[3, 3]] {
            assert_eq!(case.officer("join", wrong), Err(Refusal::People), "{wrong:?}");
        }
        assert_eq!(case.officer("join", &[3]), Ok("evaluation"));
        let state = case.state();
        assert_eq!((state.assigned, state.votes.len()), (vec![account(1), account(2), account(3)], 2));
        assert_eq!(case.state().awaited(FLOW.stage("evaluation").unwrap()), [account(3)]);
        assert_eq!(case.vote(2, "50", "pass"), Err(Refusal::Voted));
        assert_eq!(case.vote(3, "45", third), Ok(stage));
        assert!(case.last().1.starts_with(&format!("评审得分 {score} 分\n")), "{}", case.last().1);
    }
}

#[test]
fn a_difference_of_totals_is_a_dispute_too() {
    let mut case = Case::evaluated();
    case.vote(1, "60", "pass").unwrap();
    assert_eq!(case.vote(2, "44", "pass"), Ok("joining"));
    let mut near = Case::evaluated();
    near.vote(1, "60", "pass").unwrap();
    assert_eq!(near.vote(2, "45", "pass"), Ok("granted"));
}

#[test]
fn a_veto_of_one_is_a_dispute_and_one_of_both_decides() {
    let veto = |conclusion| {
        let mut answers = sheet("50", conclusion);
        answers.fields.insert(VETO.to_owned(), "yes".into());
        answers
    };
    let mut case = Case::evaluated();
    assert_eq!(case.give(1, Party::Expert, "evaluate", &[], veto("pass")), Err(Refusal::Vetoed));
    assert_eq!(case.vote(1, "29", "pass"), Err(Refusal::BelowPassMark(70)));
    assert_eq!(case.give(1, Party::Expert, "evaluate", &[], veto("fail")), Ok("evaluation"));
    assert_eq!(case.vote(2, "50", "revise"), Ok("joining"));
    let mut both = Case::evaluated();
    both.give(1, Party::Expert, "evaluate", &[], veto("fail")).unwrap();
    assert_eq!(both.give(2, Party::Expert, "evaluate", &[], veto("fail")), Ok("refused"));
}

#[test]
fn a_third_who_is_silent_leaves_and_another_joins() {
    let mut case = Case::evaluated();
    case.vote(1, "50", "pass").unwrap();
    case.vote(2, "20", "fail").unwrap();
    case.officer("join", &[3]).unwrap();
    assert_eq!(case.clock(), Ok("joining"));
    assert_eq!((case.state().assigned, case.last().0), (vec![account(1), account(2)], "split"));
    assert_eq!(case.officer("join", &[4]), Ok("evaluation"));
    assert_eq!(case.vote(3, "50", "pass"), Err(Refusal::NotOpen), "who was silent has left");
    assert_eq!(case.vote(4, "50", "pass"), Ok("granted"));
}

#[test]
fn of_two_experts_a_silent_one_is_replaced_and_the_vote_of_the_other_counts() {
    let mut case = Case::evaluated();
    case.vote(1, "50", "pass").unwrap();
    assert_eq!(case.clock(), Ok("joining"));
    assert_eq!((case.state().assigned, case.state().votes.len()), (vec![account(1)], 1));
    assert_eq!(case.officer("join", &[3]), Ok("evaluation"));
    assert_eq!(case.vote(3, "50", "pass"), Ok("granted"));
    let mut silent = Case::evaluated();
    assert_eq!(silent.clock(), Ok("joining"));
    assert_eq!(silent.officer("join", &[3]), Err(Refusal::People), "one expert is no panel");
    assert_eq!(silent.officer("join", &[3, 4]), Ok("evaluation"));
}

#[test]
fn the_vote_of_an_expert_who_left_is_not_counted() {
    let mut case = Case::evaluated();
    case.vote(1, "50", "fail").unwrap();
    case.vote(2, "50", "pass").unwrap();
    case.officer("join", &[3]).unwrap();
    assert_eq!(case.give(1, Party::Expert, "recuse", &[], Answers::default()), Ok("evaluation"), "two are a panel");
    assert_eq!(case.vote(3, "50", "pass"), Ok("granted"));
    let mut replaced = Case::evaluated();
    replaced.vote(1, "50", "fail").unwrap();
    assert_eq!(replaced.officer("assign", &[2, 3]), Ok("evaluation"));
    replaced.vote(2, "50", "pass").unwrap();
    assert_eq!(replaced.vote(3, "50", "pass"), Ok("granted"));
}

#[test]
fn nobody_gives_an_outcome() {
    let mut case = Case::evaluated();
    let (answers, rules) = (Answers::default(), Rules::default());
    for party in [Party::Expert, Party::Association(Role::Officer), Party::Clock] {
        for outcome in ["pass", "revise", "fail", "split"] {
            assert_eq!(case.give(1, party, outcome, &[], sheet("60", "pass")), Err(Refusal::NotOpen), "{party:?} {outcome}");
        }
    }
    let actor = Actor { account: account(1), parties: vec![Party::Expert] };
    let open = open_transitions(&FLOW, &case.state(), &actor, &conditions(&answers, &rules));
    assert_eq!(open.iter().map(|t| t.command).collect::<Vec<_>>(), ["evaluate", "recuse"]);
}

#[test]
fn the_expert_who_joins_reads_no_vote_and_the_applicant_reads_opinions_without_names() {
    let mut case = Case::evaluated();
    case.vote(1, "50", "pass").unwrap();
    case.vote(2, "20", "fail").unwrap();
    case.officer("join", &[3]).unwrap();
    let read = |case: &Case, who: u128, party| {
        let seen = visible_history(&FLOW, &case.events, &Actor { account: account(who), parties: vec![party] });
        (seen.iter().filter(|e| matches!(e.kind, EventKind::Voted { .. })).count(), serde_json::to_string(&seen).unwrap())
    };
    let (votes, text) = read(&case, 3, Party::Expert);
    assert!(votes == 0 && !text.contains("意见：") && !text.contains(&account(1).to_string()), "{text}");
    let (votes, text) = read(&case, 5, Party::Applicant);
    assert!(votes == 0 && !text.contains("意见："), "not before the outcome: {text}");
    case.vote(3, "50", "pass").unwrap();
    let (votes, text) = read(&case, 5, Party::Applicant);
    assert!(votes == 0 && text.contains("意见：20 fail") && !text.contains(&account(1).to_string()), "{text}");
    assert_eq!(read(&case, OFFICER, Party::Association(Role::Officer)).0, 3, "the association reads every vote");
}
