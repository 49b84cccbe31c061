//! The keys that belong to the database.
//!
//! The database holds a known value under each key, so that a foreign key file is refused before it seals anything. Keys are created only
//! for an empty database, or on request.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::key::{KeyCheckRow, KeyKind, SealedSample};
use crate::infra::db::{self, Db, DbError, Tx};
use crate::infra::secret::{KeyError, Keys, SealContext};

/// The known text.
const KNOWN: &str = "registrar key check";
const CHECK_COLUMN: &str = "key_check.value";
const PERSON_COLUMN: &str = "account.person_sealed";

/// Why the keys of the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The key file.
    #[error("{}: {error}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        error: KeyError,
    },
    /// There is no key file, and the database holds data that was sealed with its keys.
    #[error("the key file {} is missing, but the database holds data that was sealed with its keys. Put the file back", .0.display())]
    Missing(PathBuf),
    /// The file lacks a key of the database, or holds another one in its place.
    #[error("the key file {} is not that of this database: its {kind} key {id} is missing or differs. Put the right file back", path.display())]
    Foreign {
        /// Where it is.
        path: PathBuf,
        /// The kind of the key.
        kind: &'static str,
        /// The id of the key.
        id: i64,
    },
    /// The keys would be replaced while the database holds data.
    #[error("the database holds data that was sealed with other keys, which new keys would make unreadable for ever")]
    InUse,
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Path of the key file in a data folder.
pub fn key_path(data: &Path) -> PathBuf {
    data.join("keys").join("registrar.keys")
}

/// Loads the keys and checks that they are those of the database. Creates them if the database is empty and there is no file.
///
/// # Errors
/// A file that is missing, foreign, malformed, or open to other users.
pub async fn open(db: &Db, path: &Path, now: DateTime<Utc>) -> Result<Keys, KeyringError> {
    if !path.exists() {
        return create(db, path, now).await.map_err(|error| match error {
            KeyringError::InUse => KeyringError::Missing(path.to_owned()),
            other => other,
        });
    }
    let keys = Keys::load(path).map_err(|error| file_error(path, error))?;
    let recorded = {
        let mut tx = db.read().await?;
        db::key::list_checks(&mut tx).await?
    };
    verify(&keys, &recorded, path)?;
    if expected(&keys).iter().any(|(kind, id)| find(&recorded, *kind, *id).is_none()) {
        record(db, &keys, path, now).await?;
    }
    Ok(keys)
}

/// Creates the keys of an empty database.
///
/// # Errors
/// [`KeyringError::InUse`] if the database holds data, and [`KeyringError::File`] if there is a key file.
pub async fn create(db: &Db, path: &Path, now: DateTime<Utc>) -> Result<Keys, KeyringError> {
    {
        let mut tx = db.read().await?;
        if !db::key::list_checks(&mut tx).await?.is_empty() || db::key::holds_data(&mut tx).await? {
            return Err(KeyringError::InUse);
        }
    }
    let keys = match Keys::create(path) {
        Ok(keys) => keys,
        // Another process that starts on the same folder was faster.
        Err(KeyError::Exists) => return Box::pin(open(db, path, now)).await,
        Err(error) => return Err(file_error(path, error)),
    };
    let recorded = record(db, &keys, path, now).await;
    if recorded.is_err() {
        // Another server has created the keys of this database meanwhile: this file is of no use to anybody.
        let _ = std::fs::remove_file(path);
    }
    recorded.map(|()| keys)
}

/// Creates keys in place of lost ones. What was sealed with those stays unreadable.
///
/// # Errors
/// [`KeyringError::File`] if there is a key file.
pub async fn replace_lost(db: &Db, path: &Path, now: DateTime<Utc>) -> Result<Keys, KeyringError> {
    let keys = Keys::create(path).map_err(|error| file_error(path, error))?;
    let rows = checks(&keys);
    db.write(move |tx| {
        Box::pin(async move {
            db::key::delete_checks(tx).await?;
            insert_all(tx, &rows, now).await
        })
    })
    .await
    .map_err(KeyringError::Db)?;
    Ok(keys)
}

/// Adds the check values that are missing, once the keys are known to be right.
///
/// # Errors
/// [`KeyringError::Foreign`] if they are not.
pub async fn record(db: &Db, keys: &Keys, path: &Path, now: DateTime<Utc>) -> Result<(), KeyringError> {
    let (keys, path) = (keys.clone(), path.to_owned());
    db.write(move |tx| {
        Box::pin(async move {
            // The row of the counter is the lock: servers that start at once must agree on the keys.
            db::certificate::next_serial(tx, "keys", 1).await?;
            let recorded = db::key::list_checks(tx).await?;
            verify(&keys, &recorded, &path)?;
            // A database of an earlier release has no check values: its data decides.
            if recorded.is_empty()
                && let Some(sample) = db::key::sample(tx).await?
            {
                check_sample(&keys, &sample, &path)?;
            }
            insert_all(tx, &checks(&keys), now).await?;
            Ok(())
        })
    })
    .await
}

