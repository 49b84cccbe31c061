//! 再注册: at the end of its term a certificate is renewed for another (domain facts §6, §2.3). The sibling of
//! [`crate::kind::annual_confirmation`], whose flow and rules it shares; it asks for the work of the whole term besides.

mod form;
mod work;

use crate::engine::flow::{Link, Party};
use crate::engine::form::Answers;
use crate::kind::annual_confirmation::{hours, institution, keep, named};
use crate::matter::MatterContext;
use crate::matter::{CERTIFICATES, Found, Guide, Kind, PLAIN, Requirements, TransferPolicy};
use crate::record::certificate::Upkeep;

pub use form::FORM;

/// The kind.
pub static KIND: Kind = Kind {
    code: "reregistration",
    label: "再注册",
    group: "认证人员",
    begun_by: &[Party::Applicant, Party::Institution(Link::Filing)],
    form: &FORM,
    flow: &crate::kind::annual_confirmation::FLOW,
    guide: Guide {
        summary: "注册证书有效期届满前办理再注册，经认证机构审核、协会审批和批准后，证书延续一个有效期。",
        who: "证书有效期即将届满或刚刚届满，并已完成各年度确认的注册人员；也可由执业机构代为办理。",
        prepare: &[
            "有效期内的审核、检查或审查经历和证明材料（实习级不需要）",
            "最近一年的继续教育记录和证明材料",
            "机构代为办理的，本人签字的声明的扫描件或照片",
        ],
        steps: &[
            "选择要再注册的证书，填写并提交申请",
            "执业机构审核；机构代为办理的，直接提交协会",
            "协会审批，并由另一人批准；材料不全的，退回修改",
            "证书延续：有效期自原届满日次日起重新计算",
        ],
    },
    title: |answers| named("再注册", answers),
    institution,
    upkeep: Some(Upkeep::Renewal),
    judge: |answers, context| keep::judge(Upkeep::Renewal, answers, context),
    requirements: Some(&Requirements { aim: &[CERTIFICATES], also: &[], find }),
    entry: Some(|context| keep::entry(Upkeep::Renewal, context)),
    on_transfer: &TransferPolicy::follows("practice_institution"),
    ..PLAIN
};

fn find(answers: &Answers, context: &MatterContext<'_>) -> Vec<Found> {
    hours::held(Upkeep::Renewal, answers, context).into_iter().chain(work::held(answers, context)).collect()
}

#[cfg(test)]
mod tests;
