//! Charges: the fee of a matter becomes due, is cancelled, or is refunded.

use domain::engine::flow::Party;
use domain::record::payment::{OrderEvent, RefundReason};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::db::payment::{ChargeRow, ChargeState};
use crate::matter::{FollowUp, LoadedMatter, MatterError};
use crate::record::payment::lock::lock_charges_of_order;
use crate::record::payment::order::{apply_event, queue_refund};
use crate::state::AppState;

/// Makes the fee of a matter due, by the rules of its first submission, which the applicant was shown. A fee of zero counts as paid: the
/// command that says so is returned.
pub(crate) async fn charge(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<FollowUp>, MatterError> {
    let fee = matter.kind.fee.ok_or_else(|| MatterError::misconfigured(matter.kind.code, "fee"))?;
    let amount = app.tables().rules.on(matter.applied_on(app)).int(fee.amount);
    if amount <= 0 {
        return Ok(vec![FollowUp::new(matter.id, Party::Cashier, "paid", "")]);
    }
    let row = ChargeRow {
        id: Uuid::now_v7(),
        matter_id: matter.id,
        matter_number: matter.number.clone(),
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

/// Ends the fee of a matter that closes. A due one is cancelled with the order that was to pay it; a paid one is refunded if the association
/// has not accepted the matter. Returns the commands for the other matters of that order.
pub(crate) async fn cancel_charge(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<FollowUp>, MatterError> {
    let Some(charge) = db::payment::charge_by_matter(tx, matter.id).await? else {
        return Ok(Vec::new());
    };
    match charge.state {
        ChargeState::Due => cancel_due(tx, app, &charge).await,
        ChargeState::Paid if !matter.state.accepted => {
            let reason = if matter.is_party(Party::Applicant) { RefundReason::Withdrawn } else { RefundReason::Lapsed };
            refund_paid(tx, app, &charge, reason).await.map(|()| Vec::new())
        }
        ChargeState::Paid | ChargeState::Cancelled => Ok(Vec::new()),
    }
}

async fn cancel_due(tx: &mut Tx, app: &AppState, charge: &ChargeRow) -> Result<Vec<FollowUp>, MatterError> {
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

/// Queues the refund of a paid charge. Its order is locked, so that a decision of finance on the order as it was is outdated.
async fn refund_paid(tx: &mut Tx, app: &AppState, charge: &ChargeRow, reason: RefundReason) -> Result<(), MatterError> {
    let order = db::payment::paid_order_id(tx, charge.id).await?.ok_or(MatterError::NotFound)?;
    db::payment::lock_charge(tx, charge.id).await?;
    let row = db::payment::lock_order(tx, order).await?.ok_or(MatterError::NotFound)?;
    let trade = db::receipt::settling_trade(tx, order).await?.ok_or(MatterError::NotFound)?;
    if db::payment::cancel_paid_charge(tx, charge.id, app.now()).await? {
        queue_refund(tx, app, &row, Some(charge), &trade, reason).await?;
    }
    Ok(())
}
