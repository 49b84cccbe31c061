//! The flow of 年度确认 and 再注册: institution, officer, approver, then new terms of the certificate (docs/manual.md 3.2; docs/domain.md §6).

use crate::base::rule::key;
use crate::engine::flow::common::{
    APPROVE, EXPIRE, GRANTED, LAPSED, OFFICER, OVERRULE, PROPOSE, RECONSIDER, REFUSE, REFUSED, RESUBMIT, RETURN, SUBMIT, Targets, WITHDRAW,
    WITHDRAWN, approval, consent, draft, refuse, returned, skip_closed,
};
use crate::engine::flow::{Effect, Flow, InstitutionRelation, Outcome, Party, STAGE, Stage, TimeLimit, Transition};
use crate::engine::form::When;

const INSTITUTION: Party = Party::Institution(InstitutionRelation::Recommending);
const ALWAYS: When = When::Always;

/// An institution does not review an application that it filed itself.
const TO_REVIEW: Targets = &[(When::Is("_filed_by_institution", &["yes"]), "review"), (ALWAYS, "institution_review")];

const PASS: Transition = consent("pass", INSTITUTION, "审核通过", &[(ALWAYS, "review")]);
const REJECT: Transition = refuse("reject", INSTITUTION, "审核不通过", &[(ALWAYS, "rejected")]);

/// The flow of both kinds.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { label: "提交", to: TO_REVIEW, ..SUBMIT }]),
        Stage {
            code: "institution_review",
            label: "机构审核中",
            turn: Some(INSTITUTION),
            time_limit: Some(TimeLimit::Working(key::INSTITUTION_REVIEW_DAYS)),
            transitions: &[PASS, Transition { by: INSTITUTION, ..RETURN }, REJECT, WITHDRAW, skip_closed(&[(ALWAYS, "review")])],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审批中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[PROPOSE, RETURN, REFUSE, WITHDRAW],
            ..STAGE
        },
        approval(&[
            Transition { history: "批准，证书已更新", effects: &[Effect::ExtendCertificates], ..APPROVE },
            Transition { label: "退回重新审批", history: "退回重新审批", ..RECONSIDER },
            OVERRULE,
        ]),
        returned(&[Transition { to: TO_REVIEW, ..RESUBMIT }, WITHDRAW, EXPIRE]),
        GRANTED,
        REFUSED,
        Stage { code: "rejected", label: "机构审核未通过", outcome: Some(Outcome::Refused), ..STAGE },
        WITHDRAWN,
        LAPSED,
    ],
};
