//! Files of a matter: attached by its applicant, read by everyone who may see them.

use domain::base::rule::key;
use domain::engine::form::{Answers, Field, FileRef, Path, PortraitRequirements, Widget};
use domain::engine::upload::Upload;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::file::{FileError, jpeg_size};
use crate::infra::secret::SealContext;
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

/// Checks and stores a file, and attaches it to an answer.
///
/// # Errors
/// [`MatterError::File`] if the file is not accepted or there are too many; [`MatterError::NotEditable`] or [`MatterError::Locked`] if the
/// answer cannot be changed now.
pub async fn attach(app: &AppState, who: &Allowed, id: Uuid, path: Path, name: &str, bytes: Vec<u8>) -> Result<SavedRevision, MatterError> {
    let file = prepare_for_field(app, who, id, &path, Uuid::now_v7(), name, bytes).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.write(move |tx| Box::pin(async move { attach_prepared(tx, &owned, &caller, id, path, file).await })).await
}

/// The same for a resumable upload, whose id becomes that of the file: a repeated request attaches it once.
pub(crate) async fn attach_upload(app: &AppState, who: &Allowed, upload: &Upload, bytes: Vec<u8>) -> Result<(), MatterError> {
    let (id, matter, path) = (upload.id, upload.matter, upload.path.clone());
    let file = prepare_for_field(app, who, matter, &path, id, &upload.name, bytes).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
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
        load_file_field(&mut tx, app, who.caller(), id, path).await?
    };
    if bytes.len() > upload_limit(app) {
        return Err(FileError::TooLarge(upload_megabytes(app)).into());
    }
    if matter.kind.form.field_at(path).is_some_and(|f| f.portrait) {
        let portrait = PortraitRequirements::from_rules(&app.tables().rules.on(app.today()));
        portrait.check(jpeg_size(&bytes)).map_err(FileError::Portrait)?;
    }
    prepare(app, who, file, name, bytes).await
}

/// Checks and stores a file of the caller that belongs to no matter.
pub async fn store_file(app: &AppState, who: &Allowed, name: &str, bytes: Vec<u8>) -> Result<FileRef, MatterError> {
    let PreparedFile { row, reference } = prepare(app, who, Uuid::now_v7(), name, bytes).await?;
    app.db.write(move |tx| Box::pin(async move { db::file::insert(tx, &row).await })).await?;
    Ok(reference)
}

async fn prepare(app: &AppState, who: &Allowed, file: Uuid, name: &str, bytes: Vec<u8>) -> Result<PreparedFile, MatterError> {
    if bytes.len() > upload_limit(app) {
        return Err(FileError::TooLarge(upload_megabytes(app)).into());
    }
    let stored = app.files.store(name, bytes).await?;
    let row = db::file::FileRow {
        id: file,
        owner_id: who.account(),
        name_sealed: app.keys.seal(SealContext::new(NAME_COLUMN, file), name.as_bytes()),
        sha256: stored.sha256,
        size: i64::try_from(stored.size).unwrap_or(i64::MAX),
        mime: stored.media.mime().to_owned(),
        created_at: app.now(),
    };
    let reference = FileRef { file, name: name.to_owned(), size: stored.size, mime: row.mime.clone() };
    Ok(PreparedFile { row, reference })
}

/// A stored file of the caller; `None` if it belongs to another account.
pub async fn own_file(app: &AppState, who: &Allowed, file: Uuid) -> Result<Option<FileRef>, MatterError> {
    let mut tx = app.db.read().await?;
    let Some(row) = db::file::by_id(&mut tx, file).await?.filter(|r| r.owner_id == who.account()) else {
        return Ok(None);
    };
    let name = app.keys.unseal(SealContext::new(NAME_COLUMN, file), &row.name_sealed);
    let name = name.map_err(|_| DbError::Unreadable(NAME_COLUMN.into()))?;
    let name = String::from_utf8_lossy(&name).into_owned();
    Ok(Some(FileRef { file, name, size: u64::try_from(row.size).unwrap_or(0), mime: row.mime }))
}

/// Reads a file of a matter, if the answers visible to the caller refer to it.
///
/// # Errors
/// [`MatterError::NotFound`] if they do not, or if the file would identify an applicant who is hidden from the caller.
pub async fn download(app: &AppState, who: &Allowed, id: Uuid, file: Uuid) -> Result<Download, MatterError> {
    let matter = load(app, who, id).await?;
    let reference = matter.answers.files().find(|f| f.file == file).cloned();
    let visible = !matter.is_anonymous() || !identifies_applicant(&matter, file);
    let reference = reference.filter(|_| visible).ok_or(MatterError::NotFound)?;
    let row = {
        let mut tx = app.db.read().await?;
        db::file::by_id(&mut tx, file).await?.ok_or(MatterError::NotFound)?
    };
    let bytes = app.files.read(&row.sha256).await?;
    Ok(Download { name: reference.name, mime: row.mime, bytes })
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
    load_file_field(tx, app, caller, id, &path).await?;
    db::file::insert(tx, &row).await?;
    apply_edit(tx, app, caller, id, DraftEdit::Attach { path, files: vec![reference] }).await
}

/// Loads a matter for a file field that the caller can change now and that takes one more file.
pub(crate) async fn load_file_field(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    id: Uuid,
    path: &Path,
) -> Result<LoadedMatter, MatterError> {
    let matter = load_in_tx(tx, app, caller, id).await?;
    if !matter.is_editable() {
        return Err(MatterError::NotEditable);
    }
    if !matter.is_open_at(path) {
        return Err(MatterError::Locked);
    }
    let max = matter.kind.form.field_at(path).and_then(max_files).ok_or(MatterError::NotFound)?;
    let count = file_count_at(&matter.answers, path).ok_or(MatterError::NotFound)?;
    if count >= max || matter.answers.files().count() >= files_limit(app) {
        return Err(FileError::TooMany.into());
    }
    Ok(matter)
}

/// Whether a file answers a sensitive field, and so identifies the applicant.
fn identifies_applicant(matter: &LoadedMatter, file: Uuid) -> bool {
    let contains = |name: &str| matter.answers.fields.get(name).is_some_and(|v| v.files().iter().any(|f| f.file == file));
    matter.kind.form.fields().any(|(_, f)| f.sensitive && contains(f.name))
}

/// Maximum number of files of a field; `None` if it takes no files.
fn max_files(field: &'static Field) -> Option<usize> {
    match field.widget {
        Widget::Files(max) => Some(max),
        _ => None,
    }
}

/// Number of files of an answer; `None` if it lies in a record that does not exist.
fn file_count_at(answers: &Answers, path: &Path) -> Option<usize> {
    let value = match path {
        Path::Field(name) => answers.fields.get(name),
        Path::Cell(list, id, name) => answers.record(list, *id)?.fields.get(name),
        Path::Row(..) => return None,
    };
    Some(value.map_or(0, |v| v.files().len()))
}
