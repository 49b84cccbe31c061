//! 缴费: what a kind costs and who pays it (manual 3.1.4), orders and what is heard of them, invoices and vouchers (domain facts §5).

mod form;
mod invoice;
mod notice;
mod order;

pub use form::{FORM, Found, Invoice, Method, Voucher, VoucherFile, Wish, faults, read};
pub use invoice::{INVOICE_KINDS, gbk_bytes, is_tax_id};
pub use notice::{Merchant, Notice, Trade, Unfit, judge};
pub use order::{Consequence, Order, Reason, State, Word, hear};

use crate::base::rule::Key;
use crate::engine::form::Answers;

/// What a kind of matter costs.
#[derive(Debug)]
pub struct Fee {
    /// What is paid for: 注册费.
    pub label: &'static str,
    /// The amount, in fen, by the rule table.
    pub amount: Key,
    /// Who pays, by the answers.
    pub payer: fn(&Answers) -> Payer,
}

/// Who pays: 缴费方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// 个人缴费.
    Individual,
    /// 机构缴费: the institution tied to the matter.
    Institution,
}

impl Payer {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Payer::Individual => "individual",
            Payer::Institution => "institution",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Payer::Individual => "个人缴费",
            Payer::Institution => "机构缴费",
        }
    }

    /// The payer of a code; the individual for any other.
    pub fn from_code(code: &str) -> Self {
        if code == "institution" { Payer::Institution } else { Payer::Individual }
    }
}

#[cfg(test)]
mod tests;
