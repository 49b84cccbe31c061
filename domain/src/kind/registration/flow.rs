//! How an application for registration goes (manual 3.1; stages of domain facts §4.1).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::{Agreement, Asks, Edit, Effect, Flow, Least, Link, MOVE, Move, Outcome, Party, People, STAGE, Span, Stage, Tone};
use crate::engine::form::When;

const INSTITUTION: Party = Party::Institution(Link::Recommending);
const OFFICER: Party = Party::Association(Role::Officer);
const APPROVER: Party = Party::Association(Role::Approver);
const ALWAYS: When = When::Always;

/// The applicant pays.
const SELF_PAID: When = When::Is("payer_type", &["individual"]);

const WITHDRAW: Move = Move {
    command: "withdraw",
    by: Party::Applicant,
    label: "撤回申请",
    done: "撤回了申请",
    to: &[(ALWAYS, "withdrawn")],
    asks: Asks::OptionalNote,
    tone: Tone::Grave,
    effects: &[Effect::DropCharge],
    ..MOVE
};

const RESUBMIT: Move = Move {
    command: "submit",
    by: Party::Applicant,
    label: "重新提交",
    done: "修改后重新提交",
    asks: Asks::Submission,
    tone: Tone::Forward,
    ..MOVE
};

/// The association sends an application into a round of rectification.
const RECTIFY: Move = Move {
    command: "return",
    by: OFFICER,
    label: "退回整改",
    done: "退回整改",
    to: &[(ALWAYS, "rectification")],
    asks: Asks::NoteAndItems,
    round: true,
    ..MOVE
};

const REFUSE: Move = Move {
    command: "refuse",
    label: "不予批准",
    done: "不予批准",
    to: &[(ALWAYS, "refused")],
    asks: Asks::Note,
    tone: Tone::Grave,
    ..MOVE
};

const PAID: Move =
    Move { command: "paid", by: Party::Cashier, label: "到账", done: "缴费成功", to: &[(ALWAYS, "acceptance")], ..MOVE };

const VOUCHER: Move =
    Move {
        command: "voucher", by: Party::Cashier, label: "提交凭证", done: "上传了缴费凭证", to: &[(ALWAYS, "payment_check")], ..MOVE
    };

const UNPAID: Move = Move {
    command: "expire",
    by: Party::Clock,
    label: "逾期关闭",
    done: "逾期未缴费，申请关闭",
    to: &[(ALWAYS, "unpaid")],
    effects: &[Effect::DropCharge],
    ..MOVE
};

const ASSIGN: Move = Move {
    command: "assign",
    by: OFFICER,
    label: "指派专家",
    done: "指派了评价专家",
    to: &[(ALWAYS, "evaluation")],
    asks: Asks::People(People { least: Least::Fixed(1), odd: false }),
    tone: Tone::Forward,
    ..MOVE
};

