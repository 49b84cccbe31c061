//! Files of a matter: attached by its applicant, read by everyone who may see them.

use domain::base::rule::{RuleKey, key};
use domain::engine::form::{AcceptedFiles, Answers, Field, FileRef, Form, Path, PortraitRequirements, stored_name};
use domain::engine::upload::Upload;
use uuid::Uuid;

use crate::access::access_log::Access;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::file::{FileError, MediaType, jpeg_size, without_properties};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::load::{load, load_in_tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, SavedRevision, apply_edit};

const NAME_COLUMN: &str = "file.name_sealed";

/// A file to download.
pub struct Download {
    /// Original name.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A file whose content is in the store, before its row is inserted.
#[derive(Clone)]
struct PreparedFile {
    row: db::file::FileRow,
    reference: FileRef,
}

/// Size limit of a file, in bytes.
pub fn upload_limit(app: &AppState) -> usize {
    let megabytes = upload_megabytes(app);
    usize::try_from(megabytes).unwrap_or(0).saturating_mul(1024 * 1024)
}

/// Size limit of a file, in megabytes.
pub fn upload_megabytes(app: &AppState) -> i64 {
    app.tables().rules.on(app.today()).int(key::UPLOAD_MAX_MB)
}

/// Maximum number of files of a matter.
pub(crate) fn files_limit(app: &AppState) -> usize {
    usize::try_from(app.tables().rules.on(app.today()).int(key::UPLOAD_MAX_FILES)).unwrap_or(0)
}

/// Checks and stores a file, and attaches it to an answer. Content that the answer has already is not attached again: a form that is posted
/// twice brings each of its files twice.
///
/// # Errors
/// [`MatterError::File`] if the file is not accepted or there are too many; [`MatterError::NotEditable`] or [`MatterError::Locked`] if the
/// answer cannot be changed now.
pub async fn attach(app: &AppState, who: &Allowed, id: Uuid, path: Path, name: &str, bytes: Vec<u8>) -> Result<SavedRevision, MatterError> {
    let file = prepare_for_field(app, who, id, &path, Uuid::now_v7(), name, bytes).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let matter = load_open_field(tx, &owned, &caller, id, &path).await?;
                if has_content(tx, &matter, &path, &file.row.sha256).await? {
                    return Ok(SavedRevision { revision: matter.revision, at: matter.saved_at });
                }
                attach_prepared(tx, &owned, &caller, id, path, file).await
            })
        })
        .await
}

