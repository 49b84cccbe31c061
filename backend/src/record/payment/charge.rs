//! Charges: the fee of a matter becomes due, or is cancelled.

use domain::engine::flow::Party;
use domain::record::payment::OrderEvent;
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::db::payment::{ChargeRow, ChargeState};
use crate::matter::{FollowUp, LoadedMatter, MatterError};
use crate::record::payment::lock::lock_charges_of_order;
use crate::record::payment::order::apply_event;
use crate::state::AppState;

/// Makes the fee of a matter due. A fee of zero counts as paid: the command that says so is returned.
pub(crate) async fn charge(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<FollowUp>, MatterError> {
    let fee = matter.kind.fee.ok_or_else(|| MatterError::misconfigured(matter.kind.code, "fee"))?;
    let amount = app.tables().rules.on(app.today()).int(fee.amount);
    if amount <= 0 {
        return Ok(vec![FollowUp::new(matter.id, Party::Cashier, "paid", "")]);
    }
    let row = ChargeRow {
        id: Uuid::now_v7(),
        matter_id: matter.id,
        kind: matter.kind.code.to_owned(),
        title: matter.kind.title_for(&matter.answers),
        label: fee.label.to_owned(),
        amount,
        payer: (fee.payer)(&matter.answers),
        account_id: matter.owner,
        institution_id: matter.institution,
        state: ChargeState::Due,
        version: 1,
        created_at: app.now(),
        settled_at: None,
    };
    db::payment::insert_charge(tx, &row).await?;
    Ok(Vec::new())
}

/// Cancels the fee of a matter and the order that was to pay it. Returns the commands for the other matters of that order.
pub(crate) async fn cancel_charge(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<FollowUp>, MatterError> {
    let Some(charge) = db::payment::charge_by_matter(tx, matter.id).await? else {
        return Ok(Vec::new());
    };
    let live = db::payment::live_order_id(tx, charge.id).await?;
    if let Some(order) = live {
        lock_charges_of_order(tx, order).await?;
    }
    let Some(charge) = db::payment::lock_charge(tx, charge.id).await?.filter(|c| c.state == ChargeState::Due) else {
        return Ok(Vec::new());
    };
    db::payment::settle_charge(tx, charge.id, ChargeState::Cancelled, app.now()).await?;
    match live {
        Some(order) => Ok(apply_event(tx, app, order, &OrderEvent::Cancelled).await?.follow_ups),
        None => Ok(Vec::new()),
    }
}
