//! The kinds of matter: one folder for each kind, and the list of kinds.
//!
//! A kind can be deleted with its folder and its two lines here: no other code of this crate names it.

pub mod annual_confirmation;
pub mod appeal;
pub mod category_binding;
pub mod complaint;
pub mod course_filing;
pub mod disposition;
pub mod identity_change;
pub mod institution_registration;
pub mod registration;
pub mod reregistration;
pub mod training_plan;
pub mod transfer;
#[cfg(any(test, feature = "trial-kind"))]
pub mod trial;

use crate::matter::Kind;

/// Every kind, in the order of the catalogue of applications.
pub static KINDS: &[&Kind] = &[
    &registration::KIND,             // 人员注册
    &annual_confirmation::KIND,      // 年度确认
    &reregistration::KIND,           // 再注册
    &transfer::KIND,                 // 转换执业机构
    &appeal::KIND,                   // 申诉
    &complaint::KIND,                // 投诉
    &disposition::KIND,              // 证书处置
    &identity_change::KIND,          // 信息变更申请
    &category_binding::KIND,         // 绑定课程类别
    &course_filing::KIND,            // 课程备案
    &training_plan::KIND,            // 培训计划
    &institution_registration::KIND, // 机构注册
];

/// The kind with this code; none if there is no such kind.
pub fn by_code(code: &str) -> Option<&'static Kind> {
    #[cfg(any(test, feature = "trial-kind"))]
    if let Some(kind) = trial::KINDS.into_iter().find(|kind| kind.code == code) {
        return Some(kind);
    }
    KINDS.iter().copied().find(|k| k.code == code)
}

#[cfg(test)]
mod tests;
