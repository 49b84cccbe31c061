//! Resumable uploads in chunks; a complete file is attached in the same way as a file of a form.
//!
//! Each chunk checks that the matter may be edited. A chunk is on the disk before it is counted; the last one checks and attaches the whole
//! file in the transaction that completes the upload.

use chrono::TimeDelta;
use domain::base::rule::key;
use domain::engine::form::Field;
use domain::engine::upload::{ABANDONED_AFTER_HOURS, ChunkOutcome, Upload};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::upload::UploadRow;
use crate::infra::db::{self, DbError};
use crate::infra::file::FileError;
use crate::infra::secret::SealContext;
use crate::service::upload::error::UploadError;
use crate::state::AppState;
use crate::workflow::files::{attach_upload, check_size, load_file_field, upload_limit, upload_megabytes};

const NAME_COLUMN: &str = "upload.name_sealed";
/// Maximum length of the name that a client sends; the file gets a shorter one.
const NAME_MAX: usize = 5_000;

/// Begins an upload under the client's id. A repeated request returns the present state.
///
/// # Errors
/// [`UploadError::IdReused`] if the id belongs to another upload; [`UploadError::TooLarge`], [`UploadError::TooMany`], or the reason why the
/// matter does not take the file.
pub async fn begin_upload(app: &AppState, who: &Allowed, upload: Upload) -> Result<Upload, UploadError> {
    if upload.size == 0 {
        return Err(UploadError::from(FileError::Empty).of(&upload.name));
    }
    if usize::try_from(upload.size).map_or(true, |size| size > upload_limit(app)) {
        return Err(UploadError::TooLarge(upload_megabytes(app)));
    }
    let (owned, caller) = (app.clone(), who.caller().clone());
    let name: String = upload.name.chars().take(NAME_MAX).collect();
    let (id, path, now) = (upload.id, upload.path.to_string(), app.now());
    let row = UploadRow {
        id,
        account_id: who.account(),
        matter_id: upload.matter,
        path: path.clone(),
        name_sealed: app.keys.seal(SealContext::new(NAME_COLUMN, id), name.as_bytes()),
        size: i64::try_from(upload.size).unwrap_or(i64::MAX),
        received: 0,
        pieces: String::new(),
        refused: None,
        done_at: None,
        touched_at: now,
    };
    let stored = app
        .db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                if let Some(stored) = db::upload::by_id(tx, id).await? {
                    return Ok(stored);
                }
                // An upload whose row was deleted long ago has left its file.
                let row = match db::file::by_id(tx, id).await? {
                    Some(file) if file.owner_id == row.account_id => UploadRow { received: row.size, done_at: Some(now), ..row },
                    Some(_) => return Err(UploadError::IdReused),
                    None => {
                        let matter = load_file_field(tx, &owned, &caller, row.matter_id, &upload.path).await?;
                        if let Some(accepted) = matter.kind.form.field_at(&upload.path).and_then(Field::accepted_files) {
                            check_size(&owned, accepted, upload.size)?;
                        }
                        check_quota(&owned, db::upload::open_totals(tx, row.account_id).await?, row.size)?;
                        row
                    }
                };
                db::upload::insert(tx, &row).await?;
                db::upload::by_id(tx, id).await?.ok_or(UploadError::NotFound)
            })
        })
        .await?;
    let stored = require_owner(who, stored)?;
    let same = stored.matter_id == upload.matter && stored.path == path && size_of(stored.size) == upload.size;
    if same { into_upload(app, &stored) } else { Err(UploadError::IdReused) }
}

/// State of an own upload.
pub async fn upload_status(app: &AppState, who: &Allowed, id: Uuid) -> Result<Upload, UploadError> {
    let row = upload_row(app, who, id).await?;
    into_upload(app, &row)
}

/// Stores a chunk durably. The last one attaches the file; so does an empty request at the end of the file.
///
/// # Errors
/// [`UploadError::Offset`] if the chunk does not follow the last one; [`UploadError::ChunkTooLarge`]; [`UploadError::Refused`] if the whole
/// file is not accepted.
pub async fn receive_chunk(app: &AppState, who: &Allowed, id: Uuid, offset: u64, bytes: Vec<u8>) -> Result<Upload, UploadError> {
    let row = upload_row(app, who, id).await?;
    let mut upload = into_upload(app, &row)?;
    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    match upload.accept_chunk(offset, len) {
        ChunkOutcome::TooLarge | ChunkOutcome::Partial => return Err(UploadError::ChunkTooLarge),
        ChunkOutcome::Duplicate | ChunkOutcome::Gap(_) => return Err(UploadError::Offset(upload.received)),
        ChunkOutcome::Next if row.done_at.is_some() => return Ok(upload),
        ChunkOutcome::Next => {}
    }
    if let Some(reason) = row.refused {
        return Err(UploadError::Refused(reason).of(&upload.name));
    }
    {
        let mut tx = app.db.read().await?;
        load_file_field(&mut tx, app, who.caller(), row.matter_id, &upload.path).await?;
    }
    let mut chunks: Vec<Uuid> = row.pieces.split_whitespace().filter_map(|name| name.parse().ok()).collect();
    if len > 0 {
        chunks.push(app.chunks.put(id, bytes).await?);
        upload.received += len;
        record_chunk(app, who.account(), &upload, row.received, &chunks).await?;
    }
    if upload.is_complete() {
        finish(app, who, &upload, chunks).await.map_err(|error| error.of(&upload.name))?;
    }
    Ok(upload)
}

