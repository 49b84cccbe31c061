//! 申诉: a person or institution disputes a decision of the association about their own matter (docs/manual.md 3.4; docs/domain.md §8).
//!
//! A closed stage can be appealed if it has a transition by [`Party::Appeal`]. Everyone who decided or evaluated the disputed matter is
//! excluded from the appeal.

mod flow;
mod form;
mod window;

use crate::engine::flow::{InstitutionRelation, Party};
use crate::matter::{BASE_KIND, DISPUTED, ExpertList, Guide, Kind, LinkRule, Need};

pub use flow::FLOW;
pub use form::FORM;

/// The kind 申诉.
pub static KIND: Kind = Kind {
    code: "appeal",
    label: "申诉",
    apply_label: "申诉",
    number_prefix: "SS",
    group: "认证人员",
    applicant_label: "申诉人",
    begun_by: &[Party::Applicant, Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "对协会的决定不服",
        summary: "对协会就本人业务作出的决定不服的，可以申诉，由专家评价后协会作出处理决定。",
        applicants: "收到不予批准、证书处置、投诉答复等决定的个人用户和机构用户，须在申诉期限内提出。",
        prepare: &["申诉请求和理由", "支持申诉理由的证明材料的扫描件或照片（如有）"],
        steps: &[
            "选择不服的决定，填写并提交申诉",
            "协会受理；材料不全的，退回补充",
            "协会指派 3 名以上单数专家评价，办理或评价过原业务的人员一律回避",
            "协会作出处理决定并答复：撤销原决定的，原业务重新审批，处置解除；变更原决定的，写明变更后的决定；或者维持原决定",
        ],
    },
    blind_parties: &[Party::Expert],
    needs: &[Need::Matters],
    validate: window::validate,
    availability: Some(window::availability),
    links: &[LinkRule { role: &DISPUTED, named: |answers| form::disputed_matter(answers).into_iter().collect() }],
    open_keys: form::open_keys,
    expert_list: Some(ExpertList { slug: "appeals", title: "申诉评价", example: "如 申诉" }),
    ..BASE_KIND
};
