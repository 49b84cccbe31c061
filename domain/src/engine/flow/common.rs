//! Transitions and stages that several kinds share. A kind writes `Transition { …, ..WITHDRAW }`.

use super::definition::{AssigneeCount, Edit, Outcome, Requires, STAGE, Stage, TRANSITION, Tone, Transition};
use super::party::Party;
use super::time_limit::TimeLimit;
use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::form::When;

/// The officer of the association, who accepts and reviews.
pub const OFFICER: Party = Party::Association(Role::Officer);
/// The approver of the association, who decides; never the person who reviewed.
pub const APPROVER: Party = Party::Association(Role::Approver);

/// Code of the stage at which the association accepts a matter.
const ACCEPTANCE: &str = "acceptance";
/// Code of the command by which it does.
const ACCEPT: &str = "accept";

/// Where a transition leads: the first stage whose condition holds.
pub type Targets = &'static [(When, &'static str)];

/// The applicant submits. Each kind sets the next stage.
pub const SUBMIT: Transition = Transition {
    command: "submit",
    by: Party::Applicant,
    label: "提交申请",
    history: "提交了申请",
    requires: Requires::Submission,
    tone: Tone::Forward,
    ..TRANSITION
};

/// The applicant submits again after a return.
pub const RESUBMIT: Transition = Transition { label: "重新提交", history: "修改后重新提交", ..SUBMIT };

/// The applicant withdraws the matter.
pub const WITHDRAW: Transition = Transition {
    command: "withdraw",
    by: Party::Applicant,
    label: "撤回申请",
    history: "撤回了申请",
    to: &[(When::Always, "withdrawn")],
    requires: Requires::OptionalNote,
    tone: Tone::Destructive,
    ..TRANSITION
};

/// A positive decision of one party; the note is optional.
pub const fn consent(command: &'static str, by: Party, label: &'static str, to: Targets) -> Transition {
    Transition { command, by, label, history: label, to, requires: Requires::OptionalNote, tone: Tone::Forward, ..TRANSITION }
}

/// A negative decision of one party; it needs a note.
pub const fn refuse(command: &'static str, by: Party, label: &'static str, to: Targets) -> Transition {
    Transition { command, by, label, history: label, to, requires: Requires::Note, tone: Tone::Destructive, ..TRANSITION }
}

/// A reviewer sends the matter back to the applicant for changes.
pub const RETURN: Transition = Transition {
    command: "return",
    by: OFFICER,
    label: "退回修改",
    history: "退回修改",
    to: &[(When::Always, "returned")],
    requires: Requires::NoteAndItems,
    returns: true,
    ..TRANSITION
};

/// The institution whose turn it is was closed: the applicant names another one.
pub const RETURN_OF_CLOSED: Transition = Transition {
    command: "institution_closed",
    by: Party::Closing,
    label: "机构已关闭",
    history: "机构已关闭，退回申请人",
    to: &[(When::Always, "returned")],
    requires: Requires::OptionalNote,
    returns: true,
    ..TRANSITION
};

/// The institution whose turn it is was closed: the matter goes on without it.
pub const fn skip_closed(to: Targets) -> Transition {
    Transition { history: "机构已关闭，转入下一环节", to, returns: false, ..RETURN_OF_CLOSED }
}

/// The applicant did not change it in time.
pub const EXPIRE: Transition = Transition {
    command: "expire",
    by: Party::Clock,
    label: "逾期关闭",
    history: "逾期未修改，申请关闭",
    to: &[(When::Always, "lapsed")],
    ..TRANSITION
};

/// The officer refuses.
pub const REFUSE: Transition = refuse("refuse", OFFICER, "不予批准", &[(When::Always, "refused")]);

/// The officer recommends approval.
pub const PROPOSE: Transition = consent("propose", OFFICER, "同意，提交批准", &[(When::Always, "approval")]);

/// The approver, a second person, approves.
pub const APPROVE: Transition =
    Transition { four_eyes_with: &["review"], ..consent("approve", APPROVER, "批准", &[(When::Always, "granted")]) };

/// The approver sends the matter back to the officer.
pub const RECONSIDER: Transition = Transition {
    command: "reconsider",
    by: APPROVER,
    label: "退回重新审核",
    history: "退回重新审核",
    to: &[(When::Always, "review")],
    requires: Requires::Note,
    four_eyes_with: &["review"],
    ..TRANSITION
};

/// The approver refuses.
pub const OVERRULE: Transition = Transition { by: APPROVER, four_eyes_with: &["review"], ..REFUSE };

/// An appeal against the refusal was granted.
pub const REOPEN: Transition = Transition {
    command: "reopen",
    by: Party::Appeal,
    label: "重新审核",
    history: "申诉成立，撤销原决定，重新审核",
    to: &[(When::Always, "review")],
    ..TRANSITION
};

/// The officer accepts the matter. Each kind sets the text of its history.
pub const fn accept(history: &'static str, to: Targets) -> Transition {
    Transition { history, ..consent(ACCEPT, OFFICER, "受理", to) }
}

/// The officer declines to take the matter up.
pub const DECLINE: Transition = refuse("decline", OFFICER, "不予受理", &[(When::Always, "declined")]);

