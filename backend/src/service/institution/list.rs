//! Institutions as administrators of the association see them.

use chrono::{DateTime, Utc};
use domain::record::institution::{InstitutionContact, InstitutionKinds, InstitutionState};
use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::{self, DbError};
use crate::record::institution::contact_of;
use crate::service::institution::state::reason_of;
use crate::state::AppState;

/// Institutions on one page.
const PAGE: usize = 50;

/// An institution in a list.
#[derive(Debug, Clone)]
pub struct InstitutionSummary {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// 批准书或备案编号.
    pub approval_no: String,
    /// Its kinds.
    pub kinds: InstitutionKinds,
    /// Its state.
    pub state: InstitutionState,
}

/// One page of institutions.
pub struct InstitutionList {
    /// The institutions.
    pub institutions: Vec<InstitutionSummary>,
    /// Where the next page begins.
    pub next: Option<(String, Uuid)>,
}

/// A change of the state of an institution.
pub struct StateChange {
    /// The state that it was set to.
    pub state: InstitutionState,
    /// The reason.
    pub reason: String,
    /// Name of the administrator.
    pub by: String,
    /// When it was set.
    pub at: DateTime<Utc>,
}

/// An institution with what administrators need of it.
pub struct InstitutionDetail {
    /// The institution.
    pub summary: InstitutionSummary,
    /// Contact data; none for one that was entered without.
    pub contact: Option<InstitutionContact>,
    /// The matter by which it was registered.
    pub matter: Option<Uuid>,
    /// Number of its active users.
    pub users: usize,
    /// Number of the people who practise there.
    pub people: usize,
    /// Number of matters that wait for it.
    pub waiting: usize,
    /// Changes of its state, newest first.
    pub changes: Vec<StateChange>,
}

impl From<&InstitutionRow> for InstitutionSummary {
    fn from(row: &InstitutionRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            credit_code: row.credit_code.clone(),
            approval_no: row.approval_no.clone(),
            kinds: row.kinds(),
            state: row.state,
        }
    }
}

/// Institutions whose name or credit code contains a text.
pub async fn list_institutions(app: &AppState, text: &str, after: Option<(String, Uuid)>) -> Result<InstitutionList, DbError> {
    let mut tx = app.db.read().await?;
    let (name, id) = after.unwrap_or_default();
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = db::institution_state::list(&mut tx, text, (&name, id), limit).await?;
    let are_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| are_more).map(|row| (row.name.clone(), row.id));
    Ok(InstitutionList { institutions: rows.iter().map(InstitutionSummary::from).collect(), next })
}

/// One institution; none if there is no such institution.
pub async fn institution_detail(app: &AppState, id: Uuid) -> Result<Option<InstitutionDetail>, DbError> {
    let mut tx = app.db.read().await?;
    let Some(row) = db::institution::by_id(&mut tx, id).await? else { return Ok(None) };
    let mut changes = Vec::new();
    for change in db::institution_state::list_changes(&mut tx, id).await? {
        let by = person_name(app, &mut tx, change.changed_by).await?;
        changes.push(StateChange { state: change.state, reason: reason_of(&app.keys, &change)?, by, at: change.changed_at });
    }
    Ok(Some(InstitutionDetail {
        summary: InstitutionSummary::from(&row),
        contact: contact_of(&app.keys, &row)?,
        matter: row.matter_id,
        users: db::institution::list_users(&mut tx, id).await?.len(),
        people: db::institution_user::list_practitioners(&mut tx, id).await?.len(),
        waiting: db::task::list_matters_in_turn_of(&mut tx, id).await?.len(),
        changes,
    }))
}
