//! Practice institutions of a person, present and past.

use chrono::NaiveDate;

use crate::access::guard::Allowed;
use crate::infra::db::institution::MembershipRow;
use crate::infra::db::{self, DbError};
use crate::state::AppState;

/// Present and past practice institutions of a person.
pub struct PracticeHistory {
    /// Names of the present institutions, with the state of those that are not active.
    pub institutions: Vec<String>,
    /// Transfers, newest first.
    pub transfers: Vec<PastTransfer>,
}

/// A transfer to another institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastTransfer {
    /// Name of 转出机构.
    pub from: String,
    /// Name of 转入机构.
    pub to: String,
    /// Effective day.
    pub effective_on: NaiveDate,
}

/// Practice history of the caller.
pub async fn practice_history(app: &AppState, who: &Allowed) -> Result<PracticeHistory, DbError> {
    let mut tx = app.db.read().await?;
    let memberships = db::institution::list_memberships(&mut tx, who.account()).await?;
    let active = memberships.into_iter().filter(MembershipRow::is_active_practice);
    let named = |m: MembershipRow| match m.institution_state.permits_new() {
        true => m.institution_name,
        false => format!("{}（{}）", m.institution_name, m.institution_state.label()),
    };
    let institutions = active.map(named).collect();
    let transfers = db::transfer::list_of_account(&mut tx, who.account()).await?;
    let transfers =
        transfers.into_iter().map(|t| PastTransfer { from: t.from_name, to: t.to_name, effective_on: t.effective_on }).collect();
    Ok(PracticeHistory { institutions, transfers })
}
