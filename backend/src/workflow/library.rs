//! 基本信息库: records of an account that can be added to applications.

use domain::engine::form::{Answers, Form, Record};
use domain::record::library::{LibraryOffer, LibraryRecords, imported_id, offers};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::file::FileError;
use crate::infra::secret::{Keys, SealContext};
use crate::matter::load::{load, load_own};
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, SavedRevision, edit_draft};
use crate::workflow::files::files_limit;
use crate::workflow::save::plan_sweep;

pub(crate) const RECORD_COLUMN: &str = "library_record.record_sealed";

/// The caller's records of one list.
pub async fn library_records(app: &AppState, who: &Allowed, list: &str) -> Result<Vec<Record>, DbError> {
    let mut tx = app.db.read().await?;
    read_records(&mut tx, &app.keys, who.account(), list).await
}

/// All records of the caller for the lists of a form, as answers.
pub(crate) async fn library_answers(tx: &mut Tx, app: &AppState, caller: &Caller, form: &'static Form) -> Result<Answers, DbError> {
    let mut answers = Answers::default();
    for list in form.steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        answers.records.insert(list.name.to_owned(), read_records(tx, &app.keys, caller.account, list.name).await?);
    }
    Ok(answers)
}

/// Saves a record edited in the library.
///
/// # Errors
/// [`MatterError::TooManyRecords`] if the list is full; [`MatterError::NotFound`] if the id belongs to another account.
pub async fn put_record(app: &AppState, who: &Allowed, list: &str, record: &Record) -> Result<(), MatterError> {
    let records = library_records(app, who, list).await?;
    if records.len() >= db::library::LIST_LIMIT && records.iter().all(|r| r.id != record.id) {
        return Err(MatterError::TooManyRecords);
    }
    let row = library_row(app, who.account(), list, record);
    match app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::library::upsert(tx, &row).await })).await? {
        0 => Err(MatterError::NotFound),
        _ => Ok(()),
    }
}

/// Saves a record for later applications. Its id stays, so saving it again replaces it.
pub async fn save_record(app: &AppState, who: &Allowed, list: &str, record: &Record) -> Result<(), DbError> {
    let row = library_row(app, who.account(), list, record);
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { db::library::upsert(tx, &row).await })).await?;
    Ok(())
}

pub(crate) fn library_row(app: &AppState, owner: Uuid, list: &str, record: &Record) -> db::library::LibraryRow {
    db::library::LibraryRow {
        id: record.id,
        owner_id: owner,
        list: list.to_owned(),
        record_sealed: app.keys.seal_json(SealContext::new(RECORD_COLUMN, record.id), record),
        updated_at: app.now(),
    }
}

/// Deletes a record of the caller.
pub async fn delete_record(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), DbError> {
    let (owned, owner) = (app.clone(), who.account());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                db::library::delete(tx, owner, id).await?;
                plan_sweep(tx, &owned, owner).await
            })
        })
        .await
}

/// Copies records with their files from the library into a draft. Records already in the draft are unchanged.
pub async fn add_records_to_draft(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    list: &str,
    chosen: &[Uuid],
) -> Result<SavedRevision, MatterError> {
    let matter = load(app, who, id).await?;
    let (_, listed) = matter.kind.form.records(list).filter(|(_, l)| l.library).ok_or(MatterError::NotFound)?;
    let records: Vec<Record> = library_records(app, who, list)
        .await?
        .into_iter()
        .filter(|r| chosen.contains(&r.id))
        .map(|r| Record { id: imported_id(id, r.id), fields: listed.reusable(&r.fields), removed: false })
        .filter(|r| matter.answers.record(list, r.id).is_none())
        .collect();
    let files = records.iter().flat_map(|r| r.fields.values()).map(|v| v.files().len()).sum::<usize>();
    if files > 0 && matter.applicable_answers(app).files().count() + files > files_limit(app) {
        return Err(FileError::TooMany.into());
    }
    edit_draft(app, who, id, DraftEdit::AddRecords { list: list.to_owned(), records }).await
}

/// Saves the chosen offers. Idempotent.
pub async fn save_offered(app: &AppState, who: &Allowed, id: Uuid, chosen: Vec<Uuid>) -> Result<(), MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let matter = load_own(tx, &owned, &caller, id).await?;
                let offers = offers_of(tx, &owned, &matter).await?;
                for offer in offers.iter().filter(|o| chosen.contains(&o.record)) {
                    db::library::upsert(tx, &library_row(&owned, caller.account, offer.list.name, &offer.entry)).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The records of a matter that its applicant's library does not have, or has with other content.
pub(crate) async fn offers_of(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<LibraryOffer>, DbError> {
    let mut all = LibraryRecords::new();
    for list in matter.kind.form.steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        all.insert(list.name.to_owned(), read_records(tx, &app.keys, matter.owner, list.name).await?);
    }
    Ok(offers(matter.kind.form, matter.id, &matter.applicable_answers(app), &all))
}

/// The records of an account in one list.
pub(crate) async fn read_records(tx: &mut Tx, keys: &Keys, owner: Uuid, list: &str) -> Result<Vec<Record>, DbError> {
    let rows = db::library::list_of_owner(tx, owner, list).await?;
    rows.iter()
        .map(|row| {
            keys.unseal_json(SealContext::new(RECORD_COLUMN, row.id), &row.record_sealed)
                .map_err(|_| DbError::Unreadable(RECORD_COLUMN.into()))
        })
        .collect()
}
