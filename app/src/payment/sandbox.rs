//! The demo's cashier, as a payer sees it. No money moves.

use backend::infra::gateway::sandbox::{Ask as Bill, Sandbox};
use http::StatusCode;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, safe_next};
use crate::ui::*;

/// Shows what is to be paid, if the app signed it.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let (_, bill) = open(&call)?;
    Ok(page(&call, bill, None).into())
}

/// Pays: with the notice sent, or with the notice lost on its way.
pub async fn pay(call: Call) -> Result<Answer, Fault> {
    let (sandbox, bill) = open(&call)?;
    let action = call.post.text("_action");
    if action == "cancel" {
        return Ok(Answer::See(safe_next(&bill.back).to_owned()));
    }
    if !sandbox.pay(&bill).await? && sandbox.state(&bill.number).await?.as_deref() != Some("TRADE_SUCCESS") {
        let text = "订单已关闭，不能付款。请返回重新发起支付。";
        return Ok(page(&call, bill, Some((Tone::Bad, text))).status(StatusCode::CONFLICT).into());
    }
    if action == "lose" {
        return Ok(page(&call, bill, Some((Tone::Good, "已付款。演示：支付通知没有送达，平台将自行查询结果。"))).into());
    }
    if let Some(notice) = sandbox.notice(&bill.number).await?
        && let Err(error) = backend::service::payment::order::take_notice(&call.app, "sandbox", &notice).await
    {
        tracing::warn!(%error, "the demo's own notice was refused");
    }
    Ok(Answer::See(safe_next(&bill.back).to_owned()))
}

fn open(call: &Call) -> Result<(Sandbox, Bill), Fault> {
    let sandbox = call.app.sandbox.clone().ok_or(Fault::NotFound)?;
    let bill = sandbox.ask(&call.query).filter(|b| b.number == call.param("number")).ok_or(Fault::NotFound)?;
    Ok((sandbox, bill))
}

fn page(call: &Call, bill: Bill, said: Option<(Tone, &'static str)>) -> Page {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.query).finish();
    let action = format!("{}?{query}", call.path);
    let body = move || {
        let over = said.is_some();
        let items = vec![
            ("收款方".to_owned(), "认证人员综合服务平台".to_owned()),
            ("商品".to_owned(), bill.subject.clone()),
            ("订单编号".to_owned(), bill.number.clone()),
            ("金额".to_owned(), bill.amount.to_string()),
        ];
        view! {
            <PageHead title="演示收银台" lead="仅在演示环境中开放，不会产生任何扣款。"/>
            {said.map(|(tone, text)| view! { <Notice tone=tone>{text}</Notice> })}
            <section class="panel">
                <Facts items=items/>
                {if over {
                    view! { <p><ButtonLink href=safe_next(&bill.back).to_owned() label="返回商户" quiet=true/></p> }.into_any()
                } else {
                    view! {
                        <form method="post" action=action class="fields">
                            <Actions>
                                <Submit label="付款" action="pay"/>
                                <Submit label="付款，但通知丢失" weight=Weight::Quiet action="lose"/>
                                <Submit label="取消" weight=Weight::Quiet action="cancel"/>
                            </Actions>
                        </form>
                    }
                    .into_any()
                }}
            </section>
        }
        .into_any()
    };
    Page::new("演示收银台", body).alone()
}
