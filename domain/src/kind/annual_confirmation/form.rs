//! What 年度确认 asks (domain facts §6).

use uuid::Uuid;

use crate::base::catalogue::YES_NO;
use crate::engine::form::{Answers, DaySpan, FIELD, Field, Form, Options, Part, Records, Shape, Statement, Step, When, Widget};
use crate::matter::CERTIFICATES;
use crate::record::certificate::Upkeep;

const DECLARATION: Statement = Statement {
    version: "2026-11",
    text: "本人声明：所填写的信息和提交的材料真实、完整、有效；一年来遵守认证人员行为规范和注册准则，接受协会和执业机构的监督。如有不实，本人承担由此产生的责任。",
};

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "confirmation",
            title: "确认信息",
            intro: "可以一次确认多张证书。",
            shown: When::Always,
            parts: &[
                Part::Fields(
                    "证书",
                    &[
                        Field {
                            name: CERTIFICATES,
                            label: "要确认的证书",
                            hint: "只列出已到办理时间的证书",
                            widget: Widget::Many(Options::Listed(Upkeep::Confirmation.list())),
                            ..FIELD
                        },
                        PRACTICE,
                    ],
                ),
                CONDUCT,
            ],
        },
        Step {
            code: "cpd",
            title: "继续教育",
            intro: "填写一年来参加的继续教育。可直接添加，或从基本信息库中选取。",
            shown: When::Always,
            parts: &[Part::Records(&CPD)],
        },
        PAPERS,
    ],
};

pub(crate) const PRACTICE: Field = Field {
    name: "practice_institution",
    label: "执业机构",
    hint: "由该机构审核",
    widget: Widget::One(Options::Listed("practices")),
    ..FIELD
};

/// How someone has practised.
pub(crate) const CONDUCT: Part = Part::Fields(
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

/// 继续教育, kept in 基本信息库.
pub(crate) const CPD: Records = Records {
    name: "cpd",
    label: "继续教育",
    hint: "课程、研讨、授课等，附结业证书或学时证明",
    required: When::Never,
    max: 30,
    title: &["course", "provider"],
    library: true,
    fields: &[
        Field { name: "start", label: "开始日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
        Field { name: "end", label: "结束日期", widget: Widget::Day(DaySpan::PastFrom("start")), ..FIELD },
        Field { name: "course", label: "课程或活动名称", widget: Widget::Line(80, Shape::Any), ..FIELD },
        Field { name: "provider", label: "举办单位", widget: Widget::Line(60, Shape::Any), ..FIELD },
        Field { name: "hours", label: "学时", widget: Widget::Whole(1, 200, "学时"), ..FIELD },
        Field { name: "proof", label: "学时证明", widget: Widget::Files(2), required: When::Never, ..FIELD },
    ],
};

/// What goes with it.
pub(crate) const PAPERS: Step = Step {
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
                widget: Widget::Files(2),
                required: When::Never,
                ..FIELD
            },
            Field { name: "other", label: "其他材料", widget: Widget::Files(5), required: When::Never, ..FIELD },
            Field { name: "declared", label: "声明", widget: Widget::Agree(&DECLARATION), fresh: true, ..FIELD },
        ],
    )],
};

/// The institution that examines it.
pub(crate) fn institution(answers: &Answers) -> Option<Uuid> {
    Uuid::parse_str(answers.text(PRACTICE.name)).ok()
}

/// 年度确认（2026-N1QMS-4000001）, or how many certificates it is about.
pub(crate) fn named(what: &str, answers: &Answers) -> Option<String> {
    match answers.codes(CERTIFICATES) {
        [] => None,
        [one] => Some(format!("{what}（{one}）")),
        several => Some(format!("{what}（{} 张证书）", several.len())),
    }
}
