//! 机构缴费: open fees of an institution, paid in one order.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::record::form_draft::open_drafts;
use backend::service::pages::{BillsPage, bills_page};
use backend::service::payment::PaymentError;
use backend::service::payment::order::{ChosenCharge, PaymentStart};
use backend::service::payment::payer_query::query_for_payer;
use backend::service::payment::view::{InstitutionBill, InstitutionBills, OrderView};
use domain::base::money::Fen;
use domain::engine::form_draft::{BILLS, Subject};
use domain::record::payment::{OrderState, read_choice};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::form::{Typed, questions};
use super::own::{order_view, refund_notice};
use super::received::{OrderReader, is_refund_pending};
use super::transfer::Transfer;
use super::{ReturnQuery, charge_version, chosen_charge};
use crate::error::{HttpStatus, PageError};
use crate::extract::Query;
use crate::form_draft::DraftOnPage;
use crate::format;
use crate::page::{Page, PageResponse, redirect};
use crate::post::PostWithFiles;
use crate::request::Authorized;
use crate::ui::*;

const PATH: &str = "/institution/bills";

/// Shows open and paid fees.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<ReturnQuery>,
) -> Result<PageResponse, PageError> {
    let mut read = bills_page(&app, &who).await?;
    if query.is_return() {
        probe_open_orders(&app, &read.bills.orders).await;
        read = bills_page(&app, &who).await?;
    }
    let draft = draft_of(&app, &who).await?;
    let chosen = if draft.is_saved() { draft.as_post().ids("_charge") } else { read.bills.due.iter().map(|bill| bill.charge.id).collect() };
    let typed = Typed::of_draft(&app, &who, draft, &read.context, query.is_saved()).await?;
    Ok(page(read, chosen, typed, None).into())
}

/// The draft of the payment form.
async fn draft_of(app: &AppState, who: &Allowed) -> Result<DraftOnPage, PageError> {
    let drafts = open_drafts(app, who.account(), who.account(), Subject::Bills, String::new()).await?;
    Ok(DraftOnPage::of(&drafts, &BILLS, ""))
}

