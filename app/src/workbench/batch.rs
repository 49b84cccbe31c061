//! 批量办理: one command for the chosen tasks of a queue, and a line for each of them that says what became of it.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::{MatterError, Seen};
use backend::service::queue::batch::{BatchCommand, BatchItem, BatchResult, MAX_BATCH, run_batch};
use backend::service::queue::{Offer, QueueOf, role_colleagues};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::queue::{batch_bar, batch_form, row_box};
use super::request::{ASSOCIATION, INSTITUTION};
use crate::error::{HttpStatus, PageError};
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::{Authorized, safe_next};
use crate::ui::*;

/// Why nothing was done with any task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unusable {
    NoRow,
    TooMany,
    NoColleague,
}

impl Unusable {
    fn text(self) -> String {
        match self {
            Unusable::NoRow => "请先勾选要办理的业务".to_owned(),
            Unusable::TooMany => format!("一次最多办理 {MAX_BATCH} 件业务"),
            Unusable::NoColleague => "请选择转交给谁".to_owned(),
        }
    }
}

/// A link to the result is a link to the queue.
pub async fn institution_queue() -> PageResponse {
    redirect(INSTITUTION)
}

/// A link to the result is a link to the queue.
pub async fn association_queue() -> PageResponse {
    redirect(ASSOCIATION)
}

