//! SQL of payments: charges and orders.

use chrono::{DateTime, NaiveDate, Utc};
use domain::record::payment::{OrderState, Payer};
use uuid::Uuid;

use crate::infra::db::text_code::{Coded, coded_enum};
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

coded_enum! {
    /// State of a charge.
    ChargeState {
        /// 待缴费.
        Due = "due",
        /// 已缴费.
        Paid = "paid",
        /// No longer required.
        Cancelled = "dropped",
    }
}

/// The fee of a matter.
#[derive(Clone, sqlx::FromRow)]
pub struct ChargeRow {
    /// Id of the charge.
    pub id: Uuid,
    /// The matter.
    pub matter_id: Uuid,
    /// 业务编号 of the matter.
    pub matter_number: Option<String>,
    /// Code of the matter's kind.
    pub kind: String,
    /// Title of the matter when the charge was made.
    pub title: String,
    /// Name of the fee: 注册费.
    pub label: String,
    /// Amount in fen.
    pub amount: i64,
    /// 缴费方式: the applicant or the institution pays.
    #[sqlx(try_from = "Coded<Payer>")]
    pub payer: Payer,
    /// The applicant.
    pub account_id: Uuid,
    /// The institution of the matter.
    pub institution_id: Option<Uuid>,
    /// State of the charge.
    #[sqlx(try_from = "Coded<ChargeState>")]
    pub state: ChargeState,
    /// Number of changes; an update of it locks the row.
    pub version: i64,
    /// When the charge became due.
    pub created_at: DateTime<Utc>,
    /// When it was paid or cancelled.
    pub settled_at: Option<DateTime<Utc>>,
}

/// A payment order: one attempt to pay.
#[derive(Clone, sqlx::FromRow)]
pub struct OrderRow {
    /// Id of the order.
    pub id: Uuid,
    /// Order number at the gateway.
    pub number: String,
    /// Code of the gateway; `voucher` for a bank transfer.
    pub gateway: String,
    /// Amount in fen.
    pub amount: i64,
    /// The account that pays.
    pub account_id: Uuid,
    /// The institution for which the account pays.
    pub institution_id: Option<Uuid>,
    /// State of the order.
    #[sqlx(try_from = "Coded<OrderState>")]
    pub state: OrderState,
    /// Number of changes; an update of it locks the row.
    pub version: i64,
    /// When the order was made.
    pub created_at: DateTime<Utc>,
    /// When it can no longer be paid.
    pub expires_at: DateTime<Utc>,
    /// When the gateway is polled next.
    pub probe_at: Option<DateTime<Utc>>,
    /// Number of polls.
    pub probes: i64,
    /// Whether the order still has to be closed at the gateway.
    pub closing: bool,
    /// When it was paid or closed.
    pub ended_at: Option<DateTime<Utc>>,
    /// The voucher, sealed.
    pub voucher_sealed: Option<Vec<u8>>,
    /// The requested invoice, sealed.
    pub invoice_sealed: Option<Vec<u8>>,
    /// Number of the issued invoice.
    pub invoice_number: Option<String>,
    /// Date of the issued invoice.
    pub invoice_on: Option<NaiveDate>,
    /// Finance's reason for rejecting the voucher, in rows of earlier releases; empty otherwise.
    pub note: String,
    /// Finance's reason for rejecting the voucher, sealed.
    pub note_sealed: Option<Vec<u8>>,
}

/// Inserts a charge; returns whether the matter had no due charge yet.
pub async fn insert_charge(tx: &mut Tx, row: &ChargeRow) -> Result<bool, DbError> {
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
        row.payer.code(),
        row.account_id,
        row.institution_id,
        row.state.code(),
        row.version,
        row.created_at
    )?;
    Ok(added == 1)
}

/// The latest charge of a matter.
pub async fn charge_by_matter(tx: &mut Tx, matter: Uuid) -> Result<Option<ChargeRow>, DbError> {
    fetch_optional!(
        tx,
        ChargeRow,
        "select c.*, (select m.number from matter m where m.id = c.matter_id) as matter_number
         from charge c where c.matter_id = $1 order by c.created_at desc, c.id desc limit 1",
        matter
    )
}

