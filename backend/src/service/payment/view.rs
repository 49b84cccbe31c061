//! What the cash desk shows.

use domain::record::payment::{Invoice, State, Voucher};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::payment::{Charge, Order};
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::Place;
use crate::matter::Opened;
use crate::service::payment::PayError;
use crate::service::payment::finance::finance;
use crate::service::payment::order::{INVOICE_PLACE, VOUCHER_PLACE};
use crate::state::AppState;
use crate::workflow::files::Download;

/// An order, with what is sealed in it opened.
pub struct OrderView {
    /// The order.
    pub row: Order,
    /// How it stands.
    pub state: State,
    /// What was paid elsewhere.
    pub voucher: Option<Voucher>,
    /// The invoice that is wanted.
    pub invoice: Option<Invoice>,
    /// What it pays for.
    pub charges: Vec<Charge>,
}

/// What a matter costs, and what was done to pay it, newest first.
pub struct Charged {
    /// The charge.
    pub charge: Charge,
    /// Its orders.
    pub orders: Vec<OrderView>,
}

/// Money that goes back.
pub struct RefundView {
    /// The refund.
    pub row: db::payment::Refund,
    /// The order it came in for.
    pub order: OrderView,
}

/// What a matter costs; none if nothing was ever asked for it.
pub async fn charged(app: &AppState, opened: &Opened) -> Result<Option<Charged>, DbError> {
    let mut tx = app.db.read().await?;
    let Some(charge) = db::payment::charge_of(&mut tx, opened.row.id).await? else {
        return Ok(None);
    };
    let rows = db::payment::orders_of(&mut tx, charge.id).await?;
    let orders = views(app, &mut tx, rows).await?;
    Ok(Some(Charged { charge, orders }))
}

/// What an institution is left to pay, with the names of whom it pays for; and its orders.
pub async fn institution_bills(app: &AppState, who: &Allowed) -> Result<(Vec<(Charge, String, bool)>, Vec<OrderView>), DbError> {
    let mut tx = app.db.read().await?;
    let (mut due, mut orders) = (Vec::new(), Vec::new());
    for (institution, _) in &who.caller().desks {
        for charge in db::payment::due_of_institution(&mut tx, *institution).await? {
            let name = crate::matter::name_of(app, &mut tx, charge.account_id).await?;
            let live = match db::payment::live_order(&mut tx, charge.id).await? {
                Some((id,)) => db::payment::order(&mut tx, id).await?.is_some_and(|o| o.state == "checking"),
                None => false,
            };
            due.push((charge, name, live));
        }
        let rows = db::payment::orders_of_institution(&mut tx, *institution).await?;
        orders.extend(views(app, &mut tx, rows).await?);
    }
    Ok((due, orders))
}

/// Vouchers to check.
pub async fn vouchers(app: &AppState, who: &Allowed) -> Result<Vec<OrderView>, PayError> {
    finance(who)?;
    let mut tx = app.db.read().await?;
    let rows = db::payment::checking(&mut tx).await?;
    Ok(views(app, &mut tx, rows).await?)
}

/// Invoices to make out.
pub async fn invoices(app: &AppState, who: &Allowed) -> Result<Vec<OrderView>, PayError> {
    finance(who)?;
    let mut tx = app.db.read().await?;
    let rows = db::payment::to_invoice(&mut tx).await?;
    Ok(views(app, &mut tx, rows).await?)
}

/// Money that is to go back.
pub async fn refunds(app: &AppState, who: &Allowed) -> Result<Vec<RefundView>, PayError> {
    finance(who)?;
    let mut tx = app.db.read().await?;
    let mut refunds = Vec::new();
    for row in db::payment::refunds(&mut tx).await? {
        if let Some(order) = db::payment::order(&mut tx, row.order_id).await? {
            let order = view(app, &mut tx, order).await?;
            refunds.push(RefundView { row, order });
        }
    }
    Ok(refunds)
}

/// A slip of a voucher: for finance, and for whoever paid.
pub async fn slip(app: &AppState, who: &Allowed, order: Uuid, file: Uuid) -> Result<Download, PayError> {
    let (view, kept) = {
        let mut tx = app.db.read().await?;
        let row = db::payment::order(&mut tx, order).await?.ok_or(PayError::NotFound)?;
        let desk = |id: &Uuid| who.caller().desks.iter().any(|(d, _)| d == id);
        if finance(who).is_err() && row.account_id != who.account() && !row.institution_id.as_ref().is_some_and(desk) {
            return Err(PayError::NotFound);
        }
        let view = view(app, &mut tx, row).await?;
        (view, db::file::by_id(&mut tx, file).await?.ok_or(PayError::NotFound)?)
    };
    let slip = view.voucher.iter().flat_map(|v| &v.files).find(|f| f.file == file).ok_or(PayError::NotFound)?;
    let bytes = app.files.read(&kept.sha256).await.map_err(crate::matter::MatterError::from)?;
    Ok(Download { name: slip.name.clone(), mime: kept.mime, bytes })
}

async fn views(app: &AppState, tx: &mut Tx, rows: Vec<Order>) -> Result<Vec<OrderView>, DbError> {
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(view(app, tx, row).await?);
    }
    Ok(views)
}

async fn view(app: &AppState, tx: &mut Tx, row: Order) -> Result<OrderView, DbError> {
    let charges = db::payment::charges_of(tx, row.id).await?;
    let unreadable = |column: &'static str| move |_| DbError::Unreadable(column.into());
    let voucher = row.voucher_sealed.as_deref().map(|s| app.keys.open_json(Place::new(VOUCHER_PLACE, row.id), s));
    let invoice = row.invoice_sealed.as_deref().map(|s| app.keys.open_json(Place::new(INVOICE_PLACE, row.id), s));
    Ok(OrderView {
        state: State::from_code(&row.state),
        voucher: voucher.transpose().map_err(unreadable(VOUCHER_PLACE))?,
        invoice: invoice.transpose().map_err(unreadable(INVOICE_PLACE))?,
        charges,
        row,
    })
}
