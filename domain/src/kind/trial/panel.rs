//! A second trial kind: it belongs to a person, has a deadline of its own, and is decided by experts.

use crate::base::rule::{RuleDefault, RuleKey, key};
use crate::engine::flow::common::{
    self, EXPIRE, GRANTED, LAPSED, OFFICER, REFUSE, RESUBMIT, RETURN, SUBMIT, WITHDRAW, WITHDRAWN, assign_experts, assignment, consent,
    draft, pass_over_silent, reassign_experts, recuse, returned,
};
use crate::engine::flow::{
    Agreement, AssigneeCount, Deadline, DeadlineKey, Edit, Flow, KindFacts, Minimum, PanelOutcomes, Party, Requires, Rubric, RubricItem,
    STAGE, Stage, TRANSITION, TimeLimit, Tone, Transition,
};
use crate::engine::form::{Answers, Choice, DayRange, FIELD, Field, Form, Options, Part, Step, TextFormat, When, Widget};
use crate::engine::notification::NotificationKind;
use crate::matter::{BASE_KIND, Guide, Kind, MatterContext};

/// Name of the field with the subject.
pub const SUBJECT: &str = "subject";
/// Name of the field with the day of the event.
pub const DAY: &str = "day";
/// Field of the rubric with points.
pub const CONTENT: &str = "content";
/// Field of the rubric with a grade.
pub const FORM_GRADE: &str = "form";
/// Veto item of the rubric.
pub const VETO: &str = "secret";
/// Opinion of the expert.
pub const OPINION: &str = "opinion";
/// Conclusion of the expert.
pub const CONCLUSION: &str = "conclusion";
/// The last day for changes: the day of the event, and the days by which the association extends it.
pub const LAST_DAY: DeadlineKey = DeadlineKey { code: "last_day", label: "办理截止日" };
/// The number of days of an extension; a rule that no flow reads, and that is 0 by default.
pub const EXTENSION: RuleKey = key::REG_TOTAL_DAYS;

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

/// The pass mark and the gap of the rubric, which no rule table changes.
const PASS_MARK: RuleKey = RuleKey { name: "trial.pass_mark", label: "合格分数", default: RuleDefault::Int(70), grade: 'P' };
const GAP: RuleKey = RuleKey { name: "trial.gap", label: "分差上限", default: RuleDefault::Int(15), grade: 'P' };

/// The rubric of the experts.
pub static RUBRIC: Rubric = Rubric {
    items: &[RubricItem { field: CONTENT, points: 60 }, RubricItem { field: FORM_GRADE, points: 40 }],
    grades: &[("excellent", 100), ("good", 80), ("fair", 60), ("poor", 30)],
    vetoes: &[VETO],
    conclusion: CONCLUSION,
    opinion: OPINION,
    pass_mark: PASS_MARK,
    gap: GAP,
    outcomes: PanelOutcomes { pass: "pass", revise: "revise", fail: "fail", split: "split" },
};

/// The form of a vote.
pub static SHEET: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "evaluation",
        title: "评价",
        intro: "",
        shown: When::Always,
        parts: &[Part::Fields(
            "",
            &[
                Field { name: CONTENT, label: "内容", widget: Widget::Whole(0, 60, "分"), ..FIELD },
                Field { name: FORM_GRADE, label: "规范性", widget: Widget::One(Options::Fixed(GRADES)), ..FIELD },
                Field { name: VETO, label: "涉及泄密", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
                Field { name: OPINION, label: "评价意见", widget: Widget::Lines(2000), ..FIELD },
                Field { name: CONCLUSION, label: "评价结论", widget: Widget::One(Options::Fixed(CONCLUSIONS)), ..FIELD },
            ],
        )],
    }],
};

const GRADES: &[Choice] = &[
    Choice { code: "excellent", label: "优", group: "" },
    Choice { code: "good", label: "良", group: "" },
    Choice { code: "fair", label: "中", group: "" },
    Choice { code: "poor", label: "差", group: "" },
];

const YES_NO: &[Choice] = &[Choice { code: "no", label: "否", group: "" }, Choice { code: "yes", label: "是", group: "" }];

