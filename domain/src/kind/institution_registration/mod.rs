//! 机构注册: a person registers an institution with the association, and is its first user once an administrator has approved.

mod flow;
mod form;
#[cfg(test)]
mod tests;

use crate::base::permission::Role;
use crate::matter::{BASE_KIND, Guide, Kind, Need};

pub use flow::FLOW;
pub use form::{DECLARATION, FORM};

const CODE: &str = "institution_registration";

/// The kind 机构注册.
pub static KIND: Kind = Kind {
    code: CODE,
    label: "机构注册",
    apply_label: "机构注册申请",
    number_prefix: "JG",
    group: "机构",
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "认证机构、培训机构注册为平台机构用户",
        summary: "认证机构、培训机构在平台注册。注册后可以推荐和管理本机构人员、合并缴费；培训机构可以备案课程、上报培训计划。",
        applicants: "依法设立的认证机构、培训机构，由机构授权的经办人用个人账号申请。批准后经办人成为该机构的首位用户，并担任机构管理员。",
        prepare: &[
            "统一社会信用代码和营业执照（或其他登记证书）的扫描件",
            "认证机构：认证机构批准书或备案编号，以及批准证书的扫描件",
            "法定代表人姓名、注册地址、联系人和联系方式",
        ],
        steps: &[
            "填写并提交申请",
            "协会管理员审核；材料不全或有误的，退回修改",
            "同意后机构即在平台注册，经办人成为机构管理员，可邀请其他用户",
        ],
    },
    title: form::title,
    needs: &[Need::CreditCode],
    validate: form::validate,
    visible_to: &[Role::Admin],
    open_keys: form::open_keys,
    registers: Some(form::registered),
    ..BASE_KIND
};
