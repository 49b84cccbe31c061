//! SQL of saved views of workbenches.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A saved view.
#[derive(Clone, sqlx::FromRow)]
pub struct SavedViewRow {
    /// Row id.
    pub id: Uuid,
    /// Whose view it is.
    pub account_id: Uuid,
    /// Code of the workbench.
    pub workbench: String,
    /// Keyed fingerprint of its name.
    pub name_mark: Vec<u8>,
    /// Name and conditions, sealed.
    pub view_sealed: Vec<u8>,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
}

/// Inserts a view; returns whether its name was new.
pub async fn insert(tx: &mut Tx, row: &SavedViewRow) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into saved_view (id, account_id, workbench, name_mark, view_sealed, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id, name_mark) do nothing",
        row.id,
        row.account_id,
        &row.workbench,
        row.name_mark.as_slice(),
        row.view_sealed.as_slice(),
        row.created_at
    )?;
    Ok(added == 1)
}

/// The views of an account at a workbench, oldest first.
pub async fn list(tx: &mut Tx, account: Uuid, workbench: &str) -> Result<Vec<SavedViewRow>, DbError> {
    fetch_all!(
        tx,
        SavedViewRow,
        "select * from saved_view where account_id = $1 and workbench = $2 order by created_at, id",
        account,
        workbench
    )
}

/// All views of an account, oldest first.
pub async fn list_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<SavedViewRow>, DbError> {
    fetch_all!(tx, SavedViewRow, "select * from saved_view where account_id = $1 order by created_at, id", account)
}

/// Number of views of an account.
pub async fn count(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select count(*) from saved_view where account_id = $1", account)?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Deletes a view of an account; returns the number of rows.
pub async fn delete(tx: &mut Tx, account: Uuid, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from saved_view where id = $1 and account_id = $2", id, account)
}

/// Deletes every view of an account.
pub async fn delete_of_account(tx: &mut Tx, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from saved_view where account_id = $1", account)
}
