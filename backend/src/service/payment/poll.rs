//! Asking gateways: a notice may be lost, so every order that is open is asked about until it is paid or closed.

use chrono::TimeDelta;
use domain::record::payment::{State, Word, judge};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::gateway::AskFault;
use crate::service::payment::PayError;
use crate::service::payment::order::{as_heard, tell};
use crate::state::AppState;

/// Orders asked about in one run.
const BATCH: i64 = 100;

/// How long until a gateway is asked again, after so many questions. A lost notice is made up for within two minutes.
fn wait_after(probes: i64) -> TimeDelta {
    match probes {
        0 => TimeDelta::seconds(30),
        1 => TimeDelta::seconds(60),
        _ => TimeDelta::seconds(120),
    }
}

/// Asks about the orders whose turn it is; gives how many were.
pub async fn poll_orders(app: &AppState) -> Result<usize, DbError> {
    let now = app.now();
    let rows = {
        let mut tx = app.db.read().await?;
        db::payment::to_probe(&mut tx, now, BATCH).await?
    };
    let mut asked = 0;
    for row in rows {
        let (id, probes, next) = (row.id, row.probes, now + wait_after(row.probes));
        if app.db.write(move |tx| Box::pin(async move { db::payment::claim_probe(tx, id, probes, next).await })).await? {
            asked += 1;
            if let Err(error) = probe(app, id).await {
                tracing::warn!(%error, order = row.number, "a payment gateway was asked in vain");
            }
        }
    }
    Ok(asked)
}

/// Asks a gateway about an order now, and does what follows. Gives how it stands.
pub async fn probe(app: &AppState, id: Uuid) -> Result<State, PayError> {
    let (row, order) = {
        let mut tx = app.db.read().await?;
        let row = db::payment::order(&mut tx, id).await?.ok_or(PayError::NotFound)?;
        let order = as_heard(&mut tx, &row).await?;
        (row, order)
    };
    let Some(gateway) = app.gateway.as_ref().filter(|g| g.code == row.gateway) else {
        return Ok(order.state);
    };
    if order.state != State::Open && !row.closing {
        return Ok(order.state);
    }
    let now = app.now();
    let word = match gateway.query(&row.number, now).await? {
        None => Word::Unpaid,
        Some(notice) => judge(&notice, &gateway.merchant, Some(&order), TimeDelta::MAX, now)?.unwrap_or(Word::Unpaid),
    };
    let heard = hear(app, id, word.clone()).await?;
    let paid = matches!(word, Word::Paid(_));
    if !paid && (heard.1 || row.closing) {
        match gateway.close(&row.number, now).await {
            Ok(()) => {
                hear(app, id, Word::Closed).await?;
            }
            // It was paid in between; the next question brings it in.
            Err(AskFault::Refused(_)) if word != Word::Closed => return Ok(heard.0),
            Err(AskFault::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if row.closing {
        app.db.write(move |tx| Box::pin(async move { db::payment::set_closing(tx, id, false, None).await })).await?;
    }
    Ok(if heard.1 { State::Closed } else { heard.0 })
}

async fn hear(app: &AppState, id: Uuid, word: Word) -> Result<(State, bool), PayError> {
    let owned = app.clone();
    app.db
        .write(move |tx| Box::pin(async move { tell(tx, &owned, id, &word).await.map(|h| (h.state, h.close)).map_err(PayError::from) }))
        .await
}

/// Asks about the order a matter's fee waits for, before anything is decided by its absence.
pub(crate) async fn probe_matter(app: &AppState, matter: Uuid) -> Result<(), PayError> {
    let live = {
        let mut tx = app.db.read().await?;
        match db::payment::charge_of(&mut tx, matter).await? {
            Some(charge) => db::payment::live_order(&mut tx, charge.id).await?,
            None => None,
        }
    };
    if let Some((order,)) = live {
        probe(app, order).await?;
    }
    Ok(())
}
