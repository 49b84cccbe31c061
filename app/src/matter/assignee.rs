//! 承办人: who has taken the open task of a matter, and the commands that change it.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::MatterError;
use backend::workflow::assignee::{AssigneeChange, AssigneeRequest, RoleTask, change_assignee, role_task};
use domain::engine::flow::Refusal;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::actions::TypedCommand;
use super::assignee_line::{GIVE_BACK, HAND_OVER, NOBODY, TAKE, own_button};
use super::detail::refused;
use crate::error::{HttpStatus, PageError};
use crate::extract::Path;
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Why a change had no effect.
struct RefusedChange {
    status: StatusCode,
    text: String,
    /// Whether the chosen colleague is the reason.
    is_choice: bool,
}

/// Shows who has the task, and the colleagues to whom it can be handed over.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<PageResponse, PageError> {
    match role_task(&app, &who, id).await {
        Ok(task) => Ok(page(&who, task, None, None).into()),
        // Whoever reads the matter, which waits for somebody else by now, is led to it.
        Err(MatterError::NotFound) => Ok(redirect(links::matter(backend::matter::load(&app, &who, id).await?.id))),
        Err(error) => Err(error.into()),
    }
}

/// 承办, 交回, 转交.
pub async fn send(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let (key, chosen) = (post.id("_key")?, Uuid::parse_str(post.text("to")).ok());
    let change = match (post.text("_action"), chosen) {
        (TAKE, _) => AssigneeChange::Take,
        (GIVE_BACK, _) => AssigneeChange::GiveBack,
        (HAND_OVER, Some(to)) => AssigneeChange::HandOver { from: Uuid::parse_str(post.text("_held")).ok(), to },
        (HAND_OVER, None) => {
            let refused =
                RefusedChange { status: StatusCode::UNPROCESSABLE_ENTITY, text: "请选择转交给谁".to_owned(), is_choice: true };
            return Ok(page(&who, role_task(&app, &who, id).await?, Some(refused), None).into());
        }
        _ => return Err(PageError::OUTDATED_FORM),
    };
    match change_assignee(&app, &who, AssigneeRequest { key, matter: id, change }).await {
        Ok(()) => Ok(redirect(format!("{}?done={}", links::matter(id), post.text("_action")))),
        Err(error) => match role_task(&app, &who, id).await {
            Ok(task) => {
                let refused = RefusedChange { status: error.http_status(), text: error.text(), is_choice: false };
                Ok(page(&who, task, Some(refused), chosen).into())
            }
            // It waits for another party by now.
            Err(MatterError::NotFound) => refused(&app, &who, id, TypedCommand::default(), Refusal::NotOpen.into()).await,
            Err(error) => Err(error.into()),
        },
    }
}

fn page(who: &Allowed, task: RoleTask, refused: Option<RefusedChange>, chosen: Option<Uuid>) -> Page {
    let RoleTask { matter, assignee, candidates } = task;
    let (id, own) = (matter.id, who.account());
    let status = refused.as_ref().map_or(StatusCode::OK, |r| r.status);
    let body = move || {
        let name = assignee.as_ref().map_or_else(|| NOBODY.to_owned(), |(_, name)| name.clone());
        let facts = vec![("承办人".to_owned(), name), ("当前环节".to_owned(), matter.stage().map_or("", |stage| stage.label).to_owned())];
        let (fault, notice) = match refused {
            Some(RefusedChange { text, is_choice: true, .. }) => (Some(text), None),
            other => (None, other.map(|r| view! { <Notice tone=Tone::Bad>{r.text}</Notice> })),
        };
        let summary = fault.iter().map(|text| ("#f-to".to_owned(), text.clone())).collect();
        let held = assignee.as_ref().map(|(account, _)| *account);
        view! {
            <PageHead
                title="承办人"
                lead="承办人只说明由谁办理；持有相应权限的同事仍可以办理。"
                crumbs=vec![(matter.heading(), links::matter(id))]
            />
            {notice}
            <ErrorSummary items=summary />
            <Section title="当前承办">
                <DescriptionList items=facts />
                {own_button(id, held, own)}
            </Section>
            <Section title="转交">{hand_over_form(id, held, own, candidates, chosen, fault)}</Section>
        }
        .into_any()
    };
    Page::new("承办人", body).under("/association").status(status)
}

fn hand_over_form(
    id: Uuid,
    held: Option<Uuid>,
    own: Uuid,
    candidates: Vec<(Uuid, String)>,
    chosen: Option<Uuid>,
    fault: Option<String>,
) -> AnyView {
    if candidates.is_empty() {
        return view! { <Empty text="没有可以接手的同事" /> }.into_any();
    }
    let choice = |(account, name): (Uuid, String)| {
        let label = if account == own { format!("{name}（本人）") } else { name };
        ChoiceItem { code: account.to_string(), label, group: String::new() }
    };
    let picks = candidates.into_iter().map(choice).collect();
    let values = chosen.iter().map(Uuid::to_string).collect();
    let ask = FieldProps::new("to", "转交给").fault(fault);
    view! {
        <form method="post" action=links::assignee(id) class="fields">
            <Hidden name="_key" value=Uuid::now_v7().to_string() />
            <Hidden name="_held" value=held.map(|account| account.to_string()).unwrap_or_default() />
            <ChoiceField ask=ask picks=picks values=values />
            <Actions>
                <Submit label="转交" action=HAND_OVER />
                <ButtonLink href=links::matter(id) label="返回" quiet=true />
            </Actions>
        </form>
    }
    .into_any()
}
