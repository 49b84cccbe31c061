//! The flow of the trial kind.

use super::form;
use crate::base::rule::key;
use crate::engine::flow::common::{
    APPROVE, EXPIRE, GRANTED, LAPSED, OFFICER, OVERRULE, PROPOSE, RECONSIDER, REFUSE, REFUSED, RESUBMIT, RETURN, SUBMIT, WITHDRAW,
    WITHDRAWN, approval, consent, draft, returned,
};
use crate::engine::flow::{Agreement, Flow, Party, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition};
use crate::engine::form::When;

const ALWAYS: When = When::Always;

/// A participant does not agree: the applicant changes the answers.
const DECLINE: Transition = Transition {
    command: "decline",
    by: Party::Participant,
    label: "不同意",
    history: "参与人员不同意",
    to: &[(ALWAYS, "returned")],
    requires: Requires::Note,
    returns: true,
    tone: Tone::Destructive,
    ..TRANSITION
};

/// The officer's review comes with a mark and a remark.
const REVIEW: Transition = Transition { requires: Requires::Form(&form::REVIEW), ..PROPOSE };

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { to: &[(ALWAYS, "consent")], ..SUBMIT }]),
        Stage {
            code: "consent",
            label: "待参与人员同意",
            turn: Some(Party::Participant),
            time_limit: Some(TimeLimit::Working(key::INSTITUTION_REVIEW_DAYS)),
            agreement: Agreement::Every { breaks: "decline" },
            transitions: &[
                Transition { history: "参与人员全部同意", ..consent("agree", Party::Participant, "同意", &[(ALWAYS, "review")]) },
                DECLINE,
                WITHDRAW,
                Transition { history: "参与人员逾期未全部同意，申请关闭", ..EXPIRE },
            ],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审核中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[REVIEW, RETURN, REFUSE, WITHDRAW],
            ..STAGE
        },
        returned(&[Transition { to: &[(ALWAYS, "consent")], ..RESUBMIT }, WITHDRAW, EXPIRE]),
        approval(&[APPROVE, RECONSIDER, OVERRULE]),
        GRANTED,
        REFUSED,
        WITHDRAWN,
        LAPSED,
    ],
};
