//! How an application for registration goes (manual 3.1; stages of domain facts §4.1).

use crate::flow::{Asks, Edit, Effect, Flow, Link, MOVE, Move, Outcome, Party, STAGE, Stage, Tone};
use crate::form::When;
use crate::permission::Role;
use crate::rule::key;

const INSTITUTION: Party = Party::Institution(Link::Recommending);
const OFFICER: Party = Party::Association(Role::Officer);

const WITHDRAW: Move = Move {
    command: "withdraw",
    by: Party::Applicant,
    label: "撤回申请",
    done: "撤回了申请",
    to: &[(When::Always, "withdrawn")],
    asks: Asks::OptionalNote,
    tone: Tone::Grave,
    ..MOVE
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage {
            code: "draft",
            label: "草稿",
            turn: Party::Applicant,
            edit: Edit::Everything,
            moves: &[Move {
                command: "submit",
                by: Party::Applicant,
                label: "提交",
                done: "提交了申请",
                to: &[(When::Always, "institution_review")],
                asks: Asks::Submission,
                tone: Tone::Forward,
                ..MOVE
            }],
            ..STAGE
        },
        Stage {
            code: "institution_review",
            label: "机构初核中",
            turn: INSTITUTION,
            days: Some(key::INSTITUTION_REVIEW_DAYS),
            moves: &[
                Move {
                    command: "pass",
                    by: INSTITUTION,
                    label: "初核通过",
                    done: "初核通过",
                    to: &[(When::Always, "acceptance")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move {
                    command: "return",
                    by: INSTITUTION,
                    label: "退回修改",
                    done: "退回修改",
                    to: &[(When::Always, "returned")],
                    asks: Asks::NoteAndItems,
                    ..MOVE
                },
                Move {
                    command: "reject",
                    by: INSTITUTION,
                    label: "不予推荐",
                    done: "不予推荐",
                    to: &[(When::Always, "rejected")],
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
            label: "已退回，待修改",
            turn: Party::Applicant,
            days: Some(key::RECTIFICATION_DAYS),
            edit: Edit::Everything,
            moves: &[
                Move {
                    command: "submit",
                    by: Party::Applicant,
                    label: "重新提交",
                    done: "修改后重新提交",
                    to: &[(When::Always, "institution_review")],
                    asks: Asks::Submission,
                    tone: Tone::Forward,
                    ..MOVE
                },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "acceptance",
            label: "协会受理中",
            turn: OFFICER,
            days: Some(key::ACCEPTANCE_DAYS),
            moves: &[
                Move {
                    command: "accept",
                    by: OFFICER,
                    label: "受理",
                    done: "受理了申请",
                    to: &[(When::Always, "approval")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move {
                    command: "return",
                    by: OFFICER,
                    label: "退回整改",
                    done: "退回整改",
                    to: &[(When::Always, "returned")],
                    asks: Asks::NoteAndItems,
                    ..MOVE
                },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "approval",
            label: "协会审批中",
            turn: OFFICER,
            days: Some(key::APPROVAL_DAYS),
            moves: &[
                Move {
                    command: "approve",
                    by: OFFICER,
                    label: "批准",
                    done: "批准注册，颁发证书",
                    to: &[(When::Always, "granted")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    effects: &[Effect::IssueCertificate],
                    ..MOVE
                },
                Move {
                    command: "refuse",
                    by: OFFICER,
                    label: "不予批准",
                    done: "不予批准",
                    to: &[(When::Always, "refused")],
                    asks: Asks::Note,
                    tone: Tone::Grave,
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage { code: "granted", label: "已批准", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "refused", label: "未批准", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "rejected", label: "机构不予推荐", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
    ],
};
