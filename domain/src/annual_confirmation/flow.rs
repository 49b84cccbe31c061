//! How a certificate is kept alive: institution, association, and a certificate that is worth more than before (manual 3.2; domain facts §6).

use crate::flow::{Asks, Edit, Effect, Flow, Link, MOVE, Move, Outcome, Party, STAGE, Span, Stage, Tone};
use crate::form::When;
use crate::permission::Role;
use crate::rule::key;

const INSTITUTION: Party = Party::Institution(Link::Recommending);
const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);
const ALWAYS: When = When::Always;

/// What an institution files itself, it need not examine.
const AT_DESK: When = When::Is("_at_desk", &["yes"]);

const SUBMIT: Move = Move {
    command: "submit",
    by: Party::Applicant,
    label: "提交",
    done: "提交了申请",
    to: &[(AT_DESK, "review"), (ALWAYS, "institution_review")],
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

/// What was changed goes through the institution again.
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

/// The flow, of 年度确认 and of 再注册.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage { code: "draft", label: "草稿", turn: Party::Applicant, edit: Edit::Everything, moves: &[SUBMIT], ..STAGE },
        Stage {
            code: "institution_review",
            label: "机构审核中",
            turn: INSTITUTION,
            days: Some(Span::Working(key::INSTITUTION_REVIEW_DAYS)),
            moves: &[
                Move {
                    command: "pass",
                    by: INSTITUTION,
                    label: "审核通过",
                    done: "审核通过",
                    to: &[(ALWAYS, "review")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move { by: INSTITUTION, ..RETURN },
                Move {
                    command: "reject",
                    by: INSTITUTION,
                    label: "审核不通过",
                    done: "审核不通过",
                    to: &[(ALWAYS, "rejected")],
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
            label: "协会审批中",
            turn: OFFICER,
            days: Some(Span::Working(key::REVIEW_DAYS)),
            moves: &[
                Move {
                    command: "propose",
                    by: OFFICER,
                    label: "同意，提交批准",
                    done: "审批同意，提交批准",
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
                    done: "批准，证书已更新",
                    to: &[(ALWAYS, "granted")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    apart_from: &["review"],
                    effects: &[Effect::ExtendCertificates],
                    ..MOVE
                },
                Move {
                    command: "reconsider",
                    by: APPROVER,
                    label: "退回重新审批",
                    done: "退回重新审批",
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
                label: "重新审批",
                done: "申诉成立，撤销原决定，重新审批",
                to: &[(ALWAYS, "review")],
                ..MOVE
            }],
            outcome: Some(Outcome::Refused),
            ..STAGE
        },
        Stage { code: "rejected", label: "机构审核未通过", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "lapsed", label: "逾期未修改，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE },
    ],
};