const RECUSE: Move = Move {
    command: "recuse",
    by: Party::Expert,
    label: "申请回避",
    done: "评价专家全部回避，须重新指派",
    to: &[(ALWAYS, "assignment")],
    asks: Asks::Recusal,
    tone: Tone::Grave,
    ..MOVE
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        Stage {
            code: "draft",
            label: "草稿",
            turn: Party::Applicant,
            edit: Edit::Everything,
            moves: &[Move { label: "提交", done: "提交了申请", to: &[(ALWAYS, "institution_review")], ..RESUBMIT }],
            ..STAGE
        },
        Stage {
            code: "institution_review",
            label: "机构初核中",
            turn: INSTITUTION,
            days: Some(Span::Working(key::INSTITUTION_REVIEW_DAYS)),
            moves: &[
                Move {
                    command: "pass",
                    by: INSTITUTION,
                    label: "初核通过",
                    done: "初核通过，同意推荐",
                    to: &[(SELF_PAID, "payment"), (ALWAYS, "billing")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    effects: &[Effect::Charge],
                    ..MOVE
                },
                Move {
                    command: "return",
                    by: INSTITUTION,
                    label: "退回修改",
                    done: "退回修改",
                    to: &[(ALWAYS, "returned")],
                    asks: Asks::NoteAndItems,
                    ..MOVE
                },
                Move {
                    command: "reject",
                    by: INSTITUTION,
                    label: "不予推荐",
                    done: "不予推荐",
                    to: &[(ALWAYS, "rejected")],
                    asks: Asks::Note,
                    tone: Tone::Grave,
                    ..MOVE
                },
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "returned",
            label: "已退回，待修改",
            turn: Party::Applicant,
            days: Some(Span::Calendar(key::RECTIFICATION_DAYS)),
            edit: Edit::Items,
            moves: &[Move { to: &[(ALWAYS, "institution_review")], ..RESUBMIT }, WITHDRAW, LAPSE],
            ..STAGE
        },
        Stage {
            code: "payment",
            label: "待个人缴费",
            turn: Party::Applicant,
            days: Some(Span::Calendar(key::PAYMENT_DAYS)),
            moves: &[PAID, VOUCHER, UNPAID, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "billing",
            label: "待机构缴费",
            turn: INSTITUTION,
            days: Some(Span::Calendar(key::BILL_DAYS)),
            moves: &[PAID, VOUCHER, UNPAID, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "payment_check",
            label: "缴费凭证核验中",
            turn: Party::Association(Role::Finance),
            days: Some(Span::Working(key::PAYMENT_CHECK_DAYS)),
            moves: &[
                PAID,
                Move {
                    command: "reject",
                    by: Party::Cashier,
                    label: "凭证有误",
                    done: "缴费凭证未通过核验",
                    to: &[(SELF_PAID, "payment"), (ALWAYS, "billing")],
                    asks: Asks::Note,
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage {
            code: "acceptance",
            label: "协会受理中",
            turn: OFFICER,
            days: Some(Span::Working(key::ACCEPTANCE_DAYS)),
            moves: &[
                Move {
                    command: "accept",
                    by: OFFICER,
                    label: "受理",
                    done: "受理了申请",
                    to: &[(ALWAYS, "assignment")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                RECTIFY,
                WITHDRAW,
            ],
            ..STAGE
        },
        Stage {
            code: "assignment",
            label: "待指派专家",
            turn: OFFICER,
            days: Some(Span::Working(key::ASSIGNMENT_DAYS)),
            moves: &[
                ASSIGN,
                Move {
                    command: "waive",
                    by: OFFICER,
                    label: "不指派专家，直接审批",
                    done: "未指派专家，转入审批",
                    to: &[(ALWAYS, "review")],
                    asks: Asks::Note,
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage {
            code: "evaluation",
            label: "专家评价中",
            turn: Party::Expert,
            days: Some(Span::Working(key::EVALUATION_DAYS)),
            agreement: Agreement::All("conform", "nonconform"),
            moves: &[
                Move {
                    command: "conform",
                    by: Party::Expert,
                    label: "符合",
                    done: "专家评价为符合",
                    to: &[(ALWAYS, "review")],
                    asks: Asks::Note,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move {
                    command: "nonconform",
                    by: Party::Expert,
                    label: "不符合，须整改",
                    done: "专家评价为不符合",
                    to: &[(When::Is("_rounds_left", &["no"]), "review"), (ALWAYS, "rectification")],
                    asks: Asks::Findings,
                    round: true,
                    ..MOVE
                },
                RECUSE,
                Move { label: "重新指派专家", to: &[(ALWAYS, "evaluation")], tone: Tone::Plain, ..ASSIGN },
            ],
            ..STAGE
        },
        Stage {
            code: "rectification",
            label: "退回整改，待修改",
            turn: Party::Applicant,
            days: Some(Span::Calendar(key::RECTIFICATION_DAYS)),
            edit: Edit::Items,
            moves: &[Move { label: "提交整改", done: "提交了整改", to: &[(ALWAYS, "recheck")], ..RESUBMIT }, WITHDRAW, LAPSE],
            ..STAGE
        },
        Stage {
            code: "recheck",
            label: "机构复核整改中",
            turn: INSTITUTION,
            days: Some(Span::Working(key::INSTITUTION_REVIEW_DAYS)),
            moves: &[
                Move {
                    command: "pass",
                    by: INSTITUTION,
                    label: "整改属实，提交协会",
                    done: "复核了整改，提交协会",
                    to: &[
                        (When::Is("_sent_from", &["evaluation"]), "evaluation"),
                        (When::Is("_sent_from", &["review"]), "review"),
                        (ALWAYS, "acceptance"),
                    ],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                Move {
                    command: "return",
                    by: INSTITUTION,
                    label: "退回补充",
                    done: "退回补充整改",
                    to: &[(ALWAYS, "rectification")],
                    asks: Asks::NoteAndItems,
                    ..MOVE
                },
            ],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审批中",
            turn: OFFICER,
            days: Some(Span::Working(key::REVIEW_DAYS)),
            moves: &[
                Move {
                    command: "propose",
                    by: OFFICER,
                    label: "同意，提交批准",
                    done: "审批同意，提交批准",
                    to: &[(ALWAYS, "approval")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    ..MOVE
                },
                RECTIFY,
                Move { by: OFFICER, ..REFUSE },
            ],
            ..STAGE
        },
        Stage {
            code: "approval",
            label: "待批准",
            turn: APPROVER,
            days: Some(Span::Working(key::APPROVAL_DAYS)),
            moves: &[
                Move {
                    command: "approve",
                    by: APPROVER,
                    label: "批准",
                    done: "批准注册，颁发证书",
                    to: &[(ALWAYS, "granted")],
                    asks: Asks::OptionalNote,
                    tone: Tone::Forward,
                    apart_from: &["review"],
                    effects: &[Effect::IssueCertificate],
                    ..MOVE
                },
                Move {
                    command: "reconsider",
                    by: APPROVER,
                    label: "退回重新审批",
                    done: "退回重新审批",
                    to: &[(ALWAYS, "review")],
                    asks: Asks::Note,
                    apart_from: &["review"],
                    ..MOVE
                },
                Move { by: APPROVER, apart_from: &["review"], ..REFUSE },
            ],
            ..STAGE
        },
        Stage { code: "granted", label: "已批准", outcome: Some(Outcome::Granted), ..STAGE },
        Stage {
            code: "refused",
            label: "未批准",
            moves: &[Move {
                command: "reopen",
                by: Party::Appeal,
                label: "重新审批",
                done: "申诉成立，撤销原决定，重新审批",
                to: &[(ALWAYS, "review")],
                asks: Asks::OptionalNote,
                ..MOVE
            }],
            outcome: Some(Outcome::Refused),
            ..STAGE
        },
        Stage { code: "rejected", label: "机构不予推荐", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "withdrawn", label: "已撤回", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "unpaid", label: "逾期未缴费，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE },
        Stage { code: "lapsed", label: "逾期未修改，已关闭", outcome: Some(Outcome::Lapsed), ..STAGE },
    ],
};

const LAPSE: Move = Move {
    command: "expire",
    by: Party::Clock,
    label: "逾期关闭",
    done: "逾期未修改，申请关闭",
    to: &[(ALWAYS, "lapsed")],
    effects: &[Effect::DropCharge],
    ..MOVE
};
