//! Commands of finance: vouchers, refunds, invoices.

use chrono::NaiveDate;
use domain::base::money::Fen;
use domain::base::permission::Role;
use domain::record::payment::{OrderEvent, OrderState};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::record::audit::audit;
use crate::record::payment::VOUCHER;
use crate::record::payment::lock::{lock_charges_of_order, lock_matters_of_order};
use crate::record::payment::order::seal_note;
use crate::service::payment::PaymentError;
use crate::service::payment::event::apply_and_follow;
use crate::service::payment::two_people::{Turn, approve_refund, check_voucher};
use crate::state::AppState;

/// Verdict on a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoucherDecision {
    /// The payment has arrived.
    Accept,
    /// The payment has not arrived or the voucher is wrong, with the reason.
    Reject(String),
}

/// Maximum length of a reason.
const NOTE_MAX: usize = 500;

/// Requires the role finance, in addition to the page's permission.
pub(crate) fn require_finance(who: &Allowed) -> Result<(), PaymentError> {
    if who.caller().roles.contains(&Role::Finance) { Ok(()) } else { Err(PaymentError::NotFound) }
}

/// Accepts or rejects a voucher. A repeated verdict has no further effect. A large voucher, and one that was used before, is accepted by two
/// people. `seen`: version of the order on the page that was decided on.
///
/// # Errors
/// [`PaymentError::AlreadyDone`] if another verdict came first, or if the order is not the one that was seen.
pub async fn decide_voucher(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    seen: Option<i64>,
    verdict: VoucherDecision,
) -> Result<(), PaymentError> {
    require_finance(who)?;
    let (owned, account) = (app.clone(), who.account());
    if let VoucherDecision::Reject(note) = &verdict
        && (note.is_empty() || note.chars().count() > NOTE_MAX)
    {
        return Err(PaymentError::ReasonMissing);
    }
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                lock_matters_of_order(tx, id).await?;
                lock_charges_of_order(tx, id).await?;
                let row = db::payment::lock_order(tx, id).await?.filter(|o| o.gateway == VOUCHER).ok_or(PaymentError::NotFound)?;
                if row.account_id == account {
                    return Err(PaymentError::OwnPayment);
                }
                let done = match verdict {
                    VoucherDecision::Accept => OrderState::Paid,
                    VoucherDecision::Reject(_) => OrderState::Closed,
                };
                if row.state != OrderState::Checking {
                    return if row.state == done { Ok(()) } else { Err(PaymentError::AlreadyDone) };
                }
                require_seen(seen, row.version - 1)?;
                if verdict == VoucherDecision::Accept && check_voucher(tx, &owned, &row, account).await? == Turn::First {
                    return Ok(());
                }
                let event = match &verdict {
                    VoucherDecision::Accept => OrderEvent::Paid(format!("V{}", row.number)),
                    VoucherDecision::Reject(note) => {
                        db::payment::set_note(tx, id, &seal_note(&owned.keys, id, note)).await?;
                        OrderEvent::Refused
                    }
                };
                apply_and_follow(tx, &owned, id, &event).await?;
                audit(tx, &owned, Some(account), &format!("payment.voucher_{}", done.code()), &row.number).await?;
                Ok(())
            })
        })
        .await
}

/// Refuses a decision on another version of an order than the one that was seen.
fn require_seen(seen: Option<i64>, version: i64) -> Result<(), PaymentError> {
    if seen.is_some_and(|seen| seen != version) { Err(PaymentError::AlreadyDone) } else { Ok(()) }
}

/// Executes a refund through the gateway, or records a bank transfer for a voucher. From a sum of the rule table on, the first of two people
/// only approves it. `seen`: version of the order on the page.
///
/// # Errors
/// [`PaymentError::AlreadyDone`] if the order is not the one that was seen.
pub async fn send_refund(app: &AppState, who: &Allowed, id: Uuid, seen: Option<i64>) -> Result<(), PaymentError> {
    require_finance(who)?;
    let (refund, order) = {
        let mut tx = app.db.read().await?;
        let refund = db::payment::refund_by_id(&mut tx, id).await?.ok_or(PaymentError::NotFound)?;
        let order = db::payment::order_by_id(&mut tx, refund.order_id).await?.ok_or(PaymentError::NotFound)?;
        (refund, order)
    };
    if refund.done_at.is_some() {
        return Ok(());
    }
    require_seen(seen, order.version)?;
    let (owned, account, now) = (app.clone(), who.account(), app.now());
    let amount = refund.amount;
    let (order, turn) = app
        .db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                let turn = approve_refund(tx, &owned, id, amount, &order, (account, now)).await?;
                Ok::<_, PaymentError>((order, turn))
            })
        })
        .await?;
    if turn == Turn::First {
        return Ok(());
    }
    let owned = app.clone();
    if order.gateway != VOUCHER {
        let gateway = app.gateway.as_ref().filter(|g| g.code == order.gateway).ok_or(PaymentError::NoGateway)?;
        let reason = refund.reason.to_string();
        gateway.refund(&order.number, &id.simple().to_string(), Fen(refund.amount), &reason, now).await?;
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if db::payment::set_refunded(tx, id, now).await? {
                    audit(tx, &owned, Some(account), "payment.refund", &order.number).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Records the invoice of an order: number of 20 digits, and day.
pub async fn record_invoice(app: &AppState, who: &Allowed, id: Uuid, number: &str, on: NaiveDate) -> Result<(), PaymentError> {
    require_finance(who)?;
    let (number, account, owned) = (number.to_owned(), who.account(), app.clone());
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                if db::payment::set_invoice_issued(tx, id, &number, on).await? == 1 {
                    audit(tx, &owned, Some(account), "payment.invoice", &id.to_string()).await?;
                    return Ok(());
                }
                let row = db::payment::order_by_id(tx, id).await?.ok_or(PaymentError::NotFound)?;
                if row.invoice_number.as_deref() == Some(number.as_str()) { Ok(()) } else { Err(PaymentError::AlreadyDone) }
            })
        })
        .await
}
