//! Commands of finance: vouchers, refunds, invoices.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::money::Fen;
use domain::base::permission::Role;
use domain::engine::form_draft::VOUCHER as VOUCHER_FORM;
use domain::record::payment::{OrderEvent, OrderState};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::payment::OrderRow;
use crate::infra::db::receipt::RefundRow;
use crate::infra::db::{self, Tx};
use crate::record::audit::audit;
use crate::record::form_draft::{self, DraftKey};
use crate::record::payment::VOUCHER;
use crate::record::payment::lock::{lock_charges_of_order, lock_matters_of_order};
use crate::record::payment::order::seal_note;
use crate::service::payment::PaymentError;
use crate::service::payment::event::apply_and_follow;
use crate::service::payment::two_people::{Turn, approve_refund, check_voucher};
use crate::state::AppState;
use crate::workflow::idempotency::{Encoding, SentRequest};

/// Verdict on a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoucherDecision {
    /// The payment has arrived.
    Accept,
    /// The payment has not arrived or the voucher is wrong, with the reason.
    Reject(String),
}

/// What a decision of finance was made on: the form of a page.
#[derive(Debug, Clone, Copy)]
pub struct FinancePost {
    /// Idempotency key, generated with the page.
    pub key: Uuid,
    /// Version of the order or refund on the page; of a page that does not say it, a number that no version has.
    pub seen: i64,
}

impl FinancePost {
    /// The version named by a page that does not say it.
    pub const NOTHING: i64 = -1;

    /// The request: a repetition of it has the same parts.
    fn request(&self, account: Uuid, parts: &[&[u8]]) -> SentRequest {
        let mut encoding = Encoding::default();
        encoding.bytes(&self.seen.to_be_bytes());
        parts.iter().for_each(|part| encoding.bytes(part));
        SentRequest { account, key: self.key, hash: encoding.hash() }
    }
}

/// Claims the key of a request. Returns whether it was carried out before.
async fn was_sent(tx: &mut Tx, app: &AppState, sent: Option<&SentRequest>) -> Result<bool, PaymentError> {
    match sent {
        Some(sent) => Ok(sent.claim::<()>(tx, app.now()).await?.is_some()),
        None => Ok(false),
    }
}

/// Refuses a decision on another version than the page showed.
fn require_seen(page: Option<FinancePost>, version: i64) -> Result<(), PaymentError> {
    if page.is_some_and(|page| page.seen != version) { Err(PaymentError::Outdated) } else { Ok(()) }
}

/// Maximum length of a reason.
const NOTE_MAX: usize = 500;

/// Requires the role finance, in addition to the page's permission.
pub(crate) fn require_finance(who: &Allowed) -> Result<(), PaymentError> {
    if who.caller().roles.contains(&Role::Finance) { Ok(()) } else { Err(PaymentError::NotFound) }
}

/// Accepts or rejects a voucher. A large voucher, and one that was used before, is accepted by two people. `page`: the form on which was
/// decided; without one, a repeated verdict has no further effect.
///
/// # Errors
/// [`PaymentError::AlreadyDone`] if another verdict came first; [`PaymentError::Outdated`] if the order is not as the page showed it.
pub async fn decide_voucher(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    page: Option<FinancePost>,
    verdict: VoucherDecision,
) -> Result<(), PaymentError> {
    require_finance(who)?;
    let (owned, account) = (app.clone(), who.account());
    let sent = page.map(|page| match &verdict {
        VoucherDecision::Accept => page.request(account, &[b"accept", id.as_bytes()]),
        VoucherDecision::Reject(note) => page.request(account, &[b"reject", id.as_bytes(), note.as_bytes()]),
    });
    if let VoucherDecision::Reject(note) = &verdict
        && (note.is_empty() || note.chars().count() > NOTE_MAX)
    {
        return Err(PaymentError::ReasonMissing);
    }
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                if was_sent(tx, &owned, sent.as_ref()).await? {
                    return Ok(());
                }
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
                    return if row.state == done && page.is_none() { Ok(()) } else { Err(PaymentError::AlreadyDone) };
                }
                require_seen(page, row.version - 1)?;
                if verdict == VoucherDecision::Accept && check_voucher(tx, &owned, &row, account).await? == Turn::First {
                    return Ok(());
                }
                let event = match &verdict {
                    VoucherDecision::Accept => OrderEvent::Paid(format!("V{}", row.number)),
                    VoucherDecision::Reject(note) => {
                        db::payment::set_note(tx, id, &seal_note(&owned.keys, id, note)).await?;
                        let key = DraftKey { form: &VOUCHER_FORM, part: String::new(), subject: id };
                        form_draft::end(tx, &owned, account, &key, "").await?;
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

/// Version of a refund: that of its order, and whether one of two people has approved it.
pub(crate) fn refund_version(order: &OrderRow, approved: bool) -> i64 {
    order.version.saturating_mul(2).saturating_add(i64::from(approved))
}

/// Executes a refund through the gateway, or records a bank transfer for a voucher. From a sum of the rule table on, the first of two people
/// only approves it. `page`: the form on which was decided; without one, a repeated request has no further effect.
///
/// # Errors
/// [`PaymentError::AlreadyDone`] if the refund was sent; [`PaymentError::Outdated`] if it is not as the page showed it.
pub async fn send_refund(app: &AppState, who: &Allowed, id: Uuid, page: Option<FinancePost>) -> Result<(), PaymentError> {
    require_finance(who)?;
    let (owned, account, now) = (app.clone(), who.account(), app.now());
    let approved = app
        .db
        .on_behalf_of(account)
        .write(move |tx| Box::pin(async move { approve_as_seen(tx, &owned, id, (account, now), page).await }))
        .await?;
    let Some((refund, order)) = approved else { return Ok(()) };
    let owned = app.clone();
    if order.gateway != VOUCHER {
        let gateway = app.gateway.as_ref().filter(|g| g.code == order.gateway).ok_or(PaymentError::NoGateway)?;
        let reason = refund.reason.to_string();
        gateway.refund(&order.number, &id.simple().to_string(), Fen(refund.amount), &reason, now).await?;
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let sent = page.map(|page| refund_request(page, account, id));
                // The gateway was asked under the id of the refund, so that it sent the money once whoever asked.
                let repeated = was_sent(tx, &owned, sent.as_ref()).await?;
                if db::receipt::set_refunded(tx, id, now).await? {
                    audit(tx, &owned, Some(account), "payment.refund", &order.number).await?;
                } else if page.is_some() && !repeated {
                    return Err(PaymentError::AlreadyDone);
                }
                Ok(())
            })
        })
        .await
}

