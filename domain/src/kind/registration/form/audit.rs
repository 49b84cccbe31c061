//! The steps 认证经历, 考试成绩 and 见证评价.

use super::condition::{ABOVE_TRAINEE, FULL};
use crate::base::catalogue::WITNESS_CONCLUSIONS;
use crate::engine::form::{DayRange, Display, FIELD, Field, Options, Part, RecordList, Step, TextFormat, When, Widget};
use crate::matter::audit_experience::AUDIT_RECORDS;

/// 认证经历, for the grades above trainee: audits, inspections or examinations (docs/domain.md §2.4, §2.5, §3.1).
pub(super) const AUDITS: Step = Step {
    code: "audit",
    title: "认证经历",
    intro: "填写与所申请领域相符的审核、检查或审查经历。",
    shown: ABOVE_TRAINEE,
    parts: &[Part::Records(&RecordList { required: ABOVE_TRAINEE, ..AUDIT_RECORDS })],
};

/// 考试成绩, shown only: scores come from the examinations.
pub(super) const EXAM: Step = Step {
    code: "exam",
    title: "考试成绩",
    intro: "成绩由全国统一考试自动带入，不需要填写。",
    shown: When::Always,
    parts: &[Part::Display(&Display {
        name: "scores",
        label: "有效的合格成绩",
        empty: "没有有效的合格成绩。请先参加全国统一考试，成绩公布后自动显示。",
    })],
};

/// 见证评价, for the full grade (docs/domain.md §2.6): the fields identify the report that the institution wrote.
pub(super) const WITNESS: Step = Step {
    code: "witness",
    title: "见证评价",
    intro: "按推荐机构出具的见证评价报告填写，报告在“附件”中上传。",
    shown: FULL,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "witness_name",
                identifies_institution: true,
                label: "见证人姓名",
                widget: Widget::Line(30, TextFormat::PersonName),
                required: FULL,
                ..FIELD
            },
            Field {
                name: "witness_cert_no",
                identifies_institution: true,
                label: "见证人注册证书编号",
                widget: Widget::Line(30, TextFormat::CertificateNumber),
                required: FULL,
                ..FIELD
            },
            Field { name: "witness_date", label: "见证日期", widget: Widget::Day(DayRange::Past), required: FULL, ..FIELD },
            Field {
                name: "witness_conclusion",
                label: "见证结论",
                widget: Widget::One(Options::Fixed(WITNESS_CONCLUSIONS)),
                required: FULL,
                ..FIELD
            },
        ],
    )],
};
