//! Moves and ends that most kinds have. A kind writes `Move { what is its own, ..WITHDRAW }`.

use super::{Asks, MOVE, Move, Outcome, Party, STAGE, Stage, Tone};
use crate::base::permission::Role;
use crate::engine::form::When;

const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);

/// The applicant hands it in. Where it goes is the kind's own.
pub const SUBMIT: Move = Move {
    command: "submit",
    by: Party::Applicant,
    label: "提交申请",
    done: "提交了申请",
    asks: Asks::Submission,
    tone: Tone::Forward,
    ..MOVE
};

/// The same after it came back.
pub const RESUBMIT: Move = Move { label: "重新提交", done: "修改后重新提交", ..SUBMIT };

/// The applicant takes it back.
pub const WITHDRAW: Move = Move {
    command: "withdraw",
    by: Party::Applicant,
    label: "撤回申请",
    done: "撤回了申请",
    to: &[(When::Always, "withdrawn")],
    asks: Asks::OptionalNote,
    tone: Tone::Grave,
    ..MOVE
};

/// Whoever examines it sends it back to be changed.
pub const RETURN: Move = Move {
    command: "return",
    by: OFFICER,
    label: "退回修改",
    done: "退回修改",
    to: &[(When::Always, "returned")],
    asks: Asks::NoteAndItems,
    ..MOVE
};

/// Nobody changed it in time.
pub const EXPIRE: Move =
    Move {
        command: "expire", by: Party::Clock, label: "逾期关闭", done: "逾期未修改，申请关闭", to: &[(When::Always, "lapsed")], ..MOVE
    };

/// The association refuses it.
pub const REFUSE: Move = Move {
    command: "refuse",
    by: OFFICER,
    label: "不予批准",
    done: "不予批准",
    to: &[(When::Always, "refused")],
    asks: Asks::Note,
    tone: Tone::Grave,
    ..MOVE
};

/// The association's first person is for it.
pub const PROPOSE: Move = Move {
    command: "propose",
    by: OFFICER,
    label: "同意，提交批准",
    done: "同意，提交批准",
    to: &[(When::Always, "approval")],
    asks: Asks::OptionalNote,
    tone: Tone::Forward,
    ..MOVE
};

/// The second person, another one, grants it.
pub const APPROVE: Move = Move {
    command: "approve",
    by: APPROVER,
    label: "批准",
    done: "批准",
    to: &[(When::Always, "granted")],
    asks: Asks::OptionalNote,
    tone: Tone::Forward,
    apart_from: &["review"],
    ..MOVE
};

/// The second person sends it back to the first.
pub const RECONSIDER: Move = Move {
    command: "reconsider",
    by: APPROVER,
    label: "退回重新审核",
    done: "退回重新审核",
    to: &[(When::Always, "review")],
    asks: Asks::Note,
    apart_from: &["review"],
    ..MOVE
};

/// The second person refuses it.
pub const OVERRULE: Move = Move { by: APPROVER, apart_from: &["review"], ..REFUSE };

/// An appeal against the refusal was upheld.
pub const REOPEN: Move = Move {
    command: "reopen",
    by: Party::Appeal,
    label: "重新审核",
    done: "申诉成立，撤销原决定，重新审核",
    to: &[(When::Always, "review")],
    ..MOVE
};

/// Granted.
pub const GRANTED: Stage = Stage { code: "granted", label: "已批准", outcome: Some(Outcome::Granted), ..STAGE };
/// Refused, and open to an appeal.
pub const REFUSED: Stage = Stage { code: "refused", label: "未批准", moves: &[REOPEN], outcome: Some(Outcome::Refused), ..STAGE };
/// Taken back.
pub const WITHDRAWN: Stage = Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE };
/// Ended by time.
pub const LAPSED: Stage = Stage { code: "lapsed", label: "逾期未修改，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE };
