//! The tasks of a queue that a filter and a search leave.

use chrono::NaiveDate;

use super::count::is_plain;
use super::filter::{QueueCursor, QueueFilter, QueueOf, conditions, scopes};
use crate::access::guard::Caller;
use crate::infra::db::queue::{QueueRow, count_found};
use crate::infra::db::search::SearchScope;
use crate::infra::db::{self, DbError, Tx};
use crate::service::matters::{hidden_kinds, is_visible};
use crate::service::search::{DayRange, MatterSearch, SearchConditions, prepare_search};
use crate::state::AppState;

/// A search among open matters, with the mark of the name that it asks for, and its path.
pub(super) async fn open_matters(tx: &mut Tx, app: &AppState, search: &MatterSearch) -> Result<MatterSearch, DbError> {
    let mut search = prepare_search(tx, app, search).await?;
    search.filter.state = "open".to_owned();
    Ok(search)
}

/// The next tasks in the order of a filter, after a place, up to a limit.
pub(super) async fn list_rows(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    of: QueueOf,
    (search, filter): (&MatterSearch, &QueueFilter),
    cursor: QueueCursor,
    most: usize,
) -> Result<Vec<QueueRow>, DbError> {
    let (conditions, scope) = (conditions(filter), search_scope(caller, of, search, app.today()));
    let (mut rows, limit) = (Vec::new(), i64::try_from(most).unwrap_or(i64::MAX));
    for queue in scopes(caller, of) {
        let matching = (&scope, &search.filter, &search.conditions);
        rows.extend(db::queue::list_tasks(tx, (&queue, &conditions), matching, filter.order.place(cursor), limit).await?);
    }
    rows.sort_by(|a, b| filter.order.compare(a, b));
    rows.truncate(most);
    Ok(rows)
}

/// Number of the tasks found in all scopes; each is counted up to one more than `most`.
pub(super) async fn count_tasks_found(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    of: QueueOf,
    (search, filter): (&MatterSearch, &QueueFilter),
    most: i64,
) -> Result<i64, DbError> {
    let (conditions, scope) = (conditions(filter), search_scope(caller, of, search, app.today()));
    let mut found = 0;
    for queue in scopes(caller, of) {
        found += count_found(tx, (&queue, &conditions), (&scope, &search.filter, &search.conditions), most + 1).await?;
    }
    Ok(found)
}

/// Finance sees the tasks of matters that it must not open, but does not find out by a search whom they are about.
fn search_scope(caller: &Caller, of: QueueOf, search: &MatterSearch, today: NaiveDate) -> SearchScope {
    let days = MatterSearch { conditions: SearchConditions { due: DayRange::default(), ..search.conditions.clone() }, ..search.clone() };
    let hides = of == QueueOf::Association && !is_plain(&days, today);
    SearchScope { institution: None, account: caller.account, without: if hides { hidden_kinds(caller) } else { ",".to_owned() } }
}

/// Whether the caller may open the matter of a task, if it is not excluded by name.
pub(super) fn is_readable(caller: &Caller, of: QueueOf, row: &QueueRow) -> bool {
    of == QueueOf::Institutions || is_visible(caller, &row.matter.kind)
}
