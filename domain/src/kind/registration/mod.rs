//! 人员注册: a person applies for registration in a domain and grade (docs/manual.md 3.1).

mod declaration;
mod flow;
mod form;
mod grant;
mod nonconformity;
mod requirement;
mod validation;

use crate::base::rule::key;
use crate::engine::flow::Party;
use crate::engine::form::Answers;
use crate::matter::{BASE_KIND, ExpertList, Guide, Kind, Need, OnTransfer, TransferPolicy};
use crate::record::payment::{Fee, Payer};

pub use declaration::TEXT as DECLARATION;
pub use flow::FLOW;
pub use form::FORM;
pub use nonconformity::NONCONFORMITIES;

/// The kind 人员注册.
pub static KIND: Kind = Kind {
    code: "registration",
    label: "人员注册",
    apply_label: "人员注册申请",
    number_prefix: "ZC",
    group: "认证人员",
    begun_by: &[Party::Applicant],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "首次注册、扩大领域和晋级",
        summary: "申请成为某一认证领域的注册人员，经认证机构初核、协会受理和批准后颁发注册证书。",
        applicants: "已与一家认证机构建立执业关系，并符合相应注册级别要求的个人。",
        prepare: &[
            "本人身份证件人像面和国徽面的彩色扫描件或照片",
            "学历证书原件的彩色扫描件或照片",
            "近 6 个月内白底免冠证件照（JPG 格式）",
            "申请正式级：审核、检查或审查经历的证明材料",
        ],
        steps: &[
            "填写并提交申请",
            "推荐机构初核",
            "缴费：选择个人缴费的，在“我的事项”中缴纳；选择机构缴费的，由推荐机构缴纳",
            "协会受理，并指派专家评价；不符合的，按意见整改",
            "协会审批和批准，颁发证书并公布",
        ],
    },
    fee: Some(&Fee { label: "注册费", amount: key::REGISTRATION_FEE, payer }),
    nonconformities: NONCONFORMITIES,
    blind_parties: &[Party::Expert],
    title: form::title,
    institution: form::institution,
    certificate_grant: grant::certificate_grant,
    facets: form::facets,
    open_keys: grant::open_keys,
    needs: &[Need::Identity, Need::Institutions, Need::Scores, Need::Certificates, Need::Practices],
    validate: validation::validate,
    preset: &["application_kind", "domain", "grade", "title_level"],
    requirements: Some(&requirement::REQUIREMENTS),
    on_transfer: &[
        TransferPolicy { stages: &["draft"], blocks: false, then: FOLLOWS },
        // The payer must not change while a payment is open.
        TransferPolicy { stages: &["billing", "payment_check"], blocks: true, then: OnTransfer::Waits },
        TransferPolicy { stages: &[], blocks: true, then: FOLLOWS },
    ],
    expert_list: Some(ExpertList { slug: "registrations", title: "人员注册评价", example: "如 质量管理体系" }),
    ..BASE_KIND
};

const FOLLOWS: OnTransfer = OnTransfer::Follows("recommending_institution");

/// The payer, by the answer to 缴费方式.
fn payer(answers: &Answers) -> Payer {
    Payer::from_code(answers.text("payer_type"))
}
