//! SQL of the cash desk: charges, orders, receipts, refunds. The demo's cashier stands at the end.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// What a matter costs.
#[derive(Clone, sqlx::FromRow)]
pub struct Charge {
    /// Id.
    pub id: Uuid,
    /// The matter.
    pub matter_id: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// Title of the matter when it was charged.
    pub title: String,
    /// What is paid for.
    pub label: String,
    /// In fen.
    pub amount: i64,
    /// Code of who pays.
    pub payer: String,
    /// Who began the matter.
    pub account_id: Uuid,
    /// The institution tied to it.
    pub institution_id: Option<Uuid>,
    /// `due`, `paid` or `dropped`.
    pub state: String,
    /// Counts changes; touching it locks the row.
    pub version: i64,
    /// When it fell due.
    pub created_at: DateTime<Utc>,
    /// When it was paid or dropped.
    pub settled_at: Option<DateTime<Utc>>,
}

/// One attempt to pay.
#[derive(Clone, sqlx::FromRow)]
pub struct Order {
    /// Id.
    pub id: Uuid,
    /// Number the gateway knows it by.
    pub number: String,
    /// Code of the gateway; `voucher` for what is paid elsewhere.
    pub gateway: String,
    /// In fen.
    pub amount: i64,
    /// Who began it.
    pub account_id: Uuid,
    /// The institution they began it for.
    pub institution_id: Option<Uuid>,
    /// How it stands.
    pub state: String,
    /// Counts changes; touching it locks the row.
    pub version: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When the attempt ends.
    pub expires_at: DateTime<Utc>,
    /// When the gateway is asked next.
    pub probe_at: Option<DateTime<Utc>>,
    /// How often it was asked.
    pub probes: i64,
    /// Whether the gateway is still to be told that it is closed.
    pub closing: bool,
    /// When it was paid or closed.
    pub ended_at: Option<DateTime<Utc>>,
    /// The voucher, sealed.
    pub voucher_sealed: Option<Vec<u8>>,
    /// The invoice that is wanted, sealed.
    pub invoice_sealed: Option<Vec<u8>>,
    /// Number of the invoice that was made out.
    pub invoice_number: Option<String>,
    /// Its day.
    pub invoice_on: Option<NaiveDate>,
    /// What finance said of the voucher.
    pub note: String,
}

/// Money that goes back.
#[derive(Clone, sqlx::FromRow)]
pub struct Refund {
    /// Id.
    pub id: Uuid,
    /// The order it came in for.
    pub order_id: Uuid,
    /// The trade it came in by.
    pub trade: String,
    /// The charge it was for; nil for a whole order.
    pub charge_id: Uuid,
    /// In fen.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// When it was found.
    pub created_at: DateTime<Utc>,
    /// When it went back.
    pub done_at: Option<DateTime<Utc>>,
}

/// Adds a charge; says whether the matter had none that is due.
pub async fn add_charge(tx: &mut Tx, row: &Charge) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into charge (id, matter_id, kind, title, label, amount, payer, account_id, institution_id, state, version, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
        row.id,
        row.matter_id,
        &row.kind,
        &row.title,
        &row.label,
        row.amount,
        &row.payer,
        row.account_id,
        row.institution_id,
        &row.state,
        row.version,
        row.created_at
    )?;
    Ok(added == 1)
}

/// The latest charge of a matter.
pub async fn charge_of(tx: &mut Tx, matter: Uuid) -> Result<Option<Charge>, DbError> {
    fetch_optional!(tx, Charge, "select * from charge where matter_id = $1 order by created_at desc, id desc limit 1", matter)
}

/// Locks a charge until the end of the transaction, and reads it.
pub async fn lock_charge(tx: &mut Tx, id: Uuid) -> Result<Option<Charge>, DbError> {
    execute!(tx, "update charge set version = version + 1 where id = $1", id)?;
    fetch_optional!(tx, Charge, "select * from charge where id = $1", id)
}

/// Notes how a charge ended.
pub async fn settle_charge(tx: &mut Tx, id: Uuid, state: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update charge set state = $2, settled_at = $3 where id = $1 and state = 'due'", id, state, now)
}

/// What the people of an institution leave it to pay, oldest first, up to two hundred; with the order that waits to be paid, if there is one.
pub async fn due_of_institution(tx: &mut Tx, institution: Uuid) -> Result<Vec<Charge>, DbError> {
    fetch_all!(
        tx,
        Charge,
        "select * from charge where institution_id = $1 and state = 'due' and payer = 'institution' order by created_at, id limit 200",
        institution
    )
}

