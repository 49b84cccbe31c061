//! How an appeal goes (manual 3.4: experts evaluate, the association decides, the person is answered; domain facts §8).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::usual;
use crate::engine::flow::{Agreement, Asks, Edit, Effect, Flow, Least, MOVE, Move, Outcome, Party, People, STAGE, Span, Stage, Tone};
use crate::engine::form::When;

const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);
const ALWAYS: When = When::Always;

const SUBMIT: Move = Move { label: "提交申诉", done: "提交了申诉", to: &[(ALWAYS, "acceptance")], ..usual::SUBMIT };

const WITHDRAW: Move = Move { label: "撤回申诉", done: "撤回了申诉", ..usual::WITHDRAW };

/// An odd number of experts, as many as the rule table says or more.
const ASSIGN: Move = Move {
    command: "assign",
    by: OFFICER,
    label: "指派专家",
    done: "指派了评价专家",
    to: &[(ALWAYS, "evaluation")],
    asks: Asks::People(People { least: Least::Ruled(key::APPEAL_EXPERTS), odd: true }),
    tone: Tone::Forward,
    ..MOVE
};

/// An opinion; most of them go to the association as the opinion of the experts.
const OPINE: Move = Move { by: Party::Expert, to: &[(ALWAYS, "decision")], asks: Asks::Note, ..MOVE };

