//! Why a payment command failed.

use domain::base::money::Fen;
use domain::record::payment::InvalidNotice;

use crate::infra::db::DbError;
use crate::infra::gateway::GatewayError;
use crate::matter::MatterError;

/// Why a payment command failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PaymentError {
    /// Unknown, or not payable by the caller.
    #[error("nothing to be paid by this person")]
    NotFound,
    /// Already paid, or no longer due.
    #[error("not due")]
    NotDue,
    /// A voucher is being checked.
    #[error("a voucher is being checked")]
    VoucherInReview,
    /// No gateway is configured.
    #[error("no gateway")]
    NoGateway,
    /// No bank account is configured.
    #[error("no bank account")]
    NoBankAccount,
    /// The amount of the voucher differs from the amount due.
    #[error("another amount than what is due")]
    WrongAmount(Fen),
    /// A reason is needed.
    #[error("no reason was given")]
    ReasonMissing,
    /// The caller may not check an own payment.
    #[error("their own payment")]
    OwnPayment,
    /// A second person is needed, and the caller was the first.
    #[error("the same person again")]
    SamePerson,
    /// Already done with another result.
    #[error("done already")]
    AlreadyDone,
    /// The page showed another state.
    #[error("decided on an outdated page")]
    Outdated,
    /// Gateway error.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// An invalid notice.
    #[error(transparent)]
    InvalidNotice(#[from] InvalidNotice),
    /// Error of the matter.
    #[error(transparent)]
    Matter(#[from] MatterError),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PaymentError {
    /// Message for the user.
    pub fn text(&self) -> String {
        match self {
            PaymentError::NotFound => "没有找到这笔缴费".into(),
            PaymentError::NotDue => "该费用已缴清，或已不需要缴纳".into(),
            PaymentError::VoucherInReview => "缴费凭证正在核验，请等待结果".into(),
            PaymentError::NoGateway => "暂未开通线上缴费，请选择线下缴费".into(),
            PaymentError::NoBankAccount => "暂未开通线下缴费，请选择线上缴费".into(),
            PaymentError::WrongAmount(due) => format!("凭证金额应与应缴金额一致（{} 元）", due.yuan()),
            PaymentError::ReasonMissing => "请填写理由".into(),
            PaymentError::OwnPayment => "不能核验本人办理的缴费".into(),
            PaymentError::SamePerson => "您已经核验过，须由另一位财务人员复核".into(),
            PaymentError::AlreadyDone => "该笔款项已由他人处理，请查看最新情况".into(),
            PaymentError::Outdated => "您打开页面之后，缴费情况有了变化，您的操作没有生效。请核对最新情况后再决定".into(),
            PaymentError::Gateway(_) | PaymentError::InvalidNotice(_) => "支付机构暂时没有回应，请稍后再试".into(),
            PaymentError::Matter(error) => error.text(),
            PaymentError::Db(error) => error.text().into(),
        }
    }
}
