//! 转换执业机构: a certified person moves from one certification body to another (docs/manual.md 3.3; docs/domain.md §7). The institution
//! left consents first, then the institution joined, then the association decides.

mod condition;
mod flow;
mod form;

use crate::base::rule::key;
use crate::engine::flow::Party;
use crate::matter::{BASE_KIND, Guide, Kind, Need, OnTransfer, OpenKey, TransferPolicy};
use crate::record::payment::{Fee, Payer};

pub use flow::FLOW;
pub use form::FORM;

/// The kind 转换执业机构.
pub static KIND: Kind = Kind {
    code: condition::CODE,
    label: "转换执业机构",
    apply_label: "人员转换执业机构申请",
    number_prefix: "ZH",
    group: "认证人员",
    begun_by: &[Party::Applicant],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "由一家认证机构转到另一家执业",
        summary: "注册人员由一家认证机构转到另一家执业，经转出机构、转入机构审核和协会批准后，执业机构和名下证书一并变更。",
        applicants: "持有有效注册证书、有执业机构的人员。近期已转换过执业机构、名下有在办业务或证书因处置处于暂停期的，不能申请；证书因未年度确认被暂停的，转换后请在转入机构补办。",
        prepare: &[
            "转换理由：合同到期、转出机构同意、双方提前解除合同、机构无法经营或连续 6 个月未安排认证工作",
            "离职证明的扫描件或照片（合同到期或已提前解除的）",
            "其他证明材料（如有）",
        ],
        steps: &[
            "填写并提交申请",
            "转出机构审核；逾期未答复的，由协会处理",
            "转入机构审核",
            "协会审核、批准（由不同人员办理）",
            "执业机构和名下有效证书变更为转入机构",
        ],
    },
    fee: Some(&Fee { label: "转换执业机构费", amount: key::TRANSFER_FEE, payer: |_| Payer::Individual }),
    title: form::title,
    needs: &[Need::Institutions, Need::Certificates, Need::Practices, Need::Matters, Need::Transfer],
    validate: condition::validate,
    availability: Some(condition::availability),
    related_institutions: Some(form::related_institutions),
    open_keys: |_| vec![OPEN_KEY],
    on_transfer: &[
        TransferPolicy { stages: &["draft"], blocks: false, then: OnTransfer::Unchanged },
        TransferPolicy { stages: &[], blocks: true, then: OnTransfer::Waits },
    ],
    ..BASE_KIND
};

/// Only one transfer of a person at a time.
const OPEN_KEY: OpenKey =
    OpenKey {
        subject: condition::CODE, per_applicant: true, value: String::new(), taken: "您已有一件转换执业机构的申请正在办理"
    };
