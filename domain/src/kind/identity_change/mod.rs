//! 信息变更申请: a person asks the association to change the registered name, or the registered identity document with the sex and the
//! birth date that follow from it. An officer reviews it, a second person approves it, and the account is changed with the approval.

mod flow;
mod form;
mod validation;

use crate::matter::{Availability, BASE_KIND, Guide, IdentityRule, Kind, MatterContext, Need, OpenKey};

pub use flow::FLOW;
pub use form::{DECLARATION, FORM};

const CODE: &str = "identity_change";

/// The kind 信息变更申请.
pub static KIND: Kind = Kind {
    code: CODE,
    label: "信息变更申请",
    apply_label: "信息变更申请",
    number_prefix: "BG",
    group: "个人信息",
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "变更登记的姓名或身份证件",
        summary: "变更账号登记的姓名或身份证件，经协会审核和批准后生效，名下有效证书的姓名一并变更，证书编号不变。",
        applicants: "登记的姓名或证件与现行有效证件不一致的个人：姓名变更、证件换发、登记有误等。",
        prepare: &[
            "现行有效身份证件两面的彩色扫描件或照片",
            "变更姓名的：户口簿变更页，或公安机关出具的姓名变更证明",
            "其他证明材料（如有）",
        ],
        steps: &[
            "填写并提交申请",
            "协会审核；材料不全或不清晰的，退回补正",
            "协会由另一人批准，账号登记的信息随即变更",
            "有效证书按新姓名重新打印；变更证件的，须重新登录",
        ],
    },
    title: form::title,
    needs: &[Need::Identity, Need::Matters],
    validate: validation::validate,
    availability: Some(availability),
    open_keys: |_| vec![OPEN_KEY],
    identity: Some(&IdentityRule { change: validation::change, number_field: ("identity", "document_number") }),
    ..BASE_KIND
};

/// Only one change of a person's identity at a time.
const OPEN_KEY: OpenKey =
    OpenKey { subject: CODE, per_applicant: true, value: String::new(), taken: "您已有一件信息变更申请正在办理" };

/// Closed while another one is open.
fn availability(context: &MatterContext<'_>) -> Availability {
    let open = context.matters().iter().any(|m| m.kind == CODE && m.closed_on.is_none());
    if open { Availability::closed(format!("{}，请在办结或撤回后再申请", OPEN_KEY.taken)) } else { Availability::Open }
}
