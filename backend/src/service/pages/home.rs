//! The home page of a signed-in person.

use chrono::NaiveDate;
use domain::base::permission::Role;
use domain::engine::flow::Party;
use domain::record::certificate::{HeldCertificate, Renewal, upcoming};

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::MatterSummary;
use crate::record::certificate::lookup::certificates_of;
use crate::record::certificate::renewal::open_renewals_of;
use crate::service::notice::{Notice, notices_in_tx};
use crate::service::own_matters::{own_open, own_tasks};
use crate::service::queue::{QueueOf, count_tasks};
use crate::state::AppState;

/// The home page of a signed-in person.
pub struct HomePage {
    /// Notices of the association, newest first.
    pub notices: Vec<Notice>,
    /// The person's own matters that wait for them.
    pub tasks: Vec<MatterSummary>,
    /// The person's own matters that are under way and wait for others, last changed first.
    pub under_way: Vec<MatterSummary>,
    /// Certificates of the person that can be renewed now, and are not being renewed.
    pub renewals: Vec<DueRenewal>,
    /// Evaluations that wait for the person; `None` for people who are no expert.
    pub evaluations: Option<i64>,
    /// Matters that wait for the person's institutions; `None` for people of no institution.
    pub institution_tasks: Option<i64>,
    /// Matters that wait for the person's roles in the association; `None` for people without one.
    pub association_tasks: Option<i64>,
}

/// A renewal that can be filed now.
pub struct DueRenewal {
    /// The certificate.
    pub certificate: HeldCertificate,
    /// Kind of renewal.
    pub renewal: Renewal,
    /// The day it is due.
    pub due_on: NaiveDate,
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
    let evaluations = match caller.roles.contains(&Role::Expert) {
        true => Some(db::task::count_of_person(tx, caller.account, &Party::Expert.code()).await?),
        false => None,
    };
    let tasks = own_tasks(tx, caller).await?;
    let mut under_way = own_open(tx, caller).await?;
    under_way.retain(|matter| tasks.iter().all(|task| task.id != matter.id));
    Ok(HomePage {
        notices: notices_in_tx(tx).await?,
        tasks,
        under_way,
        renewals: due_renewals(tx, app, caller).await?,
        evaluations,
        institution_tasks,
        association_tasks,
    })
}

/// For each certificate the renewal that can be filed now.
async fn due_renewals(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<Vec<DueRenewal>, DbError> {
    let certificates = certificates_of(tx, app, caller.account).await?;
    if certificates.is_empty() {
        return Ok(Vec::new());
    }
    let open = open_renewals_of(tx, caller.account).await?;
    let (tables, today) = (app.tables(), app.today());
    let held = certificates.into_iter().map(|certificate| certificate.held);
    let due = held.filter(|held| open.iter().all(|open| open.number != held.number)).filter_map(|certificate| {
        let can_be_filed = |renewal: Renewal| renewal.is_open(&certificate, today, tables.rules.on(today));
        let (renewal, due_on) = upcoming(&certificate).into_iter().find(|(renewal, _)| can_be_filed(*renewal))?;
        Some(DueRenewal { certificate, renewal, due_on })
    });
    Ok(due.collect())
}