/// Adds an order for these charges. A charge that another live order pays for fails the statement.
pub async fn add_order(tx: &mut Tx, row: &Order, charges: &[Uuid]) -> Result<(), DbError> {
    execute!(
        tx,
        "insert into payment_order (id, number, gateway, amount, account_id, institution_id, state, version, created_at, expires_at, probe_at, probes,
         closing, voucher_sealed, invoice_sealed, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '')",
        row.id,
        &row.number,
        &row.gateway,
        row.amount,
        row.account_id,
        row.institution_id,
        &row.state,
        row.version,
        row.created_at,
        row.expires_at,
        row.probe_at,
        row.probes,
        row.closing,
        row.voucher_sealed.as_deref(),
        row.invoice_sealed.as_deref()
    )?;
    for charge in charges {
        execute!(tx, "insert into order_charge (order_id, charge_id, live) values ($1, $2, $3)", row.id, *charge, true)?;
    }
    Ok(())
}

/// One order.
pub async fn order(tx: &mut Tx, id: Uuid) -> Result<Option<Order>, DbError> {
    fetch_optional!(tx, Order, "select * from payment_order where id = $1", id)
}

/// Locks an order until the end of the transaction, and reads it.
pub async fn lock_order(tx: &mut Tx, id: Uuid) -> Result<Option<Order>, DbError> {
    execute!(tx, "update payment_order set version = version + 1 where id = $1", id)?;
    order(tx, id).await
}

/// The order of a number.
pub async fn order_id(tx: &mut Tx, number: &str) -> Result<Option<(Uuid,)>, DbError> {
    fetch_optional!(tx, (Uuid,), "select id from payment_order where number = $1", number)
}

/// Charges an order pays for, in the order in which they are locked.
pub async fn charges_of(tx: &mut Tx, order: Uuid) -> Result<Vec<Charge>, DbError> {
    fetch_all!(tx, Charge, "select c.* from charge c join order_charge o on o.charge_id = c.id where o.order_id = $1 order by c.id", order)
}

/// The order a charge waits for.
pub async fn live_order(tx: &mut Tx, charge: Uuid) -> Result<Option<(Uuid,)>, DbError> {
    fetch_optional!(tx, (Uuid,), "select order_id from order_charge where charge_id = $1 and live = $2", charge, true)
}

/// Orders that were to pay a charge, newest first.
pub async fn orders_of(tx: &mut Tx, charge: Uuid) -> Result<Vec<Order>, DbError> {
    fetch_all!(
        tx,
        Order,
        "select p.* from payment_order p join order_charge o on o.order_id = p.id where o.charge_id = $1 order by p.created_at desc, p.id limit 50",
        charge
    )
}

/// Orders of an institution, newest first, up to a hundred.
pub async fn orders_of_institution(tx: &mut Tx, institution: Uuid) -> Result<Vec<Order>, DbError> {
    fetch_all!(tx, Order, "select * from payment_order where institution_id = $1 order by created_at desc, id limit 100", institution)
}

/// Lets the charges of an order wait for another.
pub async fn release(tx: &mut Tx, order: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update order_charge set live = $2 where order_id = $1", order, false)
}

/// Notes how an order stands.
pub async fn set_state(
    tx: &mut Tx,
    id: Uuid,
    state: &str,
    ended: Option<DateTime<Utc>>,
    probe: Option<DateTime<Utc>>,
) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set state = $2, ended_at = $3, probe_at = $4 where id = $1", id, state, ended, probe)
}

/// Notes whether the gateway is still to be told that an order is closed, and when it is asked next.
pub async fn set_closing(tx: &mut Tx, id: Uuid, closing: bool, probe: Option<DateTime<Utc>>) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set closing = $2, probe_at = $3 where id = $1", id, closing, probe)
}

/// Notes what finance said of a voucher.
pub async fn set_note(tx: &mut Tx, id: Uuid, note: &str) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set note = $2 where id = $1", id, note)
}

/// Notes the invoice that is wanted.
pub async fn set_invoice(tx: &mut Tx, id: Uuid, sealed: Option<&[u8]>) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set invoice_sealed = $2 where id = $1 and invoice_number is null", id, sealed)
}

