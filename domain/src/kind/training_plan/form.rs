//! The form of a plan: course and class, lessons, attachments.

use crate::engine::form::{
    Choice, DayRange, FIELD, Field, Form, Options, OtherField, Part, RecordList, Step, TextFormat, TimeRange, When, Widget,
};
use crate::matter::{COURSE_TEACHERS, FILED_COURSES, PLANNED_MODULES};

/// Name of the field with the id of the course.
pub const COURSE: &str = "course";
/// Name of the field with the name of the class.
pub const TITLE: &str = "title";
/// Name of the field with the way of teaching.
pub const MODE: &str = "mode";
/// Name of the field with the first day.
pub const START: &str = "start";
/// Name of the field with the last day.
pub const END: &str = "end";
/// Name of the field with the city.
pub const CITY: &str = "city";
/// Name of the field with the address.
pub const ADDRESS: &str = "address";
/// Name of the field with the address of the live stream.
pub const LINK: &str = "link";
/// Name of the field with the number of people.
pub const HEADCOUNT: &str = "headcount";
/// Name of the list of lessons.
pub const LESSONS: &str = "lessons";
/// Field of a lesson with its day.
pub const LESSON_DAY: &str = "day";
/// Field of a lesson with its beginning.
pub const LESSON_STARTS: &str = "starts";
/// Field of a lesson with its end.
pub const LESSON_ENDS: &str = "ends";
/// Field of a lesson with its hours.
pub const LESSON_HOURS: &str = "lesson_hours";
/// Field of a lesson with the id of the module.
pub const LESSON_MODULE: &str = "module";
/// Field of a lesson with the account of the teacher.
pub const LESSON_TEACHER: &str = "teacher";

const TEXT: TextFormat = TextFormat::Any;
const COURSE_FIELD: OtherField = OtherField { name: COURSE, label: "备案课程" };
const START_FIELD: OtherField = OtherField { name: START, label: "培训开始日期" };
const STARTS_FIELD: OtherField = OtherField { name: LESSON_STARTS, label: "开始时间" };
const OPTIONAL: Field = Field { required: When::Never, ..FIELD };
/// Some of the training is held in a room.
const IN_A_ROOM: When = When::Is(MODE, &["face", "mixed"]);
/// Some of the training is held on line.
const ON_LINE: When = When::Is(MODE, &["live", "mixed"]);

const MODES: &[Choice] = &[Choice::new("face", "面授"), Choice::new("live", "直播"), Choice::new("mixed", "混合")];

static LESSON_LIST: RecordList = RecordList {
    name: LESSONS,
    label: "课次",
    hint: "各课次学时合计不能少于备案总学时",
    required: When::Always,
    max: 100,
    fields: &[
        Field { name: LESSON_DAY, label: "日期", widget: Widget::Day(DayRange::Any), ..FIELD },
        Field { name: STARTS_FIELD.name, label: STARTS_FIELD.label, widget: Widget::Time(TimeRange::Any), ..FIELD },
        Field { name: LESSON_ENDS, label: "结束时间", widget: Widget::Time(TimeRange::After(STARTS_FIELD)), ..FIELD },
        Field { name: LESSON_HOURS, label: "学时", hint: "如 2.5", widget: Widget::Hours(24), ..FIELD },
        Field {
            name: LESSON_MODULE,
            label: "授课内容（模块）",
            widget: Widget::One(Options::Within(PLANNED_MODULES, COURSE_FIELD)),
            required: When::Not(COURSE, &[]),
            ..FIELD
        },
        Field {
            name: LESSON_TEACHER,
            label: "教师",
            widget: Widget::One(Options::Within(COURSE_TEACHERS, COURSE_FIELD)),
            required: When::Not(COURSE, &[]),
            ..FIELD
        },
        Field { name: "room", label: "地点或链接", widget: Widget::Line(200, TEXT), ..OPTIONAL },
    ],
    title: &[LESSON_DAY, LESSON_STARTS, LESSON_TEACHER],
    span: None,
    library: false,
};

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "class",
            title: "培训班",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field {
                        name: COURSE_FIELD.name,
                        label: COURSE_FIELD.label,
                        widget: Widget::One(Options::Listed(FILED_COURSES)),
                        ..FIELD
                    },
                    Field { name: TITLE, label: "培训班名称", widget: Widget::Line(80, TEXT), ..FIELD },
                    Field { name: MODE, label: "培训方式", widget: Widget::One(Options::Fixed(MODES)), ..FIELD },
                    Field { name: START_FIELD.name, label: START_FIELD.label, widget: Widget::Day(DayRange::Any), ..FIELD },
                    Field { name: END, label: "培训结束日期", widget: Widget::Day(DayRange::From(START_FIELD)), ..FIELD },
                    Field {
                        name: CITY,
                        label: "培训地点（省、市）",
                        hint: "如 江苏省南京市",
                        widget: Widget::Line(40, TEXT),
                        required: IN_A_ROOM,
                        shown: IN_A_ROOM,
                        ..FIELD
                    },
                    Field {
                        name: ADDRESS,
                        label: "培训地点（详细地址）",
                        widget: Widget::Line(100, TEXT),
                        required: IN_A_ROOM,
                        shown: IN_A_ROOM,
                        ..FIELD
                    },
                    Field {
                        name: LINK, label: "直播地址", widget: Widget::Line(200, TEXT), required: ON_LINE, shown: ON_LINE, ..FIELD
                    },
                    Field { name: HEADCOUNT, label: "计划人数", widget: Widget::Whole(1, 9999, "人"), ..FIELD },
                    Field { name: "contact", label: "联系人", widget: Widget::Line(80, TextFormat::PersonName), ..FIELD },
                    Field { name: "contact_phone", label: "联系电话", widget: Widget::Line(30, TextFormat::Phone), ..FIELD },
                ],
            )],
        },
        Step {
            code: "lessons",
            title: "课次",
            intro: "提交后，每名教师会收到提醒，确认本人课次。",
            shown: When::Always,
            parts: &[Part::Records(&LESSON_LIST)],
        },
        Step {
            code: "papers",
            title: "附件",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: "timetable", label: "课程表", widget: Widget::files(3), ..OPTIONAL },
                    Field { name: "note", label: "说明", widget: Widget::Lines(500), ..OPTIONAL },
                ],
            )],
        },
    ],
};
