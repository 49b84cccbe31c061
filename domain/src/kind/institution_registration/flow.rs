//! The flow of a registration of an institution: an administrator of the association reviews, and decides alone (our proposal).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::common::{
    self, DECLINED, EXPIRE, GRANTED, LAPSED, RESUBMIT, RETURN, WITHDRAW, WITHDRAWN, consent, draft, refuse, returned,
};
use crate::engine::flow::{Effect, Flow, Party, STAGE, Stage, TimeLimit, Transition};
use crate::engine::form::When;

const ADMINISTRATOR: Party = Party::Association(Role::Admin);
const TO_REVIEW: common::Targets = &[(When::Always, "review")];

const APPROVE: Transition = Transition {
    history: "同意注册",
    effects: &[Effect::RegisterInstitution],
    phrases: &["材料齐全，信息一致，同意注册。"],
    ..consent("approve", ADMINISTRATOR, "同意", &[(When::Always, "granted")])
};

const DECLINE: Transition = refuse("decline", ADMINISTRATOR, "不予受理", &[(When::Always, "declined")]);

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { to: TO_REVIEW, ..common::SUBMIT }]),
        Stage {
            code: "review",
            label: "协会审核中",
            turn: Some(ADMINISTRATOR),
            time_limit: Some(TimeLimit::Working(key::INSTITUTION_REGISTRATION_DAYS)),
            transitions: &[APPROVE, Transition { by: ADMINISTRATOR, ..RETURN }, DECLINE, WITHDRAW],
            ..STAGE
        },
        returned(&[Transition { to: TO_REVIEW, ..RESUBMIT }, WITHDRAW, EXPIRE]),
        Stage { label: "已注册", ..GRANTED },
        DECLINED,
        WITHDRAWN,
        LAPSED,
    ],
};
