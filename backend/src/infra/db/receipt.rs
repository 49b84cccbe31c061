//! SQL of money received and sent back: receipts and refunds.

use chrono::{DateTime, Utc};
use domain::record::payment::RefundReason;
use uuid::Uuid;

use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A refund.
#[derive(Clone, sqlx::FromRow)]
pub struct RefundRow {
    /// Id of the refund.
    pub id: Uuid,
    /// The order that was paid.
    pub order_id: Uuid,
    /// The trade by which the money arrived.
    pub trade: String,
    /// The refunded charge; nil for a whole order.
    pub charge_id: Uuid,
    /// Amount in fen.
    pub amount: i64,
    /// Reason of the refund.
    #[sqlx(try_from = "Coded<RefundReason>")]
    pub reason: RefundReason,
    /// When the refund was queued.
    pub created_at: DateTime<Utc>,
    /// When the money was sent back.
    pub done_at: Option<DateTime<Utc>>,
}

/// The trades by which money arrived for an order, in the sequence of arrival.
pub async fn list_trades(tx: &mut Tx, order: Uuid) -> Result<Vec<String>, DbError> {
    let rows = fetch_all!(tx, (String,), "select trade from receipt where order_id = $1 order by at, trade", order)?;
    Ok(rows.into_iter().map(|(trade,)| trade).collect())
}

/// The trade that paid the charges of an order: the first one that does not go back as a whole.
pub async fn settling_trade(tx: &mut Tx, order: Uuid) -> Result<Option<String>, DbError> {
    let row = fetch_optional!(
        tx,
        (String,),
        "select r.trade from receipt r where r.order_id = $1
         and not exists (select 1 from refund f where f.order_id = r.order_id and f.trade = r.trade and f.charge_id = $2)
         order by r.at, r.trade limit 1",
        order,
        Uuid::nil()
    )?;
    Ok(row.map(|(trade,)| trade))
}

/// Records money that arrived. `gateway`: the gateway of the trade; none for a bank transfer.
///
/// # Errors
/// [`DbError::Unique`] if the trade of this gateway paid another order.
pub async fn insert_receipt(
    tx: &mut Tx,
    order: Uuid,
    gateway: Option<&str>,
    trade: &str,
    amount: i64,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into receipt (order_id, trade, amount, at, gateway) values ($1, $2, $3, $4, $5)",
        order,
        trade,
        amount,
        now,
        gateway
    )
}

/// Queues a refund.
pub async fn insert_refund(tx: &mut Tx, row: &RefundRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into refund (id, order_id, trade, charge_id, amount, reason, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        row.id,
        row.order_id,
        &row.trade,
        row.charge_id,
        row.amount,
        row.reason.code(),
        row.created_at
    )
}

/// Trade, amount in fen and time of what arrived for an order, in the sequence of arrival.
pub async fn list_receipts(tx: &mut Tx, order: Uuid) -> Result<Vec<(String, i64, DateTime<Utc>)>, DbError> {
    fetch_all!(tx, (String, i64, DateTime<Utc>), "select trade, amount, at from receipt where order_id = $1 order by at, trade", order)
}

/// The refunds of an order, queued and sent.
pub async fn list_refunds_of_order(tx: &mut Tx, order: Uuid) -> Result<Vec<RefundRow>, DbError> {
    fetch_all!(tx, RefundRow, "select * from refund where order_id = $1 order by created_at, id", order)
}

/// Queued refunds, oldest first.
pub async fn list_open_refunds(tx: &mut Tx) -> Result<Vec<RefundRow>, DbError> {
    fetch_all!(tx, RefundRow, "select * from refund where done_at is null order by created_at, id limit 200")
}

/// The refund of an id.
pub async fn refund_by_id(tx: &mut Tx, id: Uuid) -> Result<Option<RefundRow>, DbError> {
    fetch_optional!(tx, RefundRow, "select * from refund where id = $1", id)
}

/// Records that a refund was sent; returns false if it was recorded before.
pub async fn set_refunded(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(execute!(tx, "update refund set done_at = $2 where id = $1 and done_at is null", id, now)? == 1)
}

/// Sums in fen: money received, charges paid, refunds queued or sent.
#[cfg(test)]
pub async fn sums(tx: &mut Tx) -> Result<(i64, i64, i64), DbError> {
    let row = fetch_optional!(
        tx,
        (i64, i64, i64),
        "select cast(coalesce((select sum(amount) from receipt), 0) as bigint),
         cast(coalesce((select sum(amount) from charge where state = 'paid'), 0) as bigint),
         cast(coalesce((select sum(amount) from refund), 0) as bigint)"
    )?;
    Ok(row.unwrap_or_default())
}
