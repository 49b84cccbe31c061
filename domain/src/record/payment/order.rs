//! 缴费订单: one attempt to pay. State changes come from order events. Money received either pays a charge or is refunded.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::base::money::Fen;

/// State of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// 待支付: the payer is at the gateway.
    Open,
    /// 待核验: finance checks the voucher.
    Checking,
    /// 已支付.
    Paid,
    /// 已关闭.
    Closed,
}

/// The part of an order on which the effect of events depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Amount due.
    pub amount: Fen,
    /// Present state.
    pub state: OrderState,
    /// Paid trades of the gateway, each once.
    pub trades: Vec<String>,
    /// End of the payment attempt.
    pub expires_at: DateTime<Utc>,
}

/// An event of an order, reported by the gateway, by finance, or by the server. Its authenticity is verified before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// The whole amount was paid by this trade.
    Paid(String),
    /// The gateway was polled; no payment so far.
    Unpaid,
    /// The order is closed at the gateway.
    Closed,
    /// Its charges are no longer due, or are paid by another order. A bank transfer may still arrive, so finance keeps checking a voucher.
    Cancelled,
    /// Finance rejected the voucher.
    Refused,
}

/// An action that follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderAction {
    /// Mark the charges as paid.
    Settle,
    /// Release the charges for another order.
    Release,
    /// Close the order at the gateway.
    CloseAtGateway,
    /// Refund this trade.
    Refund(String, RefundReason),
}

/// Reason of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefundReason {
    /// Paid after the order was closed.
    Late,
    /// Paid twice.
    Duplicate,
    /// The charge was no longer due.
    NotDue,
    /// The applicant withdrew the matter before the association accepted it.
    Withdrawn,
    /// The matter closed by its time limit before the association accepted it.
    Lapsed,
}

/// Applies an event; returns the new order and the actions to take. Idempotent.
pub fn apply(order: &Order, word: &OrderEvent, now: DateTime<Utc>) -> (Order, Vec<OrderAction>) {
    use OrderAction::{CloseAtGateway, Refund, Release, Settle};
    let to = |state| Order { state, ..order.clone() };
    match (order.state, word) {
        (_, OrderEvent::Paid(trade)) if order.trades.contains(trade) => (order.clone(), Vec::new()),
        (state, OrderEvent::Paid(trade)) => {
            let mut trades = order.trades.clone();
            trades.push(trade.clone());
            let (state, follows) = match state {
                OrderState::Open | OrderState::Checking => (OrderState::Paid, Settle),
                OrderState::Paid => (OrderState::Paid, Refund(trade.clone(), RefundReason::Duplicate)),
                OrderState::Closed => (OrderState::Closed, Refund(trade.clone(), RefundReason::Late)),
            };
            (Order { state, trades, ..order.clone() }, vec![follows])
        }
        (OrderState::Open, OrderEvent::Unpaid) if now >= order.expires_at => (order.clone(), vec![CloseAtGateway]),
        (OrderState::Open, OrderEvent::Closed) | (OrderState::Checking, OrderEvent::Refused) => (to(OrderState::Closed), vec![Release]),
        (OrderState::Open, OrderEvent::Cancelled) => (to(OrderState::Closed), vec![Release, CloseAtGateway]),
        _ => (order.clone(), Vec::new()),
    }
}

impl OrderState {
    /// Every state.
    pub const ALL: [OrderState; 4] = [OrderState::Open, OrderState::Checking, OrderState::Paid, OrderState::Closed];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            OrderState::Open => "open",
            OrderState::Checking => "checking",
            OrderState::Paid => "paid",
            OrderState::Closed => "closed",
        }
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            OrderState::Open => "待支付",
            OrderState::Checking => "待核验",
            OrderState::Paid => "已支付",
            OrderState::Closed => "已关闭",
        }
    }

    /// The state with this code; closed for an unknown code.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == code).unwrap_or(OrderState::Closed)
    }

    /// Whether the charges still wait for this order.
    pub fn is_pending(self) -> bool {
        matches!(self, OrderState::Open | OrderState::Checking)
    }
}

impl RefundReason {
    /// Every reason.
    pub const ALL: [RefundReason; 5] =
        [RefundReason::Late, RefundReason::Duplicate, RefundReason::NotDue, RefundReason::Withdrawn, RefundReason::Lapsed];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            RefundReason::Late => "late",
            RefundReason::Duplicate => "twice",
            RefundReason::NotDue => "not_due",
            RefundReason::Withdrawn => "withdrawn",
            RefundReason::Lapsed => "lapsed",
        }
    }

    /// The reason with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }
}

impl fmt::Display for RefundReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RefundReason::Late => "订单关闭后到账",
            RefundReason::Duplicate => "重复支付",
            RefundReason::NotDue => "业务已不需要缴费",
            RefundReason::Withdrawn => "受理前撤回",
            RefundReason::Lapsed => "受理前逾期关闭",
        })
    }
}
