//! SQL of payments that two people handle: who handled them first, and vouchers that were used before.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Who accepted a voucher first.
pub async fn first_checker(tx: &mut Tx, order: Uuid) -> Result<Option<Uuid>, DbError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), "select checked_by from payment_order where id = $1", order)?;
    Ok(row.and_then(|(account,)| account))
}

/// Records who accepted a voucher first; returns false if someone did before.
pub async fn set_first_checker(tx: &mut Tx, order: Uuid, account: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update payment_order set checked_by = $2, checked_at = $3 where id = $1 and checked_by is null",
        order,
        account,
        now
    )?;
    Ok(changed == 1)
}

/// Who approved a refund first.
pub async fn first_approver(tx: &mut Tx, refund: Uuid) -> Result<Option<Uuid>, DbError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), "select approved_by from refund where id = $1", refund)?;
    Ok(row.and_then(|(account,)| account))
}

/// Records who approved a refund first; returns false if someone did before.
pub async fn set_first_approver(tx: &mut Tx, refund: Uuid, account: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update refund set approved_by = $2, approved_at = $3 where id = $1 and approved_by is null and done_at is null",
        refund,
        account,
        now
    )?;
    Ok(changed == 1)
}

/// Adds a fingerprint of a voucher: of its transfer number (`number`) or of one of its files (`file`).
pub async fn insert_mark(tx: &mut Tx, order: Uuid, kind: &str, mark: &[u8]) -> Result<u64, DbError> {
    execute!(tx, "insert into voucher_mark (order_id, kind, mark) values ($1, $2, $3) on conflict do nothing", order, kind, mark)
}

/// Another order whose voucher has the same transfer number or the same file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RepeatedMark {
    /// `number` or `file`.
    pub kind: String,
    /// Number of the other order.
    pub order_number: String,
    /// State of the other order.
    pub state: String,
}

/// Other orders with the same transfer number or file, except those whose voucher was rejected.
pub async fn list_repeated(tx: &mut Tx, order: Uuid) -> Result<Vec<RepeatedMark>, DbError> {
    fetch_all!(
        tx,
        RepeatedMark,
        "select distinct m.kind as kind, p.number as order_number, p.state as state from voucher_mark m
         join voucher_mark o on o.mark = m.mark and o.kind = m.kind and o.order_id <> m.order_id
         join payment_order p on p.id = o.order_id
         where m.order_id = $1 and p.state <> 'closed' order by p.number, m.kind limit 20",
        order
    )
}