/// Whether an answer has a file with this content.
async fn has_content(tx: &mut Tx, matter: &LoadedMatter, path: &Path, digest: &[u8]) -> Result<bool, DbError> {
    for file in files_at(&matter.answers, path).unwrap_or_default() {
        if db::file::by_id(tx, file.file).await?.is_some_and(|row| row.sha256 == digest) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same for a resumable upload, whose id becomes that of the file: a repeated request attaches it once.
pub(crate) async fn attach_upload(app: &AppState, who: &Allowed, upload: &Upload, bytes: Vec<u8>) -> Result<(), MatterError> {
    let (id, matter, path) = (upload.id, upload.matter, upload.path.clone());
    let file = prepare_for_field(app, who, matter, &path, id, &upload.name, bytes).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                if db::upload::set_done(tx, id, owned.now()).await? {
                    attach_prepared(tx, &owned, &caller, matter, path, file).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Checks a file against its field and stores its content.
async fn prepare_for_field(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    path: &Path,
    file: Uuid,
    name: &str,
    bytes: Vec<u8>,
) -> Result<PreparedFile, MatterError> {
    let matter = {
        let mut tx = app.db.read().await?;
        load_open_field(&mut tx, app, who.caller(), id, path).await?
    };
    let field = matter.kind.form.field_at(path);
    if let Some(accepted) = field.and_then(Field::accepted_files) {
        check_size(app, accepted, u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        MediaType::check(&bytes, accepted.kinds)?;
    }
    if field.is_some_and(|f| f.portrait) {
        check_portrait(app, &bytes)?;
    }
    prepare(app, who, file, name, bytes).await
}

/// Checks the size of a file against what its answer takes.
///
/// # Errors
/// [`FileError::TooLarge`].
pub(crate) fn check_size(app: &AppState, accepted: &AcceptedFiles, bytes: u64) -> Result<(), FileError> {
    let megabytes = accepted.max_megabytes(&app.tables().rules.on(app.today()));
    let limit = u64::try_from(megabytes).unwrap_or(0).saturating_mul(1024 * 1024);
    if bytes > limit { Err(FileError::TooLarge(megabytes)) } else { Ok(()) }
}

/// The error for a file that is too large to be received at all, at an answer that may take smaller ones still.
pub fn too_large(app: &AppState, form: &'static Form, path: &Path) -> FileError {
    let accepted = form.field_at(path).and_then(Field::accepted_files);
    FileError::TooLarge(accepted.map_or_else(|| upload_megabytes(app), |files| files.max_megabytes(&app.tables().rules.on(app.today()))))
}

/// Checks that an image is a 证件照.
///
/// # Errors
/// [`FileError::Portrait`]; [`FileError::Foreign`] for content that is no picture.
pub(crate) fn check_portrait(app: &AppState, bytes: &[u8]) -> Result<(), MatterError> {
    MediaType::of(bytes)?;
    let portrait = PortraitRequirements::from_rules(&app.tables().rules.on(app.today()));
    Ok(portrait.check(jpeg_size(bytes)).map_err(FileError::Portrait)?)
}

/// Checks and stores a file of the caller that belongs to no matter.
pub async fn store_file(app: &AppState, who: &Allowed, name: &str, bytes: Vec<u8>) -> Result<FileRef, MatterError> {
    let PreparedFile { row, reference } = prepare(app, who, Uuid::now_v7(), name, bytes).await?;
    let owned = app.clone();
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { insert_file(tx, &owned, &row).await })).await?;
    Ok(reference)
}

async fn prepare(app: &AppState, who: &Allowed, file: Uuid, name: &str, bytes: Vec<u8>) -> Result<PreparedFile, MatterError> {
    if bytes.len() > upload_limit(app) {
        return Err(FileError::TooLarge(upload_megabytes(app)).into());
    }
    let stored = app.files.store(who.account(), bytes).await?;
    let name = stored_name(name, stored.media.mime());
    let row = db::file::FileRow {
        id: file,
        owner_id: who.account(),
        name_sealed: app.keys.seal(SealContext::new(NAME_COLUMN, file), name.as_bytes()),
        sha256: stored.digest,
        size: i64::try_from(stored.size).unwrap_or(i64::MAX),
        mime: stored.media.mime().to_owned(),
        created_at: app.now(),
    };
    let reference = FileRef { file, name, size: stored.size, mime: row.mime.clone() };
    Ok(PreparedFile { row, reference })
}

/// A stored file of the caller; `None` if it belongs to another account.
pub async fn own_file(app: &AppState, who: &Allowed, file: Uuid) -> Result<Option<FileRef>, MatterError> {
    let mut tx = app.db.read().await?;
    let Some(row) = db::file::by_id(&mut tx, file).await?.filter(|r| r.owner_id == who.account()) else {
        return Ok(None);
    };
    Ok(Some(file_reference(&app.keys, row)?))
}

/// The reference to a stored file, as an answer holds it.
pub(crate) fn file_reference(keys: &Keys, row: db::file::FileRow) -> Result<FileRef, DbError> {
    let name = keys.unseal(SealContext::new(NAME_COLUMN, row.id), &row.name_sealed);
    let name = name.map_err(|_| DbError::Unreadable(NAME_COLUMN.into()))?;
    // Files of earlier releases have the names that were sent.
    let name = stored_name(&String::from_utf8_lossy(&name), &row.mime);
    Ok(FileRef { file: row.id, name, size: u64::try_from(row.size).unwrap_or(0), mime: row.mime })
}

/// Reads a file of a matter to be saved, if the answers visible to the caller refer to it.
///
/// # Errors
/// [`MatterError::NotFound`] if they do not.
pub async fn download(app: &AppState, who: &Allowed, id: Uuid, file: Uuid) -> Result<Download, MatterError> {
    read_file(app, who, id, file, Access::FileDownloaded).await
}

/// The same to be shown in place.
///
/// # Errors
/// As [`download`].
pub async fn view(app: &AppState, who: &Allowed, id: Uuid, file: Uuid) -> Result<Download, MatterError> {
    read_file(app, who, id, file, Access::FileViewed).await
}

async fn read_file(app: &AppState, who: &Allowed, id: Uuid, file: Uuid, access: Access) -> Result<Download, MatterError> {
    let matter = load(app, who, id).await?;
    let reference = matter.answers.files().find(|f| f.file == file).cloned().ok_or(MatterError::NotFound)?;
    let row = {
        let mut tx = app.db.read().await?;
        db::file::by_id(&mut tx, file).await?.ok_or(MatterError::NotFound)?
    };
    let mut bytes = app.files.read(&row.sha256).await?;
    if matter.is_anonymous() && row.mime == MediaType::Pdf.mime() {
        // Parsing takes long; a file that cannot be parsed might name someone.
        let permit = app.files.decoding(who.account()).await?;
        let stripped = tokio::task::spawn_blocking(move || {
            let stripped = without_properties(&bytes);
            drop(permit);
            stripped
        });
        let stripped = stripped.await;
        bytes = stripped.ok().flatten().ok_or(MatterError::NotFound)?;
    }
    matter.record_reading(app, access, &file.to_string());
    // What the client says of a file does not count.
    let stored = file_reference(&app.keys, row)?;
    let name = if matter.is_anonymous() { reference.name } else { stored.name };
    Ok(Download { name, mime: stored.mime, bytes })
}

/// Inserts the row of a file and adds its reference to an answer.
async fn attach_prepared(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    id: Uuid,
    path: Path,
    PreparedFile { row, reference }: PreparedFile,
) -> Result<SavedRevision, MatterError> {
    let matter = load_file_field(tx, app, caller, id, &path).await?;
    let size = matter.answers.files().map(|f| f.size).sum::<u64>().saturating_add(reference.size);
    check_bytes(app, key::UPLOAD_MATTER_MB, size)?;
    insert_file(tx, app, &row).await?;
    apply_edit(tx, app, caller, id, DraftEdit::Attach { path, files: vec![reference] }).await
}

/// Inserts the row of a file, if its account has room for it. The row of the account is locked, since the write is on its behalf.
async fn insert_file(tx: &mut Tx, app: &AppState, row: &db::file::FileRow) -> Result<(), MatterError> {
    let stored = db::file::total_size(tx, row.owner_id).await?;
    check_bytes(app, key::UPLOAD_ACCOUNT_MB, u64::try_from(stored.saturating_add(row.size)).unwrap_or(0))?;
    db::file::insert(tx, row).await?;
    Ok(())
}

/// Checks a total size against a rule in megabytes.
fn check_bytes(app: &AppState, limit: RuleKey, bytes: u64) -> Result<(), MatterError> {
    let megabytes = app.tables().rules.on(app.today()).int(limit);
    if bytes > u64::try_from(megabytes).unwrap_or(0).saturating_mul(1024 * 1024) {
        return Err(FileError::QuotaExceeded(megabytes).into());
    }
    Ok(())
}

/// Checks the number and total size of the files of a matter.
pub(crate) fn check_totals(app: &AppState, form: &Form, answers: &Answers) -> Result<(), MatterError> {
    // Files of answers that a condition hides take up space, but are not submitted.
    let submitted = answers.applicable(form, app.tables().rules.on(app.today()));
    if submitted.files().count() > files_limit(app) {
        return Err(FileError::MatterFull(files_limit(app)).into());
    }
    check_bytes(app, key::UPLOAD_MATTER_MB, answers.files().map(|f| f.size).sum())
}

/// Loads a matter for a file field that the caller can change now and that takes one more file.
pub(crate) async fn load_file_field(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    id: Uuid,
    path: &Path,
) -> Result<LoadedMatter, MatterError> {
    let matter = load_open_field(tx, app, caller, id, path).await?;
    let max = matter.kind.form.field_at(path).and_then(Field::accepted_files).map_or(0, |files| files.most);
    let count = file_count_at(&matter.answers, path).unwrap_or(0);
    if count >= max {
        return Err(FileError::TooMany(max).into());
    }
    if matter.applicable_answers(app).files().count() >= files_limit(app) {
        return Err(FileError::MatterFull(files_limit(app)).into());
    }
    Ok(matter)
}

/// Loads a matter for a file field that the caller can change now.
async fn load_open_field(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid, path: &Path) -> Result<LoadedMatter, MatterError> {
    let matter = load_in_tx(tx, app, caller, id).await?;
    if !matter.is_editable() {
        return Err(MatterError::NotEditable);
    }
    if !matter.is_open_at(path) {
        return Err(MatterError::Locked);
    }
    let takes_files = matter.kind.form.field_at(path).and_then(Field::accepted_files).is_some();
    if takes_files && files_at(&matter.answers, path).is_some() { Ok(matter) } else { Err(MatterError::NotFound) }
}

/// Number of files of an answer; `None` if it lies in a record that does not exist.
pub(crate) fn file_count_at(answers: &Answers, path: &Path) -> Option<usize> {
    files_at(answers, path).map(<[FileRef]>::len)
}

/// The files of an answer; `None` if it lies in a record that does not exist.
pub(crate) fn files_at<'a>(answers: &'a Answers, path: &Path) -> Option<&'a [FileRef]> {
    let value = match path {
        Path::Field(name) => answers.fields.get(name),
        Path::Cell(list, id, name) => answers.record(list, *id)?.fields.get(name),
        Path::Row(..) => return None,
    };
    Some(value.map_or(&[], |v| v.files()))
}
