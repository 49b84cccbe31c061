//! How a complaint goes (manual 3.5; domain facts §8).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::usual;
use crate::engine::flow::{Asks, Edit, Flow, MOVE, Move, Outcome, Party, STAGE, Span, Stage, Tone};
use crate::engine::form::When;

const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);
const ALWAYS: When = When::Always;

const SUBMIT: Move = Move { label: "提交投诉", done: "提交了投诉", to: &[(ALWAYS, "acceptance")], ..usual::SUBMIT };

const WITHDRAW: Move = Move { label: "撤回投诉", done: "撤回了投诉", ..usual::WITHDRAW };

/// An appeal against the decision was upheld.
const REOPEN: Move = Move {
    command: "reopen",
    by: Party::Appeal,
    label: "重新处理",
    done: "申诉成立，撤销原决定，重新处理",
    to: &[(ALWAYS, "handling")],
    asks: Asks::OptionalNote,
    ..MOVE
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage { code: "draft", label: "草稿", turn: Party::Applicant, edit: Edit::Everything, moves: &[SUBMIT], ..STAGE },
        Stage {
            code: "acceptance",
            label: "投诉受理中",
            turn: OFFICER,
            days: Some(Span::Working(key::ACCEPTANCE_DAYS)),
            moves: &[
                Move {
                    command: "accept",
                    by: OFFICER,
                    label: "受理",
                    done: "受理了投诉",
                    to: &[(ALWAYS, "handling")],
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
                    done: "逾期未补充，投诉关闭",
                    to: &[(ALWAYS, "lapsed")],
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage {
            code: "handling",
            label: "调查处理中",
            turn: OFFICER,
            days: Some(Span::Calendar(key::COMPLAINT_DAYS)),
            moves: &[
                Move {
                    command: "propose",
                    by: OFFICER,
                    label: "提交处理意见",
                    done: "提出了处理意见",
                    to: &[(ALWAYS, "decision")],
                    asks: Asks::Note,
                    tone: Tone::Forward,
                    inner: true,
                    ..MOVE
                },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "decision",
            label: "处理意见审定中",
            turn: APPROVER,
            days: Some(Span::Working(key::APPROVAL_DAYS)),
            moves: &[
                Move {
                    command: "answer",
                    by: APPROVER,
                    label: "审定并答复",
                    done: "审定处理意见并答复",
                    to: &[(ALWAYS, "answered")],
                    asks: Asks::Note,
                    tone: Tone::Forward,
                    apart_from: &["handling"],
                    ..MOVE
                },
                Move {
                    command: "reconsider",
                    by: APPROVER,
                    label: "退回重新处理",
                    done: "退回重新处理",
                    to: &[(ALWAYS, "handling")],
                    asks: Asks::Note,
                    apart_from: &["handling"],
                    inner: true,
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage { code: "answered", label: "已答复", moves: &[REOPEN], outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "declined", label: "不予受理", moves: &[REOPEN], outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "lapsed", label: "逾期未补充，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE },
    ],
};
