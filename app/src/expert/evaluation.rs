//! The evaluation of one case: each record beside its verdict, the opinion that writes itself, the result.

use backend::matter::{MatterError, Opened};
use backend::workflow::execute::Act;
use domain::engine::assessment::{Assessment, points};
use domain::engine::flow::{Agreement, Asks, Command, Hat, Move};
use domain::engine::form::{Issue, Path};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::opinion::Opinion;
use crate::call::{Answer, Call, Fault, Page};
use crate::matter::assessment::{Sheet, sheet_view};
use crate::matter::difference::difference_view;
use crate::matter::requirement::requirements_section;
use crate::ui::*;
use crate::words;

/// Shows the case with what was found so far. One that does not wait for this expert is shown as it stands.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let Some(opened) = open(&call).await? else {
        return Ok(Answer::See(format!("/matters/{}", call.id("id")?)));
    };
    let kept = backend::record::expert::opinion(&call.app, &opened).await?;
    let said =
        kept.as_ref().filter(|_| call.asked("saved") == "1").map(|(_, at)| format!("评价内容已暂存到服务器（{}）。", words::time(*at)));
    let found = kept.map(|(found, _)| found).unwrap_or_default();
    Ok(page(&call, opened, found, Vec::new(), said).await?.into())
}

/// Keeps what was found in any case; 提交 sends it once nothing stands in the way.
pub async fn save(call: Call) -> Result<Answer, Fault> {
    let Some(opened) = open(&call).await? else {
        return Err(Fault::Conflict(domain::engine::flow::Refusal::NotOpen.text().into()));
    };
    let who = call.allowed()?;
    let id = opened.row.id;
    let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
    let parts = points(opened.kind.form, &opened.answers, &world.context());
    let before = backend::record::expert::opinion(&call.app, &opened).await?.map(|(found, _)| found).unwrap_or_default();
    let mut found = Assessment::read(&parts, &call.post.pairs);
    found.compose(&before, opened.kind.nonconformities, &parts);
    backend::record::expert::keep_opinion(&call.app, &opened, &found).await?;
    if call.post.text("_action") != "submit" {
        return Ok(Answer::See(format!("/expert/registrations/{id}?saved=1#f-note")));
    }
    let faults = found.faults(&parts, favourable(&opened));
    if !faults.is_empty() {
        return Ok(page(&call, opened, found, faults, None).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let items = found.items(opened.kind.nonconformities, Uuid::now_v7);
    let command = Command { name: found.conclusion.clone(), note: found.opinion.clone(), items, ..Command::default() };
    match backend::workflow::execute::act(&call.app, &who, Act { key: call.post.id("_key")?, matter: id, command }).await {
        Ok(_) => Ok(Answer::See(format!("/matters/{id}"))),
        Err(MatterError::NotFound) => Err(Fault::NotFound),
        Err(MatterError::Db(error)) => Err(error.into()),
        Err(error) => Err(Fault::Conflict(error.text())),
    }
}

/// The case, if it waits for this expert's opinion.
async fn open(call: &Call) -> Result<Option<Opened>, Fault> {
    let opened = backend::matter::open_matter(&call.app, &call.allowed()?, call.id("id")?).await?;
    let expert = opened.actor.hats.contains(&Hat::Expert);
    Ok(Some(opened).filter(|o| expert && !conclusions(o).is_empty()))
}

/// The results an expert can choose from.
fn conclusions(opened: &Opened) -> Vec<&'static Move> {
    opened.moves().into_iter().filter(|m| matches!(m.asks, Asks::Note | Asks::Findings)).collect()
}

/// The result that says all is well.
fn favourable(opened: &Opened) -> &'static str {
    match opened.stage().map(|s| s.agreement) {
        Some(Agreement::All(all, _)) => all,
        _ => "",
    }
}

async fn page(
    call: &Call,
    opened: Opened,
    found: Assessment,
    faults: Vec<(Option<Path>, Issue)>,
    said: Option<String>,
) -> Result<Page, Fault> {
    let world = backend::matter::context::world_of(&call.app, &opened, call.allowed()?.caller()).await?;
    let before = backend::matter::submitted_before(&call.app, &opened).await?;
    let body = move || {
        let id = opened.row.id;
        let of = |codes: &[&str]| faults.iter().find(|(_, i)| codes.contains(&i.code)).map(|(_, i)| i.text.clone());
        let summary = faults
            .iter()
            .map(|(path, issue)| {
                let anchor = match path {
                    Some(path) => path.anchor(),
                    None if issue.code.contains("note") => "f-note".into(),
                    None => "f-conclusion".into(),
                };
                (format!("#{anchor}"), issue.text.clone())
            })
            .collect();
        let picks = conclusions(&opened)
            .into_iter()
            .map(|m| Pick { code: m.command.into(), label: m.label.into(), group: String::new() })
            .collect();
        let changed = difference_view(&opened, before.as_ref(), &world);
        let requirements = requirements_section(&opened, &world);
        let sheet = sheet_view(&Sheet { opened: &opened, world: &world, found: &found, faults: &faults, verdicts: true });
        let due = opened.row.due_on.map(|d| format!("请在 {d} 前完成评价。")).unwrap_or_default();
        let recuse = opened.moves().into_iter().find(|m| m.asks == Asks::Recusal);
        view! {
            <PageHead title=opened.kind.title_for(&opened.answers) lead=format!("逐条评价是否符合；选择的不符合项会自动补充到评价意见中，可以修改。{due}") crumbs=vec![("专家评价".into(), "/expert".into()), ("人员注册".into(), "/expert/registrations".into())]/>
            {said.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <ErrorSummary items=summary/>
            {changed}
            {requirements}
            <form id="assess" method="post" action=format!("/expert/registrations/{id}") class="fields" novalidate=true>
                <button class="sr-only" type="submit" name="_action" value="save" tabindex="-1" aria-hidden="true">"暂存"</button>
                <Hidden name="_key" value=Uuid::now_v7().to_string()/>
                {sheet}
                <section class="panel">
                    <LinesField ask=Ask::new("note", "评价意见").hint("不符合项会自动补充在这里，可以修改").fault(of(&["no_note", "long_note"])) value=found.opinion.clone() rows=6/>
                    <ChoiceField ask=Ask::new("conclusion", "评价结果").fault(of(&["no_conclusion", "conclusion_differs"])) picks=picks values=vec![found.conclusion.clone()]/>
                    <Actions>
                        <Submit label="提交" action="submit"/>
                        <Submit label="暂存" weight=Weight::Quiet action="save"/>
                    </Actions>
                    <Opinion matter=id/>
                </section>
            </form>
            {recuse.map(|m| view! {
                <Fold label=m.label>
                    <form method="post" action=format!("/matters/{id}") class="fields" data-move=m.command>
                        <Hidden name="_key" value=Uuid::now_v7().to_string()/>
                        <NoteField ask=Ask::new("note", "回避理由") id="note-recuse" value=""/>
                        <div><Submit label=m.label weight=Weight::Grave action=m.command/></div>
                    </form>
                </Fold>
            })}
        }
        .into_any()
    };
    Ok(Page::new("人员注册评价", body).under("/expert").with_islands())
}
