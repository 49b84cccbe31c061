//! Parts of the form that 年度确认 and 再注册 share (docs/domain.md §6).

use uuid::Uuid;

use crate::base::catalogue::YES_NO;
use crate::engine::form::{Answers, DayRange, FIELD, Field, Options, Part, RecordList, Statement, Step, TextFormat, When, Widget};
use crate::matter::CERTIFICATES_FIELD;

const DECLARATION: Statement = Statement {
    version: "2026-11",
    text: "本人声明：所填写的信息和提交的材料真实、完整、有效；一年来遵守认证人员行为规范和注册准则，接受协会和执业机构的监督。如有不实，本人承担由此产生的责任。",
};

/// 执业机构, which reviews the application.
pub const PRACTICE: Field = Field {
    name: "practice_institution",
    label: "执业机构",
    hint: "由该机构审核",
    widget: Widget::One(Options::Listed("practices")),
    prefilled: true,
    ..FIELD
};

/// 执业情况: how the holder practised since the last confirmation.
pub const CONDUCT: Part = Part::Fields(
    "执业情况",
    &[
        Field { name: "practised", label: "期间是否从事认证工作", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
        Field {
            name: "disciplined", label: "期间是否受到投诉、处分或处罚", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD
        },
        Field {
            name: "discipline_note",
            label: "投诉、处分或处罚的情况",
            hint: "事由、处理机构和结果",
            widget: Widget::Lines(1000),
            required: When::Is("disciplined", &["yes"]),
            shown: When::Is("disciplined", &["yes"]),
            ..FIELD
        },
    ],
);

/// 继续教育: records of continuing education, also offered from 基本信息库.
pub const CPD: RecordList = RecordList {
    name: "cpd",
    label: "继续教育",
    hint: "课程、研讨、授课等，附结业证书或学时证明",
    required: When::Never,
    max: 30,
    title: &["course", "provider"],
    span: Some(("start", "end")),
    library: true,
    fields: &[
        Field { name: "start", label: "开始日期", widget: Widget::Day(DayRange::Past), ..FIELD },
        Field { name: "end", label: "结束日期", widget: Widget::Day(DayRange::PastFrom("start")), ..FIELD },
        Field { name: "course", label: "课程或活动名称", widget: Widget::Line(80, TextFormat::Any), ..FIELD },
        Field { name: "provider", label: "举办单位", widget: Widget::Line(60, TextFormat::Any), ..FIELD },
        Field { name: "hours", label: "学时", widget: Widget::Whole(1, 200, "学时"), ..FIELD },
        Field { name: "proof", label: "学时证明", widget: Widget::files(2), required: When::Never, ..FIELD },
    ],
};

/// 材料与声明: attachments and the declaration.
pub const PAPERS: Step = Step {
    code: "papers",
    title: "材料与声明",
    intro: "",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "statement",
                label: "本人签字的声明",
                hint: "由执业机构代为办理的必须上传",
                widget: Widget::files(2),
                required: When::Never,
                ..FIELD
            },
            Field { name: "other", label: "其他材料", widget: Widget::files(5), required: When::Never, ..FIELD },
            Field { name: "declared", label: "声明", widget: Widget::Agree(&DECLARATION), single_use: true, ..FIELD },
        ],
    )],
};

/// The institution that reviews the application.
pub fn practice_institution(answers: &Answers) -> Option<Uuid> {
    Uuid::parse_str(answers.text(PRACTICE.name)).ok()
}

/// The title in lists: 年度确认（2026-N1QMS-4000001）, or the number of certificates if there are several. None while none is chosen.
pub fn title(label: &str, answers: &Answers) -> Option<String> {
    match answers.codes(CERTIFICATES_FIELD) {
        [] => None,
        [one] => Some(format!("{label}（{one}）")),
        several => Some(format!("{label}（{} 张证书）", several.len())),
    }
}
