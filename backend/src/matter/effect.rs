//! What decisions cause in the app, in their transaction.

use chrono::NaiveDate;
use domain::engine::flow::Effect;

use super::{Acted, MatterError, Opened, ties, transfer};
use crate::certificate::{extend, issue};
use crate::db::Tx;
use crate::payment;
use crate::state::AppState;

/// Carries out one effect. Gives what a command that followed from it came to.
pub(super) async fn carry_out(
    tx: &mut Tx,
    app: &AppState,
    opened: &Opened,
    effect: Effect,
    today: NaiveDate,
) -> Result<Option<Acted>, MatterError> {
    match effect {
        Effect::IssueCertificate => {
            let grant = (opened.kind.grants)(&opened.answers).ok_or(MatterError::Conflict)?;
            issue(tx, app, opened, &grant, today).await?;
            Ok(None)
        }
        Effect::ExtendCertificates => {
            let upkeep = opened.kind.upkeep.ok_or(MatterError::Conflict)?;
            extend(tx, app, opened, upkeep, today).await?;
            Ok(None)
        }
        Effect::Charge => payment::charge(tx, app, opened).await,
        Effect::DropCharge => payment::drop_charge(tx, app, opened).await.map(|()| None),
        Effect::Join(link) => transfer::join(tx, app, opened, link, today).await.map(|()| None),
        Effect::Reopen => ties::reopen(tx, app, opened).await.map(|()| None),
        // No kind in the list has these effects; the flow that brings one in brings its carrying out here.
        Effect::TakePlace | Effect::ReleasePlace | Effect::TieTeachers => Err(MatterError::Conflict),
    }
}
