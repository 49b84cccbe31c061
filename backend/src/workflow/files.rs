//! Files of a matter: attached by its applicant, read by whoever may see it.

use domain::base::rule::key;
use domain::engine::form::{Answers, FileRef, Path, Portrait, Widget};
use domain::engine::upload::Upload;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::file::{FileError, jpeg_size};
use crate::infra::secret::Place;
use crate::matter::{MatterError, Opened, open};
use crate::state::AppState;
use crate::workflow::draft::Saved;
use crate::workflow::draft::{Change, edit};

const NAME: &str = "file.name_sealed";

/// A file to be handed out.
pub struct Download {
    /// Name it came with.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// Bytes a single file may have.
pub fn upload_limit(app: &AppState) -> usize {
    let megabytes = upload_megabytes(app);
    usize::try_from(megabytes).unwrap_or(0).saturating_mul(1024 * 1024)
}

/// Megabytes a single file may have.
pub fn upload_megabytes(app: &AppState) -> i64 {
    app.tables().rules.on(app.today()).int(key::UPLOAD_MAX_MB)
}

/// Files a matter may have.
pub(crate) fn files_limit(app: &AppState) -> usize {
    usize::try_from(app.tables().rules.on(app.today()).int(key::UPLOAD_MAX_FILES)).unwrap_or(0)
}

/// Judges a file, keeps it and attaches it to an answer.
pub async fn attach(app: &AppState, who: &Allowed, id: Uuid, path: Path, name: &str, bytes: Vec<u8>) -> Result<Saved, MatterError> {
    let kept = judged(app, who, id, &path, Uuid::now_v7(), name, bytes).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.write(move |tx| Box::pin(async move { put(tx, &owned, &caller, id, path, kept).await })).await
}

/// The same for a file that came in pieces, under the id of its upload: however often it is asked for, it is attached once.
pub(crate) async fn attach_upload(app: &AppState, who: &Allowed, upload: &Upload, bytes: Vec<u8>) -> Result<(), MatterError> {
    let (id, matter, path) = (upload.id, upload.matter, upload.path.clone());
    let kept = judged(app, who, matter, &path, id, &upload.name, bytes).await?;
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if db::upload::done(tx, id, owned.now()).await? {
                    put(tx, &owned, &caller, matter, path, kept).await?;
                }
                Ok(())
            })
        })
        .await
}

/// A file judged as the question it answers asks for, and in the store; no row tells of it yet.
async fn judged(app: &AppState, who: &Allowed, id: Uuid, path: &Path, file: Uuid, name: &str, bytes: Vec<u8>) -> Result<Kept, MatterError> {
    let opened = {
        let mut tx = app.db.read().await?;
        open_file_field(&mut tx, app, who.caller(), id, path).await?
    };
    if bytes.len() > upload_limit(app) {
        return Err(FileError::TooLarge(upload_megabytes(app)).into());
    }
    if is_portrait(opened.kind.form, path) {
        let portrait = Portrait::of(&app.tables().rules.on(app.today()));
        portrait.judge(jpeg_size(&bytes)).map_err(FileError::Portrait)?;
    }
    stored(app, who, file, name, bytes).await
}

/// Judges a file and keeps it for the caller.
pub async fn keep_file(app: &AppState, who: &Allowed, name: &str, bytes: Vec<u8>) -> Result<FileRef, MatterError> {
    let (row, reference) = stored(app, who, Uuid::now_v7(), name, bytes).await?;
    app.db.write(move |tx| Box::pin(async move { db::file::insert(tx, &row).await })).await?;
    Ok(reference)
}

async fn stored(app: &AppState, who: &Allowed, file: Uuid, name: &str, bytes: Vec<u8>) -> Result<Kept, MatterError> {
    if bytes.len() > upload_limit(app) {
        return Err(FileError::TooLarge(upload_megabytes(app)).into());
    }
    let kept = app.files.keep(name, bytes).await?;
    let row = db::file::Row {
        id: file,
        owner_id: who.account(),
        name_sealed: app.keys.seal(Place::new(NAME, file), name.as_bytes()),
        sha256: kept.sha256,
        size: i64::try_from(kept.size).unwrap_or(i64::MAX),
        mime: kept.media.mime().to_owned(),
        created_at: app.now(),
    };
    let reference = FileRef { file, name: name.to_owned(), size: kept.size, mime: row.mime.clone() };
    Ok((row, reference))
}

