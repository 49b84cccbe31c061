//! The flow of a change of identity: the association's officer reviews, a second person approves.

use crate::base::rule::key;
use crate::engine::flow::common::{
    self, APPROVE, EXPIRE, GRANTED, LAPSED, OFFICER, OVERRULE, PROPOSE, RECONSIDER, REFUSE, REFUSED, RESUBMIT, RETURN, WITHDRAW, WITHDRAWN,
    approval, draft, returned,
};
use crate::engine::flow::{Effect, Flow, STAGE, Stage, TimeLimit, Transition};
use crate::engine::form::When;

const TO_REVIEW: common::Targets = &[(When::Always, "review")];

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { to: TO_REVIEW, ..common::SUBMIT }]),
        Stage {
            code: "review",
            label: "协会审核中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[
                Transition { history: "审核同意，提交批准", ..PROPOSE },
                Transition { label: "退回补正", history: "退回补正", ..RETURN },
                REFUSE,
                WITHDRAW,
            ],
            ..STAGE
        },
        approval(&[
            Transition { history: "批准变更，登记的信息已变更", effects: &[Effect::ChangeIdentity], ..APPROVE },
            RECONSIDER,
            OVERRULE,
        ]),
        Stage {
            label: "已退回，待补正",
            ..returned(&[Transition { history: "补正后重新提交", to: TO_REVIEW, ..RESUBMIT }, WITHDRAW, EXPIRE])
        },
        GRANTED,
        REFUSED,
        WITHDRAWN,
        Stage { label: "逾期未补正，已关闭", ..LAPSED },
    ],
};
