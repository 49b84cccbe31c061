//! 核对并提交.

use backend::matter::{MatterError, Opened};
use backend::workflow::execute::Act;
use domain::engine::flow::{Asks, Command};
use domain::engine::form::Path;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Reader, answers_view};
use super::requirement::requirements_section;
use super::step_path;
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows everything once more, with what still stands in the way.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    match page(&call, None).await? {
        Some(page) => Ok(page.into()),
        None => Ok(Answer::See(format!("/matters/{}", call.id("id")?))),
    }
}

/// 提交: the revision the person looked at, under a key that makes two clicks one.
pub async fn submit(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let id = call.id("id")?;
    let command = Command { name: "submit".into(), revision: Some(call.post.number("_rev")?), ..Command::default() };
    let act = Act { key: call.post.id("_key")?, matter: id, command };
    match backend::workflow::execute::act(&call.app, &who, act).await {
        Ok(_) => Ok(Answer::See(format!("/matters/{id}/done"))),
        Err(MatterError::NotFound) => Err(Fault::NotFound),
        Err(MatterError::Db(error)) => Err(error.into()),
        Err(error) => {
            let status = match error {
                MatterError::Unsound(_) => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::CONFLICT,
            };
            let text = error.text();
            match page(&call, Some(text.clone())).await? {
                Some(page) => Ok(page.status(status).into()),
                None => Err(Fault::Conflict(text)),
            }
        }
    }
}

/// Who handles the matter once it is submitted.
fn next_party(opened: &Opened) -> &'static str {
    let submission = opened.stage().and_then(|s| s.moves.iter().find(|m| m.asks == Asks::Submission));
    let next = submission.and_then(|m| m.to.last()).and_then(|(_, to)| opened.kind.flow.stage(to));
    next.map_or("", |s| s.turn.label())
}

async fn page(call: &Call, said: Option<String>) -> Result<Option<Page>, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    if !opened.editable() {
        return Ok(None);
    }
    let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
    let problems = opened.faults(&world);
    let title = format!("{} · 核对提交", opened.kind.label);
    let body = move || {
        let id = opened.row.id;
        let items: Vec<(String, String)> = problems
            .iter()
            .map(|p| {
                let page = step_path(id, p.step);
                let href = match &p.path {
                    path if super::rectify::fault_place(id, path).is_some() => super::rectify::fault_place(id, path).unwrap_or_default(),
                    Path::Cell(list, record, field) => format!("{page}/{list}/{record}?check=1#f-{field}"),
                    path => format!("{page}#{}", path.anchor()),
                };
                (href, p.said())
            })
            .collect();
        let sound = items.is_empty();
        let label = opened.moves().into_iter().find(|m| m.asks == Asks::Submission).map_or("提交", |m| m.label);
        let steps: Vec<_> = opened.kind.form.steps_for(&opened.answers).collect();
        let last = steps.last().map_or("", |s| s.code);
        let back = if opened.items().is_some() { format!("/matters/{id}/rectify") } else { step_path(id, last) };
        view! {
            <PageHead title="核对并提交" lead=opened.kind.title_for(&opened.answers) crumbs=vec![("我的事项".into(), "/matters".into())]/>
            {said.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            <ErrorSummary items=items/>
            {sound.then(|| view! { <Notice tone=Tone::Good>{format!("填写内容齐全。请核对无误后提交，提交后由{}办理。", next_party(&opened))}</Notice> })}
            {requirements_section(&opened, &world)}
            {answers_view(id, opened.kind.form, &opened.answers, &world, Reader::Editor)}
            <section class="panel">
                <form method="post" action=format!("/matters/{id}/review")>
                    <Hidden name="_rev" value=opened.row.revision.to_string()/>
                    <Hidden name="_key" value=Uuid::now_v7().to_string()/>
                    <Actions>
                        <Submit label=label/>
                        <ButtonLink href=back label="返回修改" quiet=true/>
                    </Actions>
                </form>
            </section>
        }
        .into_any()
    };
    Ok(Some(Page::new(title, body).under("/matters")))
}
