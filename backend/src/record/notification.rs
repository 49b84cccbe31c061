//! Notifications: 消息 of an account, and outbox rows for the channels of their kind.

use chrono::{DateTime, Utc};
use domain::engine::notification::{Channel, ChannelChoices, GIVE_UP_AFTER, MessageCategory, NotificationKind};
use uuid::Uuid;

use crate::access::account::Person;
use crate::infra::db;
use crate::infra::db::account::AccountStatus;
use crate::infra::db::message::MessageRow;
use crate::infra::db::outbox::OutboxRow;
use crate::infra::db::{DbError, Tx};
use crate::infra::outbox::OutboxEntry;
use crate::infra::secret::{Keys, SealContext};
use crate::state::AppState;

/// What a message is about; messages of one topic stand together in 消息中心.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// The matter of the notification.
    Matter,
    /// A certificate.
    Certificate(Uuid),
    /// An institution.
    Institution(Uuid),
}

/// A notification about a matter.
pub(crate) struct Notification<'a> {
    /// Recipient.
    pub account: Uuid,
    /// The matter; of a notification about an institution, the institution.
    pub matter: Uuid,
    /// Name of the matter's kind.
    pub matter_kind: &'a str,
    /// What it is about on the site.
    pub topic: Topic,
    /// Whether the recipient may know whose the matter is.
    pub names_applicant: bool,
    /// Kind of notification.
    pub kind: NotificationKind,
    /// Key within the matter: event number, or day of a reminder. Notifications with the same key are sent once.
    pub dedupe_key: String,
    /// Title on the site.
    pub title: &'a str,
    /// Text on the site.
    pub body: &'a str,
    /// Link on the site.
    pub link: String,
}

const BODY: &str = "message.body_sealed";

/// The text of a message.
pub(crate) fn message_text(keys: &Keys, message: &MessageRow) -> Result<String, DbError> {
    let Some(sealed) = &message.body_sealed else { return Ok(message.body.clone()) };
    let text = keys.unseal(SealContext::new(BODY, message.id), sealed);
    text.ok().and_then(|text| String::from_utf8(text).ok()).ok_or_else(|| DbError::Unreadable(BODY.into()))
}

/// Stores a notification and its outbox rows, in the transaction of the event.
pub(crate) async fn notify_account(
    tx: &mut Tx,
    app: &AppState,
    notification: &Notification<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (id, plan) = (Uuid::now_v7(), notification.kind.plan());
    let message = db::message::MessageRow {
        id,
        account_id: notification.account,
        topic_id: match notification.topic {
            Topic::Matter => notification.matter,
            Topic::Certificate(id) | Topic::Institution(id) => id,
        },
        category: plan.category.unwrap_or(MessageCategory::System),
        names_applicant: notification.names_applicant,
        title: notification.title.to_owned(),
        body: String::new(),
        body_sealed: Some(app.keys.seal(SealContext::new(BODY, id), notification.body.as_bytes())),
        link: notification.link.clone(),
        created_at: now,
        read_at: None,
        done_at: None,
    };
    db::message::insert(tx, &message).await?;
    let Some((person, mail_confirmed)) = reachable(tx, app, notification.account).await? else {
        return Ok(());
    };
    let choices = match plan.optional.is_empty() {
        true => ChannelChoices::default(),
        false => channel_choices(tx, notification.account).await?,
    };
    for channel in plan.channels(&choices) {
        // An unconfirmed mail address may be a stranger's.
        if channel == Channel::Mail && !mail_confirmed {
            continue;
        }
        let row = outbox_row(notification, &person, channel, now, app);
        db::outbox::insert(tx, &row).await?;
    }
    Ok(())
}

/// What an account has chosen in 通知设置.
pub(crate) async fn channel_choices(tx: &mut Tx, account: Uuid) -> Result<ChannelChoices, DbError> {
    let rows = db::channel_choice::list(tx, account).await?;
    Ok(ChannelChoices::new(rows.into_iter().map(|row| (row.category, row.channel, row.enabled))))
}

/// Personal data of an active account, and whether its mail address was confirmed.
async fn reachable(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<Option<(Person, bool)>, DbError> {
    let Some(row) = db::account::by_id(tx, account).await?.filter(|row| row.status == AccountStatus::Active) else {
        return Ok(None);
    };
    let person = crate::access::account::lookup::unseal_person(app, account, &row.person_sealed);
    Ok(person.map(|person| (person, row.email_verified_at.is_some())))
}

fn outbox_row(notification: &Notification<'_>, person: &Person, channel: Channel, now: DateTime<Utc>, app: &AppState) -> OutboxRow {
    let plan = notification.kind.plan();
    let (target, (subject, body)) = match channel {
        Channel::Sms => (&person.mobile, (String::new(), plan.sms(&person.name, notification.matter_kind))),
        Channel::Mail => (&person.email, plan.mail(&person.name, notification.matter_kind)),
    };
    let entry = OutboxEntry {
        id: Uuid::now_v7(),
        channel,
        kind: notification.kind,
        target,
        subject,
        body: &body,
        dedupe_key: format!(
            "{}:{}:{}:{}:{}",
            channel.code(),
            notification.matter,
            notification.dedupe_key,
            plan.code,
            notification.account
        ),
        about: (!matches!(notification.topic, Topic::Institution(_))).then_some((notification.matter, notification.account)),
        not_after: now + GIVE_UP_AFTER,
        now,
    };
    entry.into_row(&app.keys)
}
