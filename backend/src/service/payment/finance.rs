//! What finance does: vouchers, money that goes back, invoices.

use chrono::NaiveDate;
use domain::base::money::Fen;
use domain::base::permission::Role;
use domain::record::payment::{Reason, Word};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::record::audit::audit;
use crate::service::payment::order::tell;
use crate::service::payment::{PayError, VOUCHER};
use crate::state::AppState;

/// What finance finds of a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The money is there.
    Accept,
    /// It is not, or the voucher is wrong, and why.
    Reject(String),
}

/// The most characters of a reason.
const NOTE_MAX: usize = 500;

/// Lets only finance through. The table of actions opened the page; this opens the command.
pub(crate) fn finance(who: &Allowed) -> Result<(), PayError> {
    if who.caller().roles.contains(&Role::Finance) { Ok(()) } else { Err(PayError::NotFound) }
}

/// Finds a voucher right or wrong. Found alike twice, it counts once.
pub async fn judge_voucher(app: &AppState, who: &Allowed, id: Uuid, verdict: Verdict) -> Result<(), PayError> {
    finance(who)?;
    let (owned, account, now) = (app.clone(), who.account(), app.now());
    if let Verdict::Reject(note) = &verdict
        && (note.is_empty() || note.chars().count() > NOTE_MAX)
    {
        return Err(PayError::NoNote);
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = db::payment::lock_order(tx, id).await?.filter(|o| o.gateway == VOUCHER).ok_or(PayError::NotFound)?;
                if row.account_id == account {
                    return Err(PayError::Own);
                }
                let done = match verdict {
                    Verdict::Accept => "paid",
                    Verdict::Reject(_) => "closed",
                };
                if row.state != "checking" {
                    return if row.state == done { Ok(()) } else { Err(PayError::Done) };
                }
                let word = match &verdict {
                    Verdict::Accept => Word::Paid(format!("V{}", row.number)),
                    Verdict::Reject(note) => {
                        db::payment::set_note(tx, id, note).await?;
                        Word::Refused
                    }
                };
                tell(tx, &owned, id, &word).await?;
                audit(tx, Some(account), &format!("payment.voucher_{done}"), &row.number, now).await?;
                Ok(())
            })
        })
        .await
}

/// Sends money back: through the gateway it came by, or, for a voucher, noted as sent by the bank.
pub async fn send_back(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), PayError> {
    finance(who)?;
    let (refund, order) = {
        let mut tx = app.db.read().await?;
        let refund = db::payment::refund(&mut tx, id).await?.ok_or(PayError::NotFound)?;
        let order = db::payment::order(&mut tx, refund.order_id).await?.ok_or(PayError::NotFound)?;
        (refund, order)
    };
    if refund.done_at.is_some() {
        return Ok(());
    }
    let (account, now) = (who.account(), app.now());
    if order.gateway != VOUCHER {
        let gateway = app.gateway.as_ref().filter(|g| g.code == order.gateway).ok_or(PayError::NoGateway)?;
        let reason = Reason::from_code(&refund.reason).map_or_else(String::new, |r| r.to_string());
        gateway.refund(&order.number, &id.simple().to_string(), Fen(refund.amount), &reason, now).await?;
    }
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if db::payment::refunded(tx, id, now).await? {
                    audit(tx, Some(account), "payment.refund", &order.number, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Notes the invoice that was made out for an order: its number of 20 digits, and its day.
pub async fn made_out(app: &AppState, who: &Allowed, id: Uuid, number: &str, on: NaiveDate) -> Result<(), PayError> {
    finance(who)?;
    let (number, account, now) = (number.to_owned(), who.account(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if db::payment::invoiced(tx, id, &number, on).await? == 1 {
                    audit(tx, Some(account), "payment.invoice", &id.to_string(), now).await?;
                    return Ok(());
                }
                let row = db::payment::order(tx, id).await?.ok_or(PayError::NotFound)?;
                if row.invoice_number.as_deref() == Some(number.as_str()) { Ok(()) } else { Err(PayError::Done) }
            })
        })
        .await
}
