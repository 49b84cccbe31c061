//! Order events, with everything that follows from them in the same transaction.

use domain::engine::flow::Party;
use domain::record::payment::{OrderEvent, OrderState, RefundReason};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::Tx;
use crate::infra::db::payment::{ChargeRow, ChargeState};
use crate::matter::{FollowUp, MatterError};
use crate::record::payment::lock::lock_matters_of_order;
use crate::record::payment::order::{PaidOrder, apply_event, queue_refund};
use crate::state::AppState;
use crate::workflow::execute::execute_as_system;

/// Result of an order event.
pub(crate) struct EventOutcome {
    /// The new state of the order.
    pub state: OrderState,
    /// Whether the order has to be closed at the gateway.
    pub close_at_gateway: bool,
}

/// Applies an event to an order and moves its matters on.
pub(crate) async fn apply_and_follow(tx: &mut Tx, app: &AppState, order: Uuid, event: &OrderEvent) -> Result<EventOutcome, MatterError> {
    lock_matters_of_order(tx, order).await?;
    let applied = apply_event(tx, app, order, event).await?;
    if let Some(paid) = &applied.paid {
        settle(tx, app, paid).await?;
    }
    for follow_up in applied.follow_ups {
        execute_as_system(tx, app, follow_up).await?;
    }
    Ok(EventOutcome { state: applied.state, close_at_gateway: applied.close_at_gateway })
}

/// Settles the charges of a paid order: as paid where the matter accepts the payment, and with a refund where it is no longer due.
async fn settle(tx: &mut Tx, app: &AppState, paid: &PaidOrder) -> Result<(), MatterError> {
    for charge in &paid.charges {
        if accepts_payment(tx, app, charge).await? {
            db::payment::settle_charge(tx, charge.id, ChargeState::Paid, app.now()).await?;
        } else {
            db::payment::settle_charge(tx, charge.id, ChargeState::Cancelled, app.now()).await?;
            queue_refund(tx, app, &paid.row, Some(charge), &paid.trade, RefundReason::NotDue).await?;
        }
    }
    Ok(())
}

/// Moves the matter of a charge on to its next stage. False if the charge is not due, or the matter has moved on without the payment.
async fn accepts_payment(tx: &mut Tx, app: &AppState, charge: &ChargeRow) -> Result<bool, MatterError> {
    if charge.state != ChargeState::Due {
        return Ok(false);
    }
    match execute_as_system(tx, app, FollowUp::new(charge.matter_id, Party::Cashier, "paid", "")).await {
        Ok(_) => Ok(true),
        Err(MatterError::NotEditable | MatterError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
