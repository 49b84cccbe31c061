//! 缴费: what a kind costs and who pays it (manual 3.1.4; fees of domain facts §5).

use crate::form::Answers;
use crate::rule::Key;

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
