//! The fee of one matter: 在线支付 or a voucher, and how it stands.

use backend::matter::context::World;
use backend::matter::{MatterError, Opened};
use backend::service::payment::PayError;
use backend::service::payment::order::Begun;
use backend::service::payment::view::{Charged, OrderView};
use domain::base::money::Fen;
use domain::engine::flow::Hat;
use domain::record::payment::{Payer, State, read};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::form::{Typed, questions};
use super::{badge, facts, slips, status};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows it. Whoever comes back from a gateway finds what the gateway knows.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    if call.asked("back") == "1"
        && let Some(Paying { charged, .. }) = open(&call).await?
    {
        ask(&call, &charged).await;
    }
    match open(&call).await? {
        Some(paying) => Ok(page(paying, Typed::new(), None).into()),
        None => Ok(Answer::See(format!("/matters/{}", call.id("id")?))),
    }
}

/// Begins to pay, or asks the gateway how it stands.
pub async fn pay(call: Call) -> Result<Answer, Fault> {
    let Some(paying) = open(&call).await? else {
        return Ok(Answer::See(format!("/matters/{}", call.id("id")?)));
    };
    let path = format!("/matters/{}/pay", paying.opened.row.id);
    if call.post.text("_action") == "probe" {
        ask(&call, &paying.charged).await;
        return Ok(Answer::See(path));
    }
    let typed = Typed::read(&call, &paying.world).await?;
    let wish = match read(&typed.answers) {
        Some(wish) if typed.faults.is_empty() => wish,
        _ => return Ok(page(paying, typed, None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    };
    match backend::service::payment::order::pay(&call.app, &call.allowed()?, &[paying.charged.charge.id], wish, &format!("{path}?back=1"))
        .await
    {
        Ok(Begun::GoTo(address)) => Ok(Answer::See(address)),
        Ok(Begun::Checking) => Ok(Answer::See(path)),
        Err(PayError::NotFound) => Err(Fault::NotFound),
        Err(PayError::Db(error)) => Err(error.into()),
        Err(error) => {
            let (status, mut typed) = (status(&error), typed);
            if matches!(error, PayError::Amount(_)) {
                typed.faults.push(("remitted_amount".into(), error.text()));
                return Ok(page(paying, typed, None).status(status).into());
            }
            let paying = open(&call).await?.ok_or(Fault::NotFound)?;
            Ok(page(paying, typed, Some(error.text())).status(status).into())
        }
    }
}

/// A matter with its fee.
struct Paying {
    opened: Opened,
    charged: Charged,
    world: World,
    online: bool,
}

/// Opens the fee of the address for whoever began the matter; none if nothing was ever asked.
async fn open(call: &Call) -> Result<Option<Paying>, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    if !opened.actor.hats.contains(&Hat::Applicant) {
        return Err(MatterError::NotFound.into());
    }
    let Some(charged) = backend::service::payment::view::charged(&call.app, &opened).await? else {
        return Ok(None);
    };
    let world = backend::matter::context::world_for(&call.app, who.account(), who.caller()).await?;
    Ok(Some(Paying { opened, charged, world, online: call.app.gateway.is_some() }))
}

/// Asks the gateway about the order under way. One that is silent leaves it to the next question.
async fn ask(call: &Call, charged: &Charged) {
    if let Some(order) = charged.orders.iter().find(|o| o.state == State::Open) {
        let _ = backend::service::payment::poll::probe(&call.app, order.row.id).await;
    }
}

fn page(paying: Paying, typed: Typed, refused: Option<String>) -> Page {
    let body = move || {
        let Paying { opened, charged, world, online } = paying;
        let (id, charge) = (opened.row.id, &charged.charge);
        let amount = Fen(charge.amount);
        let payer = Payer::from_code(&charge.payer);
        let items = vec![
            ("缴费项目".to_owned(), charge.label.clone()),
            ("应缴金额".to_owned(), amount.to_string()),
            ("缴费方式".to_owned(), payer.label().to_owned()),
            (
                "缴费期限".to_owned(),
                if charge.state == "due" { opened.row.due_on.map(|d| d.to_string()).unwrap_or_default() } else { String::new() },
            ),
        ];
        let checking = charged.orders.iter().any(|o| o.state == State::Checking);
        let open = charged.orders.iter().any(|o| o.state == State::Open);
        let asked = charge.state == "due" && payer == Payer::Individual && !checking;
        let said = match (charge.state.as_str(), payer) {
            ("paid", _) => Some((Tone::Good, "费用已缴清。")),
            ("dropped", _) => Some((Tone::Info, "该费用已不需要缴纳。")),
            (_, Payer::Institution) => Some((Tone::Info, "该费用由推荐机构缴纳，您无需支付。")),
            _ if checking => Some((Tone::Info, "缴费凭证已提交，正在由协会财务核验。")),
            _ => None,
        };
        let back =
            charged.orders.first().filter(|o| asked && o.state == State::Closed && !o.row.note.is_empty()).map(|o| o.row.note.clone());
        let summary = typed.summary();
        let orders = charged.orders.iter().map(order_view).collect_view();
        let none = charged.orders.is_empty();
        view! {
            <PageHead title="缴费" lead=opened.kind.title_for(&opened.answers)
                crumbs=vec![("我的事项".into(), "/matters".into()), ("业务详情".into(), format!("/matters/{id}"))]/>
            {refused.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            {said.map(|(tone, text)| view! { <Notice tone=tone>{text}</Notice> })}
            {back.map(|note| view! { <Notice tone=Tone::Warn title="缴费凭证未通过核验"><p class="lines">{note}</p></Notice> })}
            {(asked && open).then(|| waiting(id))}
            <ErrorSummary items=summary/>
            <Section><Facts items=items/></Section>
            {asked.then(|| view! {
                <section class="panel">
                    <form method="post" action=format!("/matters/{id}/pay") enctype="multipart/form-data" class="fields" novalidate=true>
                        {questions(&typed, &world, online, Some(amount))}
                    </form>
                </section>
            })}
            {(!none).then(|| view! { <Section title="缴费记录">{orders}</Section> })}
        }
        .into_any()
    };
    Page::new("缴费", body).under("/matters")
}

fn waiting(id: Uuid) -> AnyView {
    view! {
        <Notice tone=Tone::Warn title="有一笔支付尚未完成">
            <p>"如果已经付款，请查询支付结果；如果没有付款，可以在下面继续支付，不会重复扣款。"</p>
            <form method="post" action=format!("/matters/{id}/pay")><Submit label="查询支付结果" weight=Weight::Quiet action="probe"/></form>
        </Notice>
    }
    .into_any()
}

/// An order as its payer sees it.
pub(super) fn order_view(order: &OrderView) -> AnyView {
    let (tone, word) = badge(order.state);
    let files = slips(order).into_iter().map(|(href, name)| view! { <li class="file"><a href=href>{name}</a></li> }).collect_view();
    let title = order.charges.first().map_or_else(String::new, |c| c.label.clone());
    view! {
        <div class="record">
            <div class="record-head"><p class="record-title">{title}</p><Badge tone=tone text=word/></div>
            <Facts items=facts(order)/>
            <ul class="files">{files}</ul>
        </div>
    }
    .into_any()
}
