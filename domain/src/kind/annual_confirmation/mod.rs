//! 年度确认: in each year but the last, whoever holds a certificate confirms it (manual 3.2; domain facts §6). Filed by oneself, or by
//! one's institution on one's behalf.
//!
//! [`crate::kind::reregistration`], its sibling in the last year, has the same flow, and the rules of `keep` and `hours`.

mod flow;
mod form;
pub(crate) mod hours;
pub(crate) mod keep;

use crate::engine::flow::{Link, Party};
use crate::engine::form::Answers;
use crate::matter::MatterContext;
use crate::matter::{CERTIFICATES, Found, Guide, Kind, PLAIN, Requirements, TransferPolicy};
use crate::record::certificate::Upkeep;

pub use flow::FLOW;
pub use form::FORM;
pub(crate) use form::{CONDUCT, CPD, PAPERS, PRACTICE, institution, named};
pub use keep::{choice, choices};

/// The kind.
pub static KIND: Kind = Kind {
    code: "annual_confirmation",
    label: "年度确认",
    group: "认证人员",
    begun_by: &[Party::Applicant, Party::Institution(Link::Filing)],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        summary: "注册证书在有效期内每年确认一次，经认证机构审核、协会审批和批准后，证书更新到下一年度。",
        who: "注册证书快到或已过年度确认日期的注册人员；也可由执业机构代为办理。证书处于有效期最后一年的，改办再注册。",
        prepare: &[
            "一年来的继续教育记录和证明材料",
            "一年来的执业情况，包括受到的投诉和处分（如有）",
            "机构代为办理的，本人签字的声明的扫描件或照片",
        ],
        steps: &[
            "选择要确认的证书，填写并提交申请",
            "执业机构审核；机构代为办理的，直接提交协会",
            "协会审批，并由另一人批准；材料不全的，退回修改",
            "证书更新：下次年度确认日期顺延一年",
        ],
    },
    title: |answers| named("年度确认", answers),
    institution,
    upkeep: Some(Upkeep::Confirmation),
    judge: |answers, context| keep::judge(Upkeep::Confirmation, answers, context),
    requirements: Some(&Requirements { aim: &[CERTIFICATES], also: &[], find }),
    entry: Some(|context| keep::entry(Upkeep::Confirmation, context)),
    on_transfer: &TransferPolicy::follows("practice_institution"),
    ..PLAIN
};

fn find(answers: &Answers, context: &MatterContext<'_>) -> Vec<Found> {
    hours::held(Upkeep::Confirmation, answers, context).into_iter().collect()
}

#[cfg(test)]
mod tests;
