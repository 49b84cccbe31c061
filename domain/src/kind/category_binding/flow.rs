//! The flow of a binding: it holds with the submission, unless the category asks for a review.

use crate::base::rule::key;
use crate::engine::flow::common::{
    self, EXPIRE, GRANTED, LAPSED, OFFICER, REFUSED, RESUBMIT, RETURN, WITHDRAW, WITHDRAWN, consent, draft, refuse, returned,
};
use crate::engine::flow::{Effect, Flow, STAGE, Stage, TimeLimit, Transition};
use crate::engine::form::When;

/// Name of the fact that says whether the category asks for a review.
pub(super) const NEEDS_REVIEW: &str = "needs_review";

const ALWAYS: When = When::Always;
const REVIEWED: When = When::Is(NEEDS_REVIEW, &["yes"]);
const NOT_REVIEWED: When = When::Unless(NEEDS_REVIEW, &["yes"]);

/// The binding holds at once.
const BIND: Transition = Transition {
    label: "完成",
    history: "绑定了课程类别",
    to: &[(ALWAYS, "bound")],
    when: NOT_REVIEWED,
    effects: &[Effect::BindCategory],
    ..common::SUBMIT
};

/// The association reviews the binding.
const ASK: Transition =
    Transition { label: "完成", history: "提交绑定申请", to: &[(ALWAYS, "review")], when: REVIEWED, ..common::SUBMIT };

const PASS: Transition = Transition {
    history: "审核通过，绑定课程类别",
    effects: &[Effect::BindCategory],
    ..consent("pass", OFFICER, "通过", &[(ALWAYS, "bound")])
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[ASK, BIND]),
        Stage {
            code: "review",
            label: "待审核",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::TEACH_REVIEW_DAYS)),
            transitions: &[
                PASS,
                RETURN,
                Transition { history: "审核未通过", ..refuse("refuse", OFFICER, "不通过", &[(ALWAYS, "refused")]) },
                WITHDRAW,
            ],
            ..STAGE
        },
        returned(&[Transition { to: &[(ALWAYS, "review")], ..RESUBMIT }, WITHDRAW, EXPIRE]),
        Stage { code: "bound", label: "已绑定", ..GRANTED },
        Stage { label: "审核未通过", transitions: &[], ..REFUSED },
        WITHDRAWN,
        LAPSED,
    ],
};
