//! Orders: begun by whoever pays, moved by what is heard of them.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::calendar::shanghai;
use domain::base::money::Fen;
use domain::base::rule::key;
use domain::record::payment::{Consequence, Method, Payer, Reason, State, Voucher, Wish, Word, hear, judge};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db;
use crate::infra::db::payment::{Charge, Order, Refund};
use crate::infra::db::{DbError, Tx};
use crate::infra::gateway::Bill;
use crate::infra::secret::Place;
use crate::matter::MatterError;
use crate::record::audit::audit;
use crate::record::notification::News;
use crate::record::notification::tell as tell_person;
use crate::service::payment::{PayError, VOUCHER, cashier};
use crate::state::AppState;

/// Where a voucher is sealed.
pub(crate) const VOUCHER_PLACE: &str = "payment_order.voucher_sealed";
/// Where the wish for an invoice is sealed.
pub(crate) const INVOICE_PLACE: &str = "payment_order.invoice_sealed";
/// The first question to a gateway comes so soon after an order was begun.
pub(crate) const FIRST_PROBE: TimeDelta = TimeDelta::seconds(15);

/// How an order was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The browser goes to the gateway.
    GoTo(String),
    /// Finance looks at the voucher.
    Checking,
}

/// Begins to pay charges. Asked twice, it is one order. `back`: the path of this site to come back to.
pub async fn pay(app: &AppState, who: &Allowed, charges: &[Uuid], wish: Wish, back: &str) -> Result<Begun, PayError> {
    let gateway = match (&app.gateway, wish.method) {
        (Some(gateway), _) => Some(gateway.clone()),
        (None, Method::Offline) => None,
        (None, Method::Online) => return Err(PayError::NoGateway),
    };
    probe_live(app, charges).await;
    let charges: BTreeSet<Uuid> = charges.iter().copied().collect();
    let (owned, caller, now) = (app.clone(), who.caller().clone(), app.now());
    let (order, subject) = app.db.write(move |tx| Box::pin(async move { begin(tx, &owned, &caller, &charges, &wish).await })).await?;
    match gateway {
        Some(gateway) if order.gateway == gateway.code => {
            let (amount, expires_at) = (Fen(order.amount), order.expires_at);
            Ok(Begun::GoTo(gateway.address(&Bill { number: &order.number, amount, subject: &subject, expires_at, back }, now)))
        }
        _ => Ok(Begun::Checking),
    }
}

/// Asks about the orders these charges wait for, so that what was paid a moment ago is known. A gateway that is silent changes nothing.
async fn probe_live(app: &AppState, charges: &[Uuid]) {
    for charge in charges {
        let live = match app.db.read().await {
            Ok(mut tx) => db::payment::live_order(&mut tx, *charge).await.ok().flatten(),
            Err(_) => None,
        };
        if let Some((order,)) = live {
            let _ = crate::service::payment::poll::probe(app, order).await;
        }
    }
}

/// Takes a notice of a gateway.
pub async fn take_notice(app: &AppState, gateway: &str, pairs: &[(String, String)]) -> Result<(), PayError> {
    use domain::record::payment::Unfit;
    let gateway = app.gateway.as_ref().filter(|g| g.code == gateway).ok_or(Unfit::Unknown)?;
    let notice = gateway.notice(pairs)?;
    let (owned, merchant, now) = (app.clone(), gateway.merchant.clone(), app.now());
    let tolerance = TimeDelta::seconds(app.tables().rules.on(app.today()).int(key::PAYMENT_NOTICE_SECONDS));
    let code = gateway.code;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let id = db::payment::order_id(tx, &notice.number).await?.map(|(id,)| id);
                let row = match id {
                    Some(id) => db::payment::order(tx, id).await?.filter(|o| o.gateway == code),
                    None => None,
                };
                let order = match &row {
                    Some(row) => Some(as_heard(tx, row).await?),
                    None => None,
                };
                if let (Some(word), Some(row)) = (judge(&notice, &merchant, order.as_ref(), tolerance, now)?, row) {
                    tell(tx, &owned, row.id, &word).await?;
                }
                Ok(())
            })
        })
        .await
}

/// What a person may pay.
fn payable(caller: &Caller, charge: &Charge) -> bool {
    match Payer::from_code(&charge.payer) {
        Payer::Individual => charge.account_id == caller.account,
        Payer::Institution => caller.desks.iter().any(|(id, _)| Some(*id) == charge.institution_id),
    }
}

