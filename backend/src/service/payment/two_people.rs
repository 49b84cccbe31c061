//! Payments that two people handle: refunds and vouchers from a sum of the rule table, and vouchers that were used before.

use chrono::{DateTime, Utc};
use domain::base::identity::fold_name;
use domain::base::rule::key;
use domain::record::payment::Voucher;
use uuid::Uuid;

use crate::infra::db::payment::OrderRow;
use crate::infra::db::{self, DbError, Tx};
use crate::record::audit::audit;
use crate::service::payment::PaymentError;
use crate::state::AppState;

pub use crate::infra::db::two_people::RepeatedMark;

/// Whose turn it is when two people handle a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// One person suffices, or the first one was another: carry it out.
    Last,
    /// The caller was the first of two: nothing is carried out yet.
    First,
}

/// Records the fingerprints of a voucher, by which a second use is found.
pub(crate) async fn mark_voucher(tx: &mut Tx, app: &AppState, order: Uuid, voucher: &Voucher) -> Result<(), DbError> {
    let number = fold_name(&voucher.remittance_no);
    if !number.is_empty() {
        db::two_people::insert_mark(tx, order, "number", &app.keys.mac(&[b"voucher.number", number.as_bytes()])).await?;
    }
    for file in &voucher.files {
        if let Some(row) = db::file::by_id(tx, file.file).await? {
            db::two_people::insert_mark(tx, order, "file", &app.keys.mac(&[b"voucher.file", &row.sha256])).await?;
        }
    }
    Ok(())
}

/// Accepts a voucher as the first or the last person.
///
/// # Errors
/// [`PaymentError::SamePerson`] for the same person again.
pub(crate) async fn check_voucher(tx: &mut Tx, app: &AppState, order: &OrderRow, account: Uuid) -> Result<Turn, PaymentError> {
    let large = order.amount >= app.tables().rules.on(app.today()).int(key::VOUCHER_TWO_PEOPLE_FEN);
    if !large && db::two_people::list_repeated(tx, order.id).await?.is_empty() {
        return Ok(Turn::Last);
    }
    match db::two_people::first_checker(tx, order.id).await? {
        Some(first) if first == account => Err(PaymentError::SamePerson),
        Some(_) => Ok(Turn::Last),
        None if db::two_people::set_first_checker(tx, order.id, account, app.now()).await? => {
            audit(tx, app, Some(account), "payment.voucher_checked", &order.number).await?;
            Ok(Turn::First)
        }
        None => Err(PaymentError::AlreadyDone),
    }
}

/// Approves a refund as the first or the last person. The order's payer takes no part.
///
/// # Errors
/// [`PaymentError::OwnPayment`], and [`PaymentError::SamePerson`] for the same person again.
pub(crate) async fn approve_refund(
    tx: &mut Tx,
    app: &AppState,
    refund: Uuid,
    amount: i64,
    order: &OrderRow,
    (account, now): (Uuid, DateTime<Utc>),
) -> Result<Turn, PaymentError> {
    if order.account_id == account {
        return Err(PaymentError::OwnPayment);
    }
    if amount < app.tables().rules.on(app.today()).int(key::REFUND_TWO_PEOPLE_FEN) {
        return Ok(Turn::Last);
    }
    match db::two_people::first_approver(tx, refund).await? {
        Some(first) if first == account => Err(PaymentError::SamePerson),
        Some(_) => Ok(Turn::Last),
        None if db::two_people::set_first_approver(tx, refund, account, now).await? => {
            audit(tx, app, Some(account), "payment.refund_approved", &order.number).await?;
            Ok(Turn::First)
        }
        None => Err(PaymentError::AlreadyDone),
    }
}
