//! 从基本信息库添加: records kept earlier, chosen by tick.

use domain::engine::form::Record;
use leptos::prelude::*;
use uuid::Uuid;

use super::Desk;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows the kept records of the list.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let Some(desk) = Desk::open(&call).await? else {
        return Ok(Answer::See(format!("/matters/{}", call.id("id")?)));
    };
    let list = desk.step.records().find(|l| l.name == call.param("list") && l.library).ok_or(Fault::NotFound)?;
    let kept = backend::workflow::library::library(&call.app, &call.allowed()?, list.name).await?;
    let title = format!("从基本信息库添加{}", list.label);
    let heading = title.clone();
    let body = move || {
        let back = desk.step_path(desk.step.code);
        let picks: Vec<Pick> = kept.iter().map(|r| pick(list.title_of(&r.fields, &desk.world.context()), r)).collect();
        let action = format!("{back}/{}/library", list.name);
        let form = if picks.is_empty() {
            view! {
                <Empty text=format!("基本信息库中还没有{}", list.label)><p>"添加时勾选“同时存入基本信息库”，以后即可直接选用。"</p></Empty>
                <ButtonLink href=back label="返回" quiet=true/>
            }
            .into_any()
        } else {
            view! {
                <form method="post" action=action class="fields">
                    <ChoiceField ask=Ask::new("record", "请勾选要添加的记录") picks=picks values=Vec::new() many=true/>
                    <Actions><Submit label="添加所选"/><ButtonLink href=back label="返回" quiet=true/></Actions>
                </form>
            }
            .into_any()
        };
        view! { <PageHead title=heading lead="添加后可在申请中继续修改，不影响基本信息库。"/><section class="panel">{form}</section> }
            .into_any()
    };
    Ok(Page::new(title, body).under("/matters").into())
}

fn pick(title: String, record: &Record) -> Pick {
    let (start, end) = (record.text("start"), record.text("end"));
    let end = if end.is_empty() { "今" } else { end };
    Pick { code: record.id.to_string(), label: format!("{title}（{start} 至 {end}）"), group: String::new() }
}

/// 添加所选.
pub async fn add(call: Call) -> Result<Answer, Fault> {
    let Some(desk) = Desk::open(&call).await? else {
        return Err(Fault::Conflict("该业务当前不能修改，请到“我的事项”查看".into()));
    };
    let list = desk.step.records().find(|l| l.name == call.param("list") && l.library).ok_or(Fault::NotFound)?;
    let chosen: Vec<Uuid> =
        call.post.pairs.iter().filter(|(name, _)| name == "record").filter_map(|(_, id)| Uuid::parse_str(id).ok()).collect();
    backend::workflow::library::add_from_library(&call.app, &call.allowed()?, desk.id(), list.name, &chosen).await?;
    Ok(Answer::See(format!("{}?saved=1", desk.step_path(desk.step.code))))
}
