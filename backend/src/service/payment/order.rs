//! Payment orders: creation, and the application of order events.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::calendar::shanghai;
use domain::base::money::Fen;
use domain::base::permission::UserRole;
use domain::base::rule::key;
use domain::engine::flow::Party;
use domain::engine::form_draft::{BILLS, PAYMENT};
use domain::record::payment::{InvalidNotice, OrderEvent, OrderState, Payer, PaymentChoice, PaymentMethod, Voucher, verify};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::payment::{ChargeRow, ChargeState, OrderRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::gateway::PaymentRequest;
use crate::infra::secret::SealContext;
use crate::matter::FollowUp;
use crate::record::audit::audit;
use crate::record::form_draft::{self, DraftKey};
use crate::record::payment::VOUCHER;
use crate::record::payment::lock::lock_charges;
use crate::record::payment::order::load_order;
use crate::service::payment::PaymentError;
use crate::service::payment::event::apply_and_follow;
use crate::service::payment::poll::query_order;
use crate::service::payment::two_people::mark_voucher;
use crate::state::AppState;
use crate::workflow::execute::execute_as_system;

/// Sealing column of vouchers.
pub(crate) const VOUCHER_COLUMN: &str = "payment_order.voucher_sealed";
/// Sealing column of invoice data.
pub(crate) const INVOICE_COLUMN: &str = "payment_order.invoice_sealed";
/// Time from the creation of an order to its first poll.
const FIRST_POLL_AFTER: TimeDelta = TimeDelta::seconds(15);

/// Result of starting a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentStart {
    /// Redirect to the gateway.
    Redirect(String),
    /// Finance checks the voucher.
    VoucherInReview,
}

/// A charge that its payer chose.
#[derive(Debug, Clone)]
pub struct ChosenCharge {
    /// Id of the charge.
    pub id: Uuid,
    /// What the page showed of it: state, amount, and the last voucher with its state. None without a page.
    pub seen: Option<String>,
}

/// What a page shows of a charge. Online orders are no part of it: one that is begun, expires or is begun again changes nothing for the payer.
pub(crate) async fn charge_seen(tx: &mut Tx, charge: &ChargeRow) -> Result<String, DbError> {
    let voucher = db::payment::last_voucher(tx, charge.id).await?;
    let voucher = voucher.map_or_else(|| "none".to_owned(), |(number, state)| format!("{number}.{state}"));
    Ok(format!("{}.{}.{voucher}", charge.state.code(), charge.amount))
}

/// Starts a payment of charges without a page. A repeated request returns the same order. `back`: path to which the browser returns.
pub async fn start_payment(
    app: &AppState,
    who: &Allowed,
    charges: &[Uuid],
    choice: PaymentChoice,
    back: &str,
) -> Result<PaymentStart, PaymentError> {
    let chosen: Vec<ChosenCharge> = charges.iter().map(|id| ChosenCharge { id: *id, seen: None }).collect();
    pay_as_seen(app, who, &chosen, choice, back).await
}

/// Starts a payment of charges as a page showed them. A repeated request returns the same order. `back`: path to which the browser returns.
///
/// # Errors
/// [`PaymentError::Outdated`] if a charge is not as the page showed it.
pub async fn pay_as_seen(
    app: &AppState,
    who: &Allowed,
    chosen: &[ChosenCharge],
    choice: PaymentChoice,
    back: &str,
) -> Result<PaymentStart, PaymentError> {
    let gateway = match (&app.gateway, choice.method) {
        (_, PaymentMethod::Offline) if app.bank_account.is_none() => return Err(PaymentError::NoBankAccount),
        (Some(gateway), _) => Some(gateway.clone()),
        (None, PaymentMethod::Offline) => None,
        (None, PaymentMethod::Online) => return Err(PaymentError::NoGateway),
    };
    let charges: BTreeMap<Uuid, Option<String>> = chosen.iter().map(|charge| (charge.id, charge.seen.clone())).collect();
    query_live_orders(app, charges.keys()).await;
    let (owned, caller, now) = (app.clone(), who.caller().clone(), app.now());
    let (order, subject) = app
        .db
        .on_behalf_of(who.account())
        .write(move |tx| Box::pin(async move { start_order(tx, &owned, &caller, &charges, &choice).await }))
        .await?;
    match gateway {
        Some(gateway) if order.gateway == gateway.code => {
            let (amount, expires_at) = (Fen(order.amount), order.expires_at);
            let request = PaymentRequest { number: &order.number, amount, subject: &subject, expires_at, back };
            Ok(PaymentStart::Redirect(gateway.checkout_address(&request, now)))
        }
        _ => Ok(PaymentStart::VoucherInReview),
    }
}

