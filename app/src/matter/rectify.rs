//! 整改: each item of a return, where to change what it points at, and what is said to it.

use std::collections::BTreeMap;

use backend::matter::Opened;
use backend::workflow::draft::Change;
use domain::engine::flow::{ANSWER, Item, RESPONSES, response};
use domain::engine::form::Path;
use leptos::prelude::*;
use uuid::Uuid;

use super::step_path;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows the items. A matter that was returned without any leads to the wizard.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let opened = backend::matter::open_matter(&call.app, &call.allowed()?, call.id("id")?).await?;
    let id = opened.row.id;
    if !opened.editable() {
        return Ok(Answer::See(format!("/matters/{id}")));
    }
    if opened.items().is_none() {
        return Ok(Answer::See(step_path(id, opened.kind.form.steps.first().map_or("", |s| s.code))));
    }
    let saved = call.asked("saved") == "1";
    let check = call.asked("check") == "1";
    Ok(page(opened, saved, check).into())
}

/// 保存: keeps what was said, then goes where the button leads.
pub async fn save(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let id = call.id("id")?;
    let said: BTreeMap<Uuid, String> = call
        .post
        .pairs
        .iter()
        .filter_map(|(name, words)| Some((Uuid::parse_str(name.strip_prefix("r:")?).ok()?, domain::base::text::normalise_lines(words))))
        .collect();
    backend::workflow::draft::edit_matter(&call.app, &who, id, Change::Responses { base: call.post.number("_rev")?, said }).await?;
    Ok(Answer::See(match call.post.text("_action") {
        "review" => format!("/matters/{id}/review"),
        _ => format!("/matters/{id}/rectify?saved=1"),
    }))
}

/// Where what an item points at is changed.
fn place_of(opened: &Opened, item: &Item) -> String {
    let form = opened.kind.form;
    let id = opened.row.id;
    match &item.path {
        Path::Row(list, record) | Path::Cell(list, record, _) => {
            let step = form.records(list).map_or("", |(s, _)| s.code);
            format!("{}/{list}/{record}", step_path(id, step))
        }
        Path::Field(name) => {
            let list = form.records(name).map(|(s, _)| s.code);
            let step = list.or_else(|| form.fields().find(|(_, f)| f.name == name).map(|(s, _)| s.code)).unwrap_or("");
            format!("{}#f-{name}", step_path(id, step))
        }
    }
}

/// What an item points at, in words.
fn name_of(opened: &Opened, item: &Item) -> String {
    let form = opened.kind.form;
    match &item.path {
        Path::Field(name) => {
            let field = form.fields().find(|(_, f)| f.name == name).map(|(_, f)| f.label);
            field.or_else(|| form.records(name).map(|(_, l)| l.label)).unwrap_or("").to_owned()
        }
        Path::Row(list, record) | Path::Cell(list, record, _) => {
            let place = opened.answers.records(list).position(|r| r.id == *record).map_or(0, |i| i + 1);
            format!("{}第 {place} 条", form.records(list).map_or("", |(_, l)| l.label))
        }
    }
}

fn page(opened: Opened, saved: bool, check: bool) -> Page {
    let body = move || {
        let id = opened.row.id;
        let items = opened.items().unwrap_or_default();
        let note = opened.facts.asked.as_ref().map(|(note, _)| note.clone()).unwrap_or_default();
        let due = opened.row.due_on.map(|d| format!("请在 {d} 前提交。")).unwrap_or_default();
        let mut summary = Vec::new();
        let cards: Vec<AnyView> = items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let words = response(&opened.answers, item);
                let name = format!("r:{}", item.id);
                let fault = (check && words.trim().is_empty()).then(|| "请填写整改说明".to_owned());
                if let Some(text) = &fault {
                    summary.push((format!("#f-{name}"), format!("第 {} 项：{text}", i + 1)));
                }
                let ask = Ask::new(&name, ANSWER.label).hint(ANSWER.hint).fault(fault);
                view! {
                    <div class="record" data-item=item.path.to_string()>
                        <h3>{format!("{}. {}", i + 1, name_of(&opened, item))}</h3>
                        <p class="event-note">{item.text.clone()}</p>
                        <p><a class="btn btn-sm btn-outline" href=place_of(&opened, item)>"去修改"</a></p>
                        <LinesField ask=ask value=words rows=2/>
                    </div>
                }
                .into_any()
            })
            .collect();
        view! {
            <PageHead title="整改" lead=format!("只有下面指出的内容可以修改，其他内容已锁定。{due}") crumbs=vec![(opened.kind.title_for(&opened.answers), format!("/matters/{id}"))]/>
            {(!note.is_empty()).then(|| view! { <Notice tone=Tone::Warn title="退回意见"><p class="lines">{note}</p></Notice> })}
            {saved.then(|| view! { <Notice tone=Tone::Good>"整改说明已保存到服务器，可随时继续。"</Notice> })}
            <ErrorSummary items=summary/>
            <section class="panel">
                <form method="post" action=format!("/matters/{id}/rectify") class="fields" id="rectify">
                    <Hidden name="_rev" value=opened.row.revision.to_string()/>
                    {cards}
                    <Actions>
                        <Submit label="核对并提交" action="review"/>
                        <Submit label="暂存草稿箱" weight=Weight::Quiet action="save"/>
                    </Actions>
                </form>
            </section>
        }
        .into_any()
    };
    Page::new("整改", body).under("/matters")
}

/// Where a fault of a response is mended.
pub(super) fn fault_place(id: Uuid, path: &Path) -> Option<String> {
    match path {
        Path::Cell(list, item, _) if list == RESPONSES.name => Some(format!("/matters/{id}/rectify?check=1#f-r:{item}")),
        _ => None,
    }
}
