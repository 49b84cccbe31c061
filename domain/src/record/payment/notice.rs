//! Notices of a payment gateway and their validation. The gateway client verifies the signature beforehand.

use chrono::{DateTime, TimeDelta, Utc};

use super::order::{Order, OrderEvent};
use crate::base::money::Fen;

/// Our merchant account with a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    /// Application id at the gateway.
    pub app: String,
    /// Seller id at the gateway.
    pub seller: String,
}

/// A signed notice, or a signed response to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Addressed merchant.
    pub merchant: Merchant,
    /// Order number.
    pub number: String,
    /// Trade number at the gateway.
    pub trade: String,
    /// Amount of the trade.
    pub amount: Fen,
    /// Status of the trade.
    pub status: TradeStatus,
    /// Time of sending. A repeated notice is signed again.
    pub sent_at: DateTime<Utc>,
}

/// Status of a trade at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeStatus {
    /// Not paid yet.
    Waiting,
    /// Paid in full.
    Paid,
    /// Closed without payment, or after a full refund.
    Closed,
    /// Partly or fully refunded.
    Refunded,
}

/// Why a notice is invalid. It has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNotice {
    /// The notice cannot be parsed.
    #[error("a notice cannot be read")]
    Unreadable,
    /// The signature is not the gateway's.
    #[error("a notice was not signed by its gateway")]
    Forged,
    /// The notice is for another merchant.
    #[error("a notice is for another merchant")]
    Merchant,
    /// Sent too long ago, or in the future.
    #[error("a notice is too old")]
    Stale,
    /// There is no such order.
    #[error("a notice is about an unknown order")]
    Unknown,
    /// The amount differs from the order's.
    #[error("a notice has another amount than its order")]
    Amount,
}

/// Validates a signed notice and converts it into an order event. A notice of a refund is valid and has no event.
///
/// # Errors
/// [`InvalidNotice`] if the notice is for another merchant or order, is too old, or names another amount. The answer to a query is checked
/// like a notice, since its signature does not say what was asked.
pub fn verify(
    notice: &Notice,
    merchant: &Merchant,
    order: Option<(&str, &Order)>,
    tolerance: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<OrderEvent>, InvalidNotice> {
    if notice.merchant != *merchant {
        return Err(InvalidNotice::Merchant);
    }
    if (now - notice.sent_at).abs() > tolerance {
        return Err(InvalidNotice::Stale);
    }
    let (_, order) = order.filter(|(number, _)| *number == notice.number).ok_or(InvalidNotice::Unknown)?;
    if notice.amount != order.amount {
        return Err(InvalidNotice::Amount);
    }
    Ok(match notice.status {
        TradeStatus::Paid => Some(OrderEvent::Paid(notice.trade.clone())),
        TradeStatus::Closed => Some(OrderEvent::Closed),
        TradeStatus::Waiting => Some(OrderEvent::Unpaid),
        // Refunds are initiated by this server, which knows of them already.
        TradeStatus::Refunded => None,
    })
}
