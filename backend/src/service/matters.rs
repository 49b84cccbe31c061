//! Lists of matters: what each desk shows.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, Utc};
use domain::base::permission::Role;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::DbError;
use crate::state::AppState;

pub use crate::infra::db::matter::Narrow;

/// Rows on one page of a list.
const PAGE: i64 = 20;
/// Waiting matters a desk shows, for each institution or role.
const DESK: i64 = 100;

/// One line of a list of matters.
#[derive(Clone)]
pub struct Line {
    /// The matter.
    pub row: db::matter::Row,
    /// Name of whoever began it.
    pub applicant: String,
}

/// Who began a matter, and the institutions tied to it: as what, and by name.
pub type Parties = (Option<crate::access::account::Person>, Vec<(&'static str, String)>);

/// One page of a list.
pub struct Page {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Where the next page begins.
    pub next: Option<(DateTime<Utc>, Uuid)>,
}

/// The caller's own matters, newest first: `all`, `drafts`, `open` or `closed`.
pub async fn own_matters(app: &AppState, who: &Allowed, view: &str, after: db::matter::After) -> Result<Page, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::matter::of_owner(&mut tx, who.account(), view, after, PAGE + 1).await?;
    let name = who.caller().person.name.clone();
    Ok(paged(rows.into_iter().map(|row| Line { row, applicant: name.clone() }).collect()))
}

/// The caller's own matters that wait for the caller.
pub async fn own_tasks(app: &AppState, who: &Allowed) -> Result<Vec<db::matter::Row>, DbError> {
    let mut tx = app.db.read().await?;
    db::matter::waiting_for_owner(&mut tx, who.account()).await
}

/// Matters that wait for the institutions at whose desk the caller acts.
pub async fn institution_tasks(app: &AppState, who: &Allowed) -> Result<Vec<Line>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = waiting_at_institutions(&mut tx, who).await?;
    named(app, &mut tx, rows).await
}

/// How many of them there are, up to what a desk shows.
pub async fn institution_task_count(app: &AppState, who: &Allowed) -> Result<usize, DbError> {
    let mut tx = app.db.read().await?;
    Ok(waiting_at_institutions(&mut tx, who).await?.len())
}

/// Submitted matters of the caller's institutions, newest first.
pub async fn institution_matters(app: &AppState, who: &Allowed, narrow: &Narrow, after: db::matter::After) -> Result<Page, DbError> {
    let mut tx = app.db.read().await?;
    let mut rows = Vec::new();
    for (institution, _) in &who.caller().desks {
        rows.extend(db::matter::of_institution(&mut tx, *institution, narrow, after, PAGE + 1).await?);
        rows.extend(db::tie::tied_to(&mut tx, *institution, who.account(), narrow, after, PAGE + 1).await?);
    }
    rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id)));
    // One matter may be tied to two desks of the caller.
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(PAGE + 1).unwrap_or(0));
    Ok(paged(named(app, &mut tx, rows).await?))
}

/// Matters that wait for the association's roles the caller has.
pub async fn association_tasks(app: &AppState, who: &Allowed) -> Result<Vec<Line>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = waiting_at_association(&mut tx, who).await?;
    named(app, &mut tx, rows).await
}

/// How many of them there are, up to what a desk shows.
pub async fn association_task_count(app: &AppState, who: &Allowed) -> Result<usize, DbError> {
    let mut tx = app.db.read().await?;
    Ok(waiting_at_association(&mut tx, who).await?.len())
}

/// Every submitted matter that the caller may see, newest first; for the association.
pub async fn association_matters(app: &AppState, who: &Allowed, narrow: &Narrow, after: db::matter::After) -> Result<Page, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::matter::submitted(&mut tx, who.account(), &hidden_from(who), narrow, after, PAGE + 1).await?;
    Ok(paged(named(app, &mut tx, rows).await?))
}

/// The same rows with names; a person with many matters is looked up once.
async fn named(app: &AppState, tx: &mut db::Tx, rows: Vec<db::matter::Row>) -> Result<Vec<Line>, DbError> {
    let mut names: BTreeMap<Uuid, String> = BTreeMap::new();
    for owner in rows.iter().map(|r| r.owner_id) {
        if let Entry::Vacant(place) = names.entry(owner) {
            place.insert(crate::matter::name_of(app, tx, owner).await?);
        }
    }
    let name = |row: &db::matter::Row| names.get(&row.owner_id).cloned().unwrap_or_default();
    Ok(rows.into_iter().map(|row| Line { applicant: name(&row), row }).collect())
}

/// Who began a matter, and the institutions tied to it, as what and by name. Neither for who must not learn it.
pub async fn parties(app: &AppState, opened: &crate::matter::Opened) -> Result<Parties, DbError> {
    if opened.blind() {
        return Ok((None, Vec::new()));
    }
    let mut tx = app.db.read().await?;
    let person = crate::matter::person_of(app, &mut tx, opened.row.owner_id).await?;
    let mut institutions = Vec::new();
    for (link, id) in &opened.institutions {
        institutions.extend(db::institution::by_id(&mut tx, *id).await?.map(|i| (link.label(), i.name)));
    }
    Ok((person, institutions))
}

/// Name of each account, for histories.
pub async fn names(app: &AppState, accounts: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbError> {
    let mut tx = app.db.read().await?;
    let mut names = Vec::new();
    for account in accounts {
        names.push((*account, crate::matter::name_of(app, &mut tx, *account).await?));
    }
    Ok(names)
}

async fn waiting_at_institutions(tx: &mut db::Tx, who: &Allowed) -> Result<Vec<db::matter::Row>, DbError> {
    let mut rows = Vec::new();
    for (institution, _) in &who.caller().desks {
        rows.extend(db::matter::waiting_for_institution(tx, *institution, DESK).await?);
        rows.extend(db::tie::waiting_for_tied(tx, *institution, DESK).await?);
    }
    Ok(rows)
}

async fn waiting_at_association(tx: &mut db::Tx, who: &Allowed) -> Result<Vec<db::matter::Row>, DbError> {
    let mut rows = Vec::new();
    for role in who.caller().roles.iter().filter(|r| Role::staff(**r)) {
        let turn = domain::engine::flow::Party::Association(*role).code();
        rows.extend(db::matter::waiting_for(tx, &turn, who.account(), DESK).await?);
    }
    Ok(rows)
}

/// Codes of the kinds that none of the caller's roles may see, each between commas.
fn hidden_from(who: &Allowed) -> String {
    let roles = &who.caller().roles;
    let hidden = domain::kind::KINDS.iter().filter(|k| !k.seen_by.iter().any(|r| roles.contains(r)));
    hidden.fold(",".to_owned(), |all, kind| all + kind.code + ",")
}

fn paged(mut lines: Vec<Line>) -> Page {
    let size = usize::try_from(PAGE).unwrap_or(0);
    let more = lines.len() > size;
    lines.truncate(size);
    let next = lines.last().filter(|_| more).map(|l| (l.row.updated_at, l.row.id));
    Page { lines, next }
}
