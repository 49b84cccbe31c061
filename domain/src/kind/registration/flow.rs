//! The flow of a registration (docs/manual.md 3.1; stages of docs/domain.md §4.1).

use crate::base::permission::Role;
use crate::base::rule::key;
use crate::engine::flow::common::{
    self, APPROVE, GRANTED, LAPSED, OFFICER, OVERRULE, PROPOSE, RECONSIDER, REFUSE, RETURN, RETURN_OF_CLOSED, Targets, WITHDRAWN, accept,
    acceptance, approval, assign_experts, assignment, consent, draft, reassign_experts, recuse, refuse, returned, skip_closed,
};
use crate::engine::flow::{
    Agreement, AssigneeCount, Edit, Effect, Flow, InstitutionRelation, Minimum, Outcome, Party, Requires, STAGE, Stage, TRANSITION,
    TimeLimit, Tone, Transition,
};
use crate::engine::form::When;

const INSTITUTION: Party = Party::Institution(InstitutionRelation::Recommending);
const ALWAYS: When = When::Always;
const EXPERTS: AssigneeCount = AssigneeCount { minimum: Minimum::Fixed(1), odd: false, joins: false };

/// To the payer chosen in the form: the applicant or the institution.
const TO_PAYMENT: Targets = &[(When::Is("payer_type", &["individual"]), "payment"), (ALWAYS, "billing")];

/// Closing an application cancels a charge that is still open, and refunds a paid one before acceptance (docs/domain.md §5).
const WITHDRAW: Transition = Transition { effects: &[Effect::CancelCharge], ..common::WITHDRAW };
const EXPIRE: Transition = Transition { effects: &[Effect::CancelCharge], ..common::EXPIRE };
const UNPAID: Transition = Transition { history: "逾期未缴费，申请关闭", to: &[(ALWAYS, "unpaid")], ..EXPIRE };

const RECOMMEND: Transition =
    Transition {
        history: "初核通过，同意推荐", effects: &[Effect::Charge], ..consent("pass", INSTITUTION, "初核通过", TO_PAYMENT)
    };

const REJECT: Transition = refuse("reject", INSTITUTION, "不予推荐", &[(ALWAYS, "rejected")]);

/// The association starts a round of rectification.
const RECTIFY: Transition =
    Transition { label: "退回整改", history: "退回整改", to: &[(ALWAYS, "rectification")], round: true, ..RETURN };

const PAID: Transition =
    Transition {
        command: "paid", by: Party::Cashier, label: "到账", history: "缴费成功", to: &[(ALWAYS, "acceptance")], ..TRANSITION
    };

const VOUCHER: Transition = Transition {
    command: "voucher",
    by: Party::Cashier,
    label: "提交凭证",
    history: "上传了缴费凭证",
    to: &[(ALWAYS, "payment_check")],
    ..TRANSITION
};

const VOUCHER_REJECTED: Transition = Transition {
    command: "reject",
    by: Party::Cashier,
    label: "凭证有误",
    history: "缴费凭证未通过核验",
    to: TO_PAYMENT,
    requires: Requires::Note,
    ..TRANSITION
};

const WAIVE_EXPERTS: Transition = Transition {
    command: "waive",
    by: OFFICER,
    label: "不指派专家，直接审批",
    history: "未指派专家，转入审批",
    to: &[(ALWAYS, "review")],
    requires: Requires::Note,
    phrases: &["材料清楚，无须专家评价。", "实习级申请，材料齐全，直接审批。"],
    ..TRANSITION
};

const CONFORM: Transition = Transition {
    command: "conform",
    by: Party::Expert,
    label: "符合",
    history: "专家评价为符合",
    to: &[(ALWAYS, "review")],
    requires: Requires::Note,
    tone: Tone::Forward,
    ..TRANSITION
};

const NONCONFORM: Transition = Transition {
    command: "nonconform",
    by: Party::Expert,
    label: "不符合，须整改",
    history: "专家评价为不符合",
    to: &[(When::Is("_rounds_left", &["no"]), "review"), (ALWAYS, "rectification")],
    requires: Requires::Findings,
    round: true,
    returns: true,
    ..TRANSITION
};

/// The stage that asked for the rectification.
const BACK_TO_SENDER: Targets =
    &[(When::Is("_sent_from", &["evaluation"]), "evaluation"), (When::Is("_sent_from", &["review"]), "review"), (ALWAYS, "acceptance")];

/// Back to the stage that asked for the rectification.
const CONFIRM_RECTIFICATION: Transition =
    Transition { history: "复核了整改，提交协会", ..consent("pass", INSTITUTION, "整改属实，提交协会", BACK_TO_SENDER) };

