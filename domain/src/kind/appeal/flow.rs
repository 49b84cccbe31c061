//! The flow of an appeal: experts evaluate, the association decides and answers (docs/manual.md 3.4; docs/domain.md §8).

use crate::base::rule::key;
use crate::engine::flow::common::{
    self, APPROVER, DECLINE, DECLINED, LAPSED_WITHOUT_SUPPLEMENT, RETURN_FOR_SUPPLEMENT, WITHDRAWN, accept, acceptance, assign_experts,
    assignment, draft, exclude, pass_over_silent, reassign_experts, recuse, returned_for_supplement,
};
use crate::engine::flow::{
    Agreement, AssigneeCount, Effect, Flow, Minimum, Outcome, Party, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition,
};
use crate::engine::form::When;

const ALWAYS: When = When::Always;

/// An odd number of experts, at least as many as the rule table says.
const EXPERTS: AssigneeCount = AssigneeCount { minimum: Minimum::Rule(key::APPEAL_EXPERTS), odd: true, joins: false };

const SUBMIT: Transition =
    Transition { label: "提交申诉", history: "提交了申诉", to: &[(ALWAYS, "acceptance")], ..common::SUBMIT };
const RESUBMIT: Transition = Transition { label: "重新提交", history: "补充后重新提交", ..SUBMIT };
const WITHDRAW: Transition = Transition { label: "撤回申诉", history: "撤回了申诉", ..common::WITHDRAW };
const EXPIRE: Transition = Transition { history: "逾期未补充，申诉关闭", ..common::EXPIRE };
const ACCEPT: Transition = accept("受理了申诉", &[(ALWAYS, "assignment")]);

/// The opinion of one expert; the majority goes to the association as the opinion of the experts.
const OPINION: Transition = Transition { by: Party::Expert, to: &[(ALWAYS, "decision")], requires: Requires::Note, ..TRANSITION };

