//! The outbox: what leaves the app is put in with the command that causes it, and sent after its commit.
//!
//! Each row is sent at least once: a server that falls between sending and noting it leaves the row to be sent once more when its claim
//! has run out. The row's id travels with it (a mail's `Message-ID`, the SMS program's `id`), so that a receiver can tell.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::base::identity::{Email, Mobile};
use domain::engine::message::{Attempts, Channel, Delivery, GIVE_UP, Moment, Plan, plan, wait_after};
use futures::StreamExt;
use tokio::time::timeout;
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::secret::{Keys, Place};
use crate::state::AppState;

const TARGET: &str = "outbox.target_sealed";
const BODY: &str = "outbox.body_sealed";

/// Rows taken at once.
pub const BATCH: usize = 50;
/// Rows sent at the same time.
const AT_ONCE: usize = 10;
/// How long one sending may take.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// How long a taken row is kept from others: longer than a batch can take.
const CLAIM: TimeDelta = TimeDelta::minutes(2);

/// Why something was not sent. The reasons are fixed texts, so that nothing personal gets into the database or the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// It may work later.
    #[error("{0}")]
    Later(&'static str),
    /// It will never work.
    #[error("{0}")]
    Never(&'static str),
}

/// Something to be sent, opened.
#[derive(Clone)]
pub struct Letter {
    /// The same each time it is tried.
    pub id: Uuid,
    /// Number or address.
    pub target: String,
    /// Subject of a mail.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// Takes letters of one channel out of the app.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Sends one letter. What takes longer than ten seconds is dropped and tried again.
    async fn send(&self, letter: &Letter) -> Result<(), SendFault>;
}

/// Something in the outbox, opened.
pub struct Outgoing {
    /// By which way it goes.
    pub channel: Channel,
    /// What kind of news it is.
    pub plan: &'static Plan,
    /// Number or address.
    pub target: String,
    /// Subject of a mail.
    pub subject: String,
    /// Text.
    pub body: String,
    /// When it was put in.
    pub created_at: DateTime<Utc>,
    /// How it stands.
    pub state: Delivery,
}

impl Outgoing {
    /// Number or address, masked.
    pub fn masked_target(&self) -> String {
        match self.channel {
            Channel::Sms => Mobile::parse(&self.target).map_or_else(|_| String::new(), |m| m.masked()),
            Channel::Mail => Email::parse(&self.target).map_or_else(|_| String::new(), |m| m.masked()),
        }
    }
}

/// What a row of the outbox is made of.
pub(crate) struct Parcel<'a> {
    /// Id of the row.
    pub id: Uuid,
    /// By which way it goes.
    pub channel: Channel,
    /// What kind of news it is.
    pub moment: Moment,
    /// Number or address.
    pub target: &'a str,
    /// Subject of a mail, without anything personal.
    pub subject: String,
    /// Text.
    pub body: &'a str,
    /// The same thing is sent once.
    pub dedupe_key: String,
    /// The matter it is about, and whom it is for.
    pub about: Option<(Uuid, Uuid)>,
    /// Not sent after this time.
    pub not_after: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Parcel<'_> {
    /// The row, sealed.
    pub(crate) fn row(self, keys: &Keys) -> db::outbox::Row {
        db::outbox::Row {
            id: self.id,
            channel: self.channel.code().into(),
            target_sealed: keys.seal(Place::new(TARGET, self.id), self.target.as_bytes()),
            subject: self.subject,
            body_sealed: keys.seal(Place::new(BODY, self.id), self.body.as_bytes()),
            dedupe_key: self.dedupe_key,
            matter_id: self.about.map(|(matter, _)| matter),
            account_id: self.about.map(|(_, account)| account),
            kind: self.moment.plan().code.into(),
            not_after: Some(self.not_after),
            created_at: self.now,
            sent_at: None,
            given_up_at: None,
            tries: 0,
            next_try_at: self.now,
            last_error: None,
        }
    }
}

/// The row of a code by short message.
pub(crate) fn sms_row(keys: &Keys, id: Uuid, mobile: &str, text: &str, not_after: DateTime<Utc>, now: DateTime<Utc>) -> db::outbox::Row {
    let parcel = Parcel {
        id,
        channel: Channel::Sms,
        moment: Moment::Code,
        target: mobile,
        subject: String::new(),
        body: text,
        dedupe_key: format!("sms:{id}"),
        about: None,
        not_after,
        now,
    };
    parcel.row(keys)
}

