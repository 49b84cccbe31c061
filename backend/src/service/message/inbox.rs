//! 消息中心 of an account: its messages by topic, with filters and their numbers.

use chrono::{DateTime, Utc};
use domain::base::catalogue;
use domain::engine::notification::MessageCategory;
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::account::lookup::unseal_person;
use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::list::Cursor;
use crate::infra::db::message::{CategoryCountRow, MessageRow, TopicMessageRow};
use crate::infra::db::{DbError, Tx};
use crate::record::notification::message_text;
use crate::state::AppState;

pub use crate::infra::db::message::MessageConditions as InboxFilter;

/// Topics of a page.
const PAGE: usize = 15;
/// Messages of a topic on a page with others.
const OF_TOPIC: i64 = 20;
/// Messages of a topic on its own page.
const OF_ONE_TOPIC: i64 = 200;

/// A message to an account.
#[derive(Debug, Clone)]
pub struct Message {
    /// Id.
    pub id: Uuid,
    /// Category.
    pub category: MessageCategory,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// When the task that it is about was done.
    pub done_at: Option<DateTime<Utc>>,
    /// Address of the page it is about.
    pub link: String,
}

/// What the messages of a group are about.
pub enum MessageTopic {
    /// A matter.
    Matter {
        /// Its kind; none for a code that is no longer in the list of kinds.
        kind: Option<&'static Kind>,
        /// Title.
        title: String,
        /// 业务编号.
        number: Option<String>,
        /// Name of the person who began it, for readers other than the applicant who may know it.
        applicant: Option<String>,
    },
    /// A certificate.
    Certificate {
        /// Name of its domain.
        domain: String,
        /// 证书编号.
        number: String,
    },
    /// Neither.
    Other,
}

/// The messages of one topic.
pub struct MessageGroup {
    /// Id of the topic.
    pub id: Uuid,
    /// What they are about.
    pub topic: MessageTopic,
    /// The messages, newest first, up to a limit.
    pub messages: Vec<Message>,
    /// Number of all that meet the filter.
    pub count: i64,
    /// Of these, those that are not read.
    pub unread: i64,
}

/// Numbers of messages of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CategoryCount {
    /// The category.
    pub category: MessageCategory,
    /// All messages.
    pub all: i64,
    /// Those that are not read.
    pub unread: i64,
}

/// A page of 消息中心.
pub struct InboxPage {
    /// The groups, that with the newest message first.
    pub groups: Vec<MessageGroup>,
    /// Cursor of the next page.
    pub next: Cursor,
    /// Numbers of all messages by category, whatever is filtered.
    pub counts: Vec<CategoryCount>,
}

/// A page of the caller's messages, by topic.
pub async fn inbox_page(app: &AppState, who: &Allowed, filter: InboxFilter, cursor: Cursor) -> Result<InboxPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_inbox(&mut tx, app, who.account(), filter, cursor).await;
    tx.finish().await?;
    page
}

async fn read_inbox(tx: &mut Tx, app: &AppState, account: Uuid, filter: InboxFilter, cursor: Cursor) -> Result<InboxPage, DbError> {
    let counted = db::message::count_categories(tx, account).await?;
    let count = |category| {
        let row = counted.iter().find(|row| row.category == category);
        row.map_or(CategoryCount { category, all: 0, unread: 0 }, |CategoryCountRow { category, messages, unread }| CategoryCount {
            category: *category,
            all: *messages,
            unread: *unread,
        })
    };
    let counts = MessageCategory::ALL.into_iter().map(count).collect();
    let most = if filter.topic.is_some() { OF_ONE_TOPIC } else { OF_TOPIC };
    let topics = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let rows = db::message::list_by_topic(tx, account, &filter, cursor, (topics, most)).await?;
    let mut groups: Vec<MessageGroup> = Vec::new();
    let (mut next, mut times) = (None, Vec::new());
    for row in rows {
        let id = row.message.topic_id;
        if groups.last().is_none_or(|group| group.id != id) {
            if groups.len() == PAGE {
                next = times.last().copied();
                break;
            }
            times.push((row.latest_at, id));
            groups.push(MessageGroup { id, topic: topic_of(app, &row), messages: Vec::new(), count: row.messages, unread: row.unread });
        }
        if let Some(group) = groups.last_mut() {
            group.messages.push(message(app, row.message)?);
        }
    }
    Ok(InboxPage { groups, next, counts })
}

fn topic_of(app: &AppState, row: &TopicMessageRow) -> MessageTopic {
    if let (Some(kind), Some(title)) = (&row.matter_kind, &row.matter_title) {
        let owner = row.owner_id.zip(row.owner_sealed.as_deref());
        let applicant = owner.and_then(|(account, sealed)| unseal_person(app, account, sealed)).map(|person| person.name);
        return MessageTopic::Matter {
            kind: domain::kind::by_code(kind),
            title: title.clone(),
            number: row.matter_number.clone(),
            applicant,
        };
    }
    match (&row.certificate_domain, &row.certificate_number) {
        (Some(domain), Some(number)) => MessageTopic::Certificate {
            domain: catalogue::domain(domain).map_or_else(|| domain.clone(), |domain| domain.label.to_owned()),
            number: number.clone(),
        },
        _ => MessageTopic::Other,
    }
}

fn message(app: &AppState, row: MessageRow) -> Result<Message, DbError> {
    let body = message_text(&app.keys, &row)?;
    let MessageRow { id, category, title, created_at, read_at, done_at, link, .. } = row;
    Ok(Message { id, category, title, body, created_at, read_at, done_at, link })
}

/// Number of unread messages of an account, at most a hundred.
pub async fn count_unread(app: &AppState, account: Uuid) -> Result<i64, DbError> {
    let mut tx = app.db.read().await?;
    db::message::count_unread(&mut tx, account).await
}

/// Marks a message of the caller as read, with the others of its topic; returns its link.
pub async fn mark_read(app: &AppState, who: &Allowed, id: Uuid) -> Result<Option<String>, DbError> {
    let (account, now) = (who.account(), app.now());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::message::set_read(tx, account, id, now).await })).await
}

/// Marks every message of the caller as read.
pub async fn mark_all_read(app: &AppState, who: &Allowed) -> Result<u64, DbError> {
    let (account, now) = (who.account(), app.now());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::message::set_all_read(tx, account, now).await })).await
}

/// The newest messages of the caller.
#[cfg(test)]
pub(crate) async fn list_messages(app: &AppState, who: &Allowed) -> Result<Vec<Message>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::message::list_of_account(&mut tx, who.account(), 100).await?;
    rows.into_iter().map(|row| message(app, row)).collect()
}
