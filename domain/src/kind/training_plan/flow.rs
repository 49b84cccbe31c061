//! The flow of a plan: the teachers confirm, the plan is reported and held, the institution reports the result.

use super::confirmation::{CONFIRMATION, FORM as CONFIRMATION_FORM};
use crate::base::rule::key;
use crate::engine::flow::common::{self, EXPIRE, LAPSED, RESUBMIT, RETURN, SUBMIT, WITHDRAW, WITHDRAWN, draft};
use crate::engine::flow::{
    Agreement, DeadlineKey, Edit, Effect, Flow, Outcome, Party, Requires, STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition,
};
use crate::engine::form::{FIELD, Field, Form, Part, Step, When, Widget};
use crate::engine::notification::NotificationKind;

/// The last day on which the teachers can confirm.
pub const CONFIRM_BY: DeadlineKey = DeadlineKey { code: "confirm_by", label: "确认截止时间" };
/// The last day on which the plan can be changed: the day before it begins.
pub const CHANGE_UNTIL: DeadlineKey = DeadlineKey { code: "change_until", label: "开班前一日" };
/// The last day of the training.
pub const ENDS: DeadlineKey = DeadlineKey { code: "ends", label: "培训结束日期" };

const ALWAYS: When = When::Always;
const TO_TEACHERS: common::Targets = &[(ALWAYS, "teachers")];
const TO_DECLINED: common::Targets = &[(ALWAYS, "declined")];
/// The lessons of the plan are those of the answers.
const PLAN: &[Effect] = &[Effect::PlanLessons];
/// The plan has no lessons any more.
const RELEASE: &[Effect] = &[Effect::ReleaseLessons];

/// The result of a training.
pub static RESULTS: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "results",
        title: "培训结果",
        intro: "",
        shown: When::Always,
        parts: &[Part::Fields(
            "",
            &[
                Field { name: "attended", label: "实际人数", widget: Widget::Whole(0, 9999, "人"), ..FIELD },
                Field { name: "passed", label: "合格人数", widget: Widget::Whole(0, 9999, "人"), ..FIELD },
                Field { name: "remark", label: "说明", widget: Widget::Lines(500), required: When::Never, ..FIELD },
            ],
        )],
    }],
};

/// A teacher confirms the own lessons, or does not.
const ANSWER: Transition = Transition {
    command: "answer",
    by: Party::Participant,
    label: "提交",
    history: "教师提交了确认结果",
    to: &[(ALWAYS, "reported")],
    until: Some(CONFIRM_BY),
    requires: Requires::Form(&CONFIRMATION_FORM),
    tone: Tone::Forward,
    effects: &[Effect::ConfirmLessons],
    ..TRANSITION
};

/// What the answers of the teachers together lead to.
const OUTCOME: Transition = Transition { by: Party::Participant, ..TRANSITION };

const RESUBMIT_TO_TEACHERS: Transition = Transition { to: TO_TEACHERS, effects: PLAN, ..RESUBMIT };

const CANCEL: Transition = Transition {
    command: "cancel",
    label: "取消计划",
    history: "取消了培训计划",
    to: &[(ALWAYS, "cancelled")],
    requires: Requires::Note,
    effects: RELEASE,
    ..WITHDRAW
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { to: TO_TEACHERS, effects: PLAN, ..SUBMIT }]),
        Stage {
            code: "teachers",
            label: "待教师确认",
            turn: Some(Party::Participant),
            time_limit: Some(TimeLimit::Day(CONFIRM_BY)),
            agreement: Agreement::Confirmed(&CONFIRMATION),
            transitions: &[
                ANSWER,
                Transition { command: CONFIRMATION.agreed, history: "教师已全部确认", to: &[(ALWAYS, "reported")], ..OUTCOME },
                Transition { command: CONFIRMATION.declined, history: "教师未确认", to: TO_DECLINED, returns: true, ..OUTCOME },
                Transition { effects: RELEASE, ..WITHDRAW },
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
            edit: Edit::Everything,
            transitions: &[RESUBMIT_TO_TEACHERS, CANCEL],
            ..STAGE
        },
        // Nobody has to act while the training is prepared and held.
        Stage {
            code: "reported",
            label: "已上报",
            turn: Some(Party::Clock),
            time_limit: Some(TimeLimit::Day(ENDS)),
            edit: Edit::Everything,
            transitions: &[
                Transition {
                    command: "finish",
                    label: "培训结束",
                    history: "培训已结束，待通报培训结果",
                    to: &[(ALWAYS, "results")],
                    ..TRANSITION
                },
                Transition { label: "变更计划", history: "变更了培训计划", until: Some(CHANGE_UNTIL), ..RESUBMIT_TO_TEACHERS },
                Transition { until: Some(CHANGE_UNTIL), ..CANCEL },
                Transition { label: "退回", history: "退回培训计划", to: TO_DECLINED, until: Some(CHANGE_UNTIL), ..RETURN },
            ],
            ..STAGE
        },
        Stage {
            code: "results",
            label: "待通报培训结果",
            turn: Some(Party::Applicant),
            time_limit: Some(TimeLimit::Working(key::PLAN_RESULT_DAYS)),
            transitions: &[
                Transition {
                    command: "report",
                    by: Party::Applicant,
                    label: "通报结果",
                    history: "通报了培训结果",
                    to: &[(ALWAYS, "done")],
                    requires: Requires::Form(&RESULTS),
                    tone: Tone::Forward,
                    ..TRANSITION
                },
                Transition { history: "逾期未通报培训结果", to: &[(ALWAYS, "overdue")], ..EXPIRE },
            ],
            ..STAGE
        },
        Stage { code: "done", label: "已完成", outcome: Some(Outcome::Granted), ..STAGE },
        Stage { code: "cancelled", label: "已取消", outcome: Some(Outcome::Withdrawn), ..STAGE },
        Stage { code: "overdue", label: "逾期未通报结果", ..LAPSED },
        WITHDRAWN,
    ],
};
