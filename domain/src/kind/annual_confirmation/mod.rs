//! 年度确认: the holder confirms a certificate in each year of its term but the last (docs/manual.md 3.2; docs/domain.md §6). Filed by the
//! holder or by the holder's institution.

mod form;

use crate::base::rule::key;
use crate::engine::flow::{InstitutionRelation, Party};
use crate::engine::form::Answers;
use crate::matter::{
    BASE_KIND, CERTIFICATES_FIELD, Guide, Kind, MatterContext, Need, RequirementFinding, Requirements, TransferPolicy, renewal,
};
use crate::record::certificate::Renewal;
use crate::record::payment::{Fee, Payer};

pub use form::FORM;

/// The kind 年度确认.
pub static KIND: Kind = Kind {
    code: "annual_confirmation",
    label: "年度确认",
    apply_label: "年度确认申请",
    number_prefix: "NQ",
    group: "认证人员",
    begun_by: &[Party::Applicant, Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &renewal::FLOW,
    guide: Guide {
        brief: "证书每年确认一次",
        summary: "注册证书在有效期内每年确认一次，经认证机构审核、协会审批和批准后，证书更新到下一年度。",
        applicants: "注册证书临近或已超过年度确认日期的注册人员；也可由执业机构代为办理。证书处于有效期最后一年的，应办理再注册。",
        prepare: &[
            "一年来的继续教育记录和证明材料",
            "一年来的执业情况，包括受到的投诉和处分（如有）",
            "机构代为办理的，本人签字的声明的扫描件或照片",
        ],
        steps: &[
            "选择要确认的证书，填写并提交申请",
            "执业机构审核；机构代为办理的，直接提交协会",
            "协会审批、批准（由不同人员办理）；材料不全的，退回修改",
            "证书更新：下次年度确认日期顺延一年",
        ],
    },
    fee: Some(&Fee { label: "年度确认费", amount: key::ANNUAL_CONFIRMATION_FEE, payer: |_| Payer::Individual }),
    title: |answers| renewal::title("年度确认", answers),
    institution: renewal::practice_institution,
    renewal: Some(Renewal::AnnualConfirmation),
    needs: &[Need::Certificates, Need::Practices, Need::Renewals],
    validate: |answers, context| renewal::validate(Renewal::AnnualConfirmation, answers, context),
    preset: &[CERTIFICATES_FIELD],
    requirements: Some(&Requirements { goal_fields: &[CERTIFICATES_FIELD], optional_fields: &[], evaluate: findings }),
    availability: Some(|context| renewal::availability(Renewal::AnnualConfirmation, context)),
    open_keys: renewal::open_keys,
    on_transfer: &TransferPolicy::follows("practice_institution"),
    ..BASE_KIND
};

fn findings(answers: &Answers, context: &MatterContext<'_>) -> Vec<RequirementFinding> {
    renewal::cpd_hours(Renewal::AnnualConfirmation, answers, context).into_iter().collect()
}

#[cfg(test)]
mod tests;