/// Polls the open orders of these charges, so that recent payments are known. An unavailable gateway changes nothing.
async fn query_live_orders(app: &AppState, charges: impl Iterator<Item = &Uuid>) {
    for charge in charges {
        let live = match app.db.read().await {
            Ok(mut tx) => db::payment::live_order_id(&mut tx, *charge).await.ok().flatten(),
            Err(_) => None,
        };
        if let Some(order) = live {
            let _ = query_order(app, order).await;
        }
    }
}

/// Processes a notice of a gateway.
pub async fn handle_notice(app: &AppState, gateway: &str, pairs: &[(String, String)]) -> Result<(), PaymentError> {
    let gateway = app.gateway.as_ref().filter(|g| g.code == gateway).ok_or(InvalidNotice::Unknown)?;
    let notice = gateway.parse_notice(pairs)?;
    let (owned, merchant, now) = (app.clone(), gateway.merchant.clone(), app.now());
    let tolerance = TimeDelta::seconds(app.tables().rules.on(app.today()).int(key::PAYMENT_NOTICE_SECONDS));
    let code = gateway.code;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let id = db::payment::order_id_by_number(tx, &notice.number).await?;
                let row = match id {
                    Some(id) => db::payment::order_by_id(tx, id).await?.filter(|o| o.gateway == code),
                    None => None,
                };
                let order = match &row {
                    Some(row) => Some(load_order(tx, row).await?),
                    None => None,
                };
                let known = row.as_ref().zip(order.as_ref()).map(|(row, order)| (row.number.as_str(), order));
                if let (Some(event), Some(row)) = (verify(&notice, &merchant, known, tolerance, now)?, row) {
                    apply_and_follow(tx, &owned, row.id, &event).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Whether the caller may pay a charge.
fn is_payable_by(caller: &Caller, charge: &ChargeRow) -> bool {
    match charge.payer {
        Payer::Individual => charge.account_id == caller.account,
        Payer::Institution => charge.institution_id.is_some_and(|id| caller.has_user_role(id, UserRole::Finance)),
    }
}

/// Finds or creates the order, and ends the drafts of the form that chose it.
async fn start_order(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    chosen: &BTreeMap<Uuid, Option<String>>,
    choice: &PaymentChoice,
) -> Result<(OrderRow, String), PaymentError> {
    let order = find_or_create_order(tx, app, caller, chosen, choice).await?;
    for charge in db::payment::list_charges(tx, order.0.id).await? {
        let (form, subject, state) = match charge.payer {
            Payer::Individual => (&PAYMENT, charge.matter_id, charge.id.to_string()),
            Payer::Institution => (&BILLS, caller.account, String::new()),
        };
        form_draft::end(tx, app, caller.account, &DraftKey { form, part: String::new(), subject }, &state).await?;
        if charge.payer == Payer::Institution {
            break;
        }
    }
    Ok(order)
}

async fn find_or_create_order(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    chosen: &BTreeMap<Uuid, Option<String>>,
    choice: &PaymentChoice,
) -> Result<(OrderRow, String), PaymentError> {
    lock_charges(tx, &chosen.keys().copied().collect()).await?;
    let (mut charges, mut outdated) = (Vec::with_capacity(chosen.len()), false);
    for (id, seen) in chosen {
        let charge = db::payment::charge_by_id(tx, *id).await?.filter(|c| is_payable_by(caller, c)).ok_or(PaymentError::NotFound)?;
        if charge.state != ChargeState::Due {
            return Err(PaymentError::NotDue);
        }
        if let Some(seen) = seen {
            outdated |= *seen != charge_seen(tx, &charge).await?;
        }
        charges.push(charge);
    }
    let first = charges.first().ok_or(PaymentError::NotFound)?;
    if charges.iter().any(|c| c.payer != first.payer || c.institution_id != first.institution_id) {
        return Err(PaymentError::NotFound);
    }
    let subject = if charges.len() == 1 { first.label.clone() } else { format!("{}等 {} 笔", first.label, charges.len()) };
    let live = matching_live_order(tx, app, &charges, choice).await?;
    if outdated {
        return Err(PaymentError::Outdated);
    }
    if let Some(order) = live {
        return Ok((order, subject));
    }
    let order = create_order(tx, app, caller, &charges, choice).await?;
    Ok((order, subject))
}

/// The open order of these charges, if it fits the payer's choice; another one is cancelled.
async fn matching_live_order(
    tx: &mut Tx,
    app: &AppState,
    charges: &[ChargeRow],
    choice: &PaymentChoice,
) -> Result<Option<OrderRow>, PaymentError> {
    let mut live = BTreeSet::new();
    for charge in charges {
        live.extend(db::payment::live_order_id(tx, charge.id).await?);
    }
    for id in live {
        let order = db::payment::order_by_id(tx, id).await?.ok_or(PaymentError::NotFound)?;
        let paid_for: Vec<Uuid> = db::payment::list_charges(tx, id).await?.into_iter().map(|c| c.id).collect();
        let same = paid_for.len() == charges.len() && charges.iter().all(|c| paid_for.contains(&c.id));
        match (order.state, choice.method) {
            (OrderState::Checking, PaymentMethod::Offline) if same => return Ok(Some(order)),
            (OrderState::Checking, _) => return Err(PaymentError::VoucherInReview),
            (OrderState::Open, PaymentMethod::Online) if same && app.now() < order.expires_at => {
                let sealed = choice.invoice.as_ref().map(|i| app.keys.seal_json(SealContext::new(INVOICE_COLUMN, id), i));
                db::payment::set_invoice(tx, id, sealed.as_deref()).await?;
                return Ok(Some(order));
            }
            _ => {
                apply_and_follow(tx, app, id, &OrderEvent::Cancelled).await?;
            }
        }
    }
    Ok(None)
}

async fn create_order(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    charges: &[ChargeRow],
    choice: &PaymentChoice,
) -> Result<OrderRow, PaymentError> {
    let total = charges.iter().try_fold(Fen(0), |sum, c| sum.plus(Fen(c.amount))).ok_or(PaymentError::NotFound)?;
    let voucher: Option<&Voucher> = choice.voucher.as_ref();
    if voucher.is_some_and(|v| v.amount != total) {
        return Err(PaymentError::WrongAmount(total));
    }
    let (id, now) = (Uuid::now_v7(), app.now());
    let minutes = app.tables().rules.on(app.today()).int(key::PAYMENT_ORDER_MINUTES);
    let online = voucher.is_none();
    let gateway = app.gateway.as_ref().filter(|_| online).map_or(VOUCHER, |g| g.code);
    let first = charges.first().ok_or(PaymentError::NotFound)?;
    let row = OrderRow {
        id,
        number: order_number(id, now),
        gateway: gateway.to_owned(),
        amount: total.0,
        account_id: caller.account,
        institution_id: first.institution_id.filter(|_| first.payer == Payer::Institution),
        state: if online { OrderState::Open } else { OrderState::Checking },
        version: 1,
        created_at: now,
        expires_at: now + TimeDelta::minutes(minutes),
        probe_at: online.then(|| now + FIRST_POLL_AFTER),
        probes: 0,
        closing: false,
        ended_at: None,
        voucher_sealed: voucher.map(|v| app.keys.seal_json(SealContext::new(VOUCHER_COLUMN, id), v)),
        invoice_sealed: choice.invoice.as_ref().map(|i| app.keys.seal_json(SealContext::new(INVOICE_COLUMN, id), i)),
        invoice_number: None,
        invoice_on: None,
        note: String::new(),
        note_sealed: None,
    };
    let ids: Vec<Uuid> = charges.iter().map(|c| c.id).collect();
    db::payment::insert_order(tx, &row, &ids).await?;
    if let Some(voucher) = voucher {
        mark_voucher(tx, app, id, voucher).await?;
    }
    if !online {
        for charge in charges {
            execute_as_system(tx, app, FollowUp::new(charge.matter_id, Party::Cashier, "voucher", "").caused_by(caller.account)).await?;
        }
    }
    audit(tx, app, Some(caller.account), "payment.begin", &row.number).await?;
    Ok(row)
}

/// Order number: time in seconds and ten random digits.
fn order_number(id: Uuid, now: DateTime<Utc>) -> String {
    format!("{}{:010}", now.with_timezone(&shanghai()).format("%Y%m%d%H%M%S"), id.as_u128() % 10_000_000_000)
}
