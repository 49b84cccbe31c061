//! 基本信息库: records kept once, chosen in any application.

use domain::engine::form::{Answers, Form, Record};
use domain::record::library::{Kept, Offer, offers, taken_id};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::file::FileError;
use crate::infra::secret::{Keys, Place};
use crate::matter::MatterError;
use crate::state::AppState;
use crate::workflow::draft::Saved;
use crate::workflow::draft::{Change, open_own};

const RECORD: &str = "library_record.record_sealed";

/// The caller's kept records of one list.
pub async fn library(app: &AppState, who: &Allowed, list: &str) -> Result<Vec<Record>, DbError> {
    let mut tx = app.db.read().await?;
    kept(&mut tx, &app.keys, who.account(), list).await
}

/// Everything the caller keeps for the lists of a form, as answers of it.
pub async fn library_answers(app: &AppState, who: &Allowed, form: &'static Form) -> Result<Answers, DbError> {
    let mut answers = Answers::default();
    for list in form.steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        answers.records.insert(list.name.to_owned(), library(app, who, list.name).await?);
    }
    Ok(answers)
}

/// Keeps a record the caller wrote in the library itself. Refused when the list is full, or when the id is that of another record.
pub async fn write_record(app: &AppState, who: &Allowed, list: &str, record: &Record) -> Result<(), MatterError> {
    let kept = library(app, who, list).await?;
    if kept.len() >= db::library::MOST && kept.iter().all(|r| r.id != record.id) {
        return Err(MatterError::TooMany);
    }
    let row = library_row(app, who.account(), list, record);
    match app.db.write(move |tx| Box::pin(async move { db::library::put(tx, &row).await })).await? {
        0 => Err(MatterError::NotFound),
        _ => Ok(()),
    }
}

/// Keeps a record for later applications. Its id stays, so that keeping it again replaces it.
pub async fn keep_record(app: &AppState, who: &Allowed, list: &str, record: &Record) -> Result<(), DbError> {
    let row = library_row(app, who.account(), list, record);
    app.db.write(move |tx| Box::pin(async move { db::library::put(tx, &row).await })).await?;
    Ok(())
}

pub(crate) fn library_row(app: &AppState, owner: Uuid, list: &str, record: &Record) -> db::library::Row {
    db::library::Row {
        id: record.id,
        owner_id: owner,
        list: list.to_owned(),
        record_sealed: app.keys.seal_json(Place::new(RECORD, record.id), record),
        updated_at: app.now(),
    }
}

/// Removes a kept record of the caller.
pub async fn forget_record(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), DbError> {
    let owner = who.account();
    app.db.write(move |tx| Box::pin(async move { db::library::delete(tx, owner, id).await })).await?;
    Ok(())
}

/// Copies chosen records of the caller's library into a draft, files included. One that is in it already stays as it is there.
pub async fn add_from_library(app: &AppState, who: &Allowed, id: Uuid, list: &str, chosen: &[Uuid]) -> Result<Saved, MatterError> {
    let opened = crate::matter::open_matter(app, who, id).await?;
    let (_, listed) = opened.kind.form.records(list).filter(|(_, l)| l.library).ok_or(MatterError::NotFound)?;
    let records: Vec<Record> = library(app, who, list)
        .await?
        .into_iter()
        .filter(|r| chosen.contains(&r.id))
        .map(|r| Record { id: taken_id(id, r.id), fields: listed.lasting(&r.fields), gone: false })
        .filter(|r| opened.answers.record(list, r.id).is_none())
        .collect();
    let files = records.iter().flat_map(|r| r.fields.values()).map(|v| v.files().len()).sum::<usize>();
    if files > 0 && opened.answers.files().count() + files > crate::workflow::files::files_limit(app) {
        return Err(FileError::TooMany.into());
    }
    crate::workflow::draft::edit_matter(app, who, id, Change::Add { list: list.to_owned(), records }).await
}

/// The records of the caller's own matter that are not in their library, or not with the same content.
pub async fn library_offers(app: &AppState, who: &Allowed, id: Uuid) -> Result<Vec<Offer>, MatterError> {
    let mut tx = app.db.read().await?;
    offered(&mut tx, app, who.caller(), id).await
}

/// Keeps those of them that were chosen. What is kept already is left alone, so that keeping twice is keeping once.
pub async fn keep_offered(app: &AppState, who: &Allowed, id: Uuid, chosen: Vec<Uuid>) -> Result<(), MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let offers = offered(tx, &owned, &caller, id).await?;
                for offer in offers.iter().filter(|o| chosen.contains(&o.record)) {
                    db::library::put(tx, &library_row(&owned, caller.account, offer.list.name, &offer.kept)).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn offered(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<Vec<Offer>, MatterError> {
    let opened = open_own(tx, app, caller, id).await?;
    let mut all = Kept::new();
    for list in opened.kind.form.steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        all.insert(list.name.to_owned(), kept(tx, &app.keys, caller.account, list.name).await?);
    }
    Ok(offers(opened.kind.form, id, &opened.answers, &all))
}

async fn kept(tx: &mut Tx, keys: &Keys, owner: Uuid, list: &str) -> Result<Vec<Record>, DbError> {
    let rows = db::library::of_owner(tx, owner, list).await?;
    rows.iter()
        .map(|row| keys.open_json(Place::new(RECORD, row.id), &row.record_sealed).map_err(|_| DbError::Unreadable(RECORD.into())))
        .collect()
}
