//! 退回: what is to be changed, pointed at part by part.

use backend::matter::{MatterError, Opened};
use backend::workflow::execute::Act;
use domain::engine::assessment::{Assessment, points};
use domain::engine::flow::{Asks, Command, Move};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::assessment::{Sheet, sheet_view};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows the application with a place at each part to point at it.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    match returning(&opened) {
        Some(m) => Ok(page(&call, opened, m, Assessment::default(), None).await?.into()),
        None => Ok(Answer::See(format!("/matters/{}", opened.row.id))),
    }
}

/// Sends it back.
pub async fn send(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    let id = opened.row.id;
    let m = returning(&opened).ok_or_else(|| Fault::Conflict(domain::engine::flow::Refusal::NotOpen.text().into()))?;
    let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
    let parts = points(opened.kind.form, &opened.answers, &world.context());
    let found = Assessment::read(&parts, &call.post.pairs);
    let items = found.items(opened.kind.nonconformities, Uuid::now_v7);
    let command = Command { name: m.command.into(), note: found.opinion.clone(), items, ..Command::default() };
    match backend::workflow::execute::act(&call.app, &who, Act { key: call.post.id("_key")?, matter: id, command }).await {
        Ok(_) => Ok(Answer::See(format!("/matters/{id}"))),
        Err(MatterError::NotFound) => Err(Fault::NotFound),
        Err(MatterError::Db(error)) => Err(error.into()),
        Err(error @ MatterError::Refused(domain::engine::flow::Refusal::NoNote | domain::engine::flow::Refusal::LongNote)) => {
            Ok(page(&call, opened, m, found, Some(error.text())).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The move that sends a matter back, if this person can.
pub fn returning(opened: &Opened) -> Option<&'static Move> {
    opened.moves().into_iter().find(|m| m.asks == Asks::NoteAndItems)
}

async fn page(call: &Call, opened: Opened, m: &'static Move, found: Assessment, fault: Option<String>) -> Result<Page, Fault> {
    let who = call.allowed()?;
    let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
    let rounds = opened.rounds.saturating_sub(opened.facts.rounds);
    let body = move || {
        let id = opened.row.id;
        let title = opened.kind.title_for(&opened.answers);
        let summary = fault.iter().map(|text| ("#f-note".to_owned(), text.clone())).collect();
        let sheet = Sheet { opened: &opened, world: &world, found: &found, faults: &[], verdicts: false };
        let sheet = sheet_view(&sheet);
        let lead = if m.round {
            format!("还可退回整改 {rounds} 次。申请人只能修改您指出的内容；一项都不指出时，可以修改全部内容。")
        } else {
            "申请人只能修改您指出的内容；一项都不指出时，可以修改全部内容。".to_owned()
        };
        view! {
            <PageHead title=m.label lead=lead crumbs=vec![(title, format!("/matters/{id}"))]/>
            <ErrorSummary items=summary/>
            <form method="post" action=format!("/matters/{id}/return") class="fields" data-move=m.command>
                <Hidden name="_key" value=Uuid::now_v7().to_string()/>
                {sheet}
                <section class="panel">
                    <LinesField ask=Ask::new("note", "退回意见").hint("向申请人说明需要修改什么").fault(fault) value=found.opinion.clone()/>
                    <Actions><Submit label=m.label/><ButtonLink href=format!("/matters/{id}") label="返回" quiet=true/></Actions>
                </section>
            </form>
        }
        .into_any()
    };
    Ok(Page::new(m.label, body).under("/matters"))
}