/// The decision: not by whoever accepted the appeal.
const DECIDE: Move = Move { by: APPROVER, asks: Asks::Note, apart_from: &["acceptance", "assignment"], ..MOVE };

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage { code: "draft", label: "草稿", turn: Party::Applicant, edit: Edit::Everything, moves: &[SUBMIT], ..STAGE },
        Stage {
            code: "acceptance",
            label: "申诉受理中",
            turn: OFFICER,
            days: Some(Span::Working(key::ACCEPTANCE_DAYS)),
            moves: &[
                Move {
                    command: "accept",
                    by: OFFICER,
                    label: "受理",
                    done: "受理了申诉",
                    to: &[(ALWAYS, "assignment")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move {
                    command: "return",
                    by: OFFICER,
                    label: "退回补充",
                    done: "退回补充",
                    to: &[(ALWAYS, "returned")],
                    asks: Asks::NoteAndItems,
                    ..MOVE
                },
                Move {
                    command: "decline",
                    by: OFFICER,
                    label: "不予受理",
                    done: "不予受理",
                    to: &[(ALWAYS, "declined")],
                    asks: Asks::Note,
                    tone: Tone::Grave,
                    ..MOVE
                },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "returned",
            label: "已退回，待补充",
            turn: Party::Applicant,
            days: Some(Span::Calendar(key::RECTIFICATION_DAYS)),
            edit: Edit::Items,
            moves: &[
                Move { label: "重新提交", done: "补充后重新提交", ..SUBMIT },
                WITHDRAW,
                Move {
                    command: "expire",
                    by: Party::Clock,
                    label: "逾期关闭",
                    done: "逾期未补充，申诉关闭",
                    to: &[(ALWAYS, "lapsed")],
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage {
            code: "assignment",
            label: "待指派专家",
            turn: OFFICER,
            days: Some(Span::Working(key::ASSIGNMENT_DAYS)),
            moves: &[ASSIGN, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "evaluation",
            label: "专家评价中",
            turn: Party::Expert,
            days: Some(Span::Working(key::EVALUATION_DAYS)),
            agreement: Agreement::Majority("uphold"),
            moves: &[
                Move { command: "sustain", label: "支持申诉", done: "专家多数意见：支持申诉", tone: Tone::Forward, ..OPINE },
                Move { command: "uphold", label: "维持原决定", done: "专家多数意见：维持原决定", ..OPINE },
                Move {
                    command: "recuse",
                    by: Party::Expert,
                    label: "申请回避",
                    done: "专家回避后人数不足，须重新指派",
                    to: &[(ALWAYS, "assignment")],
                    asks: Asks::Recusal,
                    tone: Tone::Grave,
                    ..MOVE
                },
                Move { label: "重新指派专家", to: &[(ALWAYS, "evaluation")], tone: Tone::Plain, ..ASSIGN },
            ],
            ..STAGE
        },
        Stage {
            code: "decision",
            label: "协会审定中",
            turn: APPROVER,
            days: Some(Span::Calendar(key::APPEAL_DAYS)),
            moves: &[
                Move {
                    command: "sustain",
                    label: "撤销原决定",
                    done: "申诉成立，撤销原决定，原业务重新办理",
                    to: &[(ALWAYS, "sustained")],
                    tone: Tone::Forward,
                    effects: &[Effect::Reopen],
                    ..DECIDE
                },
                Move {
                    command: "maintain",
                    label: "维持原决定",
                    done: "申诉不成立，维持原决定",
                    to: &[(ALWAYS, "maintained")],
                    tone: Tone::Grave,
                    ..DECIDE
                },
            ],
            ..STAGE
        },
        Stage { code: "sustained", label: "申诉成立", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "maintained", label: "维持原决定", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "declined", label: "不予受理", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "lapsed", label: "逾期未补充，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE },
    ],
};

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::FLOW;
    use crate::base::permission::Role;
    use crate::base::rule::{Rule, Rules};
    use crate::engine::flow::{Actor, Asked, Command, Event, Facts, Hat, Refusal, decide};
    use crate::engine::form::Answers;

    fn person(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    /// An appeal on its way, one command after the other.
    struct Walk {
        events: Vec<Event>,
        rules: Rules,
    }

    impl Walk {
        fn assigning() -> Self {
            let mut walk = Walk { events: Vec::new(), rules: Rules::default() };
            walk.go(1, Hat::Applicant, "submit", &[]).unwrap();
            walk.go(2, Hat::Association(Role::Officer), "accept", &[]).unwrap();
            walk
        }

        fn go(&mut self, who: u128, hat: Hat, name: &str, people: &[u128]) -> Result<&'static str, Refusal> {
            let (answers, day) = (Answers::default(), NaiveDate::default());
            let asked = Asked {
                at: chrono::DateTime::default(),
                today: day,
                answers: &answers,
                revision: 1,
                sound: true,
                changed: true,
                rounds: 2,
                at_desk: false,
                rules: self.rules.on(day),
            };
            let actor = Actor { account: person(who), hats: vec![hat] };
            let people = people.iter().copied().map(person).collect();
            let command = Command { name: name.into(), note: "意见".into(), revision: Some(1), people, ..Command::default() };
            let decided = decide(&FLOW, &Facts::read(&FLOW, &self.events), &actor, &command, &asked)?;
            self.events.extend(decided.events);
            Ok(decided.stage.code)
        }

        fn assign(&mut self, people: &[u128]) -> Result<&'static str, Refusal> {
            self.go(2, Hat::Association(Role::Officer), "assign", people)
        }

        fn done(&self, command: &str) -> bool {
            let last = self.events.last().map(|e| &e.what);
            matches!(last, Some(crate::engine::flow::What::Moved { command: c, .. }) if c == command)
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
            assert_eq!(Walk::assigning().assign(people), expected, "{people:?}");
        }
        let mut five = Walk::assigning();
        five.rules = Rules::new([Rule { key: "appeal.experts".into(), value: "5".into(), effective_from: NaiveDate::default() }]).unwrap();
        assert_eq!(five.assign(&[11, 12, 13]), Err(Refusal::People), "the rule table says how many");
        assert_eq!(five.assign(&[11, 12, 13, 14, 15]), Ok("evaluation"));
    }

    #[test]
    fn the_opinion_of_most_goes_to_the_association_once_all_have_spoken() {
        for (opinions, majority) in [
            (["sustain", "uphold", "sustain"], "sustain"),
            (["uphold", "uphold", "sustain"], "uphold"),
            (["sustain", "sustain", "sustain"], "sustain"),
        ] {
            let mut walk = Walk::assigning();
            walk.assign(&[11, 12, 13]).unwrap();
            assert_eq!(walk.go(11, Hat::Expert, opinions[0], &[]), Ok("evaluation"));
            assert_eq!(walk.go(11, Hat::Expert, opinions[1], &[]), Err(Refusal::Voted));
            assert_eq!(walk.go(12, Hat::Expert, opinions[1], &[]), Ok("evaluation"));
            assert_eq!(walk.go(13, Hat::Expert, opinions[2], &[]), Ok("decision"));
            assert!(walk.done(majority), "{opinions:?}");
        }
    }

    #[test]
    fn when_one_leaves_the_rest_are_too_few_and_nobody_decides_by_half() {
        let mut walk = Walk::assigning();
        walk.assign(&[11, 12, 13]).unwrap();
        walk.go(11, Hat::Expert, "sustain", &[]).unwrap();
        assert_eq!(walk.go(12, Hat::Expert, "recuse", &[]), Ok("assignment"));
        assert_eq!(walk.go(13, Hat::Expert, "sustain", &[]), Err(Refusal::NotOpen));
        assert_eq!(walk.assign(&[11, 13]), Err(Refusal::People));
        assert_eq!(walk.assign(&[11, 13, 14]), Ok("evaluation"));
        let mut five = Walk::assigning();
        five.assign(&[11, 12, 13, 14, 15]).unwrap();
        assert_eq!(five.go(15, Hat::Expert, "recuse", &[]), Ok("assignment"), "four are not odd");
    }

    #[test]
    fn whoever_accepted_does_not_decide_and_experts_decide_nothing_alone() {
        let mut walk = Walk::assigning();
        walk.assign(&[11, 12, 13]).unwrap();
        for expert in [11, 12, 13] {
            walk.go(expert, Hat::Expert, "sustain", &[]).unwrap();
        }
        let approver = Hat::Association(Role::Approver);
        assert_eq!(walk.go(2, approver, "sustain", &[]), Err(Refusal::SamePerson));
        assert_eq!(walk.go(11, Hat::Expert, "sustain", &[]), Err(Refusal::NotOpen));
        assert_eq!(walk.go(3, approver, "maintain", &[]), Ok("maintained"), "the association may decide otherwise than its experts");
    }
}