async fn begin(tx: &mut Tx, app: &AppState, caller: &Caller, ids: &BTreeSet<Uuid>, wish: &Wish) -> Result<(Order, String), PayError> {
    let mut charges = Vec::with_capacity(ids.len());
    for id in ids {
        let charge = db::payment::lock_charge(tx, *id).await?.filter(|c| payable(caller, c)).ok_or(PayError::NotFound)?;
        if charge.state != "due" {
            return Err(PayError::NotDue);
        }
        charges.push(charge);
    }
    let first = charges.first().ok_or(PayError::NotFound)?;
    if charges.iter().any(|c| c.payer != first.payer || c.institution_id != first.institution_id) {
        return Err(PayError::NotFound);
    }
    let subject = if charges.len() == 1 { first.label.clone() } else { format!("{}等 {} 笔", first.label, charges.len()) };
    if let Some(order) = under_way(tx, app, &charges, wish).await? {
        return Ok((order, subject));
    }
    let order = new_order(tx, app, caller, &charges, wish).await?;
    Ok((order, subject))
}

/// The order these charges wait for, if it is the one that is wished. One that is another is dropped.
async fn under_way(tx: &mut Tx, app: &AppState, charges: &[Charge], wish: &Wish) -> Result<Option<Order>, PayError> {
    let mut live = BTreeSet::new();
    for charge in charges {
        live.extend(db::payment::live_order(tx, charge.id).await?.map(|(id,)| id));
    }
    for id in live {
        let order = db::payment::order(tx, id).await?.ok_or(PayError::NotFound)?;
        let paid_for: Vec<Uuid> = db::payment::charges_of(tx, id).await?.into_iter().map(|c| c.id).collect();
        let same = paid_for.len() == charges.len() && charges.iter().all(|c| paid_for.contains(&c.id));
        match (State::from_code(&order.state), wish.method) {
            (State::Checking, Method::Offline) if same => return Ok(Some(order)),
            (State::Checking, _) => return Err(PayError::Checking),
            (State::Open, Method::Online) if same && app.now() < order.expires_at => {
                let sealed = wish.invoice.as_ref().map(|i| app.keys.seal_json(Place::new(INVOICE_PLACE, id), i));
                db::payment::set_invoice(tx, id, sealed.as_deref()).await?;
                return Ok(Some(order));
            }
            _ => tell(tx, app, id, &Word::Dropped).await.map(|_| ())?,
        }
    }
    Ok(None)
}

async fn new_order(tx: &mut Tx, app: &AppState, caller: &Caller, charges: &[Charge], wish: &Wish) -> Result<Order, PayError> {
    let total = charges.iter().try_fold(Fen(0), |sum, c| sum.plus(Fen(c.amount))).ok_or(PayError::NotFound)?;
    let voucher: Option<&Voucher> = wish.voucher.as_ref();
    if voucher.is_some_and(|v| v.amount != total) {
        return Err(PayError::Amount(total));
    }
    let (id, now) = (Uuid::now_v7(), app.now());
    let minutes = app.tables().rules.on(app.today()).int(key::PAYMENT_ORDER_MINUTES);
    let online = voucher.is_none();
    let gateway = app.gateway.as_ref().filter(|_| online).map_or(VOUCHER, |g| g.code);
    let first = charges.first().ok_or(PayError::NotFound)?;
    let row = Order {
        id,
        number: number(id, now),
        gateway: gateway.to_owned(),
        amount: total.0,
        account_id: caller.account,
        institution_id: first.institution_id.filter(|_| Payer::from_code(&first.payer) == Payer::Institution),
        state: if online { State::Open } else { State::Checking }.code().to_owned(),
        version: 1,
        created_at: now,
        expires_at: now + TimeDelta::minutes(minutes),
        probe_at: online.then(|| now + FIRST_PROBE),
        probes: 0,
        closing: false,
        ended_at: None,
        voucher_sealed: voucher.map(|v| app.keys.seal_json(Place::new(VOUCHER_PLACE, id), v)),
        invoice_sealed: wish.invoice.as_ref().map(|i| app.keys.seal_json(Place::new(INVOICE_PLACE, id), i)),
        invoice_number: None,
        invoice_on: None,
        note: String::new(),
    };
    let ids: Vec<Uuid> = charges.iter().map(|c| c.id).collect();
    db::payment::add_order(tx, &row, &ids).await?;
    if !online {
        for charge in charges {
            cashier(tx, app, charge.matter_id, "voucher", "").await?;
        }
    }
    audit(tx, Some(caller.account), "payment.begin", &row.number, now).await?;
    Ok(row)
}

/// Number of an order: its second, and ten digits of chance.
fn number(id: Uuid, now: DateTime<Utc>) -> String {
    format!("{}{:010}", now.with_timezone(&shanghai()).format("%Y%m%d%H%M%S"), id.as_u128() % 10_000_000_000)
}

/// An order as the rules read it.
pub(crate) async fn as_heard(tx: &mut Tx, row: &Order) -> Result<domain::record::payment::Order, DbError> {
    let trades = db::payment::trades(tx, row.id).await?.into_iter().map(|(t,)| t).collect();
    Ok(domain::record::payment::Order { amount: Fen(row.amount), state: State::from_code(&row.state), trades, expires_at: row.expires_at })
}