fn refund_request(page: FinancePost, account: Uuid, refund: Uuid) -> SentRequest {
    page.request(account, &[b"refund", refund.as_bytes()])
}

/// Approves a refund as it was seen. Returns it with its order if it is to be sent now; `None` if nothing is left to do.
async fn approve_as_seen(
    tx: &mut Tx,
    app: &AppState,
    id: Uuid,
    (account, now): (Uuid, DateTime<Utc>),
    page: Option<FinancePost>,
) -> Result<Option<(RefundRow, OrderRow)>, PaymentError> {
    let sent = page.map(|page| refund_request(page, account, id));
    if let Some(sent) = &sent
        && sent.stored::<()>(tx).await?.is_some()
    {
        return Ok(None);
    }
    let refund = db::receipt::refund_by_id(tx, id).await?.ok_or(PaymentError::NotFound)?;
    let order = db::payment::order_by_id(tx, refund.order_id).await?.ok_or(PaymentError::NotFound)?;
    if refund.done_at.is_some() {
        return if page.is_some() { Err(PaymentError::AlreadyDone) } else { Ok(None) };
    }
    let approved = db::two_people::first_approver(tx, id).await?.is_some();
    require_seen(page, refund_version(&order, approved))?;
    if approve_refund(tx, app, id, refund.amount, &order, (account, now)).await? == Turn::Last {
        return Ok(Some((refund, order)));
    }
    was_sent(tx, app, sent.as_ref()).await?;
    Ok(None)
}

/// Records the invoice of an order: number of 20 digits, and day. `page`: the form on which was decided; without one, recording the same
/// number again has no further effect.
///
/// # Errors
/// [`PaymentError::AlreadyDone`] if an invoice is recorded; [`PaymentError::Outdated`] if the order is not as the page showed it.
pub async fn record_invoice(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    page: Option<FinancePost>,
    number: &str,
    on: NaiveDate,
) -> Result<(), PaymentError> {
    require_finance(who)?;
    let (number, account, owned) = (number.to_owned(), who.account(), app.clone());
    let sent = page.map(|page| page.request(account, &[b"invoice", id.as_bytes(), number.as_bytes(), on.to_string().as_bytes()]));
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                if was_sent(tx, &owned, sent.as_ref()).await? {
                    return Ok(());
                }
                let row = db::payment::lock_order(tx, id).await?.ok_or(PaymentError::NotFound)?;
                if row.invoice_number.is_none() {
                    require_seen(page, row.version - 1)?;
                }
                if db::payment::set_invoice_issued(tx, id, &number, on).await? == 1 {
                    audit(tx, &owned, Some(account), "payment.invoice", &id.to_string()).await?;
                    return Ok(());
                }
                let same = page.is_none() && row.invoice_number.as_deref() == Some(number.as_str());
                if same { Ok(()) } else { Err(PaymentError::AlreadyDone) }
            })
        })
        .await
}
