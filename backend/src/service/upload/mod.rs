//! Uploads in pieces: begun, asked about, gone on with, and in the end attached exactly as a file of a form is.
//!
//! Whether the matter may be edited is asked at every piece. A piece is on the disk before it is counted; the last one has the whole file
//! judged and attached, in the transaction that ends the upload.

use chrono::TimeDelta;
use domain::base::rule::key;
use domain::engine::upload::{Heard, KEPT_HOURS, Upload};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::infra::file::FileError;
use crate::infra::secret::Place;
use crate::matter::MatterError;
use crate::state::AppState;
use crate::workflow::files::open_file_field;

const NAME: &str = "upload.name_sealed";
/// Characters a file's name may have.
const NAME_MAX: usize = 255;

/// Why an upload did not go on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UploadError {
    /// There is no such upload of this person.
    #[error("no such upload")]
    NotFound,
    /// The piece does not go on where the last one ended, which was here.
    #[error("it goes on elsewhere")]
    Offset(u64),
    /// The piece is larger than one may be, or leads beyond the end.
    #[error("the piece is too large")]
    Piece,
    /// The file is larger than allowed; megabytes allowed.
    #[error("the file is too large")]
    TooLarge(i64),
    /// Too many uploads of this person are under way.
    #[error("too many uploads")]
    TooMany,
    /// The id is that of another upload.
    #[error("an id was used twice")]
    Reused,
    /// The file was not taken, in words for the person.
    #[error("the file was not taken")]
    Refused(String),
    /// The matter does not take it.
    #[error(transparent)]
    Matter(MatterError),
}

impl UploadError {
    /// What the person is told.
    pub fn text(&self) -> String {
        match self {
            UploadError::NotFound => "没有找到这次上传，请重新选择文件".into(),
            UploadError::Offset(_) => "上传的位置不连续，将从已收到的位置继续".into(),
            UploadError::Piece => "上传的内容超出文件大小，请重新选择文件".into(),
            UploadError::TooLarge(max) => domain::engine::upload::too_large(*max),
            UploadError::TooMany => "正在上传的文件过多，请等待其他文件上传完成".into(),
            UploadError::Reused => "页面已过期，请刷新后重试".into(),
            UploadError::Refused(why) => why.clone(),
            UploadError::Matter(error) => error.text(),
        }
    }

    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            UploadError::NotFound | UploadError::Matter(MatterError::NotFound) => "not_found",
            UploadError::Offset(_) => "offset",
            UploadError::Piece => "piece",
            UploadError::TooLarge(_) => "file_too_large",
            UploadError::TooMany => "uploads",
            UploadError::Reused => "reused",
            UploadError::Refused(_) => "file_refused",
            UploadError::Matter(MatterError::Closed | MatterError::Locked) => "permission",
            UploadError::Matter(MatterError::File(error)) => error.code(),
            UploadError::Matter(_) => "later",
        }
    }
}

impl From<DbError> for UploadError {
    fn from(error: DbError) -> Self {
        UploadError::Matter(error.into())
    }
}

impl From<MatterError> for UploadError {
    fn from(error: MatterError) -> Self {
        match error {
            MatterError::File(FileError::TooLarge(max)) => UploadError::TooLarge(max),
            MatterError::File(error) if !error.passes() => UploadError::Refused(error.text()),
            other => UploadError::Matter(other),
        }
    }
}

impl From<FileError> for UploadError {
    fn from(error: FileError) -> Self {
        MatterError::File(error).into()
    }
}

/// Begins an upload under the id it was given where the file was chosen; nothing of it is there yet. Beginning it twice is beginning
/// it once, and gives how far it is.
pub async fn begin_upload(app: &AppState, who: &Allowed, upload: Upload) -> Result<Upload, UploadError> {
    if upload.size == 0 {
        return Err(FileError::Empty.into());
    }
    if usize::try_from(upload.size).map_or(true, |size| size > crate::workflow::files::upload_limit(app)) {
        return Err(UploadError::TooLarge(crate::workflow::files::upload_megabytes(app)));
    }
    let (owned, caller) = (app.clone(), who.caller().clone());
    let name: String = upload.name.chars().take(NAME_MAX).collect();
    let (id, path, now) = (upload.id, upload.path.to_string(), app.now());
    let row = db::upload::Row {
        id,
        account_id: who.account(),
        matter_id: upload.matter,
        path: path.clone(),
        name_sealed: app.keys.seal(Place::new(NAME, id), name.as_bytes()),
        size: i64::try_from(upload.size).unwrap_or(i64::MAX),
        received: 0,
        pieces: String::new(),
        refused: None,
        done_at: None,
        touched_at: now,
    };
    let there = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(there) = db::upload::by_id(tx, id).await? {
                    return Ok(there);
                }
                // One that ended so long ago that its row is gone has left its file.
                let row = match db::file::by_id(tx, id).await? {
                    Some(file) if file.owner_id == row.account_id => db::upload::Row { received: row.size, done_at: Some(now), ..row },
                    Some(_) => return Err(UploadError::Reused),
                    None => {
                        open_file_field(tx, &owned, &caller, row.matter_id, &upload.path).await?;
                        room(&owned, db::upload::under_way(tx, row.account_id).await?, row.size)?;
                        row
                    }
                };
                db::upload::insert(tx, &row).await?;
                db::upload::by_id(tx, id).await?.ok_or(UploadError::NotFound)
            })
        })
        .await?;
    let there = own(who, there)?;
    let same = there.matter_id == upload.matter && there.path == path && size_of(there.size) == upload.size;
    if same { read(&app, &there) } else { Err(UploadError::Reused) }
}

