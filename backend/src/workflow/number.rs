//! 业务编号: given to a matter at its first submission, and never changed.

use chrono::NaiveDate;
use domain::matter::matter_number;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;
use crate::state::AppState;

/// Serial numbers that a server reserves at once, so that submissions of a kind seldom wait for each other.
const BLOCK: i64 = 32;

/// Numbers a submitted matter that has no number yet. `is_submitted`: whether it is submitted by now.
pub(super) async fn assign_number(tx: &mut Tx, app: &AppState, matter: &mut LoadedMatter, is_submitted: bool) -> Result<(), DbError> {
    if !is_submitted || matter.number.is_some() {
        return Ok(());
    }
    let (prefix, day) = (matter.kind.number_prefix, app.today());
    let serial = match app.number_blocks.take(prefix, day) {
        Some(serial) => serial,
        // Reserved in this transaction, so that the row is free again with it.
        None => db::matter_number::reserve(tx, prefix, day, 1).await?.start,
    };
    let number = matter_number(prefix, day, serial);
    if db::matter::set_number(tx, matter.id, &number).await? {
        matter.number = Some(number);
    }
    Ok(())
}

/// Reserves the blocks of serial numbers that submissions found empty, in a task of its own: no response waits for it, and no client that
/// goes away leaves a block unreserved.
pub(super) fn reserve_wanted(app: &AppState) {
    let wanted = app.number_blocks.take_wanted();
    if !wanted.is_empty() {
        tokio::spawn(reserve(app.clone(), wanted));
    }
}

async fn reserve(app: AppState, wanted: Vec<(&'static str, NaiveDate)>) {
    for (prefix, day) in wanted {
        let reserved = app.db.write(move |tx| Box::pin(db::matter_number::reserve(tx, prefix, day, BLOCK))).await;
        let serials = reserved.unwrap_or_else(|error: DbError| {
            tracing::warn!(%error, "no serial numbers of matters were reserved");
            0..0
        });
        app.number_blocks.put(prefix, day, serials);
    }
}
