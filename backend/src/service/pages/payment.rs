//! Pages of payments: the fee of a matter, the bills of institutions, and the workbench of finance.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::record::payment::BankAccount;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::two_people::RepeatedMark;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::context::OwnedMatterContext;
use crate::matter::load::load_in_tx;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::form_draft::{OpenDrafts, voucher_drafts_in_tx};
use crate::service::payment::PaymentError;
use crate::service::payment::finance::require_finance;
use crate::service::payment::view::{
    InstitutionBills, MatterPayment, OrderView, RefundView, bills_of, invoices_to_issue_in_tx, open_refunds_in_tx, payment_of_matter,
    vouchers_to_check_in_tx,
};
use crate::state::AppState;

/// The fee of a matter.
pub struct FeePage {
    /// The matter.
    pub matter: LoadedMatter,
    /// Its charge and orders.
    pub payment: MatterPayment,
    /// The context of the payment form.
    pub context: OwnedMatterContext,
    /// The payment methods that are set up.
    pub methods: PaymentMethods,
}

/// The bills of the caller's institutions.
pub struct BillsPage {
    /// Due charges and orders.
    pub bills: InstitutionBills,
    /// The context of the payment form.
    pub context: OwnedMatterContext,
    /// The payment methods that are set up.
    pub methods: PaymentMethods,
}

/// The payment methods that are set up.
#[derive(Clone)]
pub struct PaymentMethods {
    /// Whether there is a payment gateway.
    pub online: bool,
    /// The bank account for transfers.
    pub bank_account: Option<Arc<BankAccount>>,
}

impl PaymentMethods {
    fn of(app: &AppState) -> Self {
        Self { online: app.gateway.is_some(), bank_account: app.bank_account.clone() }
    }
}

/// The workbench of finance.
pub struct FinancePage {
    /// Orders whose voucher is to be checked.
    pub vouchers: Vec<OrderView>,
    /// What finance must know before it accepts a voucher, by order.
    pub checks: BTreeMap<Uuid, VoucherCheck>,
    /// Pending refunds.
    pub refunds: Vec<RefundView>,
    /// Refunds that one of two people has approved.
    pub approved: BTreeSet<Uuid>,
    /// Orders whose invoice is to be issued.
    pub invoices: Vec<OrderView>,
    /// The caller's form drafts of the reasons why vouchers are returned, by order.
    pub drafts: BTreeMap<Uuid, OpenDrafts>,
}

/// What finance must know before it accepts a voucher.
pub struct VoucherCheck {
    /// Whether one of two people has accepted it.
    pub is_checked: bool,
    /// Other orders with the same transfer number or file.
    pub repeated: Vec<RepeatedMark>,
}

/// Reads the fee of a matter, for its applicant; `None` if it never had one.
///
/// # Errors
/// [`MatterError::NotFound`] for everyone else.
pub async fn fee_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<Option<FeePage>, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_fee(&mut tx, app, who.caller(), id).await;
    tx.finish().await?;
    page
}

async fn read_fee(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<Option<FeePage>, MatterError> {
    let matter = load_in_tx(tx, app, caller, id).await?;
    if !matter.is_own() {
        return Err(MatterError::NotFound);
    }
    let Some(payment) = payment_of_matter(tx, app, &matter).await? else {
        return Ok(None);
    };
    let context = OwnedMatterContext::without_record(app, caller.person.name.clone());
    Ok(Some(FeePage { matter, payment, context, methods: PaymentMethods::of(app) }))
}

/// Reads the bills of the caller's institutions.
pub async fn bills_page(app: &AppState, who: &Allowed) -> Result<BillsPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_bills(&mut tx, app, who.caller()).await;
    tx.finish().await?;
    page
}

async fn read_bills(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<BillsPage, DbError> {
    let bills = bills_of(tx, app, caller).await?;
    let context = OwnedMatterContext::without_record(app, caller.person.name.clone());
    Ok(BillsPage { bills, context, methods: PaymentMethods::of(app) })
}

/// Reads the workbench of finance.
///
/// # Errors
/// [`PaymentError::NotFound`] for everyone without the role.
pub async fn finance_page(app: &AppState, who: &Allowed) -> Result<FinancePage, PaymentError> {
    require_finance(who)?;
    let mut tx = app.db.snapshot().await?;
    let page = read_finance(&mut tx, app, who.account()).await;
    tx.finish().await?;
    Ok(page?)
}

async fn read_finance(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<FinancePage, DbError> {
    let vouchers = vouchers_to_check_in_tx(tx, app).await?;
    let mut checks = BTreeMap::new();
    for order in &vouchers {
        let is_checked = db::two_people::first_checker(tx, order.id).await?.is_some();
        checks.insert(order.id, VoucherCheck { is_checked, repeated: db::two_people::list_repeated(tx, order.id).await? });
    }
    let refunds = open_refunds_in_tx(tx, app).await?;
    let mut approved = BTreeSet::new();
    for refund in &refunds {
        approved.extend(db::two_people::first_approver(tx, refund.id).await?.map(|_| refund.id));
    }
    let drafts = voucher_drafts_in_tx(tx, app, account, vouchers.iter().map(|order| order.id)).await?;
    Ok(FinancePage { vouchers, checks, refunds, approved, invoices: invoices_to_issue_in_tx(tx, app).await?, drafts })
}