/// How far an upload of the caller is.
pub async fn upload(app: &AppState, who: &Allowed, id: Uuid) -> Result<Upload, UploadError> {
    let row = upload_row(app, who, id).await?;
    read(app, &row)
}

/// Takes a piece. When this returns, it is durable; with the last one, and whenever that is asked for again without a byte, the file
/// is attached.
pub async fn take_piece(app: &AppState, who: &Allowed, id: Uuid, offset: u64, bytes: Vec<u8>) -> Result<Upload, UploadError> {
    let row = upload_row(app, who, id).await?;
    let mut upload = read(app, &row)?;
    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    match upload.hear(offset, len) {
        Heard::TooLarge => return Err(UploadError::Piece),
        Heard::Again | Heard::Gap(_) => return Err(UploadError::Offset(upload.received)),
        Heard::Accept if row.done_at.is_some() => return Ok(upload),
        Heard::Accept => {}
    }
    if let Some(why) = row.refused {
        return Err(UploadError::Refused(why));
    }
    {
        let mut tx = app.db.read().await?;
        open_file_field(&mut tx, app, who.caller(), row.matter_id, &upload.path).await?;
    }
    let mut pieces: Vec<Uuid> = row.pieces.split_whitespace().filter_map(|name| name.parse().ok()).collect();
    if len > 0 {
        pieces.push(app.pieces.put(id, bytes).await?);
        upload.received += len;
        count(app, &upload, row.received, &pieces).await?;
    }
    if upload.whole() {
        finish(app, who, &upload, pieces).await?;
    }
    Ok(upload)
}

/// Lets an upload go, with what is there of it. A file that is attached stays.
pub async fn drop_upload(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), UploadError> {
    let row = upload_row(app, who, id).await?;
    app.db.write(move |tx| Box::pin(async move { db::upload::delete(tx, id, row.account_id).await })).await?;
    Ok(app.pieces.remove(id).await?)
}

/// Removes the uploads nobody went on with for a day, and pieces that no upload needs any more.
pub async fn sweep_uploads(app: &AppState) -> Result<(), UploadError> {
    let before = app.now() - TimeDelta::hours(KEPT_HOURS);
    // Looked at in this order, or an upload begun in between would lose its first piece.
    let folders = app.pieces.uploads().await?;
    app.db.write(move |tx| Box::pin(async move { db::upload::sweep(tx, before).await })).await?;
    let held = {
        let mut tx = app.db.read().await?;
        db::upload::held(&mut tx).await?
    };
    for upload in folders.into_iter().filter(|id| !held.contains(id)) {
        app.pieces.remove(upload).await?;
    }
    Ok(())
}

/// Whether one more upload of this size is taken beside those under way.
fn room(app: &AppState, (count, bytes): (i64, i64), size: i64) -> Result<(), UploadError> {
    let (tables, today) = (app.tables(), app.today());
    let rules = tables.rules.on(today);
    let most = rules.int(key::UPLOAD_OPEN_MB).saturating_mul(1024 * 1024);
    if count < rules.int(key::UPLOAD_MAX_OPEN) && bytes.saturating_add(size) <= most { Ok(()) } else { Err(UploadError::TooMany) }
}

/// An upload of the caller; one of someone else is as good as none.
fn own(who: &Allowed, row: db::upload::Row) -> Result<db::upload::Row, UploadError> {
    if row.account_id == who.account() { Ok(row) } else { Err(UploadError::NotFound) }
}

async fn upload_row(app: &AppState, who: &Allowed, id: Uuid) -> Result<db::upload::Row, UploadError> {
    let mut tx = app.db.read().await?;
    own(who, db::upload::by_id(&mut tx, id).await?.ok_or(UploadError::NotFound)?)
}

fn read(app: &AppState, row: &db::upload::Row) -> Result<Upload, UploadError> {
    let unreadable = || DbError::Unreadable(NAME.into());
    let name = app.keys.open(Place::new(NAME, row.id), &row.name_sealed).map_err(|_| unreadable())?;
    Ok(Upload {
        id: row.id,
        matter: row.matter_id,
        path: row.path.parse().map_err(|_| unreadable())?,
        name: String::from_utf8_lossy(&name).into_owned(),
        size: size_of(row.size),
        received: size_of(row.received),
    })
}

/// Counts the last of the pieces, unless another one was counted in its place.
async fn count(app: &AppState, upload: &Upload, from: i64, pieces: &[Uuid]) -> Result<(), UploadError> {
    let (id, to, now) = (upload.id, i64::try_from(upload.received).unwrap_or(i64::MAX), app.now());
    let names: Vec<String> = pieces.iter().map(Uuid::to_string).collect();
    let names = names.join(" ");
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if db::upload::received(tx, id, from, to, &names, now).await? {
                    return Ok(());
                }
                let there = db::upload::by_id(tx, id).await?.ok_or(UploadError::NotFound)?;
                Err(UploadError::Offset(size_of(there.received)))
            })
        })
        .await
}

/// Has the whole file judged and attached. One that is not taken stays refused.
async fn finish(app: &AppState, who: &Allowed, upload: &Upload, pieces: Vec<Uuid>) -> Result<(), UploadError> {
    let id = upload.id;
    let bytes = app.pieces.whole(id, pieces).await?;
    let done = crate::workflow::files::attach_upload(app, who, upload, bytes).await.map_err(UploadError::from);
    if let Err(UploadError::Refused(why)) = &done {
        let why = why.clone();
        app.db.write(move |tx| Box::pin(async move { db::upload::refuse(tx, id, &why).await })).await?;
    }
    if matches!(done, Ok(()) | Err(UploadError::Refused(_))) {
        // What is left here is swept.
        let _ = app.pieces.remove(id).await;
    }
    done
}

fn size_of(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}

#[cfg(test)]
mod tests;
