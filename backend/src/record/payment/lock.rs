//! The rows a payment locks: matters first, then charges, then orders, each by id. Every payment and every command of a matter keeps this
//! sequence, so that none waits for another in a circle.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::infra::db::payment::ChargeRow;
use crate::infra::db::{self, DbError, Tx};

/// Locks the matters of an order, before its event moves them on.
pub(crate) async fn lock_matters_of_order(tx: &mut Tx, order: Uuid) -> Result<(), DbError> {
    let charges = db::payment::list_charges(tx, order).await?;
    lock_matters(tx, &charges).await
}

/// Locks the charges of an order, and returns them.
pub(crate) async fn lock_charges_of_order(tx: &mut Tx, order: Uuid) -> Result<Vec<ChargeRow>, DbError> {
    let mut locked = Vec::new();
    for charge in db::payment::list_charges(tx, order).await? {
        locked.extend(db::payment::lock_charge(tx, charge.id).await?);
    }
    Ok(locked)
}

/// Locks charges and those that their live orders pay as well, with the matters of all of them.
///
/// # Errors
/// [`DbError::Serialization`] if another payment began meanwhile; the transaction is tried again.
pub(crate) async fn lock_charges(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<(), DbError> {
    let charges = paid_together(tx, ids).await?;
    lock_matters(tx, &charges).await?;
    let before: BTreeSet<Uuid> = charges.iter().map(|charge| charge.id).collect();
    for id in &before {
        db::payment::lock_charge(tx, *id).await?;
    }
    let now: BTreeSet<Uuid> = paid_together(tx, ids).await?.iter().map(|charge| charge.id).collect();
    if now.is_subset(&before) { Ok(()) } else { Err(tx.give_way()) }
}

async fn lock_matters(tx: &mut Tx, charges: &[ChargeRow]) -> Result<(), DbError> {
    let matters: BTreeSet<Uuid> = charges.iter().map(|charge| charge.matter_id).collect();
    for matter in matters {
        db::matter::lock(tx, matter).await?;
    }
    Ok(())
}

/// These charges, and those of their live orders.
async fn paid_together(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<Vec<ChargeRow>, DbError> {
    let mut charges = Vec::new();
    for id in ids {
        charges.extend(db::payment::charge_by_id(tx, *id).await?);
        if let Some(order) = db::payment::live_order_id(tx, *id).await? {
            charges.extend(db::payment::list_charges(tx, order).await?);
        }
    }
    Ok(charges)
}
