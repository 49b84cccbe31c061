//! Removal of files that nothing refers to: first their rows, then their content on the disk.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use chrono::{TimeDelta, Timelike};
use domain::base::rule::key;
use serde_json::Value;
use uuid::Uuid;

use crate::infra::db::file::SealedContent;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::answers::unseal_answers;
use crate::matter::library::RECORD_COLUMN;
use crate::record::form_draft::VALUES_COLUMN;
use crate::service::payment::order::VOUCHER_COLUMN;
use crate::state::AppState;

/// Accounts checked in one run.
const ACCOUNTS: i64 = 50;
/// Folders of the file store, one for each first byte of a name.
const FOLDERS: u16 = 256;

/// Deletes the rows of files to which no answer, record or voucher refers, of the accounts whose check is due. Files younger than the
/// retention rule stay: a page or device may be about to refer to them.
pub async fn sweep_file_rows(app: &AppState) -> Result<(), DbError> {
    let now = app.now();
    let due = {
        let mut tx = app.db.read().await?;
        db::file::list_due_sweeps(&mut tx, now, ACCOUNTS).await?
    };
    for account in due {
        sweep_account(app, account).await?;
    }
    Ok(())
}

async fn sweep_account(app: &AppState, account: Uuid) -> Result<(), DbError> {
    let begun = app.now();
    let unreferenced = {
        let mut tx = app.db.read().await?;
        let old = db::file::list_before(&mut tx, account, begun - retention(app)).await?;
        let referenced = if old.is_empty() { HashSet::new() } else { referenced_ids(&mut tx, &app.keys, account).await? };
        old.into_iter().filter(|id| !referenced.contains(id)).collect::<Vec<_>>()
    };
    app.db
        .write(move |tx| {
            Box::pin(async move {
                // What was saved meanwhile may refer to one of them; the next run looks again.
                if unreferenced.is_empty() || !db::file::has_saved_since(tx, account, begun).await? {
                    for id in unreferenced {
                        db::file::delete(tx, id).await?;
                    }
                    db::file::end_sweep(tx, account).await?;
                }
                Ok(())
            })
        })
        .await
}

fn retention(app: &AppState) -> TimeDelta {
    TimeDelta::hours(app.tables().rules.on(app.today()).int(key::RETAIN_FILE_HOURS))
}

/// Every id in the sealed content of an account. Some are of other things than files, which does no harm.
async fn referenced_ids(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<HashSet<Uuid>, DbError> {
    let mut ids = HashSet::new();
    for (matter, revision, sealed) in db::file::list_answers(tx, account).await? {
        collect(&unseal_answers(keys, matter, revision, &sealed)?, &mut ids);
    }
    collect_from(keys, RECORD_COLUMN, &db::file::list_library(tx, account).await?, &mut ids)?;
    collect_from(keys, VALUES_COLUMN, &db::file::list_form_drafts(tx, account).await?, &mut ids)?;
    collect_from(keys, VOUCHER_COLUMN, &db::file::list_vouchers(tx, account).await?, &mut ids)?;
    Ok(ids)
}

fn collect_from(keys: &Keys, column: &'static str, contents: &[SealedContent], ids: &mut HashSet<Uuid>) -> Result<(), DbError> {
    for (row, sealed) in contents {
        let value: Value = keys.unseal_json(SealContext::new(column, *row), sealed).map_err(|_| DbError::Unreadable(column.into()))?;
        collect(&value, ids);
    }
    Ok(())
}

fn collect(value: &Value, ids: &mut HashSet<Uuid>) {
    match value {
        Value::String(text) => ids.extend(Uuid::parse_str(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Removes content without a row, and parts of failed writes, from the folders whose turn it is at this hour: each has its turn once a day.
pub async fn sweep_file_store(app: &AppState) -> Result<(), DbError> {
    let hour = u16::try_from(app.now().hour()).unwrap_or(0);
    let age = Duration::from_secs(u64::try_from(retention(app).num_seconds()).unwrap_or(0));
    let Some(before) = SystemTime::now().checked_sub(age) else { return Ok(()) };
    for first in (0..FOLDERS).filter(|folder| folder % 24 == hour).filter_map(|folder| u8::try_from(folder).ok()) {
        sweep_folder(app, first, before).await?;
    }
    Ok(())
}

/// Sweeps the folder of the names that begin with this byte.
async fn sweep_folder(app: &AppState, first: u8, before: SystemTime) -> Result<(), DbError> {
    let stored = match app.files.sweep_parts(first, before).await {
        Ok(stored) if stored.is_empty() => return Ok(()),
        Ok(stored) => stored,
        Err(error) => {
            tracing::warn!(%error, "a folder of the file store was not swept");
            return Ok(());
        }
    };
    let from: [u8; 32] = std::array::from_fn(|i| if i == 0 { first } else { 0 });
    let to: [u8; 32] = std::array::from_fn(|i| if i == 0 { first } else { u8::MAX });
    let needed: HashSet<Vec<u8>> = {
        let mut tx = app.db.read().await?;
        db::file::list_digests(&mut tx, &from, &to).await?.into_iter().collect()
    };
    for digest in stored.into_iter().filter(|digest| !needed.contains(digest)) {
        app.files.remove_older(digest, before).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