/// A file the caller gave before; none if it is not theirs.
pub async fn own_file(app: &AppState, who: &Allowed, file: Uuid) -> Result<Option<FileRef>, MatterError> {
    let mut tx = app.db.read().await?;
    let Some(row) = db::file::by_id(&mut tx, file).await?.filter(|r| r.owner_id == who.account()) else {
        return Ok(None);
    };
    let name = app.keys.open(Place::new(NAME, file), &row.name_sealed).map_err(|_| db::DbError::Unreadable(NAME.into()))?;
    let name = String::from_utf8_lossy(&name).into_owned();
    Ok(Some(FileRef { file, name, size: u64::try_from(row.size).unwrap_or(0), mime: row.mime }))
}

/// A file of a matter the caller may see: only one that the answers they see refer to.
pub async fn download(app: &AppState, who: &Allowed, id: Uuid, file: Uuid) -> Result<Download, MatterError> {
    let opened = crate::matter::open_matter(app, who, id).await?;
    let reference = opened.answers.files().find(|f| f.file == file).cloned();
    let reference = reference.filter(|_| !opened.blind() || !personal(&opened, file)).ok_or(MatterError::NotFound)?;
    let row = {
        let mut tx = app.db.read().await?;
        db::file::by_id(&mut tx, file).await?.ok_or(MatterError::NotFound)?
    };
    let bytes = app.files.read(&row.sha256).await?;
    Ok(Download { name: reference.name, mime: row.mime, bytes })
}

/// The row of a file in the store, and how answers refer to it.
type Kept = (db::file::Row, FileRef);

/// Adds the row of a file and refers to it in an answer.
async fn put(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid, path: Path, (row, reference): Kept) -> Result<Saved, MatterError> {
    open_file_field(tx, app, caller, id, &path).await?;
    db::file::insert(tx, &row).await?;
    edit(tx, app, caller, id, Change::Attach { path, files: vec![reference] }).await
}

/// Opens a matter at a question that takes files, for who may answer it now and has not given all it takes.
pub(crate) async fn open_file_field(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid, path: &Path) -> Result<Opened, MatterError> {
    let opened = open(tx, app, caller, id).await?;
    if !opened.editable() {
        return Err(MatterError::Closed);
    }
    if !opened.open_at(path) {
        return Err(MatterError::Locked);
    }
    let most = file_field(opened.kind.form, path).ok_or(MatterError::NotFound)?;
    if files_at(&opened.answers, path).ok_or(MatterError::NotFound)? >= most || opened.answers.files().count() >= files_limit(app) {
        return Err(FileError::TooMany.into());
    }
    Ok(opened)
}

/// Whether a file is an answer that shows who asks.
fn personal(opened: &Opened, file: Uuid) -> bool {
    let holds = |name: &str| opened.answers.fields.get(name).is_some_and(|v| v.files().iter().any(|f| f.file == file));
    opened.kind.form.fields().any(|(_, f)| f.sensitive && holds(f.name))
}

/// How many files the field at a path takes; none if no file field is there.
fn file_field(form: &domain::engine::form::Form, path: &Path) -> Option<usize> {
    let widget = match path {
        Path::Field(name) => form.fields().find(|(_, f)| f.name == name).map(|(_, f)| &f.widget),
        Path::Cell(list, _, name) => form.records(list).and_then(|(_, l)| l.fields.iter().find(|f| f.name == name)).map(|f| &f.widget),
        Path::Row(..) => None,
    };
    match widget {
        Some(Widget::Files(most)) => Some(*most),
        _ => None,
    }
}

/// Whether the field at a path takes a 证件照.
fn is_portrait(form: &domain::engine::form::Form, path: &Path) -> bool {
    matches!(path, Path::Field(name) if form.fields().any(|(_, f)| f.name == name && f.portrait))
}

/// How many files an answer has; none if it stands in a record that is not there.
fn files_at(answers: &Answers, path: &Path) -> Option<usize> {
    let value = match path {
        Path::Field(name) => answers.fields.get(name),
        Path::Cell(list, id, name) => answers.record(list, *id)?.fields.get(name),
        Path::Row(..) => return None,
    };
    Some(value.map_or(0, |v| v.files().len()))
}
