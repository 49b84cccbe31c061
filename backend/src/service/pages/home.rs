//! The home page of a signed-in person.

use domain::base::permission::Role;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{DbError, Tx};
use crate::matter::MatterSummary;
use crate::service::matters::own_tasks;
use crate::service::notice::{Notice, notices_in_tx};
use crate::service::queue::{QueueOf, count_tasks};
use crate::state::AppState;

/// The home page of a signed-in person.
pub struct HomePage {
    /// Notices of the association, newest first.
    pub notices: Vec<Notice>,
    /// The person's own matters that wait for them.
    pub tasks: Vec<MatterSummary>,
    /// Matters that wait for the person's institutions; `None` for people of no institution.
    pub institution_tasks: Option<i64>,
    /// Matters that wait for the person's roles in the association; `None` for people without one.
    pub association_tasks: Option<i64>,
}

/// Reads the home page of the caller.
pub async fn home_page(app: &AppState, who: &Allowed) -> Result<HomePage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_home_page(&mut tx, app, who.caller()).await;
    tx.finish().await?;
    page
}

async fn read_home_page(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<HomePage, DbError> {
    let institution_tasks = match caller.institutions.is_empty() {
        true => None,
        false => Some(count_tasks(tx, app, caller, QueueOf::Institutions).await?),
    };
    let association_tasks = match caller.roles.iter().copied().any(Role::is_staff) {
        true => Some(count_tasks(tx, app, caller, QueueOf::Association).await?),
        false => None,
    };
    Ok(HomePage { notices: notices_in_tx(tx).await?, tasks: own_tasks(tx, caller).await?, institution_tasks, association_tasks })
}
