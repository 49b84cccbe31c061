//! 指派专家: whom to ask, whom to suggest, and who must stay away.

use backend::matter::{MatterError, Opened};
use backend::record::expert::Candidate;
use backend::workflow::execute::Act;
use domain::engine::flow::{Asks, Command, Move, Refusal};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// Shows the experts, whom to suggest first.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let opened = backend::matter::open_matter(&call.app, &call.allowed()?, call.id("id")?).await?;
    match assigning(&opened) {
        Some(m) => {
            let chosen = opened.facts.assigned.clone();
            Ok(page(&call, opened, m, chosen, None).await?.into())
        }
        None => Ok(Answer::See(format!("/matters/{}", opened.row.id))),
    }
}

/// 指派.
pub async fn send(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    let id = opened.row.id;
    let m = assigning(&opened).ok_or_else(|| Fault::Conflict(Refusal::NotOpen.text().into()))?;
    let people: Vec<Uuid> =
        call.post.pairs.iter().filter(|(name, _)| name == "expert").filter_map(|(_, id)| Uuid::parse_str(id).ok()).collect();
    let note = domain::base::text::normalise_lines(call.post.text("note"));
    let command = Command { name: m.command.into(), note, people: people.clone(), ..Command::default() };
    match backend::workflow::execute::act(&call.app, &who, Act { key: call.post.id("_key")?, matter: id, command }).await {
        Ok(_) => Ok(Answer::See(format!("/matters/{id}"))),
        Err(MatterError::NotFound) => Err(Fault::NotFound),
        Err(MatterError::Db(error)) => Err(error.into()),
        Err(error @ MatterError::Refused(Refusal::People | Refusal::Conflicted)) => {
            Ok(page(&call, opened, m, people, Some(error.text())).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The move that assigns people, if this person can.
pub fn assigning(opened: &Opened) -> Option<&'static Move> {
    opened.moves().into_iter().find(|m| matches!(m.asks, Asks::People(_)))
}

async fn page(call: &Call, opened: Opened, m: &'static Move, chosen: Vec<Uuid>, fault: Option<String>) -> Result<Page, Fault> {
    let candidates = backend::record::expert::candidates(&call.app, &opened).await?;
    let hint = hint(m, &call.app);
    let body = move || {
        let id = opened.row.id;
        let title = opened.kind.title_for(&opened.answers);
        let (open, away): (Vec<Candidate>, Vec<Candidate>) = candidates.into_iter().partition(|c| c.conflict.is_none());
        let picks: Vec<Pick> = open.iter().map(pick).collect();
        let none = picks.is_empty();
        let values = chosen.iter().map(Uuid::to_string).collect();
        let summary = fault.iter().map(|text| ("#f-expert".to_owned(), text.clone())).collect();
        let away: Vec<(String, String)> = away.into_iter().map(|c| (c.name, c.conflict.map_or("", |w| w.text()).to_owned())).collect();
        let away = (!away.is_empty()).then(|| view! { <Section title="须回避的专家"><Facts items=away/></Section> });
        let ask = Ask::new("expert", "评价专家").hint(&hint).fault(fault);
        view! {
            <PageHead title=m.label lead="所选专家会收到消息，点击即可打开评价页面。" crumbs=vec![(title, format!("/matters/{id}"))]/>
            <ErrorSummary items=summary/>
            <section class="panel">
                <form method="post" action=format!("/matters/{id}/assign") class="fields" data-move=m.command>
                    <Hidden name="_key" value=Uuid::now_v7().to_string()/>
                    {if none {
                        view! { <Empty text="目前没有可以指派的专家"/> }.into_any()
                    } else {
                        view! { <ChoiceField ask=ask picks=picks values=values many=true/> }.into_any()
                    }}
                    <Actions><Submit label=m.label/><ButtonLink href=format!("/matters/{id}") label="返回" quiet=true/></Actions>
                </form>
            </section>
            {away}
        }
        .into_any()
    };
    Ok(Page::new(m.label, body).under("/association"))
}

/// How many are to be chosen, and in which order they stand.
fn hint(m: &Move, app: &backend::AppState) -> String {
    let order = "专业能力相符、待评价业务较少的排在前面；可指派多人，各自独立评价";
    match m.asks {
        Asks::People(people) if people.odd => {
            let tables = app.tables();
            format!("须指派至少 {} 人，且为单数。{order}", people.least(tables.rules.on(app.today())))
        }
        _ => order.to_owned(),
    }
}

fn pick(candidate: &Candidate) -> Pick {
    let competence = if candidate.competent { "专业能力相符" } else { "未登记该领域能力" };
    let load = candidate.expert.load;
    Pick {
        code: candidate.expert.account.to_string(),
        label: format!("{} · {competence} · 待评价 {load} 件", candidate.name),
        group: String::new(),
    }
}
