//! The form of a filing: course, outline, teachers, materials, statement.

use crate::base::catalogue::YES_NO;
use crate::engine::form::{Choice, FIELD, Field, Form, Options, OtherField, Part, RecordList, Statement, Step, TextFormat, When, Widget};
use crate::matter::{COURSE_CATEGORIES, COURSE_DELIVERIES, COURSE_MODULES};

pub use crate::record::course::application::{
    CATEGORY, MODULE_NAME, MODULES, TEACHER_MOBILE, TEACHER_MODULES, TEACHER_NAME, TEACHER_NUMBER, TEACHERS,
};

/// Name of the field with the name of the course.
pub const COURSE_NAME: &str = "course_name";
/// Name of the field with the ways of teaching.
pub const DELIVERY: &str = "delivery";
/// Name of the field with the hours of the whole course.
pub const HOURS: &str = "hours";
/// Name of the field with the most people of a class.
pub const CLASS_MAX: &str = "class_max";
/// Field of a module with its hours.
pub const MODULE_HOURS: &str = "module_hours";
/// Field of a teacher with the role.
pub const TEACHER_ROLE: &str = "role";

const TEXT: TextFormat = TextFormat::Any;
const CATEGORY_FIELD: OtherField = OtherField { name: CATEGORY, label: "课程类别" };
const OPTIONAL: Field = Field { required: When::Never, ..FIELD };

const ASSESSMENTS: &[Choice] = &[
    Choice::new("closed_book", "闭卷考试"),
    Choice::new("open_book", "开卷考试"),
    Choice::new("practice", "实操"),
    Choice::new("coursework", "平时成绩"),
];
const METHODS: &[Choice] = &[
    Choice::new("lecture", "讲授"),
    Choice::new("case", "案例"),
    Choice::new("discussion", "研讨"),
    Choice::new("exercise", "练习"),
    Choice::new("assessment", "考核"),
];
const ROLES: &[Choice] = &[Choice::new("lead", "主讲"), Choice::new("assistant", "助教")];

static STATEMENT: Statement = Statement {
    version: "2026-1",
    text: "本机构保证材料真实、不侵犯他人知识产权，按备案内容实施培训，接受协会监督。",
};

static MODULE_LIST: RecordList = RecordList {
    name: MODULES,
    label: "课程模块",
    hint: "各模块学时合计须与总学时一致",
    required: When::Always,
    max: 60,
    fields: &[
        Field { name: MODULE_NAME, label: "模块名称", widget: Widget::Line(80, TEXT), ..FIELD },
        Field { name: "content", label: "内容要点", widget: Widget::Lines(1000), ..FIELD },
        Field { name: MODULE_HOURS, label: "学时", hint: "如 2.5", widget: Widget::Hours(40), ..FIELD },
        Field { name: "method", label: "教学方式", widget: Widget::One(Options::Fixed(METHODS)), ..FIELD },
    ],
    title: &[MODULE_NAME],
    span: None,
    library: false,
};

static TEACHER_LIST: RecordList = RecordList {
    name: TEACHERS,
    label: "授课教师",
    hint: "填写姓名，以及手机号码或教师编号，须与教师本人登记的一致；每个模块须有主讲教师",
    required: When::Always,
    max: 20,
    fields: &[
        Field { name: TEACHER_NAME, label: "姓名", widget: Widget::Line(80, TextFormat::PersonName), ..FIELD },
        Field {
            name: TEACHER_MOBILE,
            label: "手机号码",
            hint: "与教师编号填写其中一项",
            widget: Widget::Line(20, TextFormat::Mobile),
            sensitive: true,
            ..OPTIONAL
        },
        Field { name: TEACHER_NUMBER, label: "教师编号", widget: Widget::Line(20, TEXT), ..OPTIONAL },
        Field { name: TEACHER_ROLE, label: "授课角色", widget: Widget::One(Options::Fixed(ROLES)), ..FIELD },
        Field { name: TEACHER_MODULES, label: "承担模块", widget: Widget::Many(Options::Listed(COURSE_MODULES)), ..FIELD },
    ],
    title: &[TEACHER_NAME, TEACHER_ROLE],
    span: None,
    library: false,
};

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "course",
            title: "课程信息",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: COURSE_NAME, label: "课程名称", widget: Widget::Line(80, TEXT), ..FIELD },
                    Field {
                        name: CATEGORY_FIELD.name,
                        label: CATEGORY_FIELD.label,
                        hint: "按领域设置的类别，认证领域随类别确定",
                        widget: Widget::One(Options::Listed(COURSE_CATEGORIES)),
                        ..FIELD
                    },
                    Field {
                        name: DELIVERY,
                        label: "授课方式",
                        widget: Widget::Many(Options::Within(COURSE_DELIVERIES, CATEGORY_FIELD)),
                        required: When::Not(CATEGORY, &[]),
                        ..FIELD
                    },
                    Field { name: HOURS, label: "总学时", widget: Widget::Whole(1, 999, "学时"), ..FIELD },
                    Field { name: CLASS_MAX, label: "每班人数上限", widget: Widget::Whole(1, 9999, "人"), ..FIELD },
                    Field { name: "audience", label: "培训对象", widget: Widget::Lines(200), ..FIELD },
                    Field { name: "objectives", label: "培训目标", widget: Widget::Lines(1000), ..FIELD },
                    Field { name: "assessment", label: "考核方式", widget: Widget::Many(Options::Fixed(ASSESSMENTS)), ..FIELD },
                    Field {
                        name: "certificate", label: "是否颁发培训合格证书", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD
                    },
                    Field { name: "fee_note", label: "收费说明", widget: Widget::Lines(200), ..OPTIONAL },
                    Field { name: "contact", label: "联系人", widget: Widget::Line(80, TextFormat::PersonName), ..FIELD },
                    Field { name: "contact_phone", label: "联系电话", widget: Widget::Line(30, TextFormat::Phone), ..FIELD },
                ],
            )],
        },
        Step { code: "outline", title: "课程大纲", intro: "", shown: When::Always, parts: &[Part::Records(&MODULE_LIST)] },
        Step {
            code: "teachers",
            title: "授课教师",
            intro: "提交后，每名教师会收到提醒，确认本人承担的模块。",
            shown: When::Always,
            parts: &[Part::Records(&TEACHER_LIST)],
        },
        Step {
            code: "materials",
            title: "材料",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: "syllabus", label: "课程大纲", widget: Widget::files(3), ..FIELD },
                    Field { name: "handout", label: "讲义或教材", widget: Widget::files(3), ..FIELD },
                    Field { name: "slides", label: "课件", widget: Widget::files(3), ..FIELD },
                    Field { name: "exam_paper", label: "考核试卷及评分标准", widget: Widget::files(3), ..FIELD },
                    Field { name: "timetable", label: "教学计划（课程表）", widget: Widget::files(3), ..FIELD },
                    Field { name: "licence", label: "办学许可或营业执照", widget: Widget::files(3), ..FIELD },
                    Field { name: "other", label: "其他", widget: Widget::files(3), ..OPTIONAL },
                ],
            )],
        },
        Step {
            code: "statement",
            title: "声明",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields("", &[Field { name: "declared", label: "声明", widget: Widget::Agree(&STATEMENT), ..FIELD }])],
        },
    ],
};
