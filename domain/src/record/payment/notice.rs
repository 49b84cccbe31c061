//! What a gateway says of an order, and whether it can be believed. The signature is the adapter's to check; everything after it is here.

use chrono::{DateTime, TimeDelta, Utc};

use super::order::{Order, Word};
use crate::base::money::Fen;

/// Who the house is to a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    /// Id of the application at the gateway.
    pub app: String,
    /// Id of whom the money goes to.
    pub seller: String,
}

/// A signed notice, or the signed answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom it is for.
    pub merchant: Merchant,
    /// Number of the order.
    pub number: String,
    /// Number of the trade at the gateway.
    pub trade: String,
    /// What the trade is about.
    pub amount: Fen,
    /// How the trade stands.
    pub status: Trade,
    /// When it was sent. A gateway that sends a notice again signs it again.
    pub sent_at: DateTime<Utc>,
}

/// How a trade stands at its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trade {
    /// Nobody has paid yet.
    Waiting,
    /// The money arrived.
    Paid,
    /// Closed without money, or after all of it went back.
    Closed,
    /// Some or all of the money went back.
    Refunded,
}

/// Why a notice is not believed. Nothing changes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read.
    #[error("a notice cannot be read")]
    Unreadable,
    /// It was not signed by the gateway.
    #[error("a notice was not signed by its gateway")]
    Forged,
    /// It is for another merchant.
    #[error("a notice is for another merchant")]
    Merchant,
    /// It was sent too long ago, or too far ahead.
    #[error("a notice is too old")]
    Stale,
    /// There is no such order.
    #[error("a notice is about an unknown order")]
    Unknown,
    /// The amount is not the order's.
    #[error("a notice has another amount than its order")]
    Amount,
}

/// What a signed notice says of an order, if it can be believed.
pub fn judge(
    notice: &Notice,
    merchant: &Merchant,
    order: Option<&Order>,
    tolerance: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<Word>, Unfit> {
    if notice.merchant != *merchant {
        return Err(Unfit::Merchant);
    }
    if (now - notice.sent_at).abs() > tolerance {
        return Err(Unfit::Stale);
    }
    let order = order.ok_or(Unfit::Unknown)?;
    if notice.amount != order.amount {
        return Err(Unfit::Amount);
    }
    Ok(match notice.status {
        Trade::Paid => Some(Word::Paid(notice.trade.clone())),
        Trade::Closed => Some(Word::Closed),
        Trade::Waiting => Some(Word::Unpaid),
        // Money goes back at the house's own word, which knows of it already.
        Trade::Refunded => None,
    })
}
