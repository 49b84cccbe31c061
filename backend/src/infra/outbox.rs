//! Rows of the outbox: sealed when they are inserted, unsealed when they are sent or shown.

use chrono::{DateTime, Utc};
use domain::engine::notification::{Channel, NotificationKind};
use uuid::Uuid;

use crate::infra::db::DbError;
use crate::infra::db::outbox::OutboxRow;
use crate::infra::secret::{Keys, SealContext};

const TARGET_COLUMN: &str = "outbox.target_sealed";
const BODY_COLUMN: &str = "outbox.body_sealed";

/// Data of a new outbox row.
pub(crate) struct OutboxEntry<'a> {
    /// Row id.
    pub id: Uuid,
    /// Channel.
    pub channel: Channel,
    /// Kind of notification.
    pub kind: NotificationKind,
    /// Mobile number or mail address.
    pub target: &'a str,
    /// Subject of a mail, without anything personal.
    pub subject: String,
    /// Text.
    pub body: &'a str,
    /// Rows with the same key are inserted once.
    pub dedupe_key: String,
    /// Matter and recipient account.
    pub about: Option<(Uuid, Uuid)>,
    /// Not sent after this time.
    pub not_after: DateTime<Utc>,
    /// Current time.
    pub now: DateTime<Utc>,
}

impl OutboxEntry<'_> {
    /// The row, with target and text sealed.
    pub(crate) fn into_row(self, keys: &Keys) -> OutboxRow {
        OutboxRow {
            id: self.id,
            channel: self.channel,
            target_sealed: keys.seal(SealContext::new(TARGET_COLUMN, self.id), self.target.as_bytes()),
            subject: self.subject,
            body_sealed: keys.seal(SealContext::new(BODY_COLUMN, self.id), self.body.as_bytes()),
            dedupe_key: self.dedupe_key,
            matter_id: self.about.map(|(matter, _)| matter),
            account_id: self.about.map(|(_, account)| account),
            kind: self.kind.plan().code.into(),
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

/// The row of a verification code by SMS or mail. `period`: from now to the time after which it is not sent.
pub(crate) fn code_row(
    keys: &Keys,
    id: Uuid,
    channel: Channel,
    target: &str,
    text: &str,
    period: (DateTime<Utc>, DateTime<Utc>),
) -> OutboxRow {
    let subject = match channel {
        Channel::Sms => String::new(),
        Channel::Mail => "验证码".to_owned(),
    };
    let entry = OutboxEntry {
        id,
        channel,
        kind: NotificationKind::VerificationCode,
        target,
        subject,
        body: text,
        dedupe_key: format!("{}:{id}", channel.code()),
        about: None,
        not_after: period.1,
        now: period.0,
    };
    entry.into_row(keys)
}

/// A mobile number or mail address, and a text, as they were before sealing.
pub(crate) struct Unsealed {
    /// Mobile number or mail address.
    pub target: String,
    /// Text.
    pub body: String,
}

/// Unseals the target and text of a row.
pub(crate) fn unseal(keys: &Keys, row: &OutboxRow) -> Result<Unsealed, DbError> {
    Ok(Unsealed {
        target: unseal_column(keys, TARGET_COLUMN, row.id, &row.target_sealed)?,
        body: unseal_column(keys, BODY_COLUMN, row.id, &row.body_sealed)?,
    })
}

fn unseal_column(keys: &Keys, column: &'static str, id: Uuid, sealed: &[u8]) -> Result<String, DbError> {
    let bytes = keys.unseal(SealContext::new(column, id), sealed).ok();
    bytes.and_then(|b| String::from_utf8(b).ok()).ok_or_else(|| DbError::Unreadable(column.into()))
}
