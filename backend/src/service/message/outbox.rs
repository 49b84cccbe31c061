//! The outbox: messages are inserted in the transaction of the command that causes them, and sent after its commit.
//!
//! Each row is sent at least once: if the server fails between sending and recording, the row is sent again after its claim has expired.
//! The row id is sent along (`Message-ID` of a mail, `id` of an SMS), so that receivers can detect repetitions.

use std::time::Duration;

use chrono::TimeDelta;
use domain::engine::notification::{Channel, GIVE_UP_AFTER, retry_delay};
use futures::StreamExt;
use tokio::time::timeout;

use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::db::outbox::OutboxRow;
use crate::infra::outbox::unseal;
use crate::service::clock_check::is_clock_doubted;
use crate::service::message::transport::{MessageTransport, OutboundMessage, TransportError};
use crate::state::AppState;

/// Rows claimed at once.
pub const BATCH: usize = 50;
/// Rows sent concurrently.
const CONCURRENT: usize = 10;
/// Time limit of one delivery.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// Duration of a claim; longer than a batch can take.
const CLAIM: TimeDelta = TimeDelta::minutes(2);

fn outbound_message(app: &AppState, row: &OutboxRow) -> Result<OutboundMessage, DbError> {
    let unsealed = unseal(&app.keys, row)?;
    Ok(OutboundMessage { id: row.id, target: unsealed.target, subject: row.subject.clone(), body: unsealed.body })
}

/// Sends a batch of due rows of a channel; returns whether more may be due. Expired rows are dropped, failed ones are retried with increasing
/// delay. Several servers may send from one outbox, since each row is claimed by one. Without a transport nothing is sent.
pub async fn deliver_due(app: &AppState, channel: Channel, transport: Option<&dyn MessageTransport>) -> Result<bool, DbError> {
    give_up_late(app, channel).await?;
    let Some(transport) = transport else {
        return Ok(false);
    };
    let rows = claim(app, channel).await?;
    let more = rows.len() == BATCH;
    let mut deliveries = futures::stream::iter(rows).map(|row| send(app, transport, row)).buffer_unordered(CONCURRENT);
    let mut recorded = Ok(());
    while let Some(one) = deliveries.next().await {
        recorded = recorded.and(one);
    }
    recorded.map(|()| more)
}

async fn give_up_late(app: &AppState, channel: Channel) -> Result<(), DbError> {
    let now = app.now();
    let any = {
        let mut tx = app.db.read().await?;
        db::outbox::any_late(&mut tx, channel, now, now - GIVE_UP_AFTER).await?
    };
    // A clock that is wrong would give up what is not late.
    if any && !is_clock_doubted(&app.db, now).await? {
        let late =
            app.db.write(move |tx| Box::pin(async move { db::outbox::give_up_late(tx, channel, now, now - GIVE_UP_AFTER).await })).await?;
        tracing::warn!(rows = late, channel = channel.code(), "messages were past their time and are given up");
    }
    Ok(())
}

async fn claim(app: &AppState, channel: Channel) -> Result<Vec<OutboxRow>, DbError> {
    let now = app.now();
    {
        let mut tx = app.db.read().await?;
        if !db::outbox::any_due(&mut tx, channel, now).await? {
            return Ok(Vec::new());
        }
    }
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    app.db.write(move |tx| Box::pin(async move { db::outbox::claim(tx, channel, now, now + CLAIM, limit).await })).await
}

/// Sends one row and records the result.
async fn send(app: &AppState, transport: &dyn MessageTransport, row: OutboxRow) -> Result<(), DbError> {
    let outcome = match outbound_message(app, &row) {
        Ok(message) => timeout(SEND_LIMIT, transport.send(&message)).await.unwrap_or(Err(TransportError::Temporary("no answer in time"))),
        Err(_) => Err(TransportError::Permanent("the row cannot be unsealed")),
    };
    let (id, tries, now) = (row.id, row.tries, app.now());
    if let Err(error) = outcome {
        tracing::warn!(%id, channel = row.channel.code(), tries, %error, "a message was not sent");
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                match outcome {
                    Ok(()) => db::outbox::set_sent(tx, id, now).await,
                    Err(TransportError::Temporary(reason)) => db::outbox::set_failed(tx, id, reason, now + retry_delay(tries)).await,
                    Err(TransportError::Permanent(reason)) => db::outbox::set_given_up(tx, id, reason, now).await,
                }
            })
        })
        .await?;
    Ok(())
}
