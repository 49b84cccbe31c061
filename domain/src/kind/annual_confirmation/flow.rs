//! How a certificate is kept alive: institution, association, and a certificate that is worth more than before (manual 3.2; domain facts §6).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::usual::{
    APPROVE, EXPIRE, GRANTED, LAPSED, OVERRULE, PROPOSE, RECONSIDER, REFUSE, REFUSED, RESUBMIT, RETURN, SUBMIT, WITHDRAW, WITHDRAWN,
};
use crate::engine::flow::{Asks, Edit, Effect, Flow, Link, MOVE, Move, Outcome, Party, STAGE, Span, Stage, Tone};
use crate::engine::form::When;

const INSTITUTION: Party = Party::Institution(Link::Recommending);
const ALWAYS: When = When::Always;

/// What an institution files itself, it need not examine. What was changed goes through it again.
const EXAMINED: &[(When, &str)] = &[(When::Is("_at_desk", &["yes"]), "review"), (ALWAYS, "institution_review")];

/// The flow, of 年度确认 and of 再注册.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage {
            code: "draft",
            label: "草稿",
            turn: Party::Applicant,
            edit: Edit::Everything,
            moves: &[Move { label: "提交", to: EXAMINED, ..SUBMIT }],
            ..STAGE
        },
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
            turn: Party::Association(Role::Officer),
            days: Some(Span::Working(key::REVIEW_DAYS)),
            moves: &[PROPOSE, RETURN, REFUSE, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "approval",
            label: "待批准",
            turn: Party::Association(Role::Approver),
            days: Some(Span::Working(key::APPROVAL_DAYS)),
            moves: &[
                Move { done: "批准，证书已更新", effects: &[Effect::ExtendCertificates], ..APPROVE },
                Move { label: "退回重新审批", done: "退回重新审批", ..RECONSIDER },
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
            moves: &[Move { to: EXAMINED, ..RESUBMIT }, WITHDRAW, EXPIRE],
            ..STAGE
        },
        GRANTED,
        REFUSED,
        Stage { code: "rejected", label: "机构审核未通过", outcome: Some(Outcome::Refused), ..STAGE },
        WITHDRAWN,
        LAPSED,
    ],
};
