//! 基本信息库: records of an account that can be added to applications.

use std::collections::BTreeMap;

use domain::engine::form::{Answers, Form, Record};
use domain::record::library::{LibraryOffer, LibraryRecords, imported_id, offers};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::access::owner::Owner;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::file::FileError;
use crate::infra::secret::{SealContext, sha256};
use crate::matter::library::{RECORD_COLUMN, read_records, unseal_record};
use crate::matter::load::{load, load_own};
use crate::matter::upgrade::upgrade_records;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, SavedRevision, edit_draft};
use crate::workflow::files::files_limit;
use crate::workflow::save::plan_sweep;

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

/// What a page shows of a record, as its form names it: a digest of the content; `none` where there is no record.
pub fn record_version(record: Option<&Record>) -> String {
    let Some(record) = record else { return "none".to_owned() };
    let content = serde_json::to_vec(&record.fields).unwrap_or_default();
    sha256(&content).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What a page shows of an offer: the record of the application, and the one that it replaces.
pub fn offer_version(offer: &LibraryOffer) -> String {
    format!("{}-{}", record_version(offer.replaced.as_ref()), record_version(Some(&offer.entry)))
}

/// Saves a record edited in the library. `seen`: the version that the page showed. Saving the same content again changes nothing.
///
/// # Errors
/// [`MatterError::RecordChanged`] if another page changed the record; [`MatterError::TooManyRecords`] if the list is full;
/// [`MatterError::NotFound`] if the id belongs to another account.
pub async fn put_record(app: &AppState, who: &Allowed, list: &str, record: &Record, seen: &str) -> Result<(), MatterError> {
    let row = library_row(app, who.account(), list, record);
    let (keys, fields, seen) = (app.keys.clone(), record.fields.clone(), seen.to_owned());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let records = read_records(tx, &keys, row.owner_id, &row.list).await?;
                let stored = records.iter().find(|stored| stored.id == row.id);
                if stored.is_some_and(|stored| stored.fields == fields) {
                    return Ok(());
                }
                // A new record takes nobody's place, whatever the page showed.
                let is_new = stored.is_none() && seen.is_empty();
                if !is_new && record_version(stored) != seen {
                    return Err(MatterError::RecordChanged);
                }
                if stored.is_none() && records.len() >= db::library::LIST_LIMIT {
                    return Err(MatterError::TooManyRecords);
                }
                match db::library::upsert(tx, &row).await? {
                    0 => Err(MatterError::NotFound),
                    _ => Ok(()),
                }
            })
        })
        .await
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

/// Deletes a record of the caller. `seen`: the version that the page showed. A record that is gone stays gone.
///
/// # Errors
/// [`MatterError::RecordChanged`] if another page changed the record.
pub async fn delete_record(app: &AppState, who: &Allowed, id: Uuid, seen: &str) -> Result<(), MatterError> {
    let (owned, owner, seen) = (app.clone(), who.account(), seen.to_owned());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let Some(row) = db::library::by_id(tx, owner, id).await? else { return Ok(()) };
                let mut stored = [unseal_record(&owned.keys, &row)?];
                upgrade_records(tx, &row.list, &mut stored).await?;
                if record_version(stored.first()) != seen {
                    return Err(MatterError::RecordChanged);
                }
                db::library::delete(tx, owner, id).await?;
                Ok(plan_sweep(tx, &owned, Owner::Person(owner)).await?)
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
        return Err(FileError::MatterFull(files_limit(app)).into());
    }
    edit_draft(app, who, id, DraftEdit::AddRecords { list: list.to_owned(), records }).await
}

/// Saves the chosen offers. Idempotent. `seen`: the versions that the page showed, by record of the application; none if no page showed them.
///
/// # Errors
/// [`MatterError::RecordChanged`] if the page showed another version of a chosen offer; then none of them is saved.
pub async fn save_offered(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    chosen: Vec<Uuid>,
    seen: Option<BTreeMap<Uuid, String>>,
) -> Result<(), MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    let as_seen = move |offer: &LibraryOffer| seen.as_ref().is_none_or(|seen| seen.get(&offer.record) == Some(&offer_version(offer)));
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let matter = load_own(tx, &owned, &caller, id).await?;
                let mut offers = offers_of(tx, &owned, &matter).await?;
                offers.retain(|offer| chosen.contains(&offer.record));
                if !offers.iter().all(as_seen) {
                    return Err(MatterError::RecordChanged);
                }
                for offer in &offers {
                    db::library::upsert(tx, &library_row(&owned, caller.account, offer.list.name, &offer.entry)).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The records of a matter that the caller's library does not have, or has with other content.
pub(crate) async fn offers_of(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<LibraryOffer>, DbError> {
    let mut all = LibraryRecords::new();
    for list in matter.kind.form.steps.iter().flat_map(|s| s.records()).filter(|l| l.library) {
        all.insert(list.name.to_owned(), read_records(tx, &app.keys, matter.actor.account, list.name).await?);
    }
    Ok(offers(matter.kind.form, matter.id, &matter.applicable_answers(app), &all))
}
