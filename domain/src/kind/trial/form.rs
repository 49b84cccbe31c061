//! The form of the trial kind.

use uuid::Uuid;

use super::schedule;
use crate::engine::form::{
    Answers, Choice, DayRange, FIELD, Field, Form, Issue, Options, Part, Path, Problem, RecordList, Step, TextFormat, When, Widget,
};
use crate::matter::{INSTITUTION_PEOPLE, LinkRole, MatterContext, Participant, SUBMITTED_MATTERS};

/// Name of the field with the subject.
pub const SUBJECT: &str = "subject";
/// Name of the field with the day.
pub const DAY: &str = "day";
/// Name of the field with the matter that is continued.
pub const CONTINUED: &str = "continued";
/// Name of the list of the people who must agree.
pub const PEOPLE: &str = "people";
/// Field of a record with the account of the person.
pub const PERSON: &str = "person";
/// Field of a record with what the person does.
pub const DUTY: &str = "duty";

/// How many people must agree.
const NUMBER: usize = 2;

static LIST: RecordList = RecordList {
    name: PEOPLE,
    label: "参与人员",
    hint: "两名本机构人员",
    required: When::Always,
    max: NUMBER,
    fields: &[
        Field { name: PERSON, label: "姓名", widget: Widget::One(Options::Listed(INSTITUTION_PEOPLE)), ..FIELD },
        Field { name: DUTY, label: "承担的工作", widget: Widget::Line(100, TextFormat::Any), ..FIELD },
    ],
    title: &[PERSON],
    span: None,
    library: false,
};

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "subject",
            title: "事项",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: SUBJECT, label: "事项名称", widget: Widget::Line(100, TextFormat::Any), ..FIELD },
                    Field { name: DAY, label: "日期", widget: Widget::Day(DayRange::Any), ..FIELD },
                    Field {
                        name: CONTINUED,
                        label: "接续的事项",
                        widget: Widget::One(Options::Listed(SUBMITTED_MATTERS)),
                        required: When::Never,
                        ..FIELD
                    },
                ],
            )],
        },
        Step { code: "people", title: "参与人员", intro: "", shown: When::Always, parts: &[Part::Records(&LIST)] },
        schedule::STEP,
    ],
};

/// Name of the field of the review with the mark.
pub const MARK: &str = "mark";
/// Name of the field of the review with the remark.
pub const REMARK: &str = "remark";

/// The form of the officer's review: a mark, and a remark; conditions only where there are any.
pub static REVIEW: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "review",
        title: "审核评分",
        intro: "",
        shown: When::Always,
        parts: &[Part::Fields(
            "",
            &[
                Field { name: MARK, label: "评分", widget: Widget::Whole(0, 100, "分"), ..FIELD },
                Field { name: REMARK, label: "评语", widget: Widget::Lines(500), ..FIELD },
                Field { name: "result", label: "审核结论", widget: Widget::One(Options::Fixed(RESULTS)), ..FIELD },
                Field {
                    name: "conditions",
                    label: "附加条件",
                    widget: Widget::Lines(500),
                    shown: When::Is("result", &["conditional"]),
                    ..FIELD
                },
                Field {
                    name: "contact",
                    label: "联系电话",
                    widget: Widget::Line(30, TextFormat::Phone),
                    required: When::Never,
                    sensitive: true,
                    ..FIELD
                },
            ],
        )],
    }],
};

const RESULTS: &[Choice] =
    &[Choice { code: "pass", label: "通过", group: "" }, Choice { code: "conditional", label: "有条件通过", group: "" }];

/// The title: the subject.
pub(super) fn title(answers: &Answers) -> Option<String> {
    Some(answers.text(SUBJECT).to_owned()).filter(|subject| !subject.is_empty())
}

/// The matter that is continued: whoever decided on it does not decide again, and nothing is disputed.
pub static CONTINUES: LinkRole = LinkRole { code: "continued", disputes: false, excludes_deciders: true, shares_facets: false };

/// The matters that the answers name as continued.
pub(super) fn continued(answers: &Answers) -> Vec<Uuid> {
    Uuid::parse_str(answers.text(CONTINUED)).into_iter().collect()
}

/// The people named, each with the record that names them.
pub fn people(answers: &Answers, _: &MatterContext<'_>) -> Vec<Participant> {
    named(answers)
}

fn named(answers: &Answers) -> Vec<Participant> {
    let people = answers.records(PEOPLE).filter_map(|record| {
        let account: Uuid = record.fields.get(PERSON)?.text().parse().ok()?;
        let path = Path::Row(PEOPLE.to_owned(), record.id);
        Some(Participant { account, part: vec![path.clone()], path })
    });
    people.collect()
}

/// Two different people are named.
pub(super) fn validate(answers: &Answers, _: &MatterContext<'_>) -> Vec<Problem> {
    let mut accounts: Vec<Uuid> = named(answers).into_iter().map(|person| person.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.len() == NUMBER || answers.records(PEOPLE).next().is_none() {
        return Vec::new();
    }
    let issue = Issue::new("people", "请选择两名不同的人员");
    vec![Problem { step: "people", path: Path::field(PEOPLE), label: "参与人员".to_owned(), issue }]
}
