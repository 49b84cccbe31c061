//! What decisions cause in the app, in their transaction.

use chrono::NaiveDate;
use domain::engine::flow::{Command, Effect, Hat, Stage};

use crate::infra::db::{self, Tx};
use crate::matter::{MatterError, Opened};
use crate::record::certificate::issue::issue;
use crate::record::certificate::renewal::extend;
use crate::service::payment;
use crate::state::AppState;
use crate::workflow::execute::{Acted, act_for_house};
use crate::workflow::transfer;

/// Carries out one effect. Gives what a command that followed from it came to.
pub(crate) async fn carry_out(
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
        Effect::Reopen => reopen(tx, app, opened).await.map(|()| None),
        // No kind in the list has these effects; the flow that brings one in brings its carrying out here.
        Effect::TakePlace | Effect::ReleasePlace | Effect::TieTeachers => Err(MatterError::Conflict),
    }
}

/// Opens the matter again whose decision was disputed, by the move its closed stage has for that.
async fn reopen(tx: &mut Tx, app: &AppState, appeal: &Opened) -> Result<(), MatterError> {
    let gone = || MatterError::Hindered("原业务已不在可以重新办理的状态，请核对后再决定".to_owned());
    let disputed = db::tie::disputed_by(tx, appeal.row.id).await?.ok_or_else(gone)?;
    let row = db::matter::by_id(tx, disputed).await?.ok_or_else(gone)?;
    let stage = domain::kind::by_code(&row.kind).and_then(|k| k.flow.stage(&row.stage));
    let reopening = stage.and_then(Stage::reopening).ok_or_else(gone)?;
    let command = Command { name: reopening.command.to_owned(), ..Command::default() };
    act_for_house(tx, app, Hat::Appeal, disputed, command).await?;
    Ok(())
}
