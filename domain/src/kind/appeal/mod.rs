//! 申诉: someone asks that a decision of the association about their own matter be looked at again (manual 3.4; domain facts §8).
//!
//! What can be disputed says so itself: a closed stage with a move of [`Party::Appeal`]. Who decided or evaluated the disputed matter stays
//! clear of the appeal.

mod flow;
mod form;
mod window;

use crate::base::permission::Role;
use crate::engine::flow::{Link, Party};
use crate::matter::{ExpertList, Guide, Kind, PLAIN};

pub use flow::FLOW;
pub use form::FORM;
pub use window::last_day;

/// The kind.
pub static KIND: Kind = Kind {
    code: "appeal",
    label: "申诉",
    group: "认证人员",
    begun_by: &[Party::Applicant, Party::Institution(Link::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        summary: "对协会就本人业务作出的决定不服的，可以申诉，由专家评价后协会作出处理决定。",
        who: "收到不予批准、投诉答复等决定的个人用户和机构用户，须在申诉期限内提出。",
        prepare: &["申诉请求和理由", "支持申诉理由的证明材料的扫描件或照片（如有）"],
        steps: &[
            "选择不服的决定，填写并提交申诉",
            "协会受理；材料不全的，退回补充",
            "协会指派单数的专家评价，办理或评价过原业务的人员一律回避",
            "协会作出处理决定并答复；申诉成立的，原业务重新审批",
        ],
    },
    blind: &[Party::Expert],
    judge: window::judge,
    entry: Some(window::entry),
    seen_by: &[Role::Officer, Role::Approver],
    apart: Some(form::apart),
    disputes: Some(form::disputed),
    expert_list: Some(ExpertList { slug: "appeals", title: "申诉评价", example: "如 申诉" }),
    ..PLAIN
};
