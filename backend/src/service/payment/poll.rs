//! Polling of gateways: notices may be lost, so every open order is polled until it is paid or closed.

use chrono::TimeDelta;
use domain::record::payment::{OrderEvent, OrderState, verify};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::gateway::GatewayError;
use crate::record::payment::order::load_order;
use crate::service::payment::PaymentError;
use crate::service::payment::event::{EventOutcome, apply_and_follow};
use crate::state::AppState;

/// Orders in one run.
const BATCH: i64 = 100;

/// Wait until the next poll after this number of polls. A lost notice is noticed within two minutes.
fn wait_after(probes: i64) -> TimeDelta {
    match probes {
        0 => TimeDelta::seconds(30),
        1 => TimeDelta::seconds(60),
        _ => TimeDelta::seconds(120),
    }
}

/// Polls the orders that are due; returns their number.
pub async fn poll_orders(app: &AppState) -> Result<usize, DbError> {
    let now = app.now();
    let rows = {
        let mut tx = app.db.read().await?;
        db::payment::list_to_query(&mut tx, now, BATCH).await?
    };
    let mut polled = 0;
    for row in rows {
        let (id, probes, next) = (row.id, row.probes, now + wait_after(row.probes));
        if app.db.write(move |tx| Box::pin(async move { db::payment::claim_query(tx, id, probes, next).await })).await? {
            polled += 1;
            if let Err(error) = query_order(app, id).await {
                tracing::warn!(%error, order = row.number, "a payment gateway could not be polled");
            }
        }
    }
    Ok(polled)
}

/// Polls a gateway about an order and applies the result. Returns the new state.
pub async fn query_order(app: &AppState, id: Uuid) -> Result<OrderState, PaymentError> {
    let (row, order) = {
        let mut tx = app.db.read().await?;
        let row = db::payment::order_by_id(&mut tx, id).await?.ok_or(PaymentError::NotFound)?;
        let order = load_order(&mut tx, &row).await?;
        (row, order)
    };
    let Some(gateway) = app.gateway.as_ref().filter(|g| g.code == row.gateway) else {
        return Ok(order.state);
    };
    if order.state != OrderState::Open && !row.closing {
        return Ok(order.state);
    }
    let now = app.now();
    let event = match gateway.query(&row.number, now).await? {
        None => OrderEvent::Unpaid,
        Some(notice) => verify(&notice, &gateway.merchant, Some((&row.number, &order)), TimeDelta::MAX, now)?.unwrap_or(OrderEvent::Unpaid),
    };
    let outcome = apply(app, id, event.clone()).await?;
    let paid = matches!(event, OrderEvent::Paid(_));
    if !paid && (outcome.close_at_gateway || row.closing) {
        match gateway.close(&row.number, now).await {
            Ok(()) => {
                apply(app, id, OrderEvent::Closed).await?;
            }
            // Paid in between; the next poll records it.
            Err(GatewayError::Rejected(_)) if event != OrderEvent::Closed => return Ok(outcome.state),
            Err(GatewayError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if row.closing {
        app.db.write(move |tx| Box::pin(async move { db::payment::set_closing(tx, id, false, None).await })).await?;
    }
    Ok(if outcome.close_at_gateway { OrderState::Closed } else { outcome.state })
}

/// Applies an event in a transaction of its own.
async fn apply(app: &AppState, id: Uuid, event: OrderEvent) -> Result<EventOutcome, PaymentError> {
    let owned = app.clone();
    app.db.write(move |tx| Box::pin(async move { Ok(apply_and_follow(tx, &owned, id, &event).await?) })).await
}

/// Polls the open order of a matter's fee, before a missing payment has consequences.
pub(crate) async fn query_order_of_matter(app: &AppState, matter: Uuid) -> Result<(), PaymentError> {
    let live = {
        let mut tx = app.db.read().await?;
        match db::payment::charge_by_matter(&mut tx, matter).await? {
            Some(charge) => db::payment::live_order_id(&mut tx, charge.id).await?,
            None => None,
        }
    };
    if let Some(order) = live {
        query_order(app, order).await?;
    }
    Ok(())
}