/// A batch at 机构工作台.
pub async fn institution(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<Page, PageError> {
    run(&app, &who, QueueOf::Institutions, INSTITUTION, &post).await
}

/// A batch at 协会工作台.
pub async fn association(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<Page, PageError> {
    run(&app, &who, QueueOf::Association, ASSOCIATION, &post).await
}

async fn run(app: &AppState, who: &Allowed, of: QueueOf, address: &'static str, post: &Post) -> Result<Page, PageError> {
    let (key, back) = (post.id("_key")?, back_to(address, post.text("_back")));
    let items = read_items(post);
    let command = match read_command(of, post)? {
        _ if items.is_empty() => Err(Unusable::NoRow),
        _ if items.len() > MAX_BATCH => Err(Unusable::TooMany),
        command => command,
    };
    match command {
        Ok(command) => {
            let results = run_batch(app, who, key, &command, &items).await?;
            let colleagues = role_colleagues(app, who, of).await?;
            Ok(result_page(address, back, results, colleagues))
        }
        Err(unusable) => Ok(unusable_page(address, back, unusable.text())),
    }
}

/// The address of the queue that the batch came from.
fn back_to(address: &'static str, back: &str) -> String {
    let back = safe_next(back);
    let is_queue = back == address || back.strip_prefix(address).is_some_and(|rest| rest.starts_with('?'));
    if is_queue { back.to_owned() } else { address.to_owned() }
}

fn read_command(of: QueueOf, post: &Post) -> Result<Result<BatchCommand, Unusable>, PageError> {
    match (post.text("_action"), of) {
        ("take", QueueOf::Association) => Ok(Ok(BatchCommand::Take)),
        ("hand_over", QueueOf::Association) => {
            Ok(Uuid::parse_str(post.text("to")).map(BatchCommand::HandOver).map_err(|_| Unusable::NoColleague))
        }
        (action, _) => match action.strip_prefix("do:").filter(|command| !command.is_empty()) {
            Some(command) => Ok(Ok(BatchCommand::Transition(command.to_owned()))),
            None => Err(PageError::OUTDATED_FORM),
        },
    }
}

/// The chosen tasks, each once. What the list showed of one that does not say it is outdated in every state.
fn read_items(post: &Post) -> Vec<BatchItem> {
    let mut items: Vec<BatchItem> = Vec::new();
    for value in post.values("row") {
        let mut parts = value.split(':');
        let Some(matter) = parts.next().and_then(|id| Uuid::parse_str(id).ok()) else { continue };
        let seen = parts.next().and_then(|seen| seen.parse().ok()).unwrap_or(Seen::NOTHING);
        let held = parts.next().and_then(|account| Uuid::parse_str(account).ok());
        if items.iter().all(|item| item.matter != matter) {
            items.push(BatchItem { matter, seen, held });
        }
    }
    items
}

fn unusable_page(address: &'static str, back: String, text: String) -> Page {
    let body = move || {
        view! {
            <PageHead title="批量办理" crumbs=vec![(crumb(address).to_owned(), back.clone())] />
            <Notice tone=Tone::Bad>{text}</Notice>
            <p>
                <ButtonLink href=back label="返回待办" quiet=true />
            </p>
        }
        .into_any()
    };
    Page::new("批量办理", body).under(address).status(StatusCode::UNPROCESSABLE_ENTITY)
}

fn crumb(address: &str) -> &'static str {
    if address == ASSOCIATION { "协会工作台" } else { "机构工作台" }
}

fn result_page(address: &'static str, back: String, results: Vec<BatchResult>, colleagues: Vec<(Uuid, String)>) -> Page {
    let refused: Vec<&MatterError> = results.iter().filter_map(|result| result.refused.as_ref()).collect();
    let (failed, done) = (refused.len(), results.len() - refused.len());
    // Only a batch of which nothing was done has failed as a whole.
    let status = refused.first().filter(|_| done == 0).map_or(StatusCode::OK, |error| error.http_status());
    let lead = match (done, failed) {
        (done, 0) => format!("已办理 {done} 件。"),
        (0, failed) => format!("{failed} 件都没有办理，原因见下。"),
        (done, failed) => format!("已办理 {done} 件，{failed} 件没有办理，原因见下。"),
    };
    let body = move || {
        let left: Vec<&Offer> =
            results.iter().filter(|result| result.refused.is_some()).filter_map(|result| result.offer.as_ref()).collect();
        let bar = batch_bar(left, &colleagues);
        let rows = results.iter().map(line_view).collect_view();
        let list = view! {
            <ul class="rows batch-lines">{rows}</ul>
            {bar}
        }
        .into_any();
        let head = back.clone();
        view! {
            <PageHead title="批量办理结果" crumbs=vec![(crumb(address).to_owned(), head.clone())] />
            <Notice tone=if failed == 0 { Tone::Good } else { Tone::Warn }>{lead}</Notice>
            <Section>{batch_form(address, back, list)}</Section>
            <p>
                <ButtonLink href=head label="返回待办" />
            </p>
        }
        .into_any()
    };
    Page::new("批量办理结果", body).under(address).status(status)
}

/// One task: what became of it. What was refused stays ticked, unless it has changed: that is to be looked at first.
fn line_view(result: &BatchResult) -> AnyView {
    let BatchResult { matter, offer, item, held, refused } = result;
    let title = matter.as_ref().map_or_else(|| "该业务".to_owned(), backend::matter::LoadedMatter::heading);
    let stage = matter.as_ref().and_then(|matter| matter.stage()).map(|stage| format!("当前环节：{}", stage.label));
    let again = refused.as_ref().is_some_and(|error| !matches!(error, MatterError::Outdated(_)));
    let pick = offer.as_ref().filter(|_| again).map(|offer| row_box(item.matter, offer, *held, true, title.clone()));
    let (tone, word) = if refused.is_some() { (Tone::Bad, "未办理") } else { (Tone::Good, "已办理") };
    let why = refused.as_ref().map(|error| view! { <p>{error.text()}</p> });
    let heading = match matter {
        Some(matter) => view! {
            <a class="row-title" href=links::matter(matter.id)>
                {title}
            </a>
        }
        .into_any(),
        None => view! { <span class="row-title">{title}</span> }.into_any(),
    };
    view! {
        <li class="row">
            <div class="row-main batch-line">{pick}<div>{heading}{why}<p class="row-sub">{stage}</p></div></div>
            <div class="row-end">
                <StatusTag tone=tone text=word />
            </div>
        </li>
    }
    .into_any()
}
