//! 投诉: a complaint about a registrant, an institution, or the association itself (docs/manual.md 3.5; docs/domain.md §8).
//!
//! The person complained about is excluded from the matter in every role, and no page shows them the complainant.

mod flow;
mod form;

use crate::engine::flow::{InstitutionRelation, Party};
use crate::matter::{BASE_KIND, Guide, Kind};

pub use flow::FLOW;
pub use form::FORM;

/// The kind 投诉.
pub static KIND: Kind = Kind {
    code: "complaint",
    label: "投诉",
    apply_label: "投诉",
    number_prefix: "TS",
    group: "认证人员",
    applicant_label: "投诉人",
    begun_by: &[Party::Applicant, Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "反映注册人员或协会工作中的问题",
        summary: "反映注册人员违反注册准则、行为规范或职业道德的行为，或协会工作人员、程序中的问题，由协会调查处理并答复。",
        applicants: "个人用户和机构用户。投诉须实名，投诉人即账号本人；未经您同意，不会向被投诉方透露您的身份。",
        prepare: &["被投诉人的姓名或证书编号，或者机构的名称", "事实经过，包括时间和地点", "证明材料的扫描件或照片（如有）"],
        steps: &["填写并提交投诉", "协会受理；材料不全的，退回补充", "协会调查处理，并由另一人审定", "答复投诉人；对答复不服的，可以申诉"],
    },
    title: form::title,
    validate: form::validate,
    exclusions: Some(form::exclusions),
    ..BASE_KIND
};
