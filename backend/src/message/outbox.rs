//! The outbox: what leaves the house is put in with the command that causes it, and sent after its commit.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::db::{self, DbError};
use crate::house::House;
use crate::secret::{Keys, Place};

const TARGET: &str = "outbox.target_sealed";
const BODY: &str = "outbox.body_sealed";

/// Something was not sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct SendFault(pub &'static str);

/// Sends short messages.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Sends one text to one number.
    async fn send(&self, mobile: &str, text: &str) -> Result<(), SendFault>;
}

/// Something in the outbox, opened.
pub struct Outgoing {
    /// Number or address.
    pub target: String,
    /// Text.
    pub body: String,
    /// When it was put in.
    pub created_at: DateTime<Utc>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
}

/// The row of a short message.
pub(crate) fn sms_row(
    keys: &Keys,
    id: Uuid,
    mobile: &str,
    text: &str,
    not_after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> db::message::Outgoing {
    db::message::Outgoing {
        id,
        channel: "sms".into(),
        target_sealed: keys.seal(Place::new(TARGET, id), mobile.as_bytes()),
        body_sealed: keys.seal(Place::new(BODY, id), text.as_bytes()),
        dedupe_key: format!("sms:{id}"),
        not_after: Some(not_after),
        created_at: now,
        sent_at: None,
    }
}

impl House {
    /// The newest of the outbox, opened. Only a demo shows it.
    pub async fn outgoing(&self) -> Result<Vec<Outgoing>, DbError> {
        let rows = {
            let mut tx = self.db.read().await?;
            db::message::outgoing(&mut tx, 50).await?
        };
        rows.iter().map(|row| self.opened(row)).collect()
    }

    fn opened(&self, row: &db::message::Outgoing) -> Result<Outgoing, DbError> {
        let open = |column, sealed: &[u8]| {
            self.keys
                .open(Place::new(column, row.id), sealed)
                .ok()
                .and_then(|b| String::from_utf8(b).ok())
                .ok_or_else(|| DbError::Unreadable(column.into()))
        };
        Ok(Outgoing {
            target: open(TARGET, &row.target_sealed)?,
            body: open(BODY, &row.body_sealed)?,
            created_at: row.created_at,
            sent_at: row.sent_at,
        })
    }
}

/// Sends what waits; gives how many went out. What is past its time is given up unsent; what fails is tried again, later each time.
pub async fn drain(house: &House, sms: &dyn Sms) -> Result<usize, DbError> {
    let now = house.now();
    let rows = {
        let mut tx = house.db.read().await?;
        db::message::waiting(&mut tx, now, 50).await?
    };
    let mut sent = 0;
    for row in rows {
        let id = row.id;
        let outcome = if row.not_after.is_some_and(|end| end < now) {
            Err(SendFault("past its time"))
        } else {
            let out = house.opened(&row)?;
            sms.send(&out.target, &out.body).await
        };
        match outcome {
            Ok(()) => {
                house.db.write(move |tx| Box::pin(async move { db::message::sent(tx, id, now).await })).await?;
                sent += 1;
            }
            Err(SendFault(why)) => {
                let next = now + TimeDelta::minutes(1);
                house.db.write(move |tx| Box::pin(async move { db::message::not_sent(tx, id, why, next).await })).await?;
            }
        }
    }
    Ok(sent)
}
