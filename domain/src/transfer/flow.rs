//! How a transfer goes (manual 3.3; the order of domain facts §7.2, which the table alone says).

use crate::flow::{Asks, Edit, Effect, Flow, Link, MOVE, Move, Outcome, Party, STAGE, Span, Stage, Tone};
use crate::form::When;
use crate::permission::Role;
use crate::rule::key;

const LEAVING: Party = Party::Institution(Link::Leaving);
const JOINING: Party = Party::Institution(Link::Joining);
const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);
const ALWAYS: When = When::Always;

/// The consent of the institution that is left is the ground itself.
const BY_CONSENT: When = When::Is("ground", &["agreed"]);

const SUBMIT: Move = Move {
    command: "submit",
    by: Party::Applicant,
    label: "提交申请",
    done: "提交了申请",
    to: &[(ALWAYS, "leaving")],
    asks: Asks::Submission,
    tone: Tone::Forward,
    ..MOVE
};

const WITHDRAW: Move = Move {
    command: "withdraw",
    by: Party::Applicant,
    label: "撤回申请",
    done: "撤回了申请",
    to: &[(ALWAYS, "withdrawn")],
    asks: Asks::OptionalNote,
    tone: Tone::Grave,
    ..MOVE
};

const AGREE: Move = Move {
    command: "agree",
    by: LEAVING,
    label: "同意转出",
    done: "同意转出",
    to: &[(ALWAYS, "joining")],
    asks: Asks::OptionalNote,
    tone: Tone::Forward,
    ..MOVE
};

/// Where the ground is another than its consent, its objection goes with the application to the association.
const OBJECT: Move = Move {
    command: "object",
    by: LEAVING,
    label: "不同意转出",
    done: "不同意转出",
    to: &[(BY_CONSENT, "objected"), (ALWAYS, "joining")],
    asks: Asks::Note,
    tone: Tone::Grave,
    ..MOVE
};

/// What was changed is agreed to anew.
const RETURN: Move =
    Move { command: "return", label: "退回修改", done: "退回修改", to: &[(ALWAYS, "returned")], asks: Asks::NoteAndItems, ..MOVE };

const REFUSE: Move = Move {
    command: "refuse",
    label: "不予批准",
    done: "不予批准",
    to: &[(ALWAYS, "refused")],
    asks: Asks::Note,
    tone: Tone::Grave,
    ..MOVE
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage { code: "draft", label: "草稿", turn: Party::Applicant, edit: Edit::Everything, moves: &[SUBMIT], ..STAGE },
        Stage {
            code: "leaving",
            label: "转出机构审核中",
            turn: LEAVING,
            days: Some(Span::Working(key::TRANSFER_DAYS)),
            moves: &[
                AGREE,
                Move { by: LEAVING, ..RETURN },
                OBJECT,
                Move {
                    command: "expire",
                    by: Party::Clock,
                    label: "逾期未答复",
                    done: "转出机构逾期未答复，转由协会处理",
                    to: &[(ALWAYS, "escalated")],
                    ..MOVE
                },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "escalated",
            label: "转出机构未答复，协会处理中",
            turn: OFFICER,
            days: Some(Span::Working(key::TRANSFER_DAYS)),
            moves: &[
                Move {
                    command: "proceed",
                    by: OFFICER,
                    label: "转入下一环节",
                    done: "转出机构未答复，协会决定继续办理",
                    to: &[(ALWAYS, "joining")],
                    asks: Asks::Note,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move { by: OFFICER, ..RETURN },
                Move { by: OFFICER, ..REFUSE },
                // An answer that comes late is still an answer.
                AGREE,
                OBJECT,
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "joining",
            label: "转入机构审核中",
            turn: JOINING,
            days: Some(Span::Working(key::TRANSFER_DAYS)),
            moves: &[
                Move {
                    command: "accept",
                    by: JOINING,
                    label: "同意接收",
                    done: "同意接收",
                    to: &[(ALWAYS, "review")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move { by: JOINING, ..RETURN },
                Move {
                    command: "decline",
                    by: JOINING,
                    label: "不同意接收",
                    done: "不同意接收",
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
            code: "review",
            label: "协会审核中",
            turn: OFFICER,
            days: Some(Span::Working(key::REVIEW_DAYS)),
            moves: &[
                Move {
                    command: "propose",
                    by: OFFICER,
                    label: "同意，提交批准",
                    done: "审核同意，提交批准",
                    to: &[(ALWAYS, "approval")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move { by: OFFICER, ..RETURN },
                Move { by: OFFICER, ..REFUSE },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "approval",
            label: "待批准",
            turn: APPROVER,
            days: Some(Span::Working(key::APPROVAL_DAYS)),
            moves: &[
                Move {
                    command: "approve",
                    by: APPROVER,
                    label: "批准",
                    done: "批准转换，变更执业机构和证书",
                    to: &[(ALWAYS, "granted")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    apart_from: &["review"],
                    effects: &[Effect::Join(Link::Joining)],
                    ..MOVE
                },
                Move {
                    command: "reconsider",
                    by: APPROVER,
                    label: "退回重新审核",
                    done: "退回重新审核",
                    to: &[(ALWAYS, "review")],
                    asks: Asks::Note,
                    apart_from: &["review"],
                    ..MOVE
                },
                Move { by: APPROVER, apart_from: &["review"], ..REFUSE },
            ],
            ..STAGE
        },
        Stage {
            code: "returned",
            label: "已退回，待修改",
            turn: Party::Applicant,
            days: Some(Span::Calendar(key::RECTIFICATION_DAYS)),
            edit: Edit::Items,
            moves: &[
                Move { label: "重新提交", done: "修改后重新提交", ..SUBMIT },
                WITHDRAW,
                Move {
                    command: "expire",
                    by: Party::Clock,
                    label: "逾期关闭",
                    done: "逾期未修改，申请关闭",
                    to: &[(ALWAYS, "lapsed")],
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage { code: "granted", label: "已批准", outcome: Some(Outcome::Granted), ..STAGE },
        Stage {
            code: "refused",
            label: "未批准",
            moves: &[Move {
                command: "reopen",
                by: Party::Appeal,
                label: "重新审核",
                done: "申诉成立，撤销原决定，重新审核",
                to: &[(ALWAYS, "review")],
                ..MOVE
            }],
            outcome: Some(Outcome::Refused),
            ..STAGE
        },
        Stage { code: "objected", label: "转出机构不同意", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "declined", label: "转入机构不同意", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "lapsed", label: "逾期未修改，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE },
    ],
};
