//! 投诉: what someone says against a registrant, an institution, or the association itself (manual 3.5; domain facts §8).
//!
//! Whom it is about has no part in it: the matter is closed to them whatever their role, and no page tells them who complained.

mod flow;
mod form;

use crate::base::permission::Role;
use crate::engine::flow::{Link, Party};
use crate::matter::{Guide, Kind, PLAIN};

pub use flow::FLOW;
pub use form::{FORM, TARGETS};

/// The kind.
pub static KIND: Kind = Kind {
    code: "complaint",
    label: "投诉",
    group: "认证人员",
    begun_by: &[Party::Applicant, Party::Institution(Link::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        summary: "反映注册人员违反准则或职业道德的行为，或协会工作人员、程序中的问题，由协会调查处理并答复。",
        who: "个人用户和机构用户。投诉须实名，投诉人即账号本人；未经您同意，不会向被投诉方透露您的身份。",
        prepare: &["被投诉人的姓名或证书编号，或者机构的名称", "事实经过，包括时间和地点", "证明材料的扫描件或照片（如有）"],
        steps: &["填写并提交投诉", "协会受理；材料不全的，退回补充", "协会调查处理，并由另一人审定", "答复投诉人；对答复不服的，可以申诉"],
    },
    title: form::title,
    judge: form::judge,
    seen_by: &[Role::Officer, Role::Approver],
    apart: Some(form::apart),
    ..PLAIN
};