/// Notes the invoice that was made out.
pub async fn invoiced(tx: &mut Tx, id: Uuid, number: &str, on: NaiveDate) -> Result<u64, DbError> {
    execute!(
        tx,
        "update payment_order set invoice_number = $2, invoice_on = $3 where id = $1 and state = 'paid' and invoice_number is null",
        id,
        number,
        on
    )
}

/// Orders about which the gateway is to be asked now.
pub async fn to_probe(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Order>, DbError> {
    fetch_all!(
        tx,
        Order,
        "select * from payment_order where probe_at is not null and probe_at <= $1 order by probe_at, id limit $2",
        now,
        limit
    )
}

/// Claims the asking about an order by moving it on; says whether nobody else did.
pub async fn claim_probe(tx: &mut Tx, id: Uuid, probes: i64, next: DateTime<Utc>) -> Result<bool, DbError> {
    let claimed = execute!(
        tx,
        "update payment_order set probes = probes + 1, probe_at = $3 where id = $1 and probes = $2 and probe_at is not null",
        id,
        probes,
        next
    )?;
    Ok(claimed == 1)
}

/// Vouchers to check, oldest first.
pub async fn checking(tx: &mut Tx) -> Result<Vec<Order>, DbError> {
    fetch_all!(tx, Order, "select * from payment_order where state = 'checking' order by created_at, id limit 200")
}

/// Invoices to make out, oldest first.
pub async fn to_invoice(tx: &mut Tx) -> Result<Vec<Order>, DbError> {
    fetch_all!(
        tx,
        Order,
        "select * from payment_order where state = 'paid' and invoice_sealed is not null and invoice_number is null order by ended_at, id limit 200"
    )
}

/// Trades that brought money for an order.
pub async fn trades(tx: &mut Tx, order: Uuid) -> Result<Vec<(String,)>, DbError> {
    fetch_all!(tx, (String,), "select trade from receipt where order_id = $1 order by at, trade", order)
}

/// Notes money that arrived.
pub async fn add_receipt(tx: &mut Tx, order: Uuid, trade: &str, amount: i64, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "insert into receipt (order_id, trade, amount, at) values ($1, $2, $3, $4)", order, trade, amount, now)
}

/// Notes money that is to go back.
pub async fn add_refund(tx: &mut Tx, row: &Refund) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into refund (id, order_id, trade, charge_id, amount, reason, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        row.id,
        row.order_id,
        &row.trade,
        row.charge_id,
        row.amount,
        &row.reason,
        row.created_at
    )
}

/// Money that is still to go back, oldest first.
pub async fn refunds(tx: &mut Tx) -> Result<Vec<Refund>, DbError> {
    fetch_all!(tx, Refund, "select * from refund where done_at is null order by created_at, id limit 200")
}

/// One refund.
pub async fn refund(tx: &mut Tx, id: Uuid) -> Result<Option<Refund>, DbError> {
    fetch_optional!(tx, Refund, "select * from refund where id = $1", id)
}

/// Notes that money went back; says whether it had not before.
pub async fn refunded(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(execute!(tx, "update refund set done_at = $2 where id = $1 and done_at is null", id, now)? == 1)
}

/// What came in for orders that pay one of an account's charges, what it paid, and what goes or went back: three sums in fen.
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

/// A trade of the demo's cashier.
#[derive(Clone, sqlx::FromRow)]
pub struct Trade {
    /// Number of the order.
    pub number: String,
    /// Number of the trade.
    pub trade: String,
    /// In fen.
    pub amount: i64,
    /// `WAIT_BUYER_PAY`, `TRADE_SUCCESS` or `TRADE_CLOSED`, as gateways have it.
    pub state: String,
    /// When it came to that.
    pub at: DateTime<Utc>,
}

/// One trade.
pub async fn trade(tx: &mut Tx, number: &str) -> Result<Option<Trade>, DbError> {
    fetch_optional!(tx, Trade, "select * from sandbox_trade where number = $1", number)
}

/// Adds a trade, or moves one from waiting to its end; says whether anything changed.
pub async fn put_trade(tx: &mut Tx, row: &Trade) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "insert into sandbox_trade (number, trade, amount, state, at) values ($1, $2, $3, $4, $5)
         on conflict (number) do update set state = excluded.state, at = excluded.at where sandbox_trade.state = 'WAIT_BUYER_PAY'",
        &row.number,
        &row.trade,
        row.amount,
        &row.state,
        row.at
    )?;
    Ok(changed == 1)
}