/// The newest of the outbox, opened. Only a demo shows it.
pub async fn outgoing(app: &AppState) -> Result<Vec<Outgoing>, DbError> {
    let rows = {
        let mut tx = app.db.read().await?;
        db::outbox::newest(&mut tx, 50).await?
    };
    rows.iter().map(|row| outgoing_of(app, row)).collect()
}

/// One row, opened.
pub(crate) fn outgoing_of(app: &AppState, row: &db::outbox::Row) -> Result<Outgoing, DbError> {
    let attempts = Attempts {
        created_at: row.created_at,
        not_after: row.not_after,
        sent_at: row.sent_at,
        given_up_at: row.given_up_at,
        failed: row.last_error.is_some(),
        next_try_at: row.next_try_at,
    };
    Ok(Outgoing {
        channel: Channel::from_code(&row.channel).ok_or_else(|| DbError::Unreadable("outbox.channel".into()))?,
        plan: plan(&row.kind),
        target: opened(app, TARGET, row.id, &row.target_sealed)?,
        subject: row.subject.clone(),
        body: opened(app, BODY, row.id, &row.body_sealed)?,
        created_at: row.created_at,
        state: attempts.state(app.now()),
    })
}

fn opened(app: &AppState, column: &'static str, id: Uuid, sealed: &[u8]) -> Result<String, DbError> {
    let bytes = app.keys.open(Place::new(column, id), sealed).ok();
    bytes.and_then(|b| String::from_utf8(b).ok()).ok_or_else(|| DbError::Unreadable(column.into()))
}

fn letter(app: &AppState, row: &db::outbox::Row) -> Result<Letter, DbError> {
    let target = opened(app, TARGET, row.id, &row.target_sealed)?;
    let body = opened(app, BODY, row.id, &row.body_sealed)?;
    Ok(Letter { id: row.id, target, subject: row.subject.clone(), body })
}

/// Sends a batch of what is due on a channel; says whether more may be due. What is past its time is given up unsent; what fails is tried
/// again, later each time. Several servers may drain one outbox: each row is claimed by one. Without a carrier nothing is tried.
pub async fn drain(app: &AppState, channel: Channel, carrier: Option<&dyn Carrier>) -> Result<bool, DbError> {
    give_up_late(app, channel).await?;
    let Some(carrier) = carrier else {
        return Ok(false);
    };
    let rows = claim(app, channel).await?;
    let more = rows.len() == BATCH;
    let mut sendings = futures::stream::iter(rows).map(|row| send(app, carrier, row)).buffer_unordered(AT_ONCE);
    let mut noted = Ok(());
    while let Some(one) = sendings.next().await {
        noted = noted.and(one);
    }
    noted.map(|()| more)
}

async fn give_up_late(app: &AppState, channel: Channel) -> Result<(), DbError> {
    let now = app.now();
    let any = {
        let mut tx = app.db.read().await?;
        db::outbox::any_late(&mut tx, channel.code(), now, now - GIVE_UP).await?
    };
    if any {
        let code = channel.code();
        let late = app.db.write(move |tx| Box::pin(async move { db::outbox::give_up_late(tx, code, now, now - GIVE_UP).await })).await?;
        tracing::warn!(rows = late, channel = channel.code(), "messages were past their time and are given up");
    }
    Ok(())
}

async fn claim(app: &AppState, channel: Channel) -> Result<Vec<db::outbox::Row>, DbError> {
    let now = app.now();
    {
        let mut tx = app.db.read().await?;
        if !db::outbox::due(&mut tx, channel.code(), now).await? {
            return Ok(Vec::new());
        }
    }
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    app.db.write(move |tx| Box::pin(async move { db::outbox::claim(tx, channel.code(), now, now + CLAIM, limit).await })).await
}

/// Sends one row and notes what came of it.
async fn send(app: &AppState, carrier: &dyn Carrier, row: db::outbox::Row) -> Result<(), DbError> {
    let outcome = match letter(app, &row) {
        Ok(letter) => timeout(SEND_LIMIT, carrier.send(&letter)).await.unwrap_or(Err(SendFault::Later("no answer in time"))),
        Err(_) => Err(SendFault::Never("the row cannot be opened")),
    };
    let (id, tries, now) = (row.id, row.tries, app.now());
    if let Err(fault) = outcome {
        tracing::warn!(%id, channel = row.channel, tries, %fault, "a message was not sent");
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                match outcome {
                    Ok(()) => db::outbox::sent(tx, id, now).await,
                    Err(SendFault::Later(why)) => db::outbox::not_sent(tx, id, why, now + wait_after(tries)).await,
                    Err(SendFault::Never(why)) => db::outbox::give_up(tx, id, why, now).await,
                }
            })
        })
        .await?;
    Ok(())
}
