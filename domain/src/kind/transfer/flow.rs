//! How a transfer goes (manual 3.3; the order of domain facts §7.2, which the table alone says).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::usual::{
    self, APPROVE, EXPIRE, GRANTED, LAPSED, OVERRULE, PROPOSE, RECONSIDER, REFUSE, REFUSED, RESUBMIT, RETURN, WITHDRAW, WITHDRAWN,
};
use crate::engine::flow::{Asks, Edit, Effect, Flow, Link, MOVE, Move, Outcome, Party, STAGE, Span, Stage, Tone};
use crate::engine::form::When;

const LEAVING: Party = Party::Institution(Link::Leaving);
const JOINING: Party = Party::Institution(Link::Joining);
const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);
const ALWAYS: When = When::Always;

/// The consent of the institution that is left is the ground itself.
const BY_CONSENT: When = When::Is("ground", &["agreed"]);

const SUBMIT: Move = Move { to: &[(ALWAYS, "leaving")], ..usual::SUBMIT };

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
                RETURN,
                REFUSE,
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
            moves: &[Move { done: "审核同意，提交批准", ..PROPOSE }, RETURN, REFUSE, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "approval",
            label: "待批准",
            turn: APPROVER,
            days: Some(Span::Working(key::APPROVAL_DAYS)),
            moves: &[
                Move { done: "批准转换，变更执业机构和证书", effects: &[Effect::Join(Link::Joining)], ..APPROVE },
                RECONSIDER,
                OVERRULE,
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
                // What was changed is agreed to anew.
                Move { to: &[(ALWAYS, "leaving")], ..RESUBMIT },
                WITHDRAW,
                EXPIRE,
            ],
            ..STAGE
        },
        GRANTED,
        REFUSED,
        Stage { code: "objected", label: "转出机构不同意", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "declined", label: "转入机构不同意", outcome: Some(Outcome::Refused), ..STAGE },
        WITHDRAWN,
        LAPSED,
    ],
};
