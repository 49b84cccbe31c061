//! Read models of payments.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::base::money::Fen;
use domain::base::permission::UserRole;
use domain::engine::form::stored_name;
use domain::record::payment::{Invoice, OrderState, Payer, RefundReason, Voucher, charge_number};
use uuid::Uuid;

use crate::access::access_log::{Access, record_access};
use crate::access::account::lookup::person_name;
use crate::access::guard::{Allowed, Caller};
pub use crate::infra::db::payment::ChargeState;
use crate::infra::db::payment::{ChargeRow, OrderRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::payment::order::order_note;
use crate::service::payment::PaymentError;
use crate::service::payment::finance::{refund_version, require_finance};
use crate::service::payment::order::{INVOICE_COLUMN, VOUCHER_COLUMN, charge_seen};
use crate::service::payment::received::{MoneyUsage, ReceiptView, receipts_of};
use crate::state::AppState;
use crate::workflow::files::Download;

/// A charge: the fee of one matter.
#[derive(Debug, Clone)]
pub struct ChargeView {
    /// Id of the charge.
    pub id: Uuid,
    /// The matter.
    pub matter: Uuid,
    /// 业务编号 of the matter.
    pub matter_number: Option<String>,
    /// Name of the fee: 注册费.
    pub label: String,
    /// Title of the matter when the charge was made.
    pub title: String,
    /// Amount.
    pub amount: Fen,
    /// 缴费方式.
    pub payer: Payer,
    /// State of the charge.
    pub state: ChargeState,
    /// 缴费编号: the remark of a bank transfer for it.
    pub number: String,
    /// When it became due.
    pub created_at: DateTime<Utc>,
    /// What its payer sees of it, as a post names it.
    pub seen: String,
}

/// An order with its unsealed data.
pub struct OrderView {
    /// Id of the order.
    pub id: Uuid,
    /// Order number.
    pub number: String,
    /// The institution that pays; none if the applicant does.
    pub institution: Option<Uuid>,
    /// Amount.
    pub amount: Fen,
    /// State of the order.
    pub state: OrderState,
    /// Version of the order, which a decision of finance names.
    pub version: i64,
    /// When the order was made.
    pub created_at: DateTime<Utc>,
    /// When it was paid or closed.
    pub ended_at: Option<DateTime<Utc>>,
    /// Finance's reason for rejecting the voucher; empty otherwise.
    pub note: String,
    /// The voucher of a bank transfer.
    pub voucher: Option<Voucher>,
    /// The requested invoice.
    pub invoice: Option<Invoice>,
    /// Number of the issued invoice.
    pub invoice_number: Option<String>,
    /// Date of the issued invoice.
    pub invoice_on: Option<NaiveDate>,
    /// Charges of the order.
    pub charges: Vec<ChargeView>,
    /// What arrived for it, and where it goes.
    pub receipts: Vec<ReceiptView>,
}

impl OrderView {
    /// What arrived for it and pays a charge: what an invoice is issued for.
    pub fn paid_amount(&self) -> Fen {
        let parts = self.receipts.iter().flat_map(|receipt| &receipt.parts);
        Fen(parts.filter(|part| matches!(part.usage, MoneyUsage::Pays)).map(|part| part.amount.0).sum())
    }
}

/// The charge of a matter and its orders, newest first.
pub struct MatterPayment {
    /// The charge.
    pub charge: ChargeView,
    /// Its orders.
    pub orders: Vec<OrderView>,
}

/// A due charge that an institution pays.
pub struct InstitutionBill {
    /// The charge.
    pub charge: ChargeView,
    /// Name of the applicant.
    pub applicant: String,
    /// Whether finance is checking a voucher for it.
    pub voucher_in_review: bool,
}

/// What an institution has to pay, and its orders.
pub struct InstitutionBills {
    /// Due charges.
    pub due: Vec<InstitutionBill>,
    /// Its orders, newest first.
    pub orders: Vec<OrderView>,
}

/// A refund with its order.
pub struct RefundView {
    /// Id of the refund.
    pub id: Uuid,
    /// The trade by which the money arrived.
    pub trade: String,
    /// Amount.
    pub amount: Fen,
    /// Reason of the refund.
    pub reason: RefundReason,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// Version of the refund, which a decision of finance names.
    pub version: i64,
    /// The order that was paid.
    pub order: OrderView,
}

/// The charge of a matter, if it ever had one.
pub async fn charge_of_matter(app: &AppState, matter: &LoadedMatter) -> Result<Option<MatterPayment>, DbError> {
    let mut tx = app.db.read().await?;
    payment_of_matter(&mut tx, app, matter).await
}

/// The charge of a matter, if it ever had one.
pub(crate) async fn payment_of_matter(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<MatterPayment>, DbError> {
    let Some(charge) = db::payment::charge_by_matter(tx, matter.id).await? else {
        return Ok(None);
    };
    let rows = db::payment::list_orders(tx, charge.id).await?;
    let orders = order_views(app, tx, rows).await?;
    Ok(Some(MatterPayment { charge: charge_view(tx, charge).await?, orders }))
}

/// What the caller's institutions have to pay, and their orders.
pub async fn institution_bills(app: &AppState, who: &Allowed) -> Result<InstitutionBills, DbError> {
    let mut tx = app.db.read().await?;
    bills_of(&mut tx, app, who.caller()).await
}

/// What the institutions of a caller have to pay, and their orders.
pub(crate) async fn bills_of(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<InstitutionBills, DbError> {
    let mut bills = InstitutionBills { due: Vec::new(), orders: Vec::new() };
    for (institution, _) in caller.institutions_as(UserRole::Finance) {
        for charge in db::payment::list_due_of_institution(tx, *institution).await? {
            let applicant = person_name(app, tx, charge.account_id).await?;
            let voucher = db::payment::last_voucher(tx, charge.id).await?;
            let voucher_in_review = voucher.is_some_and(|(_, state)| state == OrderState::Checking.code());
            bills.due.push(InstitutionBill { charge: charge_view(tx, charge).await?, applicant, voucher_in_review });
        }
        let rows = db::payment::list_orders_of_institution(tx, *institution).await?;
        bills.orders.extend(order_views(app, tx, rows).await?);
    }
    Ok(bills)
}

/// Orders whose voucher is to be checked.
pub async fn vouchers_to_check(app: &AppState, who: &Allowed) -> Result<Vec<OrderView>, PaymentError> {
    require_finance(who)?;
    let mut tx = app.db.read().await?;
    Ok(vouchers_to_check_in_tx(&mut tx, app).await?)
}

/// Orders whose voucher is to be checked.
pub(crate) async fn vouchers_to_check_in_tx(tx: &mut Tx, app: &AppState) -> Result<Vec<OrderView>, DbError> {
    let rows = db::payment::list_vouchers_to_check(tx).await?;
    order_views(app, tx, rows).await
}

/// Orders whose invoice is to be issued.
pub async fn invoices_to_issue(app: &AppState, who: &Allowed) -> Result<Vec<OrderView>, PaymentError> {
    require_finance(who)?;
    let mut tx = app.db.read().await?;
    Ok(invoices_to_issue_in_tx(&mut tx, app).await?)
}

/// Orders whose invoice is to be issued.
pub(crate) async fn invoices_to_issue_in_tx(tx: &mut Tx, app: &AppState) -> Result<Vec<OrderView>, DbError> {
    let rows = db::payment::list_invoices_to_issue(tx).await?;
    let mut orders = order_views(app, tx, rows).await?;
    orders.retain(|order| order.paid_amount() > Fen(0));
    Ok(orders)
}

/// Pending refunds.
pub async fn open_refunds(app: &AppState, who: &Allowed) -> Result<Vec<RefundView>, PaymentError> {
    require_finance(who)?;
    let mut tx = app.db.read().await?;
    Ok(open_refunds_in_tx(&mut tx, app).await?)
}

/// Pending refunds.
pub(crate) async fn open_refunds_in_tx(tx: &mut Tx, app: &AppState) -> Result<Vec<RefundView>, DbError> {
    let mut refunds = Vec::new();
    for row in db::receipt::list_open_refunds(tx).await? {
        if let Some(order) = db::payment::order_by_id(tx, row.order_id).await? {
            let approved = db::two_people::first_approver(tx, row.id).await?.is_some();
            let version = refund_version(&order, approved);
            let order = order_view(app, tx, order).await?;
            let amount = Fen(row.amount);
            refunds.push(RefundView {
                id: row.id,
                trade: row.trade,
                amount,
                reason: row.reason,
                created_at: row.created_at,
                version,
                order,
            });
        }
    }
    Ok(refunds)
}

/// A file of a voucher, for finance and for the payer.
pub async fn voucher_file(app: &AppState, who: &Allowed, order: Uuid, file: Uuid) -> Result<Download, PaymentError> {
    let (order, stored, is_payer) = {
        let mut tx = app.db.read().await?;
        let row = db::payment::order_by_id(&mut tx, order).await?.ok_or(PaymentError::NotFound)?;
        let pays_for = |id: Uuid| who.caller().has_user_role(id, UserRole::Finance);
        let is_payer = row.account_id == who.account() || row.institution_id.is_some_and(pays_for);
        if !is_payer && require_finance(who).is_err() {
            return Err(PaymentError::NotFound);
        }
        let order = order_view(app, &mut tx, row).await?;
        (order, db::file::by_id(&mut tx, file).await?.ok_or(PaymentError::NotFound)?, is_payer)
    };
    let voucher = order.voucher.iter().flat_map(|v| &v.files).find(|f| f.file == file).ok_or(PaymentError::NotFound)?;
    let bytes = app.files.read(&stored.sha256).await.map_err(MatterError::from)?;
    if !is_payer {
        record_access(app, Some(who.account()), Access::VoucherDownloaded, None, &file.to_string());
    }
    Ok(Download { name: stored_name(&voucher.name, &stored.mime), mime: stored.mime, bytes })
}

async fn order_views(app: &AppState, tx: &mut Tx, rows: Vec<OrderRow>) -> Result<Vec<OrderView>, DbError> {
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(order_view(app, tx, row).await?);
    }
    Ok(views)
}

async fn order_view(app: &AppState, tx: &mut Tx, row: OrderRow) -> Result<OrderView, DbError> {
    let mut charges = Vec::new();
    let rows = db::payment::list_charges(tx, row.id).await?;
    let receipts = receipts_of(tx, row.id, &rows).await?;
    for charge in rows {
        charges.push(charge_view(tx, charge).await?);
    }
    let note = order_note(&app.keys, &row)?;
    let unreadable = |column: &'static str| move |_| DbError::Unreadable(column.into());
    let voucher = row.voucher_sealed.as_deref().map(|s| app.keys.unseal_json(SealContext::new(VOUCHER_COLUMN, row.id), s));
    let invoice = row.invoice_sealed.as_deref().map(|s| app.keys.unseal_json(SealContext::new(INVOICE_COLUMN, row.id), s));
    Ok(OrderView {
        id: row.id,
        number: row.number,
        institution: row.institution_id,
        amount: Fen(row.amount),
        state: row.state,
        version: row.version,
        created_at: row.created_at,
        ended_at: row.ended_at,
        note,
        voucher: voucher.transpose().map_err(unreadable(VOUCHER_COLUMN))?,
        invoice: invoice.transpose().map_err(unreadable(INVOICE_COLUMN))?,
        invoice_number: row.invoice_number,
        invoice_on: row.invoice_on,
        charges,
        receipts,
    })
}

async fn charge_view(tx: &mut Tx, row: ChargeRow) -> Result<ChargeView, DbError> {
    Ok(ChargeView {
        seen: charge_seen(tx, &row).await?,
        number: charge_number(row.id, day_of(row.created_at)),
        matter_number: row.matter_number,
        id: row.id,
        matter: row.matter_id,
        label: row.label,
        title: row.title,
        amount: Fen(row.amount),
        payer: row.payer,
        state: row.state,
        created_at: row.created_at,
    })
}
