//! 基本信息库.

use domain::engine::form::{Record, RecordList};
use domain::kind::KINDS;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{DbError, Tx};
use crate::matter::MatterError;
use crate::matter::context::OwnedMatterContext;
use crate::matter::library::read_records;
use crate::state::AppState;

/// The caller's library.
pub struct LibraryPage {
    /// The context its records are shown in.
    pub context: OwnedMatterContext,
    /// Every list with its records.
    pub lists: Vec<(&'static RecordList, Vec<Record>)>,
}

/// The page of one record of the library.
pub struct LibraryRecordPage {
    /// The context of its form.
    pub context: OwnedMatterContext,
    /// The list.
    pub list: &'static RecordList,
    /// The record; `None` if there is none with this id yet.
    pub record: Option<Record>,
}

/// The lists of the library, in the order of the kinds' forms; a list that several kinds share stands once.
fn library_lists() -> Vec<&'static RecordList> {
    let mut lists: Vec<&'static RecordList> = Vec::new();
    for list in KINDS.iter().flat_map(|k| k.form.steps).flat_map(|s| s.records()).filter(|l| l.library) {
        if lists.iter().all(|known| known.name != list.name) {
            lists.push(list);
        }
    }
    lists
}

/// Reads the caller's library.
pub async fn library_page(app: &AppState, who: &Allowed) -> Result<LibraryPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_library(&mut tx, app, who.caller()).await;
    tx.finish().await?;
    page
}

async fn read_library(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<LibraryPage, DbError> {
    let context = OwnedMatterContext::without_record(app, caller.person.name.clone());
    let mut lists = Vec::new();
    for list in library_lists() {
        lists.push((list, read_records(tx, &app.keys, caller.account, list.name).await?));
    }
    Ok(LibraryPage { context, lists })
}

/// Reads the page of a record.
///
/// # Errors
/// [`MatterError::NotFound`] if the library has no such list.
pub async fn library_record_page(app: &AppState, who: &Allowed, list: &str, id: Uuid) -> Result<LibraryRecordPage, MatterError> {
    let list = library_lists().into_iter().find(|l| l.name == list).ok_or(MatterError::NotFound)?;
    let mut tx = app.db.snapshot().await?;
    let page = read_library_record(&mut tx, app, who.caller(), list, id).await;
    tx.finish().await?;
    Ok(page?)
}

async fn read_library_record(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    list: &'static RecordList,
    id: Uuid,
) -> Result<LibraryRecordPage, DbError> {
    let context = OwnedMatterContext::for_library(tx, app, caller, list).await?;
    let record = read_records(tx, &app.keys, caller.account, list.name).await?.into_iter().find(|r| r.id == id);
    Ok(LibraryRecordPage { context, list, record })
}
