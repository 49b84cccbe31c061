//! The fee of one matter: 在线支付 or voucher, and its status.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::record::form_draft::open_drafts;
use backend::service::pages::{FeePage, fee_page};
use backend::service::payment::PaymentError;
use backend::service::payment::order::PaymentStart;
use backend::service::payment::payer_query::query_for_payer;
use backend::service::payment::view::{ChargeState, MatterPayment, OrderView};
use domain::engine::form_draft::{PAYMENT, Subject};
use domain::record::payment::{OrderState, Payer, read_choice};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::form::{Typed, questions};
use super::received::{OrderReader, is_refund_pending, received_view};
use super::transfer::Transfer;
use super::{ReturnQuery, badge, charge_version, chosen_charge, facts, slips};
use crate::error::{HttpStatus, PageError};
use crate::extract::{Path, Query};
use crate::form_draft::DraftOnPage;
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::PostWithFiles;
use crate::request::Authorized;
use crate::ui::*;

/// Shows the fee. For a payer who returns from the gateway it polls the gateway first.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    Query(query): Query<ReturnQuery>,
) -> Result<PageResponse, PageError> {
    if query.is_return()
        && let Some(FeePage { payment, .. }) = fee_page(&app, &who, id).await?
    {
        probe_open_order(&app, &payment).await;
    }
    match fee_page(&app, &who, id).await? {
        Some(fee) => {
            let draft = draft_of(&app, &who, &fee).await?;
            let typed = Typed::of_draft(&app, &who, draft, &fee.context, query.is_saved()).await?;
            Ok(page(fee, typed, None).into())
        }
        None => Ok(redirect(links::matter(id))),
    }
}

