//! Payment orders: an event changes the order and its charges, and says which commands follow for the matters.

use domain::base::money::Fen;
use domain::engine::flow::Party;
use domain::engine::notification::NotificationKind;
use domain::record::payment::{Order, OrderAction, OrderEvent, OrderState, RefundReason, apply};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::payment::{ChargeRow, ChargeState, OrderRow};
use crate::infra::db::receipt::RefundRow;
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::{FollowUp, MatterError};
use crate::record::audit::audit;
use crate::record::notification::{Notification, Topic, notify_account};
use crate::record::payment::lock::lock_charges_of_order;
use crate::state::AppState;

/// Gateway code of orders that are paid by bank transfer and proved with a voucher.
pub const VOUCHER: &str = "voucher";

/// The charges of an order whose money arrived. Each of their matters still has to accept the payment.
pub(crate) struct PaidOrder {
    /// The order.
    pub row: OrderRow,
    /// Its charges, locked.
    pub charges: Vec<ChargeRow>,
    /// The trade by which the money arrived.
    pub trade: String,
}

/// What an event changed, and what is left to do in the same transaction.
pub(crate) struct AppliedEvent {
    /// The new state of the order.
    pub state: OrderState,
    /// Whether the order has to be closed at the gateway.
    pub close_at_gateway: bool,
    /// The order, if the event paid it.
    pub paid: Option<PaidOrder>,
    /// Commands for the matters of the order.
    pub follow_ups: Vec<FollowUp>,
}

const NOTE_COLUMN: &str = "payment_order.note_sealed";

/// Seals finance's reason for rejecting a voucher.
pub(crate) fn seal_note(keys: &Keys, order: Uuid, note: &str) -> Vec<u8> {
    keys.seal(SealContext::new(NOTE_COLUMN, order), note.as_bytes())
}

/// Finance's reason for rejecting the voucher of an order; empty without one.
pub(crate) fn order_note(keys: &Keys, row: &OrderRow) -> Result<String, DbError> {
    let Some(sealed) = &row.note_sealed else { return Ok(row.note.clone()) };
    let note = keys.unseal(SealContext::new(NOTE_COLUMN, row.id), sealed);
    note.ok().and_then(|note| String::from_utf8(note).ok()).ok_or_else(|| DbError::Unreadable(NOTE_COLUMN.into()))
}

/// The order as the domain sees it.
pub(crate) async fn load_order(tx: &mut Tx, row: &OrderRow) -> Result<Order, DbError> {
    let trades = db::receipt::list_trades(tx, row.id).await?;
    Ok(Order { amount: Fen(row.amount), state: row.state, trades, expires_at: row.expires_at })
}

/// Applies an event to an order and records its consequences.
pub(crate) async fn apply_event(tx: &mut Tx, app: &AppState, id: Uuid, event: &OrderEvent) -> Result<AppliedEvent, MatterError> {
    let now = app.now();
    let charges = lock_charges_of_order(tx, id).await?;
    let row = db::payment::lock_order(tx, id).await?.ok_or(MatterError::NotFound)?;
    let before = load_order(tx, &row).await?;
    let (after, actions) = apply(&before, event, now);
    let gateway = Some(row.gateway.as_str()).filter(|gateway| *gateway != VOUCHER);
    for trade in after.trades.iter().filter(|t| !before.trades.contains(t)) {
        db::receipt::insert_receipt(tx, id, gateway, trade, row.amount, now).await?;
    }
    if after.state != before.state {
        let ended = (!after.state.is_pending()).then_some(now);
        db::payment::set_order_state(tx, id, after.state, ended, None).await?;
        audit(tx, app, None, &format!("payment.{}", after.state.code()), &row.number).await?;
    }
    let mut applied = AppliedEvent { state: after.state, close_at_gateway: false, paid: None, follow_ups: Vec::new() };
    for action in actions {
        match action {
            OrderAction::Settle => {
                db::payment::release_charges(tx, id).await?;
                let trade = after.trades.last().cloned().unwrap_or_default();
                applied.paid = Some(PaidOrder { row: row.clone(), charges: charges.clone(), trade });
            }
            OrderAction::Release => {
                db::payment::release_charges(tx, id).await?;
                applied.follow_ups.extend(rejected_vouchers(&row, &charges, &order_note(&app.keys, &row)?));
            }
            OrderAction::Refund(trade, reason) => queue_refund(tx, app, &row, None, &trade, reason).await?,
            OrderAction::CloseAtGateway => {
                applied.close_at_gateway = true;
                if after.state == OrderState::Closed {
                    db::payment::set_closing(tx, id, true, Some(now)).await?;
                }
            }
        }
    }
    Ok(applied)
}

/// After a rejected voucher the matters that are still to be paid return to payment.
fn rejected_vouchers(row: &OrderRow, charges: &[ChargeRow], note: &str) -> Vec<FollowUp> {
    if row.gateway != VOUCHER {
        return Vec::new();
    }
    let due = charges.iter().filter(|c| c.state == ChargeState::Due);
    due.map(|c| FollowUp::new(c.matter_id, Party::Cashier, "reject", note)).collect()
}

/// Queues a refund, of one charge or of the whole order, and notifies the payer.
pub(crate) async fn queue_refund(
    tx: &mut Tx,
    app: &AppState,
    row: &OrderRow,
    charge: Option<&ChargeRow>,
    trade: &str,
    reason: RefundReason,
) -> Result<(), DbError> {
    let (id, now) = (Uuid::now_v7(), app.now());
    let amount = charge.map_or(row.amount, |c| c.amount);
    let refund = RefundRow {
        id,
        order_id: row.id,
        trade: trade.to_owned(),
        charge_id: charge.map_or_else(Uuid::nil, |c| c.id),
        amount,
        reason,
        created_at: now,
        done_at: None,
    };
    db::receipt::insert_refund(tx, &refund).await?;
    let charge = match charge {
        Some(charge) => Some(charge.clone()),
        None => db::payment::list_charges(tx, row.id).await?.into_iter().next(),
    };
    let Some(charge) = charge else { return Ok(()) };
    let body = format!("您为“{}”支付的 {} 将原路退回：{reason}。", charge.title, Fen(amount));
    let notification = Notification {
        account: row.account_id,
        matter: charge.matter_id,
        matter_kind: domain::kind::by_code(&charge.kind).map_or("缴费", |k| k.label),
        topic: Topic::Matter,
        names_applicant: false,
        kind: NotificationKind::Progress,
        dedupe_key: id.to_string(),
        title: "退款通知",
        body: &body,
        link: crate::record::link::matter(charge.matter_id),
    };
    notify_account(tx, app, &notification, now).await
}