/// The charge of an id.
pub async fn charge_by_id(tx: &mut Tx, id: Uuid) -> Result<Option<ChargeRow>, DbError> {
    fetch_optional!(
        tx,
        ChargeRow,
        "select c.*, (select m.number from matter m where m.id = c.matter_id) as matter_number from charge c where c.id = $1",
        id
    )
}

/// Locks a charge until the end of the transaction, and reads it.
pub async fn lock_charge(tx: &mut Tx, id: Uuid) -> Result<Option<ChargeRow>, DbError> {
    execute!(tx, "update charge set version = version + 1 where id = $1", id)?;
    charge_by_id(tx, id).await
}

/// Ends a due charge as paid or cancelled.
pub async fn settle_charge(tx: &mut Tx, id: Uuid, state: ChargeState, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update charge set state = $2, settled_at = $3 where id = $1 and state = 'due'", id, state.code(), now)
}

/// Cancels a paid charge, whose money is refunded. Returns whether it was paid.
pub async fn cancel_paid_charge(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbError> {
    let cancelled = execute!(
        tx,
        "update charge set state = $2, settled_at = $3 where id = $1 and state = 'paid'",
        id,
        ChargeState::Cancelled.code(),
        now
    )?;
    Ok(cancelled == 1)
}

/// The due charges that an institution pays for its people, oldest first, up to two hundred.
pub async fn list_due_of_institution(tx: &mut Tx, institution: Uuid) -> Result<Vec<ChargeRow>, DbError> {
    fetch_all!(
        tx,
        ChargeRow,
        "select c.*, (select m.number from matter m where m.id = c.matter_id) as matter_number
         from charge c where c.institution_id = $1 and c.state = 'due' and c.payer = 'institution' order by c.created_at, c.id",
        institution
    )
}

/// Inserts an order for these charges.
///
/// # Errors
/// [`DbError::Unique`] if another live order pays one of the charges.
pub async fn insert_order(tx: &mut Tx, row: &OrderRow, charges: &[Uuid]) -> Result<(), DbError> {
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
        row.state.code(),
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

/// The order of an id.
pub async fn order_by_id(tx: &mut Tx, id: Uuid) -> Result<Option<OrderRow>, DbError> {
    fetch_optional!(tx, OrderRow, "select * from payment_order where id = $1", id)
}

/// Locks an order until the end of the transaction, and reads it. Its version is then one more than before.
pub async fn lock_order(tx: &mut Tx, id: Uuid) -> Result<Option<OrderRow>, DbError> {
    execute!(tx, "update payment_order set version = version + 1 where id = $1", id)?;
    order_by_id(tx, id).await
}

/// The id of the order with a number.
pub async fn order_id_by_number(tx: &mut Tx, number: &str) -> Result<Option<Uuid>, DbError> {
    Ok(fetch_optional!(tx, (Uuid,), "select id from payment_order where number = $1", number)?.map(|(id,)| id))
}

/// The charges of an order, in the sequence in which they are locked.
pub async fn list_charges(tx: &mut Tx, order: Uuid) -> Result<Vec<ChargeRow>, DbError> {
    fetch_all!(
        tx,
        ChargeRow,
        "select c.*, (select m.number from matter m where m.id = c.matter_id) as matter_number
         from charge c join order_charge o on o.charge_id = c.id where o.order_id = $1 order by c.id",
        order
    )
}

/// The live order of a charge.
pub async fn live_order_id(tx: &mut Tx, charge: Uuid) -> Result<Option<Uuid>, DbError> {
    let row = fetch_optional!(tx, (Uuid,), "select order_id from order_charge where charge_id = $1 and live = $2", charge, true)?;
    Ok(row.map(|(id,)| id))
}

/// The orders of a charge, newest first.
pub async fn list_orders(tx: &mut Tx, charge: Uuid) -> Result<Vec<OrderRow>, DbError> {
    fetch_all!(
        tx,
        OrderRow,
        "select p.* from payment_order p join order_charge o on o.order_id = p.id where o.charge_id = $1 order by p.created_at desc, p.id",
        charge
    )
}

/// The id of the order that paid a charge.
pub async fn paid_order_id(tx: &mut Tx, charge: Uuid) -> Result<Option<Uuid>, DbError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select p.id from payment_order p join order_charge o on o.order_id = p.id
         where o.charge_id = $1 and p.state = 'paid' order by p.ended_at, p.id limit 1",
        charge
    )?;
    Ok(row.map(|(id,)| id))
}

