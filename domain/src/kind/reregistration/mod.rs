//! 再注册: at the end of its term a certificate is renewed for another term (docs/domain.md §6, §2.3). Requires the practice of the whole
//! term in addition to what 年度确认 requires.

mod form;
mod practice;

use crate::engine::flow::{InstitutionRelation, Party};
use crate::engine::form::Answers;
use crate::matter::{
    BASE_KIND, CERTIFICATES_FIELD, Guide, Kind, MatterContext, Need, RequirementFinding, Requirements, TransferPolicy, renewal,
};
use crate::record::certificate::Renewal;

pub use form::FORM;

/// The kind 再注册.
pub static KIND: Kind = Kind {
    code: "reregistration",
    label: "再注册",
    apply_label: "再注册申请",
    number_prefix: "ZZ",
    group: "认证人员",
    begun_by: &[Party::Applicant, Party::Institution(InstitutionRelation::Filing)],
    form: &FORM,
    flow: &renewal::FLOW,
    guide: Guide {
        brief: "证书届满前延续有效期",
        summary: "注册证书有效期届满前办理再注册，经认证机构审核、协会审批和批准后，证书延续一个有效期。",
        applicants: "证书有效期即将届满或刚刚届满，并已完成各年度确认的注册人员；也可由执业机构代为办理。",
        prepare: &[
            "有效期内的审核、检查或审查经历和证明材料（实习级不需要）",
            "最近一年的继续教育记录和证明材料",
            "机构代为办理的，本人签字的声明的扫描件或照片",
        ],
        steps: &[
            "选择要再注册的证书，填写并提交申请",
            "执业机构审核；机构代为办理的，直接提交协会",
            "协会审批、批准（由不同人员办理）；材料不全的，退回修改",
            "证书延续：有效期自原届满日次日起重新计算",
        ],
    },
    title: |answers| renewal::title("再注册", answers),
    institution: renewal::practice_institution,
    renewal: Some(Renewal::Reregistration),
    needs: &[Need::Institutions, Need::Certificates, Need::Practices, Need::Renewals],
    validate: |answers, context| renewal::validate(Renewal::Reregistration, answers, context),
    preset: &[CERTIFICATES_FIELD],
    requirements: Some(&Requirements { goal_fields: &[CERTIFICATES_FIELD], optional_fields: &[], evaluate: findings }),
    availability: Some(|context| renewal::availability(Renewal::Reregistration, context)),
    open_keys: renewal::open_keys,
    on_transfer: &TransferPolicy::follows("practice_institution"),
    ..BASE_KIND
};

fn findings(answers: &Answers, context: &MatterContext<'_>) -> Vec<RequirementFinding> {
    renewal::cpd_hours(Renewal::Reregistration, answers, context).into_iter().chain(practice::practice_of_term(answers, context)).collect()
}

#[cfg(test)]
mod tests;
