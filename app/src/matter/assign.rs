//! 指派专家: candidates, best suited first, and those with a conflict of interest.

use axum::extract::State;
use backend::AppState;
use backend::matter::{LoadedMatter, MatterError};
use backend::record::expert::ExpertCandidate;
use backend::service::pages::{AssignmentPage, assignment_page};
use backend::workflow::execute::CommandRequest;
use domain::base::text::normalise_lines;
use domain::engine::flow::{Command, Refusal, Requires, Transition};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::actions::TypedCommand;
use super::detail::refused;
use super::seen::{OutdatedPage, SeenField};
use crate::error::{HttpStatus, PageError};
use crate::extract::Path;
use crate::links;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Shows the candidates.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<PageResponse, PageError> {
    let read = assignment_page(&app, &who, id).await?;
    match assigning(&read.matter) {
        Some(transition) => {
            let chosen = if joins(transition) { Vec::new() } else { read.matter.state.assigned.clone() };
            Ok(page(&app, read, transition, chosen, None, None).into())
        }
        None => Ok(redirect(links::matter(id))),
    }
}

/// 指派.
pub async fn send(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let read = assignment_page(&app, &who, id).await?;
    let Some(transition) = assigning(&read.matter) else {
        return refused(&app, &who, id, assigned(), Refusal::NotOpen.into()).await;
    };
    let people = post.ids("expert");
    let note = normalise_lines(post.text("note"));
    let command = Command { name: transition.command.into(), note, assignees: people.clone(), ..Command::default() };
    let request = CommandRequest { key: post.id("_key")?, matter: id, seen: Some(post.seen()), command };
    match backend::workflow::execute::execute(&app, &who, request).await {
        Ok(_) => Ok(done(links::matter(id), ActOutcome::Assigned)),
        Err(error @ MatterError::Refused(Refusal::People | Refusal::Conflicted)) => {
            let page = page(&app, read, transition, people, Some(error.text()), None);
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into())
        }
        Err(error) => {
            let outdated = OutdatedPage::of(&app, &who, id, &error).await?;
            let read = if outdated.is_some() { Some(assignment_page(&app, &who, id).await?) } else { None };
            // The experts that were chosen stay chosen.
            match read.and_then(|read| assigning(&read.matter).map(|transition| (read, transition))) {
                Some((read, transition)) => Ok(page(&app, read, transition, people, None, outdated).status(error.http_status()).into()),
                None => refused(&app, &who, id, assigned(), error).await,
            }
        }
    }
}

fn assigned() -> TypedCommand {
    TypedCommand { name: "assign".to_owned(), ..TypedCommand::default() }
}

/// The assigning transition, if it is open to the caller.
fn assigning(matter: &LoadedMatter) -> Option<&'static Transition> {
    matter.open_transitions().into_iter().find(|t| matches!(t.requires, Requires::Assignees(_)))
}

/// Whether those assigned join the experts of the matter.
fn joins(transition: &Transition) -> bool {
    matches!(transition.requires, Requires::Assignees(people) if people.joins)
}

fn page(
    app: &AppState,
    read: AssignmentPage,
    transition: &'static Transition,
    chosen: Vec<Uuid>,
    fault: Option<String>,
    outdated: Option<OutdatedPage>,
) -> Page {
    let AssignmentPage { matter, mut candidates } = read;
    if joins(transition) {
        candidates.retain(|candidate| !matter.state.assigned.contains(&candidate.expert.account));
    }
    let hint = hint(transition, app);
    let body = move || {
        let id = matter.id;
        let title = matter.heading();
        let (eligible, excluded): (Vec<ExpertCandidate>, Vec<ExpertCandidate>) = candidates.into_iter().partition(|c| c.conflict.is_none());
        let choices: Vec<ChoiceItem> = eligible.iter().map(choice).collect();
        let none = choices.is_empty();
        let values = chosen.iter().map(Uuid::to_string).collect();
        let summary = fault.iter().map(|text| ("#f-expert".to_owned(), text.clone())).collect();
        let excluded: Vec<(String, String)> =
            excluded.into_iter().map(|c| (c.name, c.conflict.map_or("", |conflict| conflict.text()).to_owned())).collect();
        let excluded = (!excluded.is_empty()).then(|| {
            view! {
                <Section title="须回避的专家">
                    <DescriptionList items=excluded />
                </Section>
            }
        });
        let ask = FieldProps::new("expert", "评价专家").hint(&hint).fault(fault);
        view! {
            <PageHead
                title=transition.label
                lead="所选专家会收到消息，点击即可打开评价页面。"
                crumbs=vec![(title, links::matter(id))]
            />
            {outdated.map(|page| page.notice(&matter))}
            <ErrorSummary items=summary />
            <section class="panel">
                <form method="post" action=format!("/matters/{id}/assign") class="fields" data-move=transition.command>
                    <Hidden name="_key" value=Uuid::now_v7().to_string() />
                    <SeenField seen=matter.seen() />
                    {if none {
                        view! { <Empty text="目前没有可以指派的专家" /> }.into_any()
                    } else {
                        view! { <ChoiceField ask=ask picks=choices values=values many=true /> }.into_any()
                    }}
                    <Actions>
                        <Submit label=transition.label />
                        <ButtonLink href=links::matter(id) label="返回" quiet=true />
                    </Actions>
                </form>
            </section>
            {excluded}
        }
        .into_any()
    };
    Page::new(transition.label, body).under("/association")
}

/// Hint: required number and order of the list.
fn hint(transition: &Transition, app: &AppState) -> String {
    let order = "专业能力相符、待评价业务较少的排在前面；可指派多人，各自独立评价";
    match transition.requires {
        Requires::Assignees(people) if people.joins => format!("所选专家与已指派的专家一并评价，已提交的评价继续有效。{order}"),
        Requires::Assignees(people) if people.odd => {
            let tables = app.tables();
            format!("须指派至少 {} 人，且为单数。{order}", people.minimum(tables.rules.on(app.today())))
        }
        _ => order.to_owned(),
    }
}

fn choice(candidate: &ExpertCandidate) -> ChoiceItem {
    let competence = if candidate.competent { "专业能力相符" } else { "未登记该领域能力" };
    let load = candidate.expert.open_cases;
    ChoiceItem {
        code: candidate.expert.account.to_string(),
        label: format!("{} · {competence} · 待评价 {load} 件", candidate.name),
        group: String::new(),
    }
}