/// Number and state of the last voucher for a charge.
pub async fn last_voucher(tx: &mut Tx, charge: Uuid) -> Result<Option<(String, String)>, DbError> {
    fetch_optional!(
        tx,
        (String, String),
        "select p.number, p.state from payment_order p join order_charge o on o.order_id = p.id
         where o.charge_id = $1 and p.gateway = 'voucher' order by p.created_at desc, p.id desc limit 1",
        charge
    )
}

/// Orders of an institution, newest first, up to a hundred.
pub async fn list_orders_of_institution(tx: &mut Tx, institution: Uuid) -> Result<Vec<OrderRow>, DbError> {
    fetch_all!(tx, OrderRow, "select * from payment_order where institution_id = $1 order by created_at desc, id limit 100", institution)
}

/// Releases the charges of an order for another order.
pub async fn release_charges(tx: &mut Tx, order: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update order_charge set live = $2 where order_id = $1", order, false)
}

/// Sets the state of an order, its end, and the time of its next poll.
pub async fn set_order_state(
    tx: &mut Tx,
    id: Uuid,
    state: OrderState,
    ended: Option<DateTime<Utc>>,
    probe: Option<DateTime<Utc>>,
) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set state = $2, ended_at = $3, probe_at = $4 where id = $1", id, state.code(), ended, probe)
}

/// Sets whether an order still has to be closed at the gateway, and the time of its next poll.
pub async fn set_closing(tx: &mut Tx, id: Uuid, closing: bool, probe: Option<DateTime<Utc>>) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set closing = $2, probe_at = $3 where id = $1", id, closing, probe)
}

/// Sets finance's reason for rejecting a voucher.
pub async fn set_note(tx: &mut Tx, id: Uuid, sealed: &[u8]) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set note = '', note_sealed = $2 where id = $1", id, sealed)
}

/// Sets the requested invoice, unless one was issued.
pub async fn set_invoice(tx: &mut Tx, id: Uuid, sealed: Option<&[u8]>) -> Result<u64, DbError> {
    execute!(tx, "update payment_order set invoice_sealed = $2 where id = $1 and invoice_number is null", id, sealed)
}

/// Records the issued invoice of a paid order that has none.
pub async fn set_invoice_issued(tx: &mut Tx, id: Uuid, number: &str, on: NaiveDate) -> Result<u64, DbError> {
    execute!(
        tx,
        "update payment_order set invoice_number = $2, invoice_on = $3 where id = $1 and state = 'paid' and invoice_number is null",
        id,
        number,
        on
    )
}

/// Orders whose poll is due.
pub async fn list_to_query(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<OrderRow>, DbError> {
    fetch_all!(
        tx,
        OrderRow,
        "select * from payment_order where probe_at is not null and probe_at <= $1 order by probe_at, id limit $2",
        now,
        limit
    )
}

/// Claims a poll by setting the time of the next one; returns false if another server claimed it.
pub async fn claim_query(tx: &mut Tx, id: Uuid, probes: i64, next: DateTime<Utc>) -> Result<bool, DbError> {
    let claimed = execute!(
        tx,
        "update payment_order set probes = probes + 1, probe_at = $3 where id = $1 and probes = $2 and probe_at is not null",
        id,
        probes,
        next
    )?;
    Ok(claimed == 1)
}

/// Orders with a voucher to check, oldest first.
pub async fn list_vouchers_to_check(tx: &mut Tx) -> Result<Vec<OrderRow>, DbError> {
    fetch_all!(tx, OrderRow, "select * from payment_order where state = 'checking' order by created_at, id limit 200")
}

/// Paid orders with a requested invoice that is not issued yet, oldest first. Without orders of which all money goes back.
pub async fn list_invoices_to_issue(tx: &mut Tx) -> Result<Vec<OrderRow>, DbError> {
    fetch_all!(
        tx,
        OrderRow,
        "select * from payment_order p where state = 'paid' and invoice_sealed is not null and invoice_number is null
         and exists (select 1 from order_charge o join charge c on c.id = o.charge_id where o.order_id = p.id and c.state = 'paid')
         order by ended_at, id limit 200"
    )
}
