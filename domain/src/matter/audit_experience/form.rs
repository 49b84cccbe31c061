//! The list of audit records in a form (docs/domain.md §2.4, §2.5, §3.1).

use crate::base::catalogue::{AUDIT_TYPES, CLAUSES, DOMAIN_CHOICES, ONSITE_MODES, SPECIALISED, SPECIALTIES, TEAM_ROLES, YES_NO};
use crate::engine::form::{DayRange, FIELD, Field, Options, RecordList, TextFormat, When, Widget};

/// 认证经历: audits, inspections and examinations. A combined audit is one record for each of its domains. Each form decides whether records are required.
pub const AUDIT_RECORDS: RecordList = RecordList {
    name: "audit",
    label: "认证经历",
    hint: "现场天数以半天为单位；一次结合审核按领域各填一条",
    required: When::Never,
    max: 60,
    title: &["client", "audit_type"],
    span: Some(("start", "end")),
    library: true,
    fields: &[
        Field { name: "start", label: "开始日期", widget: Widget::Day(DayRange::Past), ..FIELD },
        Field { name: "end", label: "结束日期", widget: Widget::Day(DayRange::PastFrom("start")), ..FIELD },
        Field { name: "client", label: "受审核（检查、审查）方", widget: Widget::Line(60, TextFormat::Any), ..FIELD },
        Field {
            name: "client_region",
            label: "受审核（检查、审查）方所在地区",
            hint: "如 江苏省苏州市；境外的填写国家（地区）和城市",
            widget: Widget::Line(60, TextFormat::Any),
            required: When::Never,
            ..FIELD
        },
        Field {
            name: "client_abroad",
            label: "是否境外客户",
            hint: "境外机构、个人等没有统一社会信用代码的，选“是”",
            widget: Widget::One(Options::Fixed(YES_NO)),
            required: When::Never,
            ..FIELD
        },
        Field {
            name: "client_code",
            label: "受审核（检查、审查）方统一社会信用代码",
            widget: Widget::Line(18, TextFormat::CreditCode),
            required: AT_HOME,
            shown: AT_HOME,
            ..FIELD
        },
        Field {
            name: "client_registration",
            label: "受审核（检查、审查）方登记号",
            hint: "所在国家或地区的登记号码，没有的可不填",
            widget: Widget::Line(30, TextFormat::Any),
            required: When::Never,
            shown: ABROAD,
            ..FIELD
        },
        Field {
            name: "body", identifies_institution: true, label: "认证机构", widget: Widget::One(Options::Listed(BODY_NAMES)), ..FIELD
        },
        Field {
            name: "body_other",
            identifies_institution: true,
            label: "认证机构名称",
            widget: Widget::Line(60, TextFormat::Any),
            required: OTHER_BODY,
            shown: OTHER_BODY,
            ..FIELD
        },
        Field { name: "audit_type", label: "审核（检查、审查）类型", widget: Widget::One(Options::Fixed(AUDIT_TYPES)), ..FIELD },
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
        Field {
            name: "standard", label: "认证标准", hint: "标准编号和年号", widget: Widget::Line(60, TextFormat::Any), ..FIELD
        },
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
            label: "检查涉及的注册专业",
            widget: Widget::Many(Options::Fixed(SPECIALTIES)),
            required: When::Is("domain", SPECIALISED),
            shown: When::Is("domain", SPECIALISED),
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
        Field { name: "onsite_mode", label: "实施方式", widget: Widget::One(Options::Fixed(ONSITE_MODES)), ..FIELD },
        Field {
            name: "checkin_ref",
            identifies_person: true,
            label: "现场签到编号",
            hint: "已在“认证审核签到”系统签到的，请填写签到编号",
            widget: Widget::Line(40, TextFormat::Any),
            required: When::Never,
            ..FIELD
        },
        Field { name: "team_leader", identifies_person: true, label: "组长", widget: Widget::Line(30, TextFormat::PersonName), ..FIELD },
        Field {
            name: "report_no",
            identifies_institution: true,
            label: "认证证书编号",
            widget: Widget::Line(40, TextFormat::Any),
            required: When::Never,
            ..FIELD
        },
        Field { name: "proof", label: "工作计划或统一上报平台截图", widget: Widget::files(3), ..FIELD },
    ],
};

/// List of the names of certification bodies, with [`OTHER_BODY_CODE`]. The code of a body is its name, so that a record keeps it.
pub const BODY_NAMES: &str = "certification_body_names";
/// Code of a body that is not listed.
pub const OTHER_BODY_CODE: &str = "other";
const OTHER_BODY: When = When::Is("body", &[OTHER_BODY_CODE]);

/// The client has no credit code. A record without the answer is of a client that has one.
const ABROAD: When = When::Is("client_abroad", &["yes"]);
const AT_HOME: When = When::Unless("client_abroad", &["yes"]);

/// Domains of inspectors and examiners, whose work is not recorded by clauses of a standard.
const NOT_BY_CLAUSES: &[&str] = &["OP", "GAP", "VPC", "CCC", "SC"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::catalogue::{Category, DOMAINS};
    use crate::engine::form::{Answers, Scope};

    #[test]
    fn only_audits_are_recorded_by_clauses() {
        for d in DOMAINS {
            assert_eq!(NOT_BY_CLAUSES.contains(&d.code), d.category != Category::Auditor, "{}", d.code);
        }
    }

    #[test]
    fn a_client_abroad_has_a_registration_number_and_any_other_a_credit_code() {
        let shown = |abroad: &str| {
            let fields = [("client_abroad".to_owned(), abroad.into())].into();
            let none = Answers::default();
            let scope = Scope::record(&none, &fields);
            let of = |name: &str| AUDIT_RECORDS.field(name).map(|f| (f.shown.holds(&scope), f.required.holds(&scope)));
            (of("client_code").unwrap(), of("client_registration").unwrap())
        };
        assert_eq!(shown("yes"), ((false, false), (true, false)));
        for home in ["no", ""] {
            assert_eq!(shown(home), ((true, true), (false, false)), "{home}");
        }
    }
}