/// The decision, never by the person who accepted the appeal or assigned the experts.
const DECISION: Transition =
    Transition { by: APPROVER, requires: Requires::Note, four_eyes_with: &["acceptance", "assignment"], ..TRANSITION };

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[SUBMIT]),
        acceptance("申诉受理中", &[ACCEPT, RETURN_FOR_SUPPLEMENT, DECLINE, exclude(&[(ALWAYS, "acceptance")]), WITHDRAW]),
        returned_for_supplement(&[RESUBMIT, exclude(&[(ALWAYS, "returned")]), WITHDRAW, EXPIRE]),
        assignment(&[assign_experts(EXPERTS), exclude(&[(ALWAYS, "assignment")]), WITHDRAW]),
        Stage {
            code: "evaluation",
            label: "专家评价中",
            turn: Some(Party::Expert),
            time_limit: Some(TimeLimit::Working(key::EVALUATION_DAYS)),
            // Of three opinions of an odd number of experts, the one in the middle is taken where none has a majority.
            agreement: Agreement::Majority("amend"),
            transitions: &[
                Transition {
                    command: "sustain",
                    label: "建议撤销原决定",
                    history: "专家多数意见：建议撤销原决定",
                    tone: Tone::Forward,
                    ..OPINION
                },
                Transition { command: "amend", label: "建议变更原决定", history: "专家意见：建议变更原决定", ..OPINION },
                // `uphold` upholds the original decision (维持原决定), so it is a vote against the appeal; `sustain` is for it.
                Transition {
                    command: "uphold", label: "建议维持原决定", history: "专家多数意见：建议维持原决定", ..OPINION
                },
                recuse("专家回避后人数不足，须重新指派"),
                reassign_experts(EXPERTS),
                exclude(&[(ALWAYS, "assignment")]),
                pass_over_silent("逾期未提交意见的专家不再参与，人数不足，须重新指派"),
            ],
            ..STAGE
        },
        Stage {
            code: "decision",
            label: "协会处理决定中",
            turn: Some(APPROVER),
            time_limit: Some(TimeLimit::Calendar(key::APPEAL_DAYS)),
            transitions: &[
                Transition {
                    command: "sustain",
                    label: "撤销原决定",
                    history: "申诉成立，撤销原决定",
                    to: &[(ALWAYS, "sustained")],
                    tone: Tone::Forward,
                    effects: &[Effect::Reopen],
                    ..DECISION
                },
                // What the changed decision asks for is carried out by the association: the disputed matter stays closed.
                Transition {
                    command: "amend",
                    label: "变更原决定",
                    history: "申诉部分成立，变更原决定",
                    to: &[(ALWAYS, "amended")],
                    effects: &[Effect::Amend],
                    quoted_note: Some("变更后的决定"),
                    ..DECISION
                },
                Transition {
                    command: "maintain",
                    label: "维持原决定",
                    history: "申诉不成立，维持原决定",
                    to: &[(ALWAYS, "maintained")],
                    tone: Tone::Destructive,
                    ..DECISION
                },
                exclude(&[(ALWAYS, "decision")]),
            ],
            ..STAGE
        },
        Stage { code: "sustained", label: "申诉成立", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "amended", label: "申诉部分成立，变更原决定", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "maintained", label: "维持原决定", outcome: Some(Outcome::Refused), ..STAGE },
        DECLINED,
        WITHDRAWN,
        LAPSED_WITHOUT_SUPPLEMENT,
    ],
};

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::FLOW;
    use crate::base::permission::Role;
    use crate::base::rule::{RuleRow, Rules};
    use crate::engine::flow::testing::{REVISION, decision_input};
    use crate::engine::flow::{Actor, Command, Event, MatterState, Party, Refusal, decide};
    use crate::engine::form::Answers;

    fn person(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    /// An appeal and the events of the commands run on it.
    struct AppealRun {
        events: Vec<Event>,
        rules: Rules,
    }

    impl AppealRun {
        fn assigning() -> Self {
            let mut run = AppealRun { events: Vec::new(), rules: Rules::default() };
            run.execute(1, Party::Applicant, "submit", &[]).unwrap();
            run.execute(2, Party::Association(Role::Officer), "accept", &[]).unwrap();
            run
        }

        fn execute(&mut self, account: u128, party: Party, name: &str, people: &[u128]) -> Result<&'static str, Refusal> {
            let answers = Answers::default();
            let actor = Actor { account: person(account), parties: vec![party] };
            let people: Vec<Uuid> = people.iter().copied().map(person).collect();
            let (assignees, excluded) = if name == "exclude" { (Vec::new(), people) } else { (people, Vec::new()) };
            let (name, note, excluded_name) = (name.into(), "意见".into(), format!("某人{excluded:?}"));
            let command = Command { name, note, revision: Some(REVISION), assignees, excluded_name, excluded, ..Command::default() };
            let decided =
                decide(&FLOW, &MatterState::from_events(&FLOW, &self.events), &actor, &command, &decision_input(&answers, &self.rules))?;
            self.events.extend(decided.events);
            Ok(decided.stage.code)
        }

        fn assign(&mut self, people: &[u128]) -> Result<&'static str, Refusal> {
            self.execute(2, Party::Association(Role::Officer), "assign", people)
        }

        fn done(&self, command: &str) -> bool {
            let last = self.events.last().map(|e| &e.kind);
            matches!(last, Some(crate::engine::flow::EventKind::Transitioned { command: c, .. }) if c == command)
        }
    }

    #[test]
    fn experts_are_at_least_three_different_people_and_an_odd_number() {
        for (people, fits) in [
            (&[][..], false),
            (&[11], false),
            (&[11, 12], false),
            (&[11, 12, 12], false),
            (&[11, 12, 13], true),
            (&[11, 12, 13, 14], false),
            (&[11, 12, 13, 14, 15], true),
        ] {
            let expected = if fits { Ok("evaluation") } else { Err(Refusal::People) };
            assert_eq!(AppealRun::assigning().assign(people), expected, "{people:?}");
        }
        let mut five = AppealRun::assigning();
        five.rules =
            Rules::new([RuleRow { key: "appeal.experts".into(), value: "5".into(), effective_from: NaiveDate::default() }]).unwrap();
        assert_eq!(five.assign(&[11, 12, 13]), Err(Refusal::People), "the rule table sets the number");
        assert_eq!(five.assign(&[11, 12, 13, 14, 15]), Ok("evaluation"));
    }

    #[test]
    fn the_majority_opinion_goes_to_the_association_once_every_expert_has_voted() {
        for (opinions, majority) in [
            (["sustain", "uphold", "sustain"], "sustain"),
            (["uphold", "uphold", "sustain"], "uphold"),
            (["sustain", "sustain", "sustain"], "sustain"),
            (["amend", "uphold", "amend"], "amend"),
            // No majority: the opinion in the middle.
            (["sustain", "amend", "uphold"], "amend"),
        ] {
            let mut run = AppealRun::assigning();
            run.assign(&[11, 12, 13]).unwrap();
            assert_eq!(run.execute(11, Party::Expert, opinions[0], &[]), Ok("evaluation"));
            assert_eq!(run.execute(11, Party::Expert, opinions[1], &[]), Err(Refusal::Voted));
            assert_eq!(run.execute(12, Party::Expert, opinions[1], &[]), Ok("evaluation"));
            assert_eq!(run.execute(13, Party::Expert, opinions[2], &[]), Ok("decision"));
            assert!(run.done(majority), "{opinions:?}");
        }
    }

    #[test]
    fn after_a_recusal_the_remaining_experts_are_too_few_and_no_tie_is_possible() {
        let mut run = AppealRun::assigning();
        run.assign(&[11, 12, 13]).unwrap();
        run.execute(11, Party::Expert, "sustain", &[]).unwrap();
        assert_eq!(run.execute(12, Party::Expert, "recuse", &[]), Ok("assignment"));
        assert_eq!(run.execute(13, Party::Expert, "sustain", &[]), Err(Refusal::NotOpen));
        assert_eq!(run.assign(&[11, 13]), Err(Refusal::People));
        assert_eq!(run.assign(&[11, 13, 14]), Ok("evaluation"));
        let mut five = AppealRun::assigning();
        five.assign(&[11, 12, 13, 14, 15]).unwrap();
        assert_eq!(five.execute(15, Party::Expert, "recuse", &[]), Ok("assignment"), "four are not odd");
    }

    #[test]
    fn when_the_time_is_up_the_experts_who_spoke_decide_or_others_are_assigned() {
        for (experts, opinions, stage, command) in [
            (3, &["sustain", "sustain"][..], "decision", "sustain"),
            (3, &["sustain", "uphold"], "assignment", "pass_over"),
            (3, &["sustain"], "assignment", "pass_over"),
            (3, &[], "assignment", "pass_over"),
            (5, &["uphold", "uphold", "uphold"], "decision", "uphold"),
            (5, &["uphold", "sustain", "uphold"], "decision", "uphold"),
            (5, &["uphold", "sustain", "amend"], "decision", "amend"),
            (5, &["uphold", "uphold", "sustain", "sustain"], "assignment", "pass_over"),
        ] {
            let mut run = AppealRun::assigning();
            run.assign(&(11..11 + experts).collect::<Vec<_>>()).unwrap();
            for (expert, opinion) in (11..).zip(opinions) {
                assert_eq!(run.execute(expert, Party::Expert, opinion, &[]), Ok("evaluation"));
            }
            assert_eq!(run.execute(0, Party::Clock, "pass_over", &[]), Ok(stage), "{opinions:?} of {experts}");
            assert!(run.done(command), "{opinions:?} of {experts}");
            let silent = 11 + u128::try_from(opinions.len()).unwrap();
            let state = MatterState::from_events(&FLOW, &run.events);
            assert!(!state.assigned.contains(&person(silent)), "who was silent has left");
            assert!(run.events.last().unwrap().by.is_none());
        }
    }

    #[test]
    fn who_is_excluded_after_the_assignment_votes_no_more_and_does_not_stop_the_others() {
        let officer = Party::Association(Role::Officer);
        let mut run = AppealRun::assigning();
        assert_eq!(run.execute(2, officer, "exclude", &[14]), Ok("assignment"), "nobody is assigned yet");
        run.assign(&[11, 12, 13]).unwrap();
        run.execute(11, Party::Expert, "sustain", &[]).unwrap();
        assert_eq!(run.execute(2, officer, "exclude", &[15]), Ok("evaluation"), "no expert of the case");
        assert_eq!(run.execute(2, officer, "exclude", &[11]), Ok("assignment"), "two are too few");
        assert_eq!(run.assign(&[12, 13, 14]), Ok("evaluation"));
        assert_eq!(run.execute(11, Party::Expert, "sustain", &[]), Err(Refusal::NotOpen));
    }

    #[test]
    fn a_decision_is_changed_only_in_words_and_the_disputed_matter_stays_closed() {
        let mut run = AppealRun::assigning();
        run.assign(&[11, 12, 13]).unwrap();
        for expert in [11, 12, 13] {
            run.execute(expert, Party::Expert, "amend", &[]).unwrap();
        }
        assert_eq!(run.execute(3, Party::Association(Role::Approver), "amend", &[]), Ok("amended"));
        let amend = FLOW.stage("decision").unwrap().transitions.iter().find(|t| t.command == "amend").unwrap();
        assert!(
            amend.effects == [crate::engine::flow::Effect::Amend]
                && amend.quoted_note.is_some()
                && amend.requires == crate::engine::flow::Requires::Note
        );
    }

    #[test]
    fn the_officer_who_accepted_does_not_decide_and_experts_only_advise() {
        let mut run = AppealRun::assigning();
        run.assign(&[11, 12, 13]).unwrap();
        for expert in [11, 12, 13] {
            run.execute(expert, Party::Expert, "sustain", &[]).unwrap();
        }
        let approver = Party::Association(Role::Approver);
        assert_eq!(run.execute(2, approver, "sustain", &[]), Err(Refusal::SamePerson));
        assert_eq!(run.execute(11, Party::Expert, "sustain", &[]), Err(Refusal::NotOpen));
        assert_eq!(run.execute(3, approver, "maintain", &[]), Ok("maintained"), "the association may decide against the experts");
    }
}
