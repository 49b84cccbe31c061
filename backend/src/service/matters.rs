//! Lists of matters of the workbenches of institutions and of the association.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::matter::MatterRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::is_named;
use crate::state::AppState;

pub use crate::infra::db::list::{Cursor, ListFilter};
pub use crate::matter::MatterSummary;

/// Matters on one page of a list.
pub(super) const PAGE: usize = 20;

/// Drafts that 在线申请 looks through.
pub(super) const MAX_DRAFTS: i64 = 100;

/// In whose name a matter is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiledAs {
    /// The caller's own.
    Person,
    /// That of an institution of the caller.
    Institution,
}

/// One page of a list of matters.
pub struct MatterListPage {
    /// Its matters.
    pub matters: Vec<MatterSummary>,
    /// Cursor of the next page.
    pub next: Cursor,
}

/// The newest drafts of a name: the caller's own, or those of the caller's institutions, by whoever began them.
pub async fn list_drafts(app: &AppState, who: &Allowed, name: FiledAs) -> Result<Vec<MatterSummary>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = match name {
        FiledAs::Person => db::matter::list_drafts(&mut tx, who.account(), MAX_DRAFTS).await?,
        FiledAs::Institution => drafts_of_institutions(&mut tx, app, who.caller(), None, MAX_DRAFTS).await?,
    };
    Ok(rows.into_iter().map(|row| MatterSummary::new(row, who.caller().person.name.clone())).collect())
}

/// 机构草稿: a page of the drafts that belong to the caller's institutions, by whoever began them, with who saved them last.
pub async fn institution_drafts(app: &AppState, who: &Allowed, cursor: Cursor) -> Result<MatterListPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_institution_drafts(&mut tx, app, who.caller(), cursor).await;
    tx.finish().await?;
    page
}

async fn read_institution_drafts(tx: &mut Tx, app: &AppState, caller: &Caller, cursor: Cursor) -> Result<MatterListPage, DbError> {
    let rows = drafts_of_institutions(tx, app, caller, cursor, limit()).await?;
    Ok(into_page(with_names(tx, app, rows, |row| row.saved_by.unwrap_or(row.owner_id)).await?))
}

/// The newest drafts of the caller's institutions, except those that exclude the caller by name.
async fn drafts_of_institutions(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<MatterRow>, DbError> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut visible, mut after) = (Vec::new(), cursor);
    loop {
        let mut rows = Vec::new();
        for (institution, _) in &caller.institutions {
            rows.extend(db::matter::list_drafts_of_institution(tx, *institution, after, limit).await?);
        }
        rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id)));
        rows.truncate(most);
        let are_more = rows.len() == most;
        after = rows.last().map(|row| (row.updated_at, row.id));
        for row in rows {
            if !is_excluded_from_draft(tx, app, caller, &row).await? {
                visible.push(row);
            }
        }
        // What is left out makes room for older ones, which a next page would not begin with.
        if visible.len() >= most || !are_more {
            visible.truncate(most);
            return Ok(visible);
        }
    }
}

/// Whether a draft of an institution names the caller, who is to be kept away from it.
async fn is_excluded_from_draft(tx: &mut Tx, app: &AppState, caller: &Caller, row: &MatterRow) -> Result<bool, DbError> {
    let kind = domain::kind::by_code(&row.kind).filter(|kind| kind.excludes_people() && row.owner_id != caller.account);
    match kind {
        Some(kind) => is_named(tx, app, caller, kind, row, &[]).await,
        None => Ok(false),
    }
}

/// A page of the submitted matters of the caller's institutions.
pub async fn list_of_institutions(app: &AppState, who: &Allowed, filter: &ListFilter, cursor: Cursor) -> Result<MatterListPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_list_of_institutions(&mut tx, app, who.caller(), filter, cursor).await;
    tx.finish().await?;
    page
}

async fn read_list_of_institutions(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    filter: &ListFilter,
    cursor: Cursor,
) -> Result<MatterListPage, DbError> {
    let mut rows = Vec::new();
    for (institution, _) in &caller.institutions {
        rows.extend(db::matter::list_of_institution(tx, *institution, filter, cursor, limit()).await?);
        rows.extend(db::relation::list_related_to(tx, *institution, caller.account, filter, cursor, limit()).await?);
    }
    rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id)));
    // A matter may be related to two institutions of the caller.
    rows.dedup_by_key(|row| row.id);
    rows.truncate(PAGE + 1);
    Ok(into_page(with_applicants(tx, app, rows).await?))
}

/// A page of the submitted matters that the association shows to the caller's roles.
pub async fn list_of_association(app: &AppState, who: &Allowed, filter: &ListFilter, cursor: Cursor) -> Result<MatterListPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let caller = who.caller();
    let rows = db::matter::list_submitted(&mut tx, caller.account, &hidden_kinds(caller), filter, cursor, limit()).await;
    let page = match rows {
        Ok(rows) => with_applicants(&mut tx, app, rows).await.map(into_page),
        Err(error) => Err(error),
    };
    tx.finish().await?;
    page
}

/// Whether one of the caller's roles may read matters of a kind.
pub(super) fn is_visible(caller: &Caller, kind: &str) -> bool {
    domain::kind::by_code(kind).is_some_and(|kind| kind.visible_to.iter().any(|role| caller.roles.contains(role)))
}

/// Adds the applicants' names.
pub(super) async fn with_applicants(tx: &mut Tx, app: &AppState, rows: Vec<MatterRow>) -> Result<Vec<MatterSummary>, DbError> {
    with_names(tx, app, rows, |row| row.owner_id).await
}

/// Adds the name of a person of each row.
async fn with_names(
    tx: &mut Tx,
    app: &AppState,
    rows: Vec<MatterRow>,
    person: fn(&MatterRow) -> Uuid,
) -> Result<Vec<MatterSummary>, DbError> {
    let names = names_of(tx, app, rows.iter().map(person)).await?;
    let name = |row: &MatterRow| names.get(&person(row)).cloned().unwrap_or_default();
    Ok(rows.into_iter().map(|row| (name(&row), row)).map(|(name, row)| MatterSummary::new(row, name)).collect())
}

/// Names of people by account, loading each person once.
pub(super) async fn names_of(tx: &mut Tx, app: &AppState, accounts: impl Iterator<Item = Uuid>) -> Result<BTreeMap<Uuid, String>, DbError> {
    let mut names = BTreeMap::new();
    for account in accounts {
        if let Entry::Vacant(entry) = names.entry(account) {
            entry.insert(person_name(app, tx, account).await?);
        }
    }
    Ok(names)
}

/// Codes of the kinds that none of the caller's roles may see, each between commas.
pub(super) fn hidden_kinds(caller: &Caller) -> String {
    let hidden = domain::kind::KINDS.iter().filter(|kind| !is_visible(caller, kind.code));
    hidden.fold(",".to_owned(), |all, kind| all + kind.code + ",")
}

/// Rows to read for one page: one more tells whether there is a next page.
pub(super) fn limit() -> i64 {
    i64::try_from(PAGE + 1).unwrap_or(i64::MAX)
}

pub(super) fn into_page(mut matters: Vec<MatterSummary>) -> MatterListPage {
    let more = matters.len() > PAGE;
    matters.truncate(PAGE);
    let next = matters.last().filter(|_| more).map(|m| (m.updated_at, m.id));
    MatterListPage { matters, next }
}
