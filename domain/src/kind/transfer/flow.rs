//! The flow of a transfer: the institution left, the institution joined, then the association (docs/manual.md 3.3; docs/domain.md §7.2).

use crate::base::rule::key;
use crate::engine::flow::common::{
    self, APPROVE, EXPIRE, GRANTED, LAPSED, OFFICER, OVERRULE, PROPOSE, RECONSIDER, REFUSE, REFUSED, RESUBMIT, RETURN, RETURN_OF_CLOSED,
    WITHDRAW, WITHDRAWN, approval, consent, draft, refuse, returned, skip_closed,
};
use crate::engine::flow::{
    Effect, Flow, InstitutionRelation, Outcome, Party, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition,
};
use crate::engine::form::When;

const LEAVING: Party = Party::Institution(InstitutionRelation::Leaving);
const JOINING: Party = Party::Institution(InstitutionRelation::Joining);
const ALWAYS: When = When::Always;

/// The ground is the consent of the institution left, so that its refusal ends the transfer.
const BY_CONSENT: When = When::Is("ground", &["agreed"]);

const SUBMIT: Transition = Transition { to: &[(ALWAYS, "leaving")], ..common::SUBMIT };

const AGREE: Transition = consent("agree", LEAVING, "同意转出", &[(ALWAYS, "joining")]);

/// On any other ground the objection goes to the association together with the application.
const OBJECT: Transition = refuse("object", LEAVING, "不同意转出", &[(BY_CONSENT, "objected"), (ALWAYS, "joining")]);

const NO_ANSWER: Transition = Transition {
    command: "expire",
    by: Party::Clock,
    label: "逾期未答复",
    history: "转出机构逾期未答复，转由协会处理",
    to: &[(ALWAYS, "escalated")],
    ..TRANSITION
};

const PROCEED: Transition = Transition {
    command: "proceed",
    by: OFFICER,
    label: "转入下一环节",
    history: "转出机构未答复，协会决定继续办理",
    to: &[(ALWAYS, "joining")],
    requires: Requires::Note,
    tone: Tone::Forward,
    ..TRANSITION
};

const ACCEPT: Transition = consent("accept", JOINING, "同意接收", &[(ALWAYS, "review")]);
const DECLINE: Transition = refuse("decline", JOINING, "不同意接收", &[(ALWAYS, "declined")]);

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[SUBMIT]),
        Stage {
            code: "leaving",
            label: "转出机构审核中",
            turn: Some(LEAVING),
            time_limit: Some(TimeLimit::Working(key::TRANSFER_DAYS)),
            transitions: &[AGREE, Transition { by: LEAVING, ..RETURN }, OBJECT, NO_ANSWER, WITHDRAW, skip_closed(&[(ALWAYS, "joining")])],
            ..STAGE
        },
        Stage {
            code: "escalated",
            label: "转出机构未答复，协会处理中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::TRANSFER_DAYS)),
            // The institution left can still answer after its time.
            transitions: &[PROCEED, RETURN, REFUSE, AGREE, OBJECT, WITHDRAW],
            ..STAGE
        },
        Stage {
            code: "joining",
            label: "转入机构审核中",
            turn: Some(JOINING),
            time_limit: Some(TimeLimit::Working(key::TRANSFER_DAYS)),
            transitions: &[ACCEPT, Transition { by: JOINING, ..RETURN }, DECLINE, WITHDRAW, RETURN_OF_CLOSED],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审核中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[Transition { history: "审核同意，提交批准", ..PROPOSE }, RETURN, REFUSE, WITHDRAW],
            ..STAGE
        },
        approval(&[
            Transition {
                history: "批准转换，变更执业机构和证书", effects: &[Effect::Join(InstitutionRelation::Joining)], ..APPROVE
            },
            RECONSIDER,
            OVERRULE,
        ]),
        // A changed application needs the consent of both institutions again.
        returned(&[Transition { to: &[(ALWAYS, "leaving")], ..RESUBMIT }, WITHDRAW, EXPIRE]),
        GRANTED,
        REFUSED,
        Stage { code: "objected", label: "转出机构不同意", outcome: Some(Outcome::Refused), ..STAGE },
        Stage { code: "declined", label: "转入机构不同意", outcome: Some(Outcome::Refused), ..STAGE },
        WITHDRAWN,
        LAPSED,
    ],
};
