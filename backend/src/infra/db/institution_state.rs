//! SQL of the state of institutions, its changes, and the list of institutions.

use chrono::{DateTime, Utc};
use domain::record::institution::InstitutionState;
use uuid::Uuid;

use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::list::containing;
use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A change of the state of an institution.
#[derive(Clone, sqlx::FromRow)]
pub struct StateChangeRow {
    /// Row id.
    pub id: Uuid,
    /// The institution.
    pub institution_id: Uuid,
    /// The state that it was set to.
    #[sqlx(try_from = "Coded<InstitutionState>")]
    pub state: InstitutionState,
    /// The reason, sealed.
    pub reason_sealed: Vec<u8>,
    /// The administrator.
    pub changed_by: Uuid,
    /// When it was set.
    pub changed_at: DateTime<Utc>,
}

/// Locks an institution until the end of the transaction, and reads it.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<InstitutionRow>, DbError> {
    execute!(tx, "update institution set name = name where id = $1", id)?;
    fetch_optional!(tx, InstitutionRow, "select * from institution where id = $1", id)
}

/// Sets the state of an institution that has another one; returns whether it had the state `from`.
pub async fn set(tx: &mut Tx, id: Uuid, from: InstitutionState, to: InstitutionState) -> Result<bool, DbError> {
    let changed = execute!(tx, "update institution set status = $3 where id = $1 and status = $2", id, from.code(), to.code())?;
    Ok(changed == 1)
}

/// Records a change.
pub async fn insert_change(tx: &mut Tx, row: &StateChangeRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into institution_state_change (id, institution_id, state, reason_sealed, changed_by, changed_at)
         values ($1, $2, $3, $4, $5, $6)",
        row.id,
        row.institution_id,
        row.state.code(),
        &row.reason_sealed,
        row.changed_by,
        row.changed_at
    )
}

/// The changes of an institution, newest first, up to fifty.
pub async fn list_changes(tx: &mut Tx, institution: Uuid) -> Result<Vec<StateChangeRow>, DbError> {
    fetch_all!(
        tx,
        StateChangeRow,
        "select * from institution_state_change where institution_id = $1 order by changed_at desc, id desc limit 50",
        institution
    )
}

/// Institutions whose name or credit code contains a text, by name and id, after this place.
pub async fn list(tx: &mut Tx, text: &str, after: (&str, Uuid), limit: i64) -> Result<Vec<InstitutionRow>, DbError> {
    let (name, id) = after;
    fetch_all!(
        tx,
        InstitutionRow,
        "select * from institution where (name like $1 escape '\\' or credit_code like $1 escape '\\')
         and (name > $2 or (name = $2 and id > $3)) order by name, id limit $4",
        containing(text),
        name,
        id,
        limit
    )
}
