//! SQL of messages.

use chrono::{DateTime, Utc};
use domain::engine::notification::MessageCategory;
use uuid::Uuid;

use crate::infra::db::list::{Cursor, bounds};
use crate::infra::db::text_code::Coded;
#[cfg(test)]
use crate::infra::db::tx::plan;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A message of an account.
#[derive(Clone, sqlx::FromRow)]
pub struct MessageRow {
    /// Row id.
    pub id: Uuid,
    /// Recipient.
    pub account_id: Uuid,
    /// The matter or the certificate that it is about; the zero id for none.
    pub topic_id: Uuid,
    /// Category.
    #[sqlx(try_from = "Coded<MessageCategory>")]
    pub category: MessageCategory,
    /// Whether its reader may know whose the matter is.
    pub names_applicant: bool,
    /// Title.
    pub title: String,
    /// Text, in rows of earlier releases; empty otherwise.
    pub body: String,
    /// Text, sealed.
    pub body_sealed: Option<Vec<u8>>,
    /// Link.
    pub link: String,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of reading.
    pub read_at: Option<DateTime<Utc>>,
    /// When the task that it is about was done.
    pub done_at: Option<DateTime<Utc>>,
}

/// Which messages of an account are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageConditions {
    /// Category; none for every one.
    pub category: Option<MessageCategory>,
    /// Whether only unread ones are listed.
    pub unread: bool,
    /// The topic; none for every one.
    pub topic: Option<Uuid>,
}

/// A message with what it shares with the others of its topic.
#[derive(Clone, sqlx::FromRow)]
pub struct TopicMessageRow {
    /// The message.
    #[sqlx(flatten)]
    pub message: MessageRow,
    /// Time of the newest message of the topic.
    pub latest_at: DateTime<Utc>,
    /// Messages of the topic.
    pub messages: i64,
    /// Of these, those that are not read.
    pub unread: i64,
    /// Code of the matter's kind.
    pub matter_kind: Option<String>,
    /// Title of the matter.
    pub matter_title: Option<String>,
    /// 业务编号 of the matter.
    pub matter_number: Option<String>,
    /// The account that began the matter, if a message of the topic names it.
    pub owner_id: Option<Uuid>,
    /// Personal data of that account.
    pub owner_sealed: Option<Vec<u8>>,
    /// Number of the certificate.
    pub certificate_number: Option<String>,
    /// Code of its domain.
    pub certificate_domain: Option<String>,
}

/// Numbers of messages of a category.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct CategoryCountRow {
    /// The category.
    #[sqlx(try_from = "Coded<MessageCategory>")]
    pub category: MessageCategory,
    /// All messages.
    pub messages: i64,
    /// Those that are not read.
    pub unread: i64,
}

/// Inserts a message.
pub async fn insert(tx: &mut Tx, m: &MessageRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into message (id, account_id, title, body, body_sealed, link, created_at, topic_id, category, names_applicant)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        m.id,
        m.account_id,
        &m.title,
        &m.body,
        m.body_sealed.as_deref(),
        &m.link,
        m.created_at,
        m.topic_id,
        m.category.code(),
        m.names_applicant
    )
}

/// The newest messages of an account.
pub async fn list_of_account(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<MessageRow>, DbError> {
    fetch_all!(tx, MessageRow, "select * from message where account_id = $1 order by created_at desc, id limit $2", account, limit)
}

/// The messages of some topics of an account: those that were written to last, after a place. Arguments: the account, conditions, the
/// place, the number of topics, and that of messages of each.
macro_rules! messages_by_topic {
    ($run:ident, $tx:expr, $row:ty, $account:expr, $conditions:expr, $after:expr, $topics:expr, $most:expr) => {
        $run!(
            $tx,
            $row,
            concat!(
                "with topic as (
             select topic_id, max(created_at) as latest_at, count(*) as messages, count(*) filter (where read_at is null) as unread,
                count(*) filter (where names_applicant) as naming
             from message
             where account_id = $1 and ($2 = '' or category = $2) and ($3 = 0 or read_at is null) and ($4 = 0 or topic_id = $5)
             group by topic_id
         ), listed as (
             select * from topic where latest_at < $6 or (latest_at = $6 and topic_id > $7) order by latest_at desc, topic_id limit $8
         ), line as (
             select m.*, t.latest_at, t.messages, t.unread, t.naming,
                row_number() over (partition by m.topic_id order by m.created_at desc, m.id desc) as place
             from listed t join message m on m.topic_id = t.topic_id
             where m.account_id = $1 and ($2 = '' or m.category = $2) and ($3 = 0 or m.read_at is null)
         )
         select l.*, c.kind as matter_kind, c.title as matter_title, c.number as matter_number, a.id as owner_id, a.person_sealed as owner_sealed,
            h.number as certificate_number, h.domain as certificate_domain
         from line l left join matter c on c.id = l.topic_id left join account a on a.id = c.owner_id and l.naming > 0
         left join certificate h on h.id = l.topic_id
         where l.place <= $9 order by l.latest_at desc, l.topic_id, l.place"
            ),
            $account,
            $conditions.category.map_or("", MessageCategory::code),
            i64::from($conditions.unread),
            i64::from($conditions.topic.is_some()),
            $conditions.topic.unwrap_or_default(),
            bounds($after).0,
            bounds($after).1,
            $topics,
            $most
        )
    };
}

