//! 下一件: the task that follows another one in a queue.

use uuid::Uuid;

use super::filter::{QueueCursor, QueueFilter, QueueOf};
use super::tasks::{is_readable, list_rows, open_matters};
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{DbError, Tx};
use crate::matter::MatterError;
use crate::matter::load::load_in_tx;
use crate::service::search::MatterSearch;
use crate::state::AppState;

/// Tasks read at once.
const READ: usize = 5;

/// A task in a queue, by its matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskPlace {
    /// The matter.
    pub matter: Uuid,
    /// Place of the task in the order of the queue.
    pub place: (i64, Uuid),
}

/// The first task after a place that the caller may open, other than that of one matter. After the last task the queue begins anew, so that
/// nothing that was passed over is forgotten.
///
/// # Errors
/// The database.
pub async fn next_task(
    app: &AppState,
    who: &Allowed,
    of: QueueOf,
    (search, filter): (&MatterSearch, &QueueFilter),
    place: QueueCursor,
    without: Uuid,
) -> Result<Option<TaskPlace>, DbError> {
    let mut tx = app.db.snapshot().await?;
    let search = open_matters(&mut tx, app, search).await?;
    let mut next = find_after(&mut tx, app, who.caller(), of, (&search, filter), place, without).await;
    if matches!(next, Ok(None)) && place.is_some() {
        next = find_after(&mut tx, app, who.caller(), of, (&search, filter), None, without).await;
    }
    tx.finish().await?;
    next
}

async fn find_after(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    of: QueueOf,
    queue: (&MatterSearch, &QueueFilter),
    mut place: QueueCursor,
    without: Uuid,
) -> Result<Option<TaskPlace>, DbError> {
    loop {
        let rows = list_rows(tx, app, caller, of, queue, place, READ).await?;
        for row in rows.iter().filter(|row| row.matter.id != without && is_readable(caller, of, row)) {
            match load_in_tx(tx, app, caller, row.matter.id).await {
                Ok(matter) => return Ok(Some(TaskPlace { matter: matter.id, place: queue.1.order.place_of(row) })),
                Err(MatterError::Db(error)) => return Err(error),
                // Excluded by name.
                Err(_) => {}
            }
        }
        let Some(last) = rows.last().filter(|_| rows.len() == READ) else { return Ok(None) };
        place = Some(queue.1.order.place_of(last));
    }
}