/// Deletes an upload and its chunks. An attached file stays.
pub async fn delete_upload(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), UploadError> {
    let row = upload_row(app, who, id).await?;
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::upload::delete(tx, id, row.account_id).await })).await?;
    Ok(app.chunks.remove(id).await?)
}

/// Deletes uploads without progress for a day, and chunks without an upload.
pub async fn sweep_uploads(app: &AppState) -> Result<(), UploadError> {
    let before = app.now() - TimeDelta::hours(ABANDONED_AFTER_HOURS);
    // List the folders first, or an upload begun in between would lose its first chunk.
    let folders = app.chunks.uploads().await?;
    app.db.write(move |tx| Box::pin(async move { db::upload::delete_before(tx, before).await })).await?;
    let open = {
        let mut tx = app.db.read().await?;
        db::upload::list_open(&mut tx).await?
    };
    for upload in folders.into_iter().filter(|id| !open.contains(id)) {
        app.chunks.remove(upload).await?;
    }
    Ok(())
}

/// Checks the quota of open uploads for one more of this size.
fn check_quota(app: &AppState, (count, bytes): (i64, i64), size: i64) -> Result<(), UploadError> {
    let (tables, today) = (app.tables(), app.today());
    let rules = tables.rules.on(today);
    let limit = rules.int(key::UPLOAD_OPEN_MB).saturating_mul(1024 * 1024);
    if count < rules.int(key::UPLOAD_MAX_OPEN) && bytes.saturating_add(size) <= limit { Ok(()) } else { Err(UploadError::TooMany) }
}

/// Checks that the upload belongs to the caller; otherwise it is unknown.
fn require_owner(who: &Allowed, row: UploadRow) -> Result<UploadRow, UploadError> {
    if row.account_id == who.account() { Ok(row) } else { Err(UploadError::NotFound) }
}

pub(super) async fn upload_row(app: &AppState, who: &Allowed, id: Uuid) -> Result<UploadRow, UploadError> {
    let mut tx = app.db.read().await?;
    require_owner(who, db::upload::by_id(&mut tx, id).await?.ok_or(UploadError::NotFound)?)
}

fn into_upload(app: &AppState, row: &UploadRow) -> Result<Upload, UploadError> {
    let unreadable = || DbError::Unreadable(NAME_COLUMN.into());
    let name = app.keys.unseal(SealContext::new(NAME_COLUMN, row.id), &row.name_sealed).map_err(|_| unreadable())?;
    Ok(Upload {
        id: row.id,
        matter: row.matter_id,
        path: row.path.parse().map_err(|_| unreadable())?,
        name: String::from_utf8_lossy(&name).into_owned(),
        size: size_of(row.size),
        received: size_of(row.received),
    })
}

/// Counts the last chunk, unless another was counted in its place.
pub(super) async fn record_chunk(app: &AppState, account: Uuid, upload: &Upload, from: i64, chunks: &[Uuid]) -> Result<(), UploadError> {
    let (id, to, now) = (upload.id, i64::try_from(upload.received).unwrap_or(i64::MAX), app.now());
    let names: Vec<String> = chunks.iter().map(Uuid::to_string).collect();
    let names = names.join(" ");
    app.db
        .on_behalf_of(account)
        .write(move |tx| {
            Box::pin(async move {
                if db::upload::set_received(tx, id, from, to, &names, now).await? {
                    return Ok(());
                }
                let stored = db::upload::by_id(tx, id).await?.ok_or(UploadError::NotFound)?;
                Err(UploadError::Offset(size_of(stored.received)))
            })
        })
        .await
}

/// Checks and attaches the complete file. A refusal is final.
async fn finish(app: &AppState, who: &Allowed, upload: &Upload, chunks: Vec<Uuid>) -> Result<(), UploadError> {
    let id = upload.id;
    let bytes = app.chunks.read_all(id, chunks).await?;
    let done = attach_upload(app, who, upload, bytes).await.map_err(UploadError::from);
    if let Err(UploadError::Refused(reason)) = &done {
        let reason = reason.clone();
        app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::upload::set_refused(tx, id, &reason).await })).await?;
    }
    if matches!(done, Ok(()) | Err(UploadError::Refused(_))) {
        // Leftovers are removed by the cleanup job.
        let _ = app.chunks.remove(id).await;
    }
    done
}

fn size_of(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}