/// Messages of an account by topic, the one written to last first: at most `topics` of them after a place, and of each the newest `most`.
pub async fn list_by_topic(
    tx: &mut Tx,
    account: Uuid,
    conditions: &MessageConditions,
    after: Cursor,
    (topics, most): (i64, i64),
) -> Result<Vec<TopicMessageRow>, DbError> {
    messages_by_topic!(fetch_all, tx, TopicMessageRow, account, conditions, after, topics, most)
}

/// Counts the messages of an account by category. Argument: the account.
macro_rules! count_by_category {
    ($run:ident, $tx:expr, $row:ty, $account:expr) => {
        $run!(
            $tx,
            $row,
            concat!(
                "select category, count(*) as messages, count(*) filter (where read_at is null) as unread from message
         where account_id = $1 group by category"
            ),
            $account
        )
    };
}

/// Numbers of messages of an account by category; categories without messages are left out.
pub async fn count_categories(tx: &mut Tx, account: Uuid) -> Result<Vec<CategoryCountRow>, DbError> {
    count_by_category!(fetch_all, tx, CategoryCountRow, account)
}

/// Number of unread messages, at most a hundred.
pub async fn count_unread(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from (select 1 from message where account_id = $1 and read_at is null limit 100) as few",
        account
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Marks a message as read, and the others of its topic; returns its link.
pub async fn set_read(tx: &mut Tx, account: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<Option<String>, DbError> {
    let row = fetch_optional!(
        tx,
        (String, Uuid),
        "update message set read_at = coalesce(read_at, $3) where account_id = $1 and id = $2 returning link, topic_id",
        account,
        id,
        now
    )?;
    let Some((link, topic)) = row else { return Ok(None) };
    if !topic.is_nil() {
        execute!(tx, "update message set read_at = $3 where account_id = $1 and topic_id = $2 and read_at is null", account, topic, now)?;
    }
    Ok(Some(link))
}

/// Marks every message as read.
pub async fn set_all_read(tx: &mut Tx, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update message set read_at = $2 where account_id = $1 and read_at is null", account, now)
}

/// Closes the messages of the open tasks of a matter: they are done, and read.
pub async fn close_tasks(tx: &mut Tx, matter: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update message set done_at = $2, read_at = coalesce(read_at, $2) where topic_id = $1 and category = 'task' and done_at is null",
        matter,
        now
    )
}

/// Closes the messages to one person of the open tasks of a matter.
pub async fn close_tasks_of_person(tx: &mut Tx, matter: Uuid, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update message set done_at = $3, read_at = coalesce(read_at, $3)
         where topic_id = $1 and account_id = $2 and category = 'task' and done_at is null",
        matter,
        account,
        now
    )
}

/// The plans of [`list_by_topic`] and [`count_categories`].
#[cfg(test)]
pub async fn plans_of_inbox(tx: &mut Tx, account: Uuid, conditions: &MessageConditions) -> [Vec<String>; 2] {
    let listed = messages_by_topic!(plan, tx, TopicMessageRow, account, conditions, None, 16_i64, 20_i64);
    let counted = count_by_category!(plan, tx, CategoryCountRow, account);
    [listed.unwrap(), counted.unwrap()]
}
