//! The steps 教育经历, 工作经历, 专业工作经历 and 培训经历.

use super::condition::FULL;
use crate::base::catalogue::{DEGREES, DOMAIN_CHOICES, EDUCATION, STUDY_MODES, YES_NO};
use crate::engine::form::{DayRange, FIELD, Field, Options, Part, RecordList, Step, TextFormat, When, Widget};
use crate::matter::employment::{DEPARTMENT, DUTIES, EMPLOYER, END, IS_FULL_TIME, POSITION, START};

pub(super) const EDUCATIONS: Step = Step {
    code: "education",
    title: "教育经历",
    intro: "请从大学专科起填写。可直接添加，或从基本信息库中选取。",
    shown: When::Always,
    parts: &[Part::Records(&RecordList {
        name: "education",
        label: "教育经历",
        hint: "学历证书须为原件的彩色扫描件或照片",
        required: When::Always,
        max: 10,
        title: &["school", "major", "level"],
        span: Some(("start", "end")),
        library: true,
        fields: &[
            Field { name: "start", label: "入学日期", widget: Widget::Day(DayRange::Past), ..FIELD },
            Field { name: "end", label: "毕业日期", widget: Widget::Day(DayRange::PastFrom("start")), ..FIELD },
            Field { name: "school", label: "学校", widget: Widget::Line(60, TextFormat::Any), ..FIELD },
            Field { name: "major", label: "专业", widget: Widget::Line(60, TextFormat::Any), ..FIELD },
            Field { name: "level", label: "学历", widget: Widget::One(Options::Fixed(EDUCATION)), ..FIELD },
            Field { name: "degree", label: "学位", widget: Widget::One(Options::Fixed(DEGREES)), ..FIELD },
            Field { name: "study_mode", label: "学习形式", widget: Widget::One(Options::Fixed(STUDY_MODES)), ..FIELD },
            Field { name: "overseas", label: "是否境外学历", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
            Field {
                name: "overseas_certificate",
                identifies_person: true,
                label: "国（境）外学历学位认证书编号",
                widget: Widget::Line(30, TextFormat::Any),
                required: When::Is("overseas", &["yes"]),
                shown: When::Is("overseas", &["yes"]),
                ..FIELD
            },
            Field {
                name: "diploma_no",
                identifies_person: true,
                label: "毕业证书编号",
                widget: Widget::Line(30, TextFormat::Any),
                ..FIELD
            },
            Field { name: "diploma", label: "学历证书", widget: Widget::files(3), ..FIELD },
        ],
    })],
};

pub(super) const WORKS: Step = Step {
    code: "work",
    title: "工作经历",
    intro: "请由近及远填写全部工作经历。",
    shown: When::Always,
    parts: &[Part::Records(&RecordList {
        name: "work",
        label: "工作经历",
        hint: "在职的，结束日期可不填",
        required: FULL,
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
            DUTIES,
            Field {
                name: "referee", identifies_person: true, label: "证明人", widget: Widget::Line(30, TextFormat::PersonName), ..FIELD
            },
            Field {
                name: "referee_phone", label: "证明人电话", widget: Widget::Line(20, TextFormat::Phone), sensitive: true, ..FIELD
            },
            Field {
                name: "proof", label: "工作经历证明", hint: "加盖单位公章", widget: Widget::files(3), required: FULL, ..FIELD
            },
        ],
    })],
};

/// 专业工作经历, for the full grade (docs/domain.md §2.1). It may overlap with 工作经历.
pub(super) const PROFESSIONAL: Step = Step {
    code: "professional",
    title: "专业工作经历",
    intro: "填写与所申请认证领域相关的专业工作，可与工作经历同期。",
    shown: FULL,
    parts: &[Part::Records(&RecordList {
        name: "professional",
        label: "专业工作经历",
        hint: "在职的，结束日期可不填",
        required: FULL,
        max: 20,
        title: &["employer", "domain"],
        span: Some(("start", "end")),
        library: true,
        fields: &[
            START,
            END,
            EMPLOYER,
            DEPARTMENT,
            POSITION,
            IS_FULL_TIME,
            Field { name: "domain", label: "相关认证领域", widget: Widget::One(Options::Fixed(DOMAIN_CHOICES)), ..FIELD },
            Field {
                name: "relevance", label: "与领域的相关性", hint: "说明工作内容与该领域的关系", widget: Widget::Lines(500), ..FIELD
            },
            DUTIES,
            Field {
                name: "referee", identifies_person: true, label: "证明人", widget: Widget::Line(30, TextFormat::PersonName), ..FIELD
            },
            Field {
                name: "referee_phone", label: "证明人电话", widget: Widget::Line(20, TextFormat::Phone), sensitive: true, ..FIELD
            },
            Field {
                name: "proof", label: "专业工作经历证明", hint: "加盖单位公章", widget: Widget::files(3), required: FULL, ..FIELD
            },
        ],
    })],
};

pub(super) const TRAININGS: Step = Step {
    code: "training",
    title: "培训经历",
    intro: "没有培训经历的，可直接进入下一步。",
    shown: When::Always,
    parts: &[Part::Records(&RecordList {
        name: "training",
        label: "培训经历",
        hint: "",
        required: When::Never,
        max: 20,
        title: &["content", "organiser"],
        span: Some(("start", "end")),
        library: true,
        fields: &[
            Field { name: "start", label: "开始日期", widget: Widget::Day(DayRange::Past), ..FIELD },
            Field { name: "end", label: "结束日期", widget: Widget::Day(DayRange::PastFrom("start")), ..FIELD },
            Field { name: "content", label: "培训内容", widget: Widget::Line(80, TextFormat::Any), ..FIELD },
            Field { name: "organiser", label: "举办单位", widget: Widget::Line(60, TextFormat::Any), ..FIELD },
            Field { name: "place", label: "培训地点", widget: Widget::Line(60, TextFormat::Any), required: When::Never, ..FIELD },
            Field { name: "hours", label: "培训学时", widget: Widget::Whole(1, 999, "学时"), ..FIELD },
            Field {
                name: "certificate_no",
                identifies_person: true,
                label: "培训证书编号",
                widget: Widget::Line(40, TextFormat::Any),
                required: When::Never,
                ..FIELD
            },
            Field { name: "proof", label: "培训证书", widget: Widget::files(2), required: When::Never, ..FIELD },
        ],
    })],
};
