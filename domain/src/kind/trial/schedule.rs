//! A step of the trial kind with one field for each widget that its other steps do not have. Nothing in it is required, but a choice that
//! belongs to another one.

use crate::base::calendar::parse_day;
use crate::engine::form::{
    AcceptedFiles, Answers, Choice, DayRange, FIELD, Field, FileKind, Issue, Options, OtherField, Part, Path, Problem, RecordList,
    Statement, Step, TextFormat, TimeRange, When, Widget, list_within,
};
use crate::matter::MatterContext;

/// Code of the step.
pub const SCHEDULE: &str = "schedule";
/// Name of the list of lessons.
pub const LESSONS: &str = "lessons";
/// Days of a course beyond which the applicant is warned.
const LONG_COURSE_DAYS: i64 = 30;

const SESSIONS: &str = "trial_sessions";
const SITES: &str = "trial_sites";
const SUBJECTS: &str = "trial_subjects";

const SESSION: OtherField = OtherField { name: "session", label: "考试期次" };
const FIRST_DAY: OtherField = OtherField { name: "first_day", label: "开班日期" };
const LAST_DAY: OtherField = OtherField { name: "last_day", label: "结业日期" };
const LESSON_FIRST_DAY: OtherField = OtherField { name: "begins_on", label: "授课日期（起）" };
const LESSON_BEGINS_AT: OtherField = OtherField { name: "begins_at", label: "上课时间" };

/// A field that may be left out.
const OPTIONAL: Field = Field { required: When::Never, ..FIELD };

static PLEDGE: Statement = Statement { version: "2026-1", text: "本人承诺按计划实施" };

static LIST: RecordList = RecordList {
    name: LESSONS,
    label: "课次",
    hint: "",
    required: When::Never,
    max: 10,
    fields: &[
        Field { name: "begins_on", label: LESSON_FIRST_DAY.label, widget: Widget::Day(DayRange::Between(FIRST_DAY, LAST_DAY)), ..FIELD },
        Field { name: "ends_on", label: "授课日期（止）", widget: Widget::Day(DayRange::From(LESSON_FIRST_DAY)), ..OPTIONAL },
        Field { name: "begins_at", label: LESSON_BEGINS_AT.label, widget: Widget::Time(TimeRange::Any), ..FIELD },
        Field { name: "ends_at", label: "下课时间", widget: Widget::Time(TimeRange::After(LESSON_BEGINS_AT)), ..FIELD },
    ],
    title: &["begins_on", "begins_at"],
    span: Some(("begins_on", "ends_on")),
    library: false,
};

/// The step.
pub(super) const STEP: Step = Step {
    code: SCHEDULE,
    title: "安排",
    intro: "",
    shown: When::Always,
    parts: &[
        Part::Fields(
            "",
            &[
                Field { name: SESSION.name, label: SESSION.label, widget: Widget::One(Options::Listed(SESSIONS)), ..OPTIONAL },
                Field {
                    name: "site",
                    label: "考点",
                    widget: Widget::One(Options::Within(SITES, SESSION)),
                    required: When::Not(SESSION.name, &[]),
                    ..FIELD
                },
                Field { name: "subjects", label: "科目", widget: Widget::Many(Options::Within(SUBJECTS, SESSION)), ..OPTIONAL },
                Field { name: FIRST_DAY.name, label: FIRST_DAY.label, widget: Widget::Day(DayRange::Future), ..OPTIONAL },
                Field { name: LAST_DAY.name, label: LAST_DAY.label, widget: Widget::Day(DayRange::From(FIRST_DAY)), ..OPTIONAL },
                Field { name: "ticket", label: "准考证号", widget: Widget::Line(13, TextFormat::Digits(13, 13)), ..OPTIONAL },
                Field {
                    name: "timetable",
                    label: "课程表",
                    widget: Widget::Files(AcceptedFiles { most: 1, kinds: &[FileKind::Pdf], megabytes: Some(1) }),
                    ..OPTIONAL
                },
                Field { name: "ways", label: "培训方式", widget: Widget::Many(Options::Fixed(WAYS)), ..OPTIONAL },
                Field { name: "days", label: "培训天数", widget: Widget::HalfDays(60), ..OPTIONAL },
                Field { name: "hours", label: "学时", widget: Widget::Hours(40), ..OPTIONAL },
                Field { name: "seen", label: "须知", widget: Widget::Tick("已阅读须知"), ..OPTIONAL },
                Field { name: "pledge", label: "承诺", widget: Widget::Agree(&PLEDGE), ..OPTIONAL },
            ],
        ),
        Part::Records(&LIST),
    ],
};

const WAYS: &[Choice] = &[Choice { code: "site", label: "面授", group: "" }, Choice { code: "live", label: "直播", group: "" }];

/// Names of lists of the context with their options, each a code and its label, in place of what real kinds read from the database.
pub fn lists() -> Vec<(String, Vec<(String, String)>)> {
    let list = |name: String, options: &[(&str, &str)]| {
        (name, options.iter().map(|(code, label)| ((*code).to_owned(), (*label).to_owned())).collect())
    };
    vec![
        list(SESSIONS.to_owned(), &[("one", "第一期"), ("two", "第二期")]),
        list(list_within(SITES, "one"), &[("bj", "北京考点"), ("sh", "上海考点")]),
        list(list_within(SITES, "two"), &[("sh", "上海考点"), ("gz", "广州考点")]),
        list(list_within(SUBJECTS, "one"), &[("base", "通用基础"), ("qms", "质量管理")]),
        list(list_within(SUBJECTS, "two"), &[("base", "通用基础")]),
    ]
}

/// A course that lasts long is told, not refused.
pub(super) fn warnings(answers: &Answers, _: &MatterContext<'_>) -> Vec<Problem> {
    let day = |other: OtherField| parse_day(answers.text(other.name)).ok();
    let days = day(FIRST_DAY).zip(day(LAST_DAY)).map_or(0, |(first, last)| (last - first).num_days());
    if days <= LONG_COURSE_DAYS {
        return Vec::new();
    }
    let issue = Issue::new("long_course", format!("培训历时 {days} 天，超过 {LONG_COURSE_DAYS} 天，请确认日期无误"));
    vec![Problem { step: SCHEDULE, path: Path::field(LAST_DAY.name), label: LAST_DAY.label.to_owned(), issue }]
}
