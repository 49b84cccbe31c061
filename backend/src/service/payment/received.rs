//! What arrived for an order, and where it goes.

use chrono::{DateTime, Utc};
use domain::base::money::Fen;
use domain::record::payment::RefundReason;
use uuid::Uuid;

use crate::infra::db::payment::{ChargeRow, ChargeState};
use crate::infra::db::receipt::RefundRow;
use crate::infra::db::{self, DbError, Tx};

/// Money that arrived by one trade. Its parts add up to its amount.
pub struct ReceiptView {
    /// Amount.
    pub amount: Fen,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// What becomes of it.
    pub parts: Vec<ReceiptPart>,
}

/// A part of the money of one trade.
pub struct ReceiptPart {
    /// Amount.
    pub amount: Fen,
    /// The charge it was for; none if the whole trade goes back.
    pub charge: Option<Uuid>,
    /// What becomes of it.
    pub usage: MoneyUsage,
}

/// What becomes of money that arrived.
pub enum MoneyUsage {
    /// It pays the charge.
    Pays,
    /// It goes back.
    Refund {
        /// Reason of the refund.
        reason: RefundReason,
        /// When finance sent it back; none while it waits for finance.
        done_at: Option<DateTime<Utc>>,
    },
}

/// What arrived for an order of these charges, in the sequence of arrival.
pub(crate) async fn receipts_of(tx: &mut Tx, order: Uuid, charges: &[ChargeRow]) -> Result<Vec<ReceiptView>, DbError> {
    let refunds = db::receipt::list_refunds_of_order(tx, order).await?;
    let receipts = db::receipt::list_receipts(tx, order).await?;
    let view = |(trade, amount, at): (String, i64, DateTime<Utc>)| {
        let refund_of = |charge: Uuid| refunds.iter().find(|r| r.trade == trade && r.charge_id == charge);
        let parts = match refund_of(Uuid::nil()) {
            Some(whole) => vec![ReceiptPart { amount: Fen(whole.amount), charge: None, usage: refund(whole) }],
            None => charges.iter().filter_map(|charge| part(charge, refund_of(charge.id))).collect(),
        };
        ReceiptView { amount: Fen(amount), at, parts }
    };
    Ok(receipts.into_iter().map(view).collect())
}

fn part(charge: &ChargeRow, refunded: Option<&RefundRow>) -> Option<ReceiptPart> {
    let usage = match refunded {
        Some(row) => refund(row),
        None if charge.state == ChargeState::Paid => MoneyUsage::Pays,
        None => return None,
    };
    Some(ReceiptPart { amount: Fen(charge.amount), charge: Some(charge.id), usage })
}

fn refund(row: &RefundRow) -> MoneyUsage {
    MoneyUsage::Refund { reason: row.reason, done_at: row.done_at }
}
