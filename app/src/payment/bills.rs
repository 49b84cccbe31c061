//! 机构缴费: what an institution is left to pay for its people, paid together.

use backend::infra::db::payment::Charge;
use backend::matter::context::World;
use backend::service::payment::PayError;
use backend::service::payment::order::Begun;
use backend::service::payment::view::OrderView;
use domain::base::money::Fen;
use domain::record::payment::{State, read};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::form::{Typed, questions};
use super::own::order_view;
use super::status;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

const PATH: &str = "/institution/bills";

/// Shows what is due, and what was paid.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let mut bills = open(&call).await?;
    if call.asked("back") == "1" {
        ask(&call, &bills.orders).await;
        bills = open(&call).await?;
    }
    let chosen = bills.due.iter().map(|(c, ..)| c.id).collect();
    Ok(page(bills, chosen, Typed::new(), None).into())
}

/// Begins to pay what is ticked, or asks the gateway how it stands.
pub async fn pay(call: Call) -> Result<Answer, Fault> {
    let bills = open(&call).await?;
    if call.post.text("_action") == "probe" {
        ask(&call, &bills.orders).await;
        return Ok(Answer::See(PATH.into()));
    }
    let chosen: Vec<Uuid> = call.post.pairs.iter().filter(|(n, _)| n == "_charge").filter_map(|(_, v)| Uuid::parse_str(v).ok()).collect();
    let mut typed = Typed::read(&call, &bills.world).await?;
    if chosen.is_empty() {
        typed.faults.insert(0, ("_charge".into(), "请勾选要缴纳的费用".into()));
    }
    let wish = match read(&typed.answers) {
        Some(wish) if typed.faults.is_empty() => wish,
        _ => return Ok(page(bills, chosen, typed, None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    };
    match backend::service::payment::order::pay(&call.app, &call.allowed()?, &chosen, wish, &format!("{PATH}?back=1")).await {
        Ok(Begun::GoTo(address)) => Ok(Answer::See(address)),
        Ok(Begun::Checking) => Ok(Answer::See(PATH.into())),
        Err(PayError::NotFound) => Err(Fault::NotFound),
        Err(PayError::Db(error)) => Err(error.into()),
        Err(error @ PayError::Amount(_)) => {
            typed.faults.push(("remitted_amount".into(), error.text()));
            Ok(page(bills, chosen, typed, None).status(status(&error)).into())
        }
        Err(error) => Ok(page(open(&call).await?, chosen, typed, Some(error.text())).status(status(&error)).into()),
    }
}

struct Bills {
    due: Vec<(Charge, String, bool)>,
    orders: Vec<OrderView>,
    world: World,
    online: bool,
}

async fn open(call: &Call) -> Result<Bills, Fault> {
    let who = call.allowed()?;
    let (due, orders) = backend::service::payment::view::institution_bills(&call.app, &who).await?;
    let world = backend::matter::context::world_for(&call.app, who.account(), who.caller()).await?;
    Ok(Bills { due, orders, world, online: call.app.gateway.is_some() })
}

async fn ask(call: &Call, orders: &[OrderView]) {
    for order in orders.iter().filter(|o| o.state == State::Open) {
        let _ = backend::service::payment::poll::probe(&call.app, order.row.id).await;
    }
}

fn page(bills: Bills, chosen: Vec<Uuid>, typed: Typed, refused: Option<String>) -> Page {
    let body = move || {
        let Bills { due, orders, world, online } = bills;
        let total = due.iter().filter(|(.., checking)| !checking).fold(0, |sum, (c, ..)| sum + c.amount);
        let payable = due.iter().any(|(.., checking)| !checking);
        let empty = due.is_empty();
        let open = orders.iter().any(|o| o.state == State::Open);
        let summary = typed.summary();
        let lines = due.iter().map(|line| line_view(line, &chosen)).collect_view();
        let records = orders.iter().map(order_view).collect_view();
        let none = orders.is_empty();
        view! {
            <PageHead title="机构缴费" lead="本机构推荐的人员选择机构缴费的，费用由机构在这里合并缴纳。" crumbs=vec![("机构工作台".into(), "/institution".into())]/>
            {refused.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            {open.then(|| view! {
                <Notice tone=Tone::Warn title="有一笔支付尚未完成">
                    <p>"如果已经付款，请查询支付结果；如果没有付款，可以在下面继续支付，不会重复扣款。"</p>
                    <form method="post" action=PATH><Submit label="查询支付结果" weight=Weight::Quiet action="probe"/></form>
                </Notice>
            })}
            <ErrorSummary items=summary/>
            <section class="panel">
                <form method="post" action=PATH enctype="multipart/form-data" class="fields" novalidate=true>
                    <fieldset id="f-_charge" tabindex="-1">
                        <legend class="group-title">"待缴费用"</legend>
                        {empty.then(|| view! { <Empty text="没有待缴的费用"/> })}
                        <ul class="rows">{lines}</ul>
                        {payable.then(|| view! { <p>{format!("合计 {}，按勾选的费用支付。", Fen(total))}</p> })}
                    </fieldset>
                    {payable.then(|| questions(&typed, &world, online, None))}
                </form>
            </section>
            {(!none).then(|| view! { <Section title="缴费记录">{records}</Section> })}
        }
        .into_any()
    };
    Page::new("机构缴费", body).under("/institution")
}

fn line_view((charge, name, checking): &(Charge, String, bool), chosen: &[Uuid]) -> AnyView {
    let (id, checked) = (charge.id, chosen.contains(&charge.id));
    let tick = (!checking).then(|| {
        view! { <input type="checkbox" name="_charge" value=id.to_string() checked=checked/> }
    });
    let sub = format!("{} · {} 起", charge.label, words::time(charge.created_at));
    view! {
        <li class="row">
            <label class="choice row-main">
                {tick}
                <span>
                    <a class="row-title" href=format!("/matters/{}", charge.matter_id)>{format!("{name} · {}", charge.title)}</a>
                    <span class="row-sub block">{sub}</span>
                </span>
            </label>
            <div class="row-end">
                {checking.then(|| view! { <Badge tone=Tone::Warn text="凭证核验中"/> })}
                <strong>{Fen(charge.amount).to_string()}</strong>
            </div>
        </li>
    }
    .into_any()
}