const CONCLUSIONS: &[Choice] = &[
    Choice { code: "pass", label: "通过", group: "" },
    Choice { code: "revise", label: "修改后再评", group: "" },
    Choice { code: "fail", label: "不通过", group: "" },
];

fn facts(answers: &Answers, context: &MatterContext<'_>) -> KindFacts {
    let extension = context.rules.on(context.today).int(EXTENSION).unsigned_abs();
    let day = answers.text(DAY).parse::<chrono::NaiveDate>().ok();
    let Some(last) = day.and_then(|day| day.checked_add_days(chrono::Days::new(extension))) else { return KindFacts::default() };
    let ahead = if context.today < last { "yes" } else { "no" };
    KindFacts { fields: [(AHEAD.to_owned(), ahead.into())].into(), deadlines: [(LAST_DAY.code, Deadline::Day(last))].into() }
}

const CONFIRM: Transition =
    Transition { when: When::Is(AHEAD, &["yes"]), ..consent("confirm", OFFICER, "确认", &[(ALWAYS, "assignment")]) };
const CONFIRM_LATE: Transition = Transition {
    when: When::Is(AHEAD, &["no"]),
    until: Some(LAST_DAY),
    ..consent("confirm_late", OFFICER, "当日确认", &[(ALWAYS, "assignment")])
};

/// Two experts, or more.
const EXPERTS: AssigneeCount = AssigneeCount { minimum: Minimum::Fixed(2), odd: false, joins: false };

/// The vote of an expert: a form with points, veto items, opinion and conclusion.
const EVALUATE: Transition = Transition {
    command: "evaluate",
    by: Party::Expert,
    label: "提交评价",
    history: "提交了评价",
    to: &[(ALWAYS, "granted")],
    requires: Requires::Form(&SHEET),
    tone: Tone::Forward,
    ..TRANSITION
};

/// What the votes together lead to.
const OUTCOME: Transition = Transition { by: Party::Expert, ..TRANSITION };

/// What leaves too few experts, or two who differ: another one joins, and the votes stay.
const TO_JOINING: Transition = Transition { to: &[(ALWAYS, "joining")], keeps_votes: true, ..OUTCOME };

const JOIN: Transition = Transition {
    command: "join",
    label: "增派专家",
    history: "增派了评价专家",
    keeps_votes: true,
    ..assign_experts(AssigneeCount { joins: true, ..EXPERTS })
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
                Transition { label: "变更", history: "变更了申请", to: &[(ALWAYS, "pending")], until: Some(LAST_DAY), ..RESUBMIT },
                CONFIRM,
                CONFIRM_LATE,
                Transition { until: Some(LAST_DAY), ..WITHDRAW },
                Transition { history: "逾期未确认，申请关闭", ..EXPIRE },
            ],
            ..STAGE
        },
        assignment(&[assign_experts(EXPERTS), RETURN, SUPPLEMENT, REFUSE]),
        Stage {
            code: "evaluation",
            label: "专家评价中",
            turn: Some(Party::Expert),
            time_limit: Some(TimeLimit::Working(key::EVALUATION_DAYS)),
            agreement: Agreement::Panel(&RUBRIC),
            transitions: &[
                EVALUATE,
                Transition { command: "pass", history: "专家评价为通过", to: &[(ALWAYS, "granted")], ..OUTCOME },
                Transition {
                    command: "revise", history: "专家评价为修改后再评", to: &[(ALWAYS, "returned")], returns: true, ..OUTCOME
                },
                Transition { command: "fail", history: "专家评价为不通过", to: &[(ALWAYS, "refused")], ..OUTCOME },
                Transition { command: "split", history: "专家意见不一致，须增派专家", ..TO_JOINING },
                Transition { to: TO_JOINING.to, keeps_votes: true, ..recuse("专家回避，须增派专家") },
                reassign_experts(EXPERTS),
                Transition {
                    to: TO_JOINING.to, keeps_votes: true, ..pass_over_silent("逾期未评价的专家不再参与，须增派专家")
                },
            ],
            ..STAGE
        },
        Stage { code: "joining", label: "待增派专家", transitions: &[JOIN], ..assignment(&[]) },
        returned(&[Transition { to: &[(ALWAYS, "assignment")], ..RESUBMIT }, WITHDRAW, EXPIRE]),
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
