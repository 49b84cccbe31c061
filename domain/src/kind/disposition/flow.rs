//! The flow of a disposition: an officer proposes, a second person approves.

use crate::engine::flow::common::{self, APPROVER, OFFICER, approval, consent, draft, refuse};
use crate::engine::flow::{Effect, Flow, Outcome, Party, STAGE, Stage, TRANSITION, Transition};
use crate::engine::flow::{Requires, Tone};
use crate::engine::form::When;

const ALWAYS: When = When::Always;

const PROPOSE: Transition =
    Transition {
        by: OFFICER, label: "提出处置", history: "提出处置，等待批准", to: &[(ALWAYS, "approval")], ..common::SUBMIT
    };

const APPROVE: Transition = Transition {
    history: "批准处置",
    requires: Requires::Note,
    four_eyes_with: &["draft"],
    quoted_note: Some("处置决定"),
    effects: &[Effect::ImposeMeasure],
    ..consent("approve", APPROVER, "批准处置", &[(When::Is("measure", &["resume"]), "resumed"), (ALWAYS, "imposed")])
};

const REJECT: Transition =
    Transition {
        history: "不予处置", four_eyes_with: &["draft"], ..refuse("reject", APPROVER, "不予处置", &[(ALWAYS, "rejected")])
    };

const WITHDRAW: Transition =
    Transition { by: OFFICER, label: "撤回处置", history: "撤回了处置", tone: Tone::Destructive, ..common::WITHDRAW };

/// An appeal was granted.
const LIFT: Transition = Transition {
    command: "lift",
    by: Party::Appeal,
    label: "撤销处置",
    history: "申诉成立，撤销处置",
    to: &[(ALWAYS, "lifted")],
    requires: Requires::OptionalNote,
    quoted_note: Some("处理结果"),
    effects: &[Effect::LiftMeasure],
    ..TRANSITION
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage { turn: Some(OFFICER), ..draft(&[PROPOSE]) },
        approval(&[APPROVE, REJECT, WITHDRAW]),
        Stage { code: "imposed", label: "已作出处置", transitions: &[LIFT], outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "resumed", label: "已恢复", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "rejected", label: "不予处置", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "lifted", label: "处置已撤销", outcome: Some(Outcome::Granted), ..STAGE },
    ],
};