/// Makes sure that this server and the database agree on the keys of identity fingerprints, and, in a write transaction, that none is added
/// until it ends. So an account is looked for under every key under which another server may have stored it.
///
/// # Errors
/// [`DbError::Unavailable`] if another server uses a key that the key file of this one lacks, or while a key is being added.
pub async fn share_fingerprint_keys(tx: &mut Tx, keys: &Keys) -> Result<(), DbError> {
    db::key::share_counter(tx).await?;
    let recorded = db::key::list_print_ids(tx).await?;
    if let Some(id) = recorded.iter().find(|id| !u32::try_from(**id).is_ok_and(|id| keys.has_fingerprint_key(id))) {
        tracing::error!(id, "the key file lacks a fingerprint key that another server uses");
        return Err(DbError::Unavailable);
    }
    // A key that is in the file but not recorded yet is unknown to the other servers.
    if keys.fingerprint_ids().len() == recorded.len() { Ok(()) } else { Err(DbError::Unavailable) }
}

async fn insert_all(tx: &mut Tx, rows: &[KeyCheckRow], now: DateTime<Utc>) -> Result<(), DbError> {
    for row in rows {
        db::key::insert_check(tx, row, now).await?;
    }
    Ok(())
}

/// Kinds and ids of the keys.
fn expected(keys: &Keys) -> Vec<(KeyKind, i64)> {
    let seal = keys.sealing_ids().into_iter().map(|id| (KeyKind::Seal, i64::from(id)));
    let print = keys.fingerprint_ids().into_iter().map(|id| (KeyKind::Print, i64::from(id)));
    seal.chain(print).collect()
}

fn checks(keys: &Keys) -> Vec<KeyCheckRow> {
    let value = |kind, id| match kind {
        KeyKind::Seal => keys.seal_with(id, place(i64::from(id)), KNOWN.as_bytes()),
        KeyKind::Print => keys.fingerprint_with(id, CHECK_COLUMN, KNOWN),
    };
    let row = |(kind, id)| u32::try_from(id).ok().and_then(|id| value(kind, id)).map(|value| KeyCheckRow { kind, key_id: id, value });
    expected(keys).into_iter().filter_map(row).collect()
}

fn verify(keys: &Keys, recorded: &[KeyCheckRow], path: &Path) -> Result<(), KeyringError> {
    for row in recorded {
        let right = match row.kind {
            KeyKind::Seal => keys.unseal(place(row.key_id), &row.value).is_ok_and(|text| text == KNOWN.as_bytes()),
            KeyKind::Print => {
                u32::try_from(row.key_id).ok().and_then(|id| keys.fingerprint_with(id, CHECK_COLUMN, KNOWN)).as_ref() == Some(&row.value)
            }
        };
        if !right {
            return Err(KeyringError::Foreign { path: path.to_owned(), kind: row.kind.code(), id: row.key_id });
        }
    }
    Ok(())
}

fn check_sample(keys: &Keys, sample: &SealedSample, path: &Path) -> Result<(), KeyringError> {
    let foreign = |kind: KeyKind, id: u32| KeyringError::Foreign { path: path.to_owned(), kind: kind.code(), id: i64::from(id) };
    let person: serde_json::Value = keys
        .unseal_json(SealContext::new(PERSON_COLUMN, sample.id), &sample.person_sealed)
        .map_err(|_| foreign(KeyKind::Seal, keys.sealing_id()))?;
    let mobile = person.get("mobile").and_then(serde_json::Value::as_str).unwrap_or_default();
    if keys.fingerprints_by_key("mobile", mobile).contains(&sample.mobile_fingerprint) {
        Ok(())
    } else {
        Err(foreign(KeyKind::Print, keys.mac_id()))
    }
}

fn find(recorded: &[KeyCheckRow], kind: KeyKind, id: i64) -> Option<&KeyCheckRow> {
    recorded.iter().find(|row| (row.kind, row.key_id) == (kind, id))
}

fn place(id: i64) -> SealContext {
    SealContext::new(CHECK_COLUMN, Uuid::from_u128(u128::from(id.unsigned_abs())))
}

fn file_error(path: &Path, error: KeyError) -> KeyringError {
    KeyringError::File { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests;
