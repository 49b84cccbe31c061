//! Issuing: a certificate for a matter that was granted, in the transaction of the decision.

use chrono::NaiveDate;
use domain::record::certificate::{self, Grant, Status};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::secret::Place;
use crate::matter::{MatterError, Opened};
use crate::record::certificate::HOLDER;
use crate::state::AppState;

/// The first serial of certificates, as the trade's numbers begin.
const FIRST_SERIAL: i64 = 4_000_001;

/// Issues a certificate; the ones it outranks in its domain give way to it.
pub(crate) async fn issue(tx: &mut Tx, app: &AppState, opened: &Opened, grant: &Grant, today: NaiveDate) -> Result<(), MatterError> {
    let tables = app.tables();
    let serial = db::certificate::next(tx, "certificate", FIRST_SERIAL).await?;
    let owner = opened.row.owner_id;
    let earlier = db::certificate::of_account(tx, owner).await?;
    let first = earlier.iter().filter(|c| c.domain == grant.domain).map(|c| c.first_registered_on).min().unwrap_or(today);
    let id = Uuid::now_v7();
    let holder = crate::matter::name_of(app, tx, owner).await?;
    let terms = certificate::issued(&tables.rules, today);
    let mut row = db::certificate::Row {
        id,
        number: certificate::number(&tables.rules, today, grant, serial),
        account_id: owner,
        institution_id: opened.row.institution_id,
        matter_id: opened.row.id,
        category: grant.category.code().to_owned(),
        domain: grant.domain.to_owned(),
        grade: grant.grade.code().to_owned(),
        specialties: Json(grant.specialties.clone()),
        holder_sealed: app.keys.seal(Place::new(HOLDER, id), holder.as_bytes()),
        first_registered_on: first,
        issued_on: today,
        valid_until: terms.valid_until,
        confirm_due_on: terms.confirm_due_on,
        status: Status::Valid.code().to_owned(),
        superseded_by: None,
        published_on: Some(certificate::published_on(&tables.rules, today)),
        look_on: None,
        overdue_from: None,
    };
    row.look_on = row.held().and_then(|held| certificate::next_look(&held, today, tables.rules.on(today)));
    db::certificate::insert(tx, &row).await?;
    for old in earlier.iter().filter(|old| old.held().is_some_and(|held| held.gives_way_to(grant, today))) {
        // Someone else may have decided on the old one meanwhile; then this decision is made on what no longer is.
        if !db::certificate::supersede(tx, old.id, &old.status, id).await? {
            return Err(MatterError::Conflict);
        }
    }
    if let Some(institution) = opened.row.institution_id {
        db::institution::tie(tx, owner, institution, "practitioner", "active", today).await?;
    }
    Ok(())
}
