//! 待办: the open tasks of the caller's institutions, or of the caller's roles in the association, with counters, filters and an order.

pub mod batch;
mod count;
pub mod export;
mod filter;
mod next;
mod tasks;
#[cfg(test)]
mod tests;
pub mod views;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::engine::flow::{Party, Requires, Tone, Transition};
use uuid::Uuid;

use self::count::{count_stages, counted_without_search};
use self::tasks::{count_tasks_found, is_readable, list_rows, open_matters};
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::queue::QueueRow;
use crate::infra::db::{DbError, Tx};
use crate::matter::load::load_in_tx;
use crate::matter::{LoadedMatter, MatterError, MatterSummary, Seen};
use crate::service::matters::{PAGE, names_of};
use crate::service::search::MatterSearch;
use crate::state::AppState;
use crate::workflow::notify::role_holders;

pub(crate) use self::count::count_tasks;
pub use self::count::{QueueStage, TaskCount};
pub use self::filter::{QueueCursor, QueueFilter, QueueOf, QueueOrder};
pub use self::next::{TaskPlace, next_task};
pub use crate::infra::db::queue::Holder;

/// Most tasks found that are counted for each institution or role.
const COUNTED: i64 = 1_000;

/// A task in a queue.
pub struct QueueTask {
    /// Its matter, with its assignee.
    pub matter: MatterSummary,
    /// What can be done with it in a batch; none if the caller must not open the matter.
    pub offer: Option<Offer>,
    /// When it began.
    pub opened_at: DateTime<Utc>,
    /// Its place in the order of the queue.
    pub place: (i64, Uuid),
}

/// What the caller can do with a task in a batch.
pub struct Offer {
    /// What the list shows of the matter.
    pub seen: Seen,
    /// Transitions that need nothing but a click.
    pub transitions: Vec<&'static Transition>,
    /// Whether it is the task of a role of the caller, which has an assignee.
    pub has_assignee: bool,
}

/// One page of a queue.
pub struct QueuePage {
    /// The whole queue by kind and stage, whatever is filtered.
    pub stages: Vec<QueueStage>,
    /// Tasks of the page.
    pub tasks: Vec<QueueTask>,
    /// Number of tasks that meet the filter.
    pub found: i64,
    /// Whether there are more than were counted.
    pub is_capped: bool,
    /// Where the next page begins.
    pub next: QueueCursor,
    /// Accounts and names of those to whom tasks can be handed over.
    pub colleagues: Vec<(Uuid, String)>,
}

/// A page of a queue of the caller.
///
/// # Errors
/// The database.
pub async fn queue_page(
    app: &AppState,
    who: &Allowed,
    of: QueueOf,
    search: &MatterSearch,
    filter: &QueueFilter,
    cursor: QueueCursor,
) -> Result<QueuePage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let search = open_matters(&mut tx, app, search).await?;
    let page = read_queue(&mut tx, app, who.caller(), of, &search, filter, cursor).await;
    tx.finish().await?;
    page
}

async fn read_queue(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    of: QueueOf,
    search: &MatterSearch,
    filter: &QueueFilter,
    cursor: QueueCursor,
) -> Result<QueuePage, DbError> {
    let stages = count_stages(tx, app, caller, of).await?;
    let counted = counted_without_search(&stages, search, filter, app.today());
    let found = match counted {
        Some(found) => found,
        None => count_tasks_found(tx, app, caller, of, (search, filter), COUNTED).await?,
    };
    let mut rows = list_rows(tx, app, caller, of, (search, filter), cursor, PAGE + 1).await?;
    let are_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| are_more).map(|row| filter.order.place_of(row));
    let is_capped = counted.is_none() && found > COUNTED;
    Ok(QueuePage {
        stages,
        tasks: read_tasks(tx, app, caller, of, filter.order, rows).await?,
        found: if is_capped { COUNTED } else { found },
        is_capped,
        next,
        colleagues: if of == QueueOf::Association { colleagues(tx, app, caller).await? } else { Vec::new() },
    })
}

/// The tasks of rows, with names, and with what the caller can do.
async fn read_tasks(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    of: QueueOf,
    order: QueueOrder,
    rows: Vec<QueueRow>,
) -> Result<Vec<QueueTask>, DbError> {
    let people = rows.iter().filter(|row| is_readable(caller, of, row)).map(|row| row.matter.owner_id);
    let names = names_of(tx, app, people.chain(rows.iter().filter_map(|row| row.assignee_id))).await?;
    let name = |account: Uuid| names.get(&account).cloned().unwrap_or_default();
    let mut tasks = Vec::with_capacity(rows.len());
    for row in rows {
        let (is_readable, place, opened_at) = (is_readable(caller, of, &row), order.place_of(&row), row.opened_at);
        let offer = match is_readable {
            true => match load_in_tx(tx, app, caller, row.matter.id).await {
                Ok(matter) => Some(offer(&matter)),
                // Who is excluded by name does not learn that it exists.
                Err(MatterError::NotFound) => continue,
                Err(MatterError::Db(error)) => return Err(error),
                Err(_) => None,
            },
            false => None,
        };
        let (assignee, due_on) = (row.assignee_id.map(|account| (account, name(account))), row.task_due_on);
        let applicant = if is_readable { name(row.matter.owner_id) } else { String::new() };
        let matter = MatterSummary { is_readable, assignee, due_on, ..MatterSummary::new(row.matter, applicant) };
        tasks.push(QueueTask { matter, offer, opened_at, place });
    }
    Ok(tasks)
}

/// What the caller can do with a matter in a batch: nothing that ends it, since whoever ends a matter has opened it.
fn offer(matter: &LoadedMatter) -> Offer {
    let turn = matter.stage().and_then(|stage| stage.turn).filter(|turn| matter.is_party(*turn));
    let is_plain = |t: &&'static Transition| {
        let ends = |code: &&str| matter.kind.flow.stage(code).is_none_or(|stage| stage.closed());
        let plain = matches!(t.requires, Requires::Nothing | Requires::OptionalNote) && t.tone != Tone::Destructive;
        Some(t.by) == turn && plain && !t.to.iter().any(|(_, to)| ends(to))
    };
    Offer {
        seen: matter.seen(),
        transitions: matter.open_transitions().into_iter().filter(is_plain).collect(),
        has_assignee: matches!(turn, Some(Party::Association(_))),
    }
}

/// Accounts and names of those to whom tasks of a queue can be handed over.
///
/// # Errors
/// The database.
pub async fn role_colleagues(app: &AppState, who: &Allowed, of: QueueOf) -> Result<Vec<(Uuid, String)>, DbError> {
    match of {
        QueueOf::Institutions => Ok(Vec::new()),
        QueueOf::Association => colleagues(&mut app.db.read().await?, app, who.caller()).await,
    }
}

/// The holders of the caller's roles.
async fn colleagues(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<Vec<(Uuid, String)>, DbError> {
    let mut accounts = Vec::new();
    for role in caller.roles.iter().filter(|role| role.is_staff()) {
        accounts.extend(role_holders(tx, *role).await?);
    }
    let names: BTreeMap<Uuid, String> = names_of(tx, app, accounts.into_iter()).await?;
    Ok(names.into_iter().collect())
}
