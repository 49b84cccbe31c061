//! 操作完成 (manual 3.1.1), where what was filled in is offered to 基本信息库.

use backend::matter::MatterError;
use domain::engine::flow::Hat;
use domain::record::library::Offer;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows that the matter was submitted.
pub async fn done(call: Call) -> Result<Answer, Fault> {
    Ok(page(&call, call.asked("kept") == "1", None).await?.into())
}

/// 存入基本信息库. Records that are in it by now are left alone.
pub async fn keep(call: Call) -> Result<Answer, Fault> {
    let id = call.id("id")?;
    let chosen: Vec<Uuid> =
        call.post.pairs.iter().filter(|(name, _)| name == "record").filter_map(|(_, id)| Uuid::parse_str(id).ok()).collect();
    if chosen.is_empty() {
        let fault = "请勾选要存入的记录".to_owned();
        return Ok(page(&call, false, Some(fault)).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    backend::workflow::library::keep_offered(&call.app, &call.allowed()?, id, chosen).await?;
    Ok(Answer::See(format!("/matters/{id}/done?kept=1")))
}

async fn page(call: &Call, kept: bool, fault: Option<String>) -> Result<Page, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    if opened.draft() || !opened.actor.hats.contains(&Hat::Applicant) {
        return Err(MatterError::NotFound.into());
    }
    let offers = backend::workflow::library::library_offers(&call.app, &who, opened.row.id).await?;
    let world = backend::matter::context::world_for(&call.app, opened.row.owner_id, who.caller()).await?;
    let page = Page::new("操作完成", move || {
        let id = opened.row.id;
        let stage = opened.stage().map_or("", |s| s.label);
        let picks: Vec<Pick> = offers.iter().map(|o| pick(o, o.list.title_of(&o.kept.fields, &world.context()))).collect();
        // After a post without a tick nothing is ticked, as it was sent.
        let ticked = if fault.is_some() { Vec::new() } else { picks.iter().map(|p| p.code.clone()).collect() };
        let offer = (!picks.is_empty()).then(|| {
            let ask = Ask::new("record", "请勾选要存入的记录").hint("附件一并存入，以后的申请可直接选用。").fault(fault);
            view! {
                <Section title="存入基本信息库">
                    <p>"以下经历还没有存入您的基本信息库，或与其中保存的内容不同。"</p>
                    <form method="post" action=format!("/matters/{id}/done") class="fields">
                        <ChoiceField ask=ask picks=picks values=ticked many=true/>
                        <Actions><Submit label="存入基本信息库" weight=Weight::Quiet/></Actions>
                    </form>
                </Section>
            }
        });
        view! {
            <PageHead title="操作完成"/>
            {kept.then(|| view! { <Notice tone=Tone::Good>"所选记录已存入"<a href="/me/library">"基本信息库"</a>"。"</Notice> })}
            <Section>
                <Notice tone=Tone::Good title="业务已提交">{format!("“{}”已提交，当前状态：{stage}。", opened.kind.title_for(&opened.answers))}</Notice>
                <p>"您可以随时在个人中心的“我的事项”中查看办理动态和结果。"</p>
                <Actions>
                    <ButtonLink href=format!("/matters/{id}") label="查看办理进度"/>
                    <ButtonLink href="/matters" label="我的事项" quiet=true/>
                </Actions>
            </Section>
            {offer}
        }
        .into_any()
    });
    Ok(page.under("/matters"))
}

fn pick(offer: &Offer, title: String) -> Pick {
    let update = if offer.update { "（更新）" } else { "" };
    Pick { code: offer.record.to_string(), label: format!("{}：{title}{update}", offer.list.label), group: String::new() }
}
