//! Searches of workbenches: lists restricted by more than state and title, with the number of matters found.

use domain::matter::Facet;

use crate::access::account::name_mark::searched_mark;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::search::{SearchScope, choose_path, count_matters, list_matters};
use crate::infra::db::{DbError, Tx};
use crate::service::matters::{Cursor, ListFilter, MatterListPage, hidden_kinds, into_page, limit, with_applicants};
use crate::state::AppState;

pub use crate::access::account::name_mark::SEARCHED_FROM;
pub use crate::infra::db::search::{DayRange, SearchConditions};

/// Most matters that are counted for each institution or for the association.
const COUNTED: i64 = 1_000;

/// What a workbench searches for.
#[derive(Debug, Clone, Default)]
pub struct MatterSearch {
    /// State and title.
    pub filter: ListFilter,
    /// The other conditions.
    pub conditions: SearchConditions,
    /// The beginning of the applicant's name, as it was typed; empty for any.
    pub applicant: String,
}

/// The matters found.
pub struct FoundMatters {
    /// One page of them, newest first.
    pub list: MatterListPage,
    /// Their number; up to a limit.
    pub count: i64,
    /// Whether there are more than were counted.
    pub is_capped: bool,
}

impl SearchConditions {
    /// Adds a facet; an empty value restricts nothing.
    pub fn with_facet(mut self, facet: Facet, value: &str) -> Self {
        if !value.is_empty() {
            self.facets.push(facet.stored(value));
        }
        self
    }
}

/// Searches the matters of the caller's institutions.
///
/// # Errors
/// The database.
pub async fn search_of_institutions(app: &AppState, who: &Allowed, search: &MatterSearch, cursor: Cursor) -> Result<FoundMatters, DbError> {
    search_in(app, scopes_of(who.caller(), false), search, cursor).await
}

/// Searches the matters that the association shows to the caller's roles.
///
/// # Errors
/// The database.
pub async fn search_of_association(app: &AppState, who: &Allowed, search: &MatterSearch, cursor: Cursor) -> Result<FoundMatters, DbError> {
    search_in(app, scopes_of(who.caller(), true), search, cursor).await
}

/// The matters among which a caller searches: those of the association, or those of each institution of the caller.
pub(super) fn scopes_of(caller: &Caller, is_association: bool) -> Vec<SearchScope> {
    let account = caller.account;
    if is_association {
        return vec![SearchScope { institution: None, account, without: hidden_kinds(caller) }];
    }
    let scope = |institution| SearchScope { institution: Some(institution), account, without: String::new() };
    caller.institutions.iter().map(|(id, _)| scope(*id)).collect()
}

/// A search with the mark of the name that it asks for, and its path.
pub(super) async fn prepare_search(tx: &mut Tx, app: &AppState, search: &MatterSearch) -> Result<MatterSearch, DbError> {
    let mut search = search.clone();
    search.conditions.name_mark = searched_mark(&app.keys, &search.applicant);
    search.conditions.path = choose_path(tx, &search.filter, &search.conditions).await?;
    Ok(search)
}

async fn search_in(app: &AppState, scopes: Vec<SearchScope>, search: &MatterSearch, cursor: Cursor) -> Result<FoundMatters, DbError> {
    let mut tx = app.db.snapshot().await?;
    let search = prepare_search(&mut tx, app, search).await?;
    let found = find(&mut tx, app, &scopes, (&search.filter, &search.conditions), cursor).await;
    tx.finish().await?;
    found
}

async fn find(
    tx: &mut Tx,
    app: &AppState,
    scopes: &[SearchScope],
    (filter, conditions): (&ListFilter, &SearchConditions),
    cursor: Cursor,
) -> Result<FoundMatters, DbError> {
    let (mut rows, mut count) = (Vec::new(), 0);
    for scope in scopes {
        rows.extend(list_matters(tx, scope, filter, conditions, cursor, limit()).await?);
        count += count_matters(tx, scope, filter, conditions, COUNTED + 1).await?;
    }
    rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id)));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(limit()).unwrap_or(usize::MAX));
    let list = into_page(with_applicants(tx, app, rows).await?);
    Ok(FoundMatters { list, count: count.min(COUNTED), is_capped: count > COUNTED })
}

#[cfg(test)]
mod tests;