/// Starts a payment, saves what was typed, or polls the gateway.
pub async fn pay(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    PostWithFiles(post): PostWithFiles,
) -> Result<PageResponse, PageError> {
    let Some(fee) = fee_page(&app, &who, id).await? else {
        return Ok(redirect(links::matter(id)));
    };
    let path = format!("/matters/{id}/pay");
    if post.text("_action") == "probe" {
        probe_open_order(&app, &fee.payment).await;
        return Ok(redirect(path));
    }
    let draft = draft_of(&app, &who, &fee).await?;
    let mut typed = Typed::read(&app, &who, &post, &fee.context, draft).await?;
    if post.text("_action") == "save" {
        if typed.save(&app, &who, &post).await? {
            return Ok(redirect(format!("{path}?saved=1")));
        }
        let status = typed.save_status();
        return Ok(page(fee, typed, None).status(status).into());
    }
    let choice = match read_choice(&typed.answers) {
        Some(choice) if typed.faults.is_empty() => choice,
        _ => return Ok(page(fee, typed, None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    };
    let chosen = [chosen_charge(&post, fee.payment.charge.id)];
    match backend::service::payment::order::pay_as_seen(&app, &who, &chosen, choice, &format!("{path}?back=1")).await {
        Ok(PaymentStart::Redirect(address)) => Ok(redirect(address)),
        Ok(PaymentStart::VoucherInReview) => Ok(redirect(path)),
        Err(PaymentError::NotFound) => Err(PageError::NotFound),
        Err(PaymentError::Db(error)) => Err(error.into()),
        Err(error) => {
            let (status, mut typed) = (error.http_status(), typed);
            if matches!(error, PaymentError::WrongAmount(_)) {
                typed.faults.push(("remitted_amount".into(), error.text()));
                return Ok(page(fee, typed, None).status(status).into());
            }
            let fee = fee_page(&app, &who, id).await?.ok_or(PageError::NotFound)?;
            Ok(page(fee, typed, Some(error.text())).status(status).into())
        }
    }
}

/// The draft of the payment form.
async fn draft_of(app: &AppState, who: &Allowed, fee: &FeePage) -> Result<DraftOnPage, PageError> {
    let state = fee.payment.charge.id.to_string();
    let drafts = open_drafts(app, who.account(), fee.matter.id, Subject::Fee, state).await?;
    Ok(DraftOnPage::of(&drafts, &PAYMENT, ""))
}

/// Polls the gateway about the open order.
async fn probe_open_order(app: &AppState, payment: &MatterPayment) {
    let open = payment.orders.iter().filter(|o| o.state == OrderState::Open);
    query_for_payer(app, open.map(|o| o.id)).await;
}

fn page(fee: FeePage, typed: Typed, refused: Option<String>) -> Page {
    let body = move || {
        let FeePage { matter, payment, context, methods } = fee;
        let (id, charge) = (matter.id, &payment.charge);
        let amount = charge.amount;
        let hint = "附言用于核对您的汇款，请完整填写。";
        let transfer = Transfer { amount, remark: charge.number.clone(), hint };
        let payer = charge.payer;
        let items = vec![
            ("缴费项目".to_owned(), charge.label.clone()),
            ("业务编号".to_owned(), matter.number.clone().unwrap_or_default()),
            ("缴费编号".to_owned(), charge.number.clone()),
            ("应缴金额".to_owned(), amount.to_string()),
            ("缴费方式".to_owned(), payer.label().to_owned()),
            (
                "缴费期限".to_owned(),
                if charge.state == ChargeState::Due { matter.due_on.map(|d| d.to_string()).unwrap_or_default() } else { String::new() },
            ),
        ];
        let checking = payment.orders.iter().any(|o| o.state == OrderState::Checking);
        let refunding = is_refund_pending(&payment.orders);
        let open = payment.orders.iter().any(|o| o.state == OrderState::Open);
        let payable = charge.state == ChargeState::Due && payer == Payer::Individual && !checking;
        let message = match (charge.state, payer) {
            (ChargeState::Paid, _) => Some((Tone::Good, "费用已缴清。")),
            (ChargeState::Cancelled, _) => Some((Tone::Info, "该费用已不需要缴纳。")),
            (_, Payer::Institution) => Some((Tone::Info, "该费用由推荐机构缴纳，您无需支付。")),
            _ if checking => Some((Tone::Info, "缴费凭证已提交，正在由协会财务核验。")),
            _ => None,
        };
        let back =
            payment.orders.first().filter(|o| payable && o.state == OrderState::Closed && !o.note.is_empty()).map(|o| o.note.clone());
        let summary = typed.summary();
        let orders = payment.orders.iter().map(|order| order_view(order, OrderReader::OfCharge(charge.id))).collect_view();
        let none = payment.orders.is_empty();
        view! {
            <PageHead
                title="缴费"
                lead=matter.kind.title_for(&matter.answers)
                crumbs=vec![("我的事项".into(), "/matters".into()), ("业务详情".into(), format!("/matters/{id}"))]
            />
            {refused.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            {message.map(|(tone, text)| view! { <Notice tone=tone>{text}</Notice> })}
            {back
                .map(|note| {
                    view! {
                        <Notice tone=Tone::Warn title="缴费凭证未通过核验">
                            <p class="lines">{note}</p>
                        </Notice>
                    }
                })}
            {(payable && refunding).then(refund_notice)}
            {(payable && open).then(|| waiting(id))}
            {typed.save_notice()}
            <ErrorSummary items=summary />
            <Section>
                <DescriptionList items=items />
            </Section>
            {payable
                .then(|| {
                    view! {
                        <section class="panel">
                            <form
                                method="post"
                                action=format!("/matters/{id}/pay")
                                enctype="multipart/form-data"
                                class="fields"
                                novalidate=true
                            >
                                <Hidden name="_seen" value=charge_version(charge) />
                                {questions(&typed, &context, &methods, format!("在线支付 {amount}"), &transfer)}
                            </form>
                        </section>
                    }
                })}
            {(!none).then(|| view! { <Section title="缴费记录">{orders}</Section> })}
        }
        .into_any()
    };
    Page::new("缴费", body).under("/matters").with_form_drafts().with_copy_buttons()
}

fn waiting(id: Uuid) -> AnyView {
    view! {
        <Notice tone=Tone::Warn title="有一笔支付尚未完成">
            <p>"如果已经付款，请查询支付结果；如果没有付款，可以在下面继续支付，不会重复扣款。"</p>
            <form method="post" action=format!("/matters/{id}/pay")>
                <Submit label="查询支付结果" weight=Weight::Quiet action="probe" />
            </form>
        </Notice>
    }
    .into_any()
}

/// Says that money which did not pay goes back, before somebody pays again.
pub(super) fn refund_notice() -> AnyView {
    view! {
        <Notice tone=Tone::Warn title="有款项正在退回">
            "此前有款项未能用于缴费，将原路退回，详见下面的缴费记录。"
        </Notice>
    }
    .into_any()
}

/// View of an order for its payer or its applicant.
pub(super) fn order_view(order: &OrderView, reader: OrderReader) -> AnyView {
    let (tone, word) = badge(order.state);
    let slips = if reader.sees_whole(order) { slips(order) } else { Vec::new() };
    let files = slips
        .into_iter()
        .map(|(href, name)| {
            view! {
                <li class="file">
                    <a href=href>{name}</a>
                </li>
            }
        })
        .collect_view();
    let title = order.charges.first().map_or_else(String::new, |c| c.label.clone());
    view! {
        <div class="record">
            <div class="record-head">
                <p class="record-title">{title}</p>
                <StatusTag tone=tone text=word />
            </div>
            <DescriptionList items=facts(order, reader) />
            {received_view(order, reader)}
            <ul class="files">{files}</ul>
        </div>
    }
    .into_any()
}
