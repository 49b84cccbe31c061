//! Fees of matters, and who pays them.

use crate::base::rule::RuleKey;
use crate::engine::form::Answers;

/// The fee of a kind of matter.
#[derive(Debug)]
pub struct Fee {
    /// Label: 注册费.
    pub label: &'static str,
    /// Rule key of the amount in fen.
    pub amount: RuleKey,
    /// The payer by the answers.
    pub payer: fn(&Answers) -> Payer,
}

/// What becomes of a paid fee if its applicant withdraws the matter (docs/domain.md §5: not refunded once accepted).
pub fn withdrawal_notice(accepted: bool) -> &'static str {
    if accepted {
        "业务已受理，撤回后已缴费用不予退还。"
    } else {
        "业务尚未受理，撤回后已缴费用将退还。"
    }
}

/// The payer: 缴费方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// 个人缴费.
    Individual,
    /// 机构缴费: the institution of the matter.
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

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            Payer::Individual => "个人缴费",
            Payer::Institution => "机构缴费",
        }
    }

    /// The payer with this code; the individual for an unknown code.
    pub fn from_code(code: &str) -> Self {
        if code == "institution" { Payer::Institution } else { Payer::Individual }
    }
}
