//! An institution as it is registered.

use serde::{Deserialize, Serialize};

use super::kind::InstitutionKinds;
use crate::base::identity::CreditCode;

/// An institution to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredInstitution {
    /// 机构名称.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: CreditCode,
    /// 机构类型, at least one.
    pub kinds: InstitutionKinds,
    /// 批准书或备案编号 of a certification body; empty for others.
    pub approval_no: String,
    /// Contact data.
    pub contact: InstitutionContact,
}

/// How to reach an institution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstitutionContact {
    /// 法定代表人.
    pub legal_representative: String,
    /// 注册地址.
    pub address: String,
    /// 联系人.
    pub name: String,
    /// 联系电话.
    pub phone: String,
    /// 电子邮箱.
    pub email: String,
}

/// What has a credit code already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCodeHolder {
    /// A registered institution.
    Institution,
    /// An open registration.
    Matter,
}

impl CreditCodeHolder {
    /// Why the code cannot be registered.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Institution => "该统一社会信用代码的机构已注册，请由该机构的管理员邀请您成为用户",
            Self::Matter => "该统一社会信用代码已有一件机构注册申请正在办理",
        }
    }
}
