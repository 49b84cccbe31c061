//! Rows that are deleted once they are old. Each statement deletes a batch, so that other writes get their turn.

use chrono::{DateTime, Utc};

#[cfg(test)]
use crate::infra::db::fetch_optional;
use crate::infra::db::{DbError, Tx, execute};

/// Rows of one batch.
pub const BATCH: u64 = 500;
const LIMIT: i64 = 500;

/// Deletes messages to telephones and mailboxes that were sent or given up, and codes whatever became of them.
pub async fn delete_outbox(tx: &mut Tx, before: DateTime<Utc>, codes_before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from outbox where id in (select id from outbox where created_at < $2 and (kind = 'code' or (created_at < $1
         and (sent_at is not null or given_up_at is not null))) order by created_at limit $3)",
        before,
        codes_before,
        LIMIT
    )
}

/// Deletes messages of the site.
pub async fn delete_messages(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from message where id in (select id from message where created_at < $1 order by created_at limit $2)",
        before,
        LIMIT
    )
}

/// Deletes the outcomes of commands.
pub async fn delete_commands(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from command where (account_id, key) in (select account_id, key from command where at < $1 order by at limit $2)",
        before,
        LIMIT
    )
}

/// Deletes the replies to patches.
pub async fn delete_patches(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from draft_patch where (matter_id, device, seq) in
         (select matter_id, device, seq from draft_patch where at < $1 order by at limit $2)",
        before,
        LIMIT
    )
}

/// Deletes the ids of deleted drafts.
pub async fn delete_discarded(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from discarded_draft where matter_id in (select matter_id from discarded_draft where at < $1 order by at limit $2)",
        before,
        LIMIT
    )
}

/// Number of messages in the outbox, messages of the site, outcomes of commands, replies to patches, and ids of deleted drafts.
#[cfg(test)]
pub async fn count_all(tx: &mut Tx) -> Result<[i64; 5], DbError> {
    let row = fetch_optional!(
        tx,
        (i64, i64, i64, i64, i64),
        "select (select count(*) from outbox), (select count(*) from message), (select count(*) from command),
         (select count(*) from draft_patch), (select count(*) from discarded_draft)"
    )?;
    Ok(row.map_or([0; 5], |(outbox, messages, commands, patches, discarded)| [outbox, messages, commands, patches, discarded]))
}

/// Marks every message in the outbox as sent.
#[cfg(test)]
pub async fn mark_all_sent(tx: &mut Tx) -> Result<u64, DbError> {
    execute!(tx, "update outbox set sent_at = created_at where sent_at is null")
}