/// Starts an order for the selected fees, saves what was typed, or polls the gateway.
pub async fn pay(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    PostWithFiles(post): PostWithFiles,
) -> Result<PageResponse, PageError> {
    let read = bills_page(&app, &who).await?;
    if post.text("_action") == "probe" {
        probe_open_orders(&app, &read.bills.orders).await;
        return Ok(redirect(PATH));
    }
    let chosen: Vec<Uuid> = post.ids("_charge");
    let draft = draft_of(&app, &who).await?;
    let mut typed = Typed::read(&app, &who, &post, &read.context, draft).await?;
    if post.text("_action") == "save" {
        if typed.save(&app, &who, &post).await? {
            return Ok(redirect(format!("{PATH}?saved=1")));
        }
        let status = typed.save_status();
        return Ok(page(read, chosen, typed, None).status(status).into());
    }
    if chosen.is_empty() {
        typed.faults.insert(0, ("_charge".into(), "请勾选要缴纳的费用".into()));
    }
    let choice = match read_choice(&typed.answers) {
        Some(choice) if typed.faults.is_empty() => choice,
        _ => return Ok(page(read, chosen, typed, None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    };
    let charges: Vec<ChosenCharge> = chosen.iter().map(|id| chosen_charge(&post, *id)).collect();
    match backend::service::payment::order::pay_as_seen(&app, &who, &charges, choice, &format!("{PATH}?back=1")).await {
        Ok(PaymentStart::Redirect(address)) => Ok(redirect(address)),
        Ok(PaymentStart::VoucherInReview) => Ok(redirect(PATH)),
        Err(PaymentError::NotFound) => Err(PageError::NotFound),
        Err(PaymentError::Db(error)) => Err(error.into()),
        Err(error @ PaymentError::WrongAmount(_)) => {
            typed.faults.push(("remitted_amount".into(), error.text()));
            Ok(page(read, chosen, typed, None).status(error.http_status()).into())
        }
        Err(error) => Ok(page(bills_page(&app, &who).await?, chosen, typed, Some(error.text())).status(error.http_status()).into()),
    }
}

/// Polls the gateway about the open orders.
async fn probe_open_orders(app: &AppState, orders: &[OrderView]) {
    let open = orders.iter().filter(|o| o.state == OrderState::Open);
    query_for_payer(app, open.map(|o| o.id)).await;
}

fn page(read: BillsPage, chosen: Vec<Uuid>, typed: Typed, refused: Option<String>) -> Page {
    let body = move || {
        let BillsPage { bills: InstitutionBills { due, orders }, context, methods } = read;
        let total = due.iter().filter(|bill| !bill.voucher_in_review).fold(0, |sum, bill| sum + bill.charge.amount.0);
        let payable = due.iter().any(|bill| !bill.voucher_in_review);
        let empty = due.is_empty();
        let refunding = is_refund_pending(&orders);
        let open = orders.iter().any(|o| o.state == OrderState::Open);
        let summary = typed.summary();
        let lines = due.iter().map(|line| line_view(line, &chosen)).collect_view();
        let records = orders.iter().map(|order| order_view(order, OrderReader::Payer)).collect_view();
        let none = orders.is_empty();
        view! {
            <PageHead
                title="机构缴费"
                lead="本机构推荐的人员选择机构缴费的，费用由机构在这里合并缴纳。"
                crumbs=vec![("机构工作台".into(), "/institution".into())]
            />
            {refused.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            {open
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warn title="有一笔支付尚未完成">
                            <p>
                                "如果已经付款，请查询支付结果；如果没有付款，可以在下面继续支付，不会重复扣款。"
                            </p>
                            <form method="post" action=PATH>
                                <Submit label="查询支付结果" weight=Weight::Quiet action="probe" />
                            </form>
                        </Notice>
                    }
                })}
            {refunding.then(refund_notice)}
            {typed.save_notice()}
            <ErrorSummary items=summary />
            <section class="panel">
                <form method="post" action=PATH enctype="multipart/form-data" class="fields" novalidate=true>
                    <fieldset id="f-_charge" tabindex="-1">
                        <legend class="group-title">"待缴费用"</legend>
                        {empty.then(|| view! { <Empty text="没有待缴的费用" /> })}
                        <ul class="rows">{lines}</ul>
                        {payable.then(|| view! { <p>{format!("合计 {}，以勾选的费用为准。", Fen(total))}</p> })}
                    </fieldset>
                    {payable.then(|| questions(&typed, &context, &methods, "在线支付".to_owned(), &transfer_of(&due, &chosen)))}
                </form>
            </section>
            {(!none).then(|| view! { <Section title="缴费记录">{records}</Section> })}
        }
        .into_any()
    };
    Page::new("机构缴费", body).under("/institution").with_form_drafts().with_copy_buttons()
}

/// The transfer for the selected charges.
fn transfer_of(due: &[InstitutionBill], chosen: &[Uuid]) -> Transfer {
    let payable = || due.iter().filter(|bill| !bill.voucher_in_review);
    let selected = || payable().filter(|bill| chosen.contains(&bill.charge.id));
    let first = selected().next().or_else(|| payable().next());
    Transfer {
        amount: Fen(selected().fold(0, |sum, bill| sum + bill.charge.amount.0)),
        remark: first.map_or_else(String::new, |bill| bill.charge.number.clone()),
        hint: "金额为勾选费用的合计。合并汇款时，附言填写其中任意一笔的缴费编号即可。",
    }
}

fn line_view(bill: &InstitutionBill, chosen: &[Uuid]) -> AnyView {
    let InstitutionBill { charge, applicant, voucher_in_review } = bill;
    let (id, checked) = (charge.id, chosen.contains(&charge.id));
    let tick = (!voucher_in_review).then(|| {
        view! {
            <input type="checkbox" name="_charge" value=id.to_string() checked=checked data-fen=charge.amount.0 />
            <Hidden name="_seen" value=charge_version(charge) />
        }
    });
    let number = charge.matter_number.as_ref().map(|number| format!(" · 业务编号 {number}")).unwrap_or_default();
    let sub = format!("{}{number} · 缴费编号 {} · {} 起", charge.label, charge.number, format::time(charge.created_at));
    view! {
        <li class="row">
            <label class="choice row-main">
                {tick} <span>
                    <a class="row-title" href=format!("/matters/{}", charge.matter)>
                        {format!("{applicant} · {}", charge.title)}
                    </a>
                    <span class="row-sub block">{sub}</span>
                </span>
            </label>
            <div class="row-end">
                {voucher_in_review.then(|| view! { <StatusTag tone=Tone::Warn text="凭证核验中" /> })}
                <strong>{charge.amount.to_string()}</strong>
            </div>
        </li>
    }
    .into_any()
}