/// What came of a word.
pub(crate) struct Heard {
    /// How the order stands now.
    pub state: State,
    /// Whether the gateway is to be told to take no more money for it.
    pub close: bool,
}

/// Tells an order something that is true of it, and does what follows. Charges are locked before orders, everywhere in the same order.
pub(crate) async fn tell(tx: &mut Tx, app: &AppState, id: Uuid, word: &Word) -> Result<Heard, MatterError> {
    let now = app.now();
    let mut charges = Vec::new();
    for charge in db::payment::charges_of(tx, id).await? {
        charges.extend(db::payment::lock_charge(tx, charge.id).await?);
    }
    let row = db::payment::lock_order(tx, id).await?.ok_or(MatterError::NotFound)?;
    let before = as_heard(tx, &row).await?;
    let (after, follows) = hear(&before, word, now);
    for trade in after.trades.iter().filter(|t| !before.trades.contains(t)) {
        db::payment::add_receipt(tx, id, trade, row.amount, now).await?;
    }
    if after.state != before.state {
        let ended = (!after.state.live()).then_some(now);
        db::payment::set_state(tx, id, after.state.code(), ended, None).await?;
        audit(tx, None, &format!("payment.{}", after.state.code()), &row.number, now).await?;
    }
    let mut close = false;
    for consequence in follows {
        match consequence {
            Consequence::Settle => settle(tx, app, &row, &charges, &after).await?,
            Consequence::Release => release(tx, app, &row, &charges).await?,
            Consequence::Refund(trade, reason) => refund(tx, app, &row, None, &trade, reason).await?,
            Consequence::CloseAtGateway => {
                close = true;
                if after.state == State::Closed {
                    db::payment::set_closing(tx, id, true, Some(now)).await?;
                }
            }
        }
    }
    Ok(Heard { state: after.state, close })
}

/// The charges of an order are paid; what is not asked any more goes back.
async fn settle(
    tx: &mut Tx,
    app: &AppState,
    row: &Order,
    charges: &[Charge],
    order: &domain::record::payment::Order,
) -> Result<(), MatterError> {
    let trade = order.trades.last().map_or("", String::as_str);
    db::payment::release(tx, row.id).await?;
    for charge in charges {
        let moved = if charge.state == "due" { cashier(tx, app, charge.matter_id, "paid", "").await } else { Err(MatterError::Closed) };
        match moved {
            Ok(_) => drop(db::payment::settle_charge(tx, charge.id, "paid", app.now()).await?),
            // The matter went on without it.
            Err(MatterError::Closed | MatterError::Refused(_)) => {
                db::payment::settle_charge(tx, charge.id, "dropped", app.now()).await?;
                refund(tx, app, row, Some(charge), trade, Reason::NotDue).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The charges of an order can be paid another way. After a voucher that finance refused, the matters go back to be paid.
async fn release(tx: &mut Tx, app: &AppState, row: &Order, charges: &[Charge]) -> Result<(), MatterError> {
    db::payment::release(tx, row.id).await?;
    if row.gateway == VOUCHER {
        for charge in charges.iter().filter(|c| c.state == "due") {
            cashier(tx, app, charge.matter_id, "reject", &row.note).await?;
        }
    }
    Ok(())
}

/// Puts money into the queue of what goes back, and says so to whoever paid.
async fn refund(tx: &mut Tx, app: &AppState, row: &Order, charge: Option<&Charge>, trade: &str, reason: Reason) -> Result<(), MatterError> {
    let (id, now) = (Uuid::now_v7(), app.now());
    let amount = charge.map_or(row.amount, |c| c.amount);
    let refund = Refund {
        id,
        order_id: row.id,
        trade: trade.to_owned(),
        charge_id: charge.map_or_else(Uuid::nil, |c| c.id),
        amount,
        reason: reason.code().to_owned(),
        created_at: now,
        done_at: None,
    };
    db::payment::add_refund(tx, &refund).await?;
    let about = match charge {
        Some(charge) => Some(charge.clone()),
        None => db::payment::charges_of(tx, row.id).await?.into_iter().next(),
    };
    if let Some(about) = about {
        let body = format!("您为“{}”支付的 {} 将原路退回：{reason}。", about.title, Fen(amount));
        let kind = domain::kind::by_code(&about.kind).map_or("缴费", |k| k.label);
        let (account, matter, moment) = (row.account_id, about.matter_id, domain::engine::message::Moment::Progress);
        let news = News {
            account,
            matter,
            kind,
            moment,
            occasion: id.to_string(),
            title: "退款通知",
            body: &body,
            link: format!("/matters/{matter}"),
        };
        tell_person(tx, app, &news, now).await?;
    }
    Ok(())
}
