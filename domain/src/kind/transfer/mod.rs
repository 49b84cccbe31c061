//! 转换执业机构: someone who is certified goes from one certification body to another (manual 3.3; domain facts §7).
//!
//! The order of consents is the table of its flow: 转出机构, 转入机构, then the association examines and decides.

mod condition;
mod flow;
mod form;

use crate::engine::flow::Party;
use crate::matter::{Guide, Kind, OnTransfer, PLAIN, TransferPolicy};

pub use condition::free_from;
pub use flow::FLOW;
pub use form::{FORM, GROUNDS};

/// The kind.
pub static KIND: Kind = Kind {
    code: "transfer",
    label: "转换执业机构",
    group: "认证人员",
    begun_by: &[Party::Applicant],
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        summary: "注册人员由一家认证机构转到另一家执业，经转出机构、转入机构审核和协会批准后，执业机构和名下证书一并变更。",
        who: "持有有效注册证书、有执业机构的人员。刚转换过执业机构、名下业务尚未办结或证书被暂停的，不能申请。",
        prepare: &[
            "转换理由：合同到期、转出机构同意、双方提前解除合同、机构无法经营或连续 6 个月未安排认证工作",
            "离职证明的扫描件或照片（合同到期或已提前解除的）",
            "其他证明材料（如有）",
        ],
        steps: &[
            "填写并提交申请",
            "转出机构审核；逾期未答复的，由协会处理",
            "转入机构审核",
            "协会审核，并由另一人批准",
            "执业机构和名下有效证书变更为转入机构",
        ],
    },
    title: form::title,
    judge: condition::judge,
    entry: Some(condition::entry),
    ties: Some(form::ties),
    // Nobody goes to two institutions.
    on_transfer: &[
        TransferPolicy { stages: &["draft"], blocks: false, then: OnTransfer::Unchanged },
        TransferPolicy { stages: &[], blocks: true, then: OnTransfer::Waits },
    ],
    ..PLAIN
};