/// The officer sends the matter back for further facts or evidence.
pub const RETURN_FOR_SUPPLEMENT: Transition = Transition { label: "退回补充", history: "退回补充", ..RETURN };

/// The officer assigns experts, who then evaluate.
pub const fn assign_experts(count: AssigneeCount) -> Transition {
    Transition {
        command: "assign",
        by: OFFICER,
        label: "指派专家",
        history: "指派了评价专家",
        to: &[(When::Always, "evaluation")],
        requires: Requires::Assignees(count),
        tone: Tone::Forward,
        ..TRANSITION
    }
}

/// The officer replaces the experts during their evaluation.
pub const fn reassign_experts(count: AssigneeCount) -> Transition {
    Transition { label: "重新指派专家", tone: Tone::Plain, ..assign_experts(count) }
}

/// An expert steps back. Each kind sets the text shown when those left are too few.
pub const fn recuse(history: &'static str) -> Transition {
    Transition {
        command: "recuse",
        by: Party::Expert,
        label: "申请回避",
        history,
        to: &[(When::Always, "assignment")],
        requires: Requires::Recusal,
        tone: Tone::Destructive,
        ..TRANSITION
    }
}

/// The time limit of the evaluation is over: it goes on with the experts who gave their opinion, if they can decide. Each kind sets the text
/// shown when they cannot.
pub const fn pass_over_silent(history: &'static str) -> Transition {
    Transition {
        command: "pass_over",
        by: Party::Clock,
        label: "逾期处理",
        history,
        to: &[(When::Always, "assignment")],
        requires: Requires::Absence,
        ..TRANSITION
    }
}

/// The officer excludes a person by name. `to`: the stage itself, or where it leads if too few experts remain.
pub const fn exclude(to: Targets) -> Transition {
    Transition {
        command: "exclude",
        by: OFFICER,
        label: "登记回避人员",
        history: "回避后专家人数不足，须重新指派",
        to,
        requires: Requires::Exclusion,
        ..TRANSITION
    }
}

/// The draft, where every matter begins.
pub const fn draft(transitions: &'static [Transition]) -> Stage {
    Stage { code: "draft", label: "草稿", turn: Some(Party::Applicant), edit: Edit::Everything, transitions, ..STAGE }
}

/// The applicant changes the answers named by the last return.
pub const fn returned(transitions: &'static [Transition]) -> Stage {
    Stage {
        code: "returned",
        label: "已退回，待修改",
        turn: Some(Party::Applicant),
        time_limit: Some(TimeLimit::Calendar(key::RECTIFICATION_DAYS)),
        edit: Edit::Items,
        transitions,
        ..STAGE
    }
}

/// The applicant supplies missing facts or evidence.
pub const fn returned_for_supplement(transitions: &'static [Transition]) -> Stage {
    Stage { label: "已退回，待补充", ..returned(transitions) }
}

/// Whether this command at this stage is the acceptance of a matter.
pub fn is_acceptance(stage: &str, command: &str) -> bool {
    stage == ACCEPTANCE && command == ACCEPT
}

/// The officer decides whether the association takes the matter up.
pub const fn acceptance(label: &'static str, transitions: &'static [Transition]) -> Stage {
    Stage { code: ACCEPTANCE, label, turn: Some(OFFICER), time_limit: Some(TimeLimit::Working(key::ACCEPTANCE_DAYS)), transitions, ..STAGE }
}

/// The officer assigns experts.
pub const fn assignment(transitions: &'static [Transition]) -> Stage {
    Stage {
        code: "assignment",
        label: "待指派专家",
        turn: Some(OFFICER),
        time_limit: Some(TimeLimit::Working(key::ASSIGNMENT_DAYS)),
        transitions,
        ..STAGE
    }
}

/// The approver decides on the officer's proposal.
pub const fn approval(transitions: &'static [Transition]) -> Stage {
    Stage {
        code: "approval",
        label: "待批准",
        turn: Some(APPROVER),
        time_limit: Some(TimeLimit::Working(key::APPROVAL_DAYS)),
        transitions,
        ..STAGE
    }
}

/// The matter was approved.
pub const GRANTED: Stage = Stage { code: "granted", label: "已批准", outcome: Some(Outcome::Granted), ..STAGE };
/// Refused; an appeal can reopen it.
pub const REFUSED: Stage = Stage { code: "refused", label: "未批准", transitions: &[REOPEN], outcome: Some(Outcome::Refused), ..STAGE };
/// Not taken up.
pub const DECLINED: Stage = Stage { code: "declined", label: "不予受理", outcome: Some(Outcome::Refused), ..STAGE };
/// Withdrawn by the applicant.
pub const WITHDRAWN: Stage = Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE };
/// Closed because the applicant did not change it in time.
pub const LAPSED: Stage = Stage { code: "lapsed", label: "逾期未修改，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE };
/// Closed because the applicant did not supply the missing facts or evidence in time.
pub const LAPSED_WITHOUT_SUPPLEMENT: Stage = Stage { label: "逾期未补充，已关闭", ..LAPSED };
