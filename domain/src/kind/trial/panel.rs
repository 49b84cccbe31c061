//! A second trial kind: it belongs to a person, has a deadline of its own, and is decided by experts.

use crate::base::rule::key;
use crate::engine::flow::common::{
    self, EXPIRE, GRANTED, LAPSED, OFFICER, REFUSE, RESUBMIT, RETURN, SUBMIT, WITHDRAW, WITHDRAWN, consent, draft, returned,
};
use crate::engine::flow::{
    Deadline, DeadlineKey, Edit, Flow, KindFacts, Party, Requires, STAGE, Stage, TRANSITION, TimeLimit, Transition,
};
use crate::engine::form::{Answers, DayRange, FIELD, Field, Form, Part, Step, TextFormat, When, Widget};
use crate::engine::notification::NotificationKind;
use crate::matter::{BASE_KIND, Guide, Kind, MatterContext};

/// Name of the field with the subject.
pub const SUBJECT: &str = "subject";
/// Name of the field with the day of the event.
pub const DAY: &str = "day";
/// The last day for changes: the day of the event, and the days by which the association extends it.
pub const LAST_DAY: DeadlineKey = DeadlineKey { code: "last_day", label: "办理截止日" };
/// The number of days of an extension; a rule that no flow reads, and that is 0 by default.
pub const EXTENSION: crate::base::rule::RuleKey = key::REG_TOTAL_DAYS;

const ALWAYS: When = When::Always;
/// Fact: whether the last day is still to come.
const AHEAD: &str = "ahead";

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "subject",
        title: "事项",
        intro: "",
        shown: When::Always,
        parts: &[Part::Fields(
            "",
            &[
                Field { name: SUBJECT, label: "事项名称", widget: Widget::Line(100, TextFormat::Any), ..FIELD },
                Field { name: DAY, label: "日期", widget: Widget::Day(DayRange::Any), ..FIELD },
            ],
        )],
    }],
};

fn facts(answers: &Answers, context: &MatterContext<'_>) -> KindFacts {
    let extension = context.rules.on(context.today).int(EXTENSION).unsigned_abs();
    let day = answers.text(DAY).parse::<chrono::NaiveDate>().ok();
    let Some(last) = day.and_then(|day| day.checked_add_days(chrono::Days::new(extension))) else { return KindFacts::default() };
    let ahead = if context.today < last { "yes" } else { "no" };
    KindFacts { fields: [(AHEAD.to_owned(), ahead.into())].into(), deadlines: [(LAST_DAY.code, Deadline::Day(last))].into() }
}

const CONFIRM: Transition = Transition { when: When::Is(AHEAD, &["yes"]), ..consent("confirm", OFFICER, "确认", &[(ALWAYS, "review")]) };
const CONFIRM_LATE: Transition = Transition {
    when: When::Is(AHEAD, &["no"]),
    until: Some(LAST_DAY),
    ..consent("confirm_late", OFFICER, "当日确认", &[(ALWAYS, "review")])
};

/// The officer opens the answers for a supplement, which is no return: nothing in them is wrong.
const SUPPLEMENT: Transition = Transition {
    command: "supplement",
    by: OFFICER,
    label: "请补充材料",
    history: "请申请人补充材料",
    to: &[(ALWAYS, "pending")],
    requires: Requires::OptionalNote,
    notifies: Some(NotificationKind::Task),
    ..TRANSITION
};

/// The flow.
pub static FLOW: Flow = Flow {
    stages: &[
        draft(&[Transition { to: &[(ALWAYS, "pending")], until: Some(LAST_DAY), ..SUBMIT }]),
        // The applicant can change the answers while the matter is not confirmed, and is not asked to.
        Stage {
            code: "pending",
            label: "待确认",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Day(LAST_DAY)),
            edit: Edit::Everything,
            transitions: &[
                Transition {
                    label: "变更", history: "变更了申请", to: &[(ALWAYS, "pending")], until: Some(LAST_DAY), ..RESUBMIT
                },
                CONFIRM,
                CONFIRM_LATE,
                Transition { until: Some(LAST_DAY), ..WITHDRAW },
                Transition { history: "逾期未确认，申请关闭", ..EXPIRE },
            ],
            ..STAGE
        },
        Stage {
            code: "review",
            label: "协会审核中",
            turn: Some(OFFICER),
            time_limit: Some(TimeLimit::Working(key::REVIEW_DAYS)),
            transitions: &[consent("approve", OFFICER, "批准", &[(ALWAYS, "granted")]), RETURN, SUPPLEMENT, REFUSE],
            ..STAGE
        },
        returned(&[Transition { to: &[(ALWAYS, "review")], ..RESUBMIT }, WITHDRAW, EXPIRE]),
        GRANTED,
        Stage { transitions: &[], ..common::REFUSED },
        WITHDRAWN,
        LAPSED,
    ],
};

/// The kind.
pub static KIND: Kind = Kind {
    code: "trial_panel",
    label: "试办评审",
    apply_label: "试办评审申请",
    number_prefix: "SP",
    group: "测试",
    begun_by: &[Party::Applicant],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "用于测试",
        summary: "用于测试。",
        applicants: "个人。",
        prepare: &[],
        steps: &["填写并提交", "确认", "协会审批"],
    },
    title: |answers| Some(answers.text(SUBJECT).to_owned()).filter(|subject| !subject.is_empty()),
    facts: Some(facts),
    ..BASE_KIND
};
