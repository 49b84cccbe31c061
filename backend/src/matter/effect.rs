//! What decisions cause in the house, in their transaction.

use chrono::{Days, Months, NaiveDate};
use domain::certificate::{self, Grant, Status};
use domain::flow::Effect;
use domain::rule::key;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Acted, MatterError, Opened};
use crate::db::{self, Tx};
use crate::house::House;
use crate::payment;
use crate::secret::Place;

/// Where the name on a certificate is sealed.
pub(crate) const HOLDER: &str = "certificate.holder_sealed";
/// The first serial of certificates, as the trade's numbers begin.
const FIRST_SERIAL: i64 = 4_000_001;

/// Carries out one effect. Gives what a command that followed from it came to.
pub(super) async fn carry_out(
    tx: &mut Tx,
    house: &House,
    opened: &Opened,
    effect: Effect,
    today: NaiveDate,
) -> Result<Option<Acted>, MatterError> {
    match effect {
        Effect::IssueCertificate => {
            let grant = (opened.kind.grants)(&opened.answers).ok_or(MatterError::Conflict)?;
            issue(tx, house, opened, &grant, today).await?;
            Ok(None)
        }
        Effect::Charge => payment::charge(tx, house, opened).await,
        Effect::DropCharge => payment::drop_charge(tx, house, opened).await.map(|()| None),
        // No kind in the list has these effects; the flow that brings one in brings its carrying out here.
        Effect::Join(_) | Effect::TakePlace | Effect::ReleasePlace | Effect::Reopen(_) | Effect::TieTeachers => Err(MatterError::Conflict),
    }
}

async fn issue(tx: &mut Tx, house: &House, opened: &Opened, grant: &Grant, today: NaiveDate) -> Result<(), MatterError> {
    let tables = house.tables();
    let serial = db::certificate::next(tx, "certificate", FIRST_SERIAL).await?;
    let owner = opened.row.owner_id;
    let earlier = db::certificate::of_account(tx, owner).await?;
    let first = earlier.iter().filter(|c| c.domain == grant.domain).map(|c| c.first_registered_on).min().unwrap_or(today);
    let id = Uuid::now_v7();
    let holder = house.name_of(tx, owner).await?;
    let months = u32::try_from(tables.rules.on(today).int(key::CERT_CONFIRM_MONTHS)).unwrap_or(12);
    let row = db::certificate::Row {
        id,
        number: certificate::number(&tables.rules, today, grant, serial),
        account_id: owner,
        institution_id: opened.row.institution_id,
        matter_id: opened.row.id,
        category: grant.category.code().to_owned(),
        domain: grant.domain.to_owned(),
        grade: grant.grade.code().to_owned(),
        specialties: Json(grant.specialties.clone()),
        holder_sealed: house.keys.seal(Place::new(HOLDER, id), holder.as_bytes()),
        first_registered_on: first,
        issued_on: today,
        valid_until: certificate::valid_until(&tables.rules, today),
        confirm_due_on: today.checked_add_months(Months::new(months)).and_then(|d| d.checked_sub_days(Days::new(1))).unwrap_or(today),
        status: Status::Valid.code().to_owned(),
    };
    db::certificate::insert(tx, &row).await?;
    if let Some(institution) = opened.row.institution_id {
        db::institution::tie(tx, owner, institution, "practitioner", "active", today).await?;
    }
    Ok(())
}
