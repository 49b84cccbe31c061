//! 审核经历, what is shown of exams, and 见证评价.

use super::FULL;
use crate::base::catalogue::{AUDIT_TYPES, CLAUSES, DOMAIN_CHOICES, ONSITE_MODES, ORGANIC, TEAM_ROLES, WITNESS_CONCLUSIONS};
use crate::engine::form::{DaySpan, Display, FIELD, Field, Options, Part, Records, Shape, Step, When, Widget};

/// Audits, inspections or examinations (domain facts §2.4, §2.5, §3.1). A combined audit is one record for each of its domains.
pub(super) const AUDITS: Step = Step {
    code: "audit",
    title: "审核经历",
    intro: "填写与所申请领域相符的审核、检查或审查经历。",
    shown: FULL,
    parts: &[Part::Records(&AUDIT)],
};

/// The list of them, which other kinds ask for too.
pub(crate) const AUDIT: Records = Records {
    name: "audit",
    label: "审核经历",
    hint: "现场天数以半天为单位；一次结合审核按领域各填一条",
    required: FULL,
    max: 60,
    title: &["client", "audit_type"],
    library: true,
    fields: &[
        Field { name: "start", label: "开始日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
        Field { name: "end", label: "结束日期", widget: Widget::Day(DaySpan::PastFrom("start")), ..FIELD },
        Field { name: "client", label: "受审核方", widget: Widget::Line(60, Shape::Any), ..FIELD },
        Field { name: "client_code", label: "受审核方统一社会信用代码", widget: Widget::Line(18, Shape::CreditCode), ..FIELD },
        Field { name: "body", label: "认证机构", widget: Widget::Line(60, Shape::Any), ..FIELD },
        Field { name: "audit_type", label: "审核类型", widget: Widget::One(Options::Fixed(AUDIT_TYPES)), ..FIELD },
        Field { name: "role", label: "组内角色", widget: Widget::One(Options::Fixed(TEAM_ROLES)), ..FIELD },
        Field { name: "domain", label: "认证领域", widget: Widget::One(Options::Fixed(DOMAIN_CHOICES)), ..FIELD },
        Field {
            name: "combined_systems",
            label: "结合审核的其他领域",
            hint: "与其他领域一并审核的，请全部勾选；现场天数按系数折算",
            widget: Widget::Many(Options::Fixed(DOMAIN_CHOICES)),
            required: When::Never,
            ..FIELD
        },
        Field { name: "standard", label: "认证标准", hint: "标准编号和年号", widget: Widget::Line(60, Shape::Any), ..FIELD },
        Field {
            name: "clauses_covered",
            label: "覆盖条款",
            hint: "本人审核的条款；覆盖标准全部条款的，选“全条款”",
            widget: Widget::Many(Options::Fixed(CLAUSES)),
            required: When::Not("domain", NOT_BY_CLAUSES),
            shown: When::Not("domain", NOT_BY_CLAUSES),
            ..FIELD
        },
        Field {
            name: "specialties_covered",
            label: "检查的专业",
            widget: Widget::Many(Options::Fixed(ORGANIC)),
            required: When::Is("domain", &["OP"]),
            shown: When::Is("domain", &["OP"]),
            ..FIELD
        },
        Field { name: "onsite_days", label: "现场天数", hint: "如 2.5", widget: Widget::HalfDays(60), ..FIELD },
        Field {
            name: "offsite_days",
            label: "非现场天数",
            hint: "文件审核、编写报告等；没有的填 0",
            widget: Widget::HalfDays(60),
            required: When::Never,
            ..FIELD
        },
        Field { name: "onsite_mode", label: "现场方式", widget: Widget::One(Options::Fixed(ONSITE_MODES)), ..FIELD },
        Field {
            name: "checkin_ref",
            label: "现场签到编号",
            hint: "在国家认证认可监督管理部门签到系统签到的，请填写",
            widget: Widget::Line(40, Shape::Any),
            required: When::Never,
            ..FIELD
        },
        Field { name: "team_leader", label: "审核组长", widget: Widget::Line(30, Shape::PersonName), ..FIELD },
        Field { name: "report_no", label: "认证证书编号", widget: Widget::Line(40, Shape::Any), required: When::Never, ..FIELD },
        Field { name: "proof", label: "审核计划或平台截图", widget: Widget::Files(3), ..FIELD },
    ],
};

/// Inspections and examinations are not told by the clauses of a standard.
const NOT_BY_CLAUSES: &[&str] = &["OP", "GAP", "VPC", "CCC", "SC"];

/// Shown, not asked: scores come from the examinations.
pub(super) const EXAM: Step = Step {
    code: "exam",
    title: "考试成绩",
    intro: "成绩由全国统一考试自动带入，不需要填写。",
    shown: When::Always,
    parts: &[Part::Shown(&Display {
        name: "scores",
        label: "有效的合格成绩",
        empty: "没有有效的合格成绩。请先参加全国统一考试，成绩公布后自动显示。",
    })],
};

/// Asked of the full grade (domain facts §2.6): the institution writes the report, these name it.
pub(super) const WITNESS: Step = Step {
    code: "witness",
    title: "见证评价",
    intro: "按推荐机构出具的见证评价报告填写，报告在“附件”中上传。",
    shown: FULL,
    parts: &[Part::Fields(
        "",
        &[
            Field { name: "witness_name", label: "见证人姓名", widget: Widget::Line(30, Shape::PersonName), required: FULL, ..FIELD },
            Field {
                name: "witness_cert_no", label: "见证人注册证书编号", widget: Widget::Line(30, Shape::Any), required: FULL, ..FIELD
            },
            Field { name: "witness_date", label: "见证日期", widget: Widget::Day(DaySpan::Past), required: FULL, ..FIELD },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::catalogue::{Category, DOMAINS};

    #[test]
    fn only_audits_are_told_by_clauses() {
        for d in DOMAINS {
            assert_eq!(NOT_BY_CLAUSES.contains(&d.code), d.category != Category::Auditor, "{}", d.code);
        }
    }
}
