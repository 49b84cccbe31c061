//! The flow of a filing: the teachers confirm, the association reviews, another person approves.

use super::confirmation::{CONFIRMATION, FORM as CONFIRMATION_FORM};
use crate::base::rule::key;
use crate::engine::flow::common::{
    self, APPROVE, EXPIRE, OVERRULE, PROPOSE, RECONSIDER, REFUSE, RESUBMIT, RETURN, SUBMIT, WITHDRAW, WITHDRAWN, approval, draft, returned,
};
use crate::engine::flow::{Agreement, Edit, Effect, Flow, Outcome, Party, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition};
use crate::engine::form::When;
use crate::engine::notification::NotificationKind;

const ALWAYS: When = When::Always;
const TO_TEACHERS: common::Targets = &[(ALWAYS, "teachers")];
const TO_DECLINED: common::Targets = &[(ALWAYS, "declined")];
const TO_FILED: common::Targets = &[(ALWAYS, "filed")];

/// A teacher confirms the own part, or declines.
const ANSWER: Transition = Transition {
    command: "answer",
    by: Party::Participant,
    label: "提交",
    history: "教师提交了确认结果",
    to: &[(ALWAYS, "review")],
    requires: Requires::Form(&CONFIRMATION_FORM),
    tone: Tone::Forward,
    ..TRANSITION
};

/// What the answers of the teachers together lead to.
const OUTCOME: Transition = Transition { by: Party::Participant, ..TRANSITION };

/// The institution changes the filing, or submits it as it is.
const RESUBMIT_TO_TEACHERS: Transition = Transition { to: TO_TEACHERS, ..RESUBMIT };

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { to: TO_TEACHERS, ..SUBMIT }]),
        Stage {
            code: "teachers",
            label: "待教师确认",
            turn: Some(Party::Participant),
            time_limit: Some(TimeLimit::Working(key::TEACH_CONFIRM_DAYS)),
            agreement: Agreement::Confirmed(&CONFIRMATION),
            transitions: &[
                ANSWER,
                Transition { command: CONFIRMATION.agreed, history: "教师已全部确认", to: &[(ALWAYS, "review")], ..OUTCOME },
                Transition { command: CONFIRMATION.declined, history: "教师未确认", to: TO_DECLINED, returns: true, ..OUTCOME },
                WITHDRAW,
                Transition {
                    label: "逾期未确认",
                    history: "教师逾期未确认",
                    to: TO_DECLINED,
                    notifies: Some(NotificationKind::Returned),
                    ..EXPIRE
                },
            ],
            ..STAGE
        },
        Stage {
            code: "declined",
            label: "教师未确认，待修改",
            turn: Some(Party::Applicant),
            time_limit: Some(TimeLimit::Calendar(key::RECTIFICATION_DAYS)),
            edit: Edit::Everything,
            transitions: &[RESUBMIT_TO_TEACHERS, WITHDRAW, EXPIRE],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审核中",
            turn: Some(common::OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[
                Transition { label: "同意", history: "审核同意，提交批准", ..PROPOSE },
                RETURN,
                Transition { label: "不予备案", history: "不予备案", ..REFUSE },
            ],
            ..STAGE
        },
        // Teachers whose part is as they confirmed it are not asked, so that the platform goes on to the review.
        returned(&[RESUBMIT_TO_TEACHERS, WITHDRAW, EXPIRE]),
        approval(&[
            Transition { history: "批准备案", to: TO_FILED, effects: &[Effect::FileCourse], ..APPROVE },
            RECONSIDER,
            Transition { label: "不予备案", history: "不予备案", ..OVERRULE },
        ]),
        Stage { code: "filed", label: "已备案", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { label: "不予备案", ..common::REFUSED },
        WITHDRAWN,
        Stage { label: "逾期已关闭", ..common::LAPSED },
    ],
};
