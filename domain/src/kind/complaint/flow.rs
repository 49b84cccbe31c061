//! The flow of a complaint (docs/manual.md 3.5; docs/domain.md §8).

use crate::base::rule::key;
use crate::engine::flow::common::{
    self, APPROVER, DECLINE, DECLINED, LAPSED_WITHOUT_SUPPLEMENT, OFFICER, RETURN_FOR_SUPPLEMENT, WITHDRAWN, accept, acceptance, draft,
    exclude, returned_for_supplement,
};
use crate::engine::flow::{Flow, Outcome, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition};
use crate::engine::form::When;

const ALWAYS: When = When::Always;

const SUBMIT: Transition =
    Transition { label: "提交投诉", history: "提交了投诉", to: &[(ALWAYS, "acceptance")], ..common::SUBMIT };
const RESUBMIT: Transition = Transition { label: "重新提交", history: "补充后重新提交", ..SUBMIT };
const WITHDRAW: Transition = Transition { label: "撤回投诉", history: "撤回了投诉", ..common::WITHDRAW };
const EXPIRE: Transition = Transition { history: "逾期未补充，投诉关闭", ..common::EXPIRE };
const ACCEPT: Transition = accept("受理了投诉", &[(ALWAYS, "handling")]);

/// An appeal against the decision was granted.
const REOPEN: Transition = Transition {
    label: "重新处理",
    history: "申诉成立，撤销原决定，重新处理",
    to: &[(ALWAYS, "handling")],
    requires: Requires::OptionalNote,
    ..common::REOPEN
};

/// The officer proposes how to answer; the proposal is not shown to the complainant.
const PROPOSE: Transition = Transition {
    command: "propose",
    by: OFFICER,
    label: "提交处理意见",
    history: "提出了处理意见",
    to: &[(ALWAYS, "decision")],
    requires: Requires::Note,
    tone: Tone::Forward,
    internal: true,
    ..TRANSITION
};

const ANSWER: Transition = Transition {
    command: "answer",
    by: APPROVER,
    label: "审定并答复",
    history: "审定处理意见并答复",
    to: &[(ALWAYS, "answered")],
    requires: Requires::Note,
    tone: Tone::Forward,
    four_eyes_with: &["handling"],
    ..TRANSITION
};

const RECONSIDER: Transition = Transition {
    label: "退回重新处理",
    history: "退回重新处理",
    to: &[(ALWAYS, "handling")],
    four_eyes_with: &["handling"],
    internal: true,
    ..common::RECONSIDER
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[SUBMIT]),
        acceptance("投诉受理中", &[ACCEPT, RETURN_FOR_SUPPLEMENT, DECLINE, exclude(&[(ALWAYS, "acceptance")]), WITHDRAW]),
        returned_for_supplement(&[RESUBMIT, exclude(&[(ALWAYS, "returned")]), WITHDRAW, EXPIRE]),
        Stage {
            code: "handling",
            label: "调查处理中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Calendar(key::COMPLAINT_DAYS)),
            transitions: &[PROPOSE, exclude(&[(ALWAYS, "handling")]), WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "decision",
            label: "处理意见审定中",
            turn: Some(APPROVER),
            time_limit: Some(TimeLimit::Working(key::APPROVAL_DAYS)),
            transitions: &[ANSWER, RECONSIDER, exclude(&[(ALWAYS, "decision")])],
            ..STAGE
        },
        Stage { code: "answered", label: "已答复", transitions: &[REOPEN], outcome: Some(Outcome::Granted), ..STAGE },
        Stage { transitions: &[REOPEN], ..DECLINED },
        WITHDRAWN,
        LAPSED_WITHOUT_SUPPLEMENT,
    ],
};
