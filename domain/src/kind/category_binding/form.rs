//! The form of a binding.

use crate::base::catalogue::Choice;
use crate::engine::form::{DayRange, FIELD, Field, Form, Options, Part, RecordList, Statement, Step, TextFormat, When, Widget};
use crate::matter::COURSE_CATEGORIES;
use crate::matter::employment::{DEPARTMENT, DUTIES, EMPLOYER, END, IS_FULL_TIME, POSITION, START};

/// Name of the field with the category.
pub const CATEGORY: &str = "category";
/// Name of the list 工作经历.
pub const WORK: &str = "work";
/// Name of the list 授课经历.
pub const TEACHING: &str = "teaching";
/// Code of the step with the experience.
pub(super) const EXPERIENCE: &str = "experience";

/// 授课方式.
const DELIVERIES: &[Choice] = &[Choice::new("face", "面授"), Choice::new("live", "直播"), Choice::new("recorded", "录播")];

/// 授课角色.
const ROLES: &[Choice] = &[Choice::new("lead", "主讲"), Choice::new("assistant", "助教")];

/// 声明.
const PLEDGE: Statement = Statement { version: "2026-11", text: "本人保证所填经历真实，愿意承担相应责任" };

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "category",
            title: "选择课程类别",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: CATEGORY, label: "课程类别", widget: Widget::One(Options::Listed(COURSE_CATEGORIES)), ..FIELD },
                    Field {
                        name: "direction",
                        label: "主讲方向",
                        widget: Widget::Line(100, TextFormat::Any),
                        required: When::Never,
                        ..FIELD
                    },
                ],
            )],
        },
        Step {
            code: EXPERIENCE,
            title: "工作经历和授课经历",
            intro: "工作经历和授课经历至少填写一条。可直接添加，或从基本信息库添加。",
            shown: When::Always,
            parts: &[
                Part::Records(&WORKS),
                Part::Records(&TEACHINGS),
                Part::Fields("声明", &[Field { name: "pledge", label: "声明", widget: Widget::Agree(&PLEDGE), single_use: true, ..FIELD }]),
            ],
        },
    ],
};

static WORKS: RecordList = RecordList {
    name: WORK,
    label: "工作经历",
    hint: "在职的，结束日期可不填",
    required: When::Never,
    max: 20,
    title: &["employer", "position"],
    span: Some(("start", "end")),
    library: true,
    fields: &[
        START,
        END,
        EMPLOYER,
        DEPARTMENT,
        POSITION,
        IS_FULL_TIME,
        Field { name: "relevance", label: "与课程类别的相关性", widget: Widget::Lines(500), single_use: true, ..FIELD },
        DUTIES,
        Field { name: "proof", label: "证明材料", widget: Widget::files(3), required: When::Never, ..FIELD },
    ],
};

static TEACHINGS: RecordList = RecordList {
    name: TEACHING,
    label: "授课经历",
    hint: "",
    required: When::Never,
    max: 40,
    title: &["course", "organiser"],
    span: Some(("start", "end")),
    library: true,
    fields: &[
        Field { name: "start", label: "开始日期", widget: Widget::Day(DayRange::Past), ..FIELD },
        Field { name: "end", label: "结束日期", widget: Widget::Day(DayRange::PastFrom("start")), ..FIELD },
        Field { name: "course", label: "课程名称", widget: Widget::Line(80, TextFormat::Any), ..FIELD },
        Field {
            name: "organiser", identifies_institution: true, label: "举办单位", widget: Widget::Line(60, TextFormat::Any), ..FIELD
        },
        Field { name: "delivery", label: "授课方式", widget: Widget::One(Options::Fixed(DELIVERIES)), ..FIELD },
        Field { name: "role", label: "授课角色", widget: Widget::One(Options::Fixed(ROLES)), ..FIELD },
        Field { name: "hours", label: "授课学时", widget: Widget::Whole(1, 999, "学时"), ..FIELD },
        Field { name: "audience", label: "授课对象", widget: Widget::Line(60, TextFormat::Any), required: When::Never, ..FIELD },
        Field { name: "trainees", label: "参训人数", widget: Widget::Whole(1, 9999, "人"), required: When::Never, ..FIELD },
        Field { name: "content", label: "授课内容", widget: Widget::Lines(500), ..FIELD },
        Field { name: "proof", label: "证明材料", widget: Widget::files(3), required: When::Never, ..FIELD },
    ],
};