/// The bill of an institution that was closed falls away, and the applicant says anew who recommends and who pays.
const UNPAYABLE: Transition = Transition { effects: &[Effect::CancelCharge], ..RETURN_OF_CLOSED };

/// An appeal against the refusal was granted.
const REOPEN: Transition =
    Transition {
        label: "重新审批", history: "申诉成立，撤销原决定，重新审批", requires: Requires::OptionalNote, ..common::REOPEN
    };

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { label: "提交", to: &[(ALWAYS, "institution_review")], ..common::SUBMIT }]),
        Stage {
            code: "institution_review",
            label: "机构初核中",
            turn: Some(INSTITUTION),
            time_limit: Some(TimeLimit::Working(key::INSTITUTION_REVIEW_DAYS)),
            transitions: &[RECOMMEND, Transition { by: INSTITUTION, ..RETURN }, REJECT, WITHDRAW, RETURN_OF_CLOSED],
            ..STAGE
        },
        returned(&[Transition { to: &[(ALWAYS, "institution_review")], ..common::RESUBMIT }, WITHDRAW, EXPIRE]),
        Stage {
            code: "payment",
            label: "待个人缴费",
            turn: Some(Party::Applicant),
            time_limit: Some(TimeLimit::Calendar(key::PAYMENT_DAYS)),
            awaits_payment: true,
            transitions: &[PAID, VOUCHER, UNPAID, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "billing",
            label: "待机构缴费",
            turn: Some(INSTITUTION),
            time_limit: Some(TimeLimit::Calendar(key::BILL_DAYS)),
            awaits_payment: true,
            transitions: &[PAID, VOUCHER, UNPAID, WITHDRAW, UNPAYABLE],
            ..STAGE
        },
        Stage {
            code: "payment_check",
            label: "缴费凭证核验中",
            turn: Some(Party::Association(Role::Finance)),
            time_limit: Some(TimeLimit::Working(key::PAYMENT_CHECK_DAYS)),
            transitions: &[PAID, VOUCHER_REJECTED],
            ..STAGE
        },
        acceptance("协会受理中", &[accept("受理了申请", &[(ALWAYS, "assignment")]), RECTIFY, WITHDRAW]),
        assignment(&[assign_experts(EXPERTS), WAIVE_EXPERTS]),
        Stage {
            code: "evaluation",
            label: "专家评价中",
            turn: Some(Party::Expert),
            time_limit: Some(TimeLimit::Working(key::EVALUATION_DAYS)),
            agreement: Agreement::All("conform", "nonconform"),
            transitions: &[CONFORM, NONCONFORM, recuse("评价专家全部回避，须重新指派"), reassign_experts(EXPERTS)],
            ..STAGE
        },
        Stage {
            code: "rectification",
            label: "退回整改，待修改",
            turn: Some(Party::Applicant),
            time_limit: Some(TimeLimit::Calendar(key::RECTIFICATION_DAYS)),
            edit: Edit::Items,
            transitions: &[
                Transition { label: "提交整改", history: "提交了整改", to: &[(ALWAYS, "recheck")], ..common::SUBMIT },
                WITHDRAW,
                EXPIRE,
            ],
            ..STAGE
        },
        Stage {
            code: "recheck",
            label: "机构复核整改中",
            turn: Some(INSTITUTION),
            time_limit: Some(TimeLimit::Working(key::INSTITUTION_REVIEW_DAYS)),
            transitions: &[
                CONFIRM_RECTIFICATION,
                Transition {
                    by: INSTITUTION, label: "退回补充", history: "退回补充整改", to: &[(ALWAYS, "rectification")], ..RETURN
                },
                skip_closed(BACK_TO_SENDER),
            ],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审批中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[Transition { history: "审批同意，提交批准", ..PROPOSE }, RECTIFY, REFUSE],
            ..STAGE
        },
        approval(&[
            Transition { history: "批准注册，颁发证书", effects: &[Effect::IssueCertificate], ..APPROVE },
            Transition { label: "退回重新审批", history: "退回重新审批", ..RECONSIDER },
            OVERRULE,
        ]),
        GRANTED,
        Stage { transitions: &[REOPEN], ..common::REFUSED },
        Stage { code: "rejected", label: "机构不予推荐", outcome: Some(Outcome::Refused), ..STAGE },
        WITHDRAWN,
        Stage { code: "unpaid", label: "逾期未缴费，已关闭", ..LAPSED },
        LAPSED,
    ],
};
