//! Payment page of the demo gateway. No money moves.

use axum::extract::State;
use backend::AppState;
use backend::infra::gateway::sandbox::{CheckoutRequest, SandboxGateway};
use http::{StatusCode, Uri};
use leptos::prelude::*;
use serde::Deserialize;

use crate::error::PageError;
use crate::extract::{Form, Path, Query};
use crate::page::{Page, PageResponse, redirect};
use crate::request::safe_next;
use crate::ui::*;

/// The buttons of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CashierForm {
    #[serde(rename = "_action")]
    action: String,
}

/// Shows the payment, if its request is signed by this server.
pub async fn show(
    State(app): State<AppState>,
    address: Uri,
    Path(number): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<PageResponse, PageError> {
    let (_, checkout) = open(&app, &number, &query)?;
    Ok(page(&address, checkout, None).into())
}

/// Pays, with or without sending the notice.
pub async fn pay(
    State(app): State<AppState>,
    address: Uri,
    Path(number): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    Form(form): Form<CashierForm>,
) -> Result<PageResponse, PageError> {
    let (sandbox, checkout) = open(&app, &number, &query)?;
    let action = form.action.as_str();
    if action == "cancel" {
        return Ok(redirect(safe_next(&checkout.back).to_owned()));
    }
    if !sandbox.pay(&checkout).await? && !sandbox.is_paid(&checkout.number).await? {
        let text = "订单已关闭，不能付款。请返回重新发起支付。";
        return Ok(page(&address, checkout, Some((Tone::Bad, text))).status(StatusCode::CONFLICT).into());
    }
    if action == "lose" {
        return Ok(page(&address, checkout, Some((Tone::Good, "已付款。演示：支付通知没有送达，平台将自行查询结果。"))).into());
    }
    if let Some(notice) = sandbox.signed_notice(&checkout.number).await?
        && let Err(error) = backend::service::payment::order::handle_notice(&app, "sandbox", &notice).await
    {
        tracing::warn!(%error, "the demo's own notice was refused");
    }
    Ok(redirect(safe_next(&checkout.back).to_owned()))
}

fn open(app: &AppState, number: &str, query: &[(String, String)]) -> Result<(SandboxGateway, CheckoutRequest), PageError> {
    let sandbox = app.sandbox.clone().ok_or(PageError::NotFound)?;
    let checkout = sandbox.parse_checkout(query).filter(|b| b.number == number).ok_or(PageError::NotFound)?;
    Ok((sandbox, checkout))
}

fn page(address: &Uri, checkout: CheckoutRequest, message: Option<(Tone, &'static str)>) -> Page {
    let action = address.to_string();
    let body = move || {
        let done = message.is_some();
        let items = vec![
            ("收款方".to_owned(), "认证人员综合服务平台".to_owned()),
            ("商品".to_owned(), checkout.subject.clone()),
            ("订单编号".to_owned(), checkout.number.clone()),
            ("金额".to_owned(), checkout.amount.to_string()),
        ];
        view! {
            <PageHead title="演示收银台" lead="仅在演示环境中开放，不会产生任何扣款。" />
            {message.map(|(tone, text)| view! { <Notice tone=tone>{text}</Notice> })}
            <section class="panel">
                <DescriptionList items=items />
                {if done {
                    view! {
                        <p>
                            <ButtonLink href=safe_next(&checkout.back).to_owned() label="返回商户" quiet=true />
                        </p>
                    }
                        .into_any()
                } else {
                    view! {
                        <form method="post" action=action class="fields">
                            <Actions>
                                <Submit label="付款" action="pay" />
                                <Submit label="付款，但通知丢失" weight=Weight::Quiet action="lose" />
                                <Submit label="取消" weight=Weight::Quiet action="cancel" />
                            </Actions>
                        </form>
                    }
                        .into_any()
                }}
            </section>
        }
        .into_any()
    };
    Page::new("演示收银台", body).standalone()
}
