//! Workbenches of institutions and of the association: 待办, which is the queue of open tasks, and lists of all matters.

pub mod batch;
pub mod export;
pub mod figures;
mod queue;
mod request;
mod views;
pub mod way;

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::service::matters::{MatterListPage, MatterSummary, list_of_association, list_of_institutions};
use backend::service::queue::{QueueOf, QueuePage, queue_page};
use backend::service::search::{FoundMatters, search_of_association, search_of_institutions};
use domain::base::permission::{Role, UserRole};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use self::export::export_form;
use self::request::{ASSOCIATION, INSTITUTION, ListRequest, STATES, TASKS, pager_view};
use self::views::{RefusedName, ViewLink, change, read_views, summary_of};
use crate::error::PageError;
use crate::extract::Query;
use crate::matter::summary::own_row;
use crate::page::{Page, PageResponse, redirect};
use crate::pagination::{read_cursor, write_cursor};
use crate::post::Post;
use crate::request::Authorized;
use crate::search::SearchedList;
use crate::ui::*;
use crate::{format, links};

const DRAFTS: &str = "/institution/drafts";

/// A workbench and one of its lists.
struct Workbench {
    title: &'static str,
    lead: String,
    address: &'static str,
    /// Label and address of its other pages.
    pages: Vec<(&'static str, &'static str)>,
    list: WorkbenchList,
    request: ListRequest,
    /// A name of a view that was refused.
    refused: Option<RefusedName>,
}

/// What a workbench shows.
enum WorkbenchList {
    /// 待办, with the saved views.
    Queue(QueuePage, Vec<ViewLink>),
    /// Submitted matters, with the number of those found, and whether there are more; no number without a search.
    Matters(MatterListPage, Option<(i64, bool)>),
}

/// 机构工作台.
pub async fn institution(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    institution_page(&app, &who, ListRequest::of_query(&app, who.account(), &query), None).await
}

/// A search at 机构工作台. What may stand in an address leads to it.
pub async fn search_institution(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    let request = ListRequest::read(&post.pairs, true);
    match request.public_address(INSTITUTION) {
        Some(address) => Ok(redirect(address)),
        None => Ok(institution_page(&app, &who, request, None).await?.into()),
    }
}

/// Saves or deletes a view of 机构工作台.
pub async fn institution_views(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    match change(&app, &who, QueueOf::Institutions, INSTITUTION, &post).await? {
        Ok(response) => Ok(response),
        Err((request, refused)) => Ok(institution_page(&app, &who, request, Some(refused)).await?.into()),
    }
}

async fn institution_page(app: &AppState, who: &Allowed, request: ListRequest, refused: Option<RefusedName>) -> Result<Page, PageError> {
    let list = match request.search(app) {
        _ if request.state == TASKS => read_queue(app, who, (QueueOf::Institutions, INSTITUTION), &request).await?,
        Some(search) => found(search_of_institutions(app, who, &search, request.after).await?),
        None => WorkbenchList::Matters(list_of_institutions(app, who, &request.filter(), request.after).await?, None),
    };
    let lead = who.caller().institutions.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、");
    let has = |role: UserRole| who.caller().institutions_as(role).next().is_some();
    let pages = [
        ("在线申请（机构）", "/institution/apply", has(UserRole::Handler)),
        ("机构草稿", DRAFTS, true),
        ("人员", "/institution/people", true),
        ("机构缴费", "/institution/bills", has(UserRole::Finance)),
        ("用户", "/institution/users", has(UserRole::Administrator)),
    ];
    let pages = pages.into_iter().filter_map(|(label, address, has)| has.then_some((label, address))).collect();
    Ok(page(app, who, Workbench { title: "机构工作台", lead, address: INSTITUTION, pages, list, request, refused }))
}

async fn read_queue(
    app: &AppState,
    who: &Allowed,
    (of, address): (QueueOf, &'static str),
    request: &ListRequest,
) -> Result<WorkbenchList, PageError> {
    let search = request.search(app).unwrap_or_default();
    let mut queue = queue_page(app, who, of, &search, &request.queue, request.queue_after).await?;
    if !request.faults.is_empty() {
        // What a wrong condition would leave is not known.
        (queue.tasks, queue.next, queue.found) = (Vec::new(), None, 0);
    }
    let views = read_views(app, who, of, address, &queue.stages, request).await?;
    Ok(WorkbenchList::Queue(queue, views))
}

fn found(found: FoundMatters) -> WorkbenchList {
    WorkbenchList::Matters(found.list, Some((found.count, found.is_capped)))
}

/// Query of 机构草稿.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DraftsQuery {
    /// Cursor of the page; empty for the first.
    after: String,
}

/// 机构草稿: the drafts of the caller's institutions, by whoever began them.
pub async fn institution_drafts(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<DraftsQuery>,
) -> Result<Page, PageError> {
    let after = read_cursor(&query.after);
    let list = backend::service::matters::institution_drafts(&app, &who, after).await?;
    let page = Page::new("机构草稿", move || {
        let next = list.next.map(|cursor| format!("{DRAFTS}?after={}", write_cursor(cursor)));
        let first = after.map(|_| DRAFTS.to_owned());
        let rows = list.matters.iter().map(draft_row).collect();
        view! {
            <PageHead
                title="机构草稿"
                lead="以机构名义填写、尚未提交的申请，本机构用户均可继续填写、提交或删除"
                crumbs=vec![("机构工作台".into(), INSTITUTION.into())]
            />
            <section class="panel">
                <RowsOrEmpty rows=rows empty="没有草稿" />
                <Pager next=next first=first />
            </section>
        }
        .into_any()
    });
    Ok(page.under(INSTITUTION))
}

/// A draft of an institution, with who saved it last.
fn draft_row(matter: &MatterSummary) -> Row {
    let saved = format!("{} · 最后保存：{}", format::kind(matter), matter.applicant);
    Row { sub: saved, ..own_row(matter) }
}

/// 协会工作台.
pub async fn association(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    association_page(&app, &who, ListRequest::of_query(&app, who.account(), &query), None).await
}

/// A search at 协会工作台. What may stand in an address leads to it.
pub async fn search_association(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    let request = ListRequest::read(&post.pairs, true);
    match request.public_address(ASSOCIATION) {
        Some(address) => Ok(redirect(address)),
        None => Ok(association_page(&app, &who, request, None).await?.into()),
    }
}

/// Saves or deletes a view of 协会工作台.
pub async fn association_views(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    match change(&app, &who, QueueOf::Association, ASSOCIATION, &post).await? {
        Ok(response) => Ok(response),
        Err((request, refused)) => Ok(association_page(&app, &who, request, Some(refused)).await?.into()),
    }
}

async fn association_page(app: &AppState, who: &Allowed, request: ListRequest, refused: Option<RefusedName>) -> Result<Page, PageError> {
    let list = match request.search(app) {
        _ if request.state == TASKS => read_queue(app, who, (QueueOf::Association, ASSOCIATION), &request).await?,
        Some(search) => found(search_of_association(app, who, &search, request.after).await?),
        None => WorkbenchList::Matters(list_of_association(app, who, &request.filter(), request.after).await?, None),
    };
    let roles = &who.caller().roles;
    let lead = roles.iter().map(|r| r.label()).collect::<Vec<_>>().join("、");
    let pages = [(Role::Officer, "证书处置", links::CERTIFICATES), (Role::Finance, "财务", links::FINANCE)]
        .into_iter()
        .filter(|(role, ..)| roles.contains(role))
        .map(|(_, label, address)| (label, address))
        .collect();
    Ok(page(app, who, Workbench { title: "协会工作台", lead, address: ASSOCIATION, pages, list, request, refused }))
}

fn page(app: &AppState, who: &Allowed, workbench: Workbench) -> Page {
    let Workbench { title, lead, address, pages, list, request, refused } = workbench;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { request.status() };
    let today = app.today();
    let own_address = request.own_address(app, who.account(), address);
    let is_queue = matches!(list, WorkbenchList::Queue(..));
    let body = move || {
        let pages: Vec<AnyView> =
            pages.into_iter().map(|(label, href)| view! { <ButtonLink href=href label=label quiet=true /> }.into_any()).collect();
        let faults = request.faults.iter().map(|(name, text)| (format!("#f-{name}"), text.clone()));
        let summary = faults.chain(summary_of(refused.as_ref())).collect();
        let (heading, content) = match list {
            WorkbenchList::Queue(page, views) => {
                let all: i64 = page.stages.iter().map(|stage| stage.all.all).sum();
                let views = views::views_view(address, views, &request, refused);
                (format!("待办（{all}）"), queue::queue_view(address, own_address, page, views, &request, today))
            }
            WorkbenchList::Matters(list, found) => ("全部业务".to_owned(), matters_view(address, &list, found, &request)),
        };
        view! {
            <PageHead title=title lead=lead />
            <ErrorSummary items=summary />
            {(!pages.is_empty()).then(|| view! { <p class="choices desk-links">{pages}</p> })}
            <Section title=heading>{tabs_view(address, &request)}{content}{export_form(address, &request)}</Section>
        }
        .into_any()
    };
    let page = Page::new(title, body).under(address).status(status);
    if is_queue { page.with_script(way::SCRIPT) } else { page }
}

/// The lists of the workbench.
fn tabs_view(address: &'static str, request: &ListRequest) -> AnyView {
    if !request.is_private() {
        let tab = |(label, state): &(&'static str, &'static str)| {
            (*label, request.address(address, &[("state", state)]), *state == request.state)
        };
        return view! { <Tabs items=STATES.iter().map(tab).collect() /> }.into_any();
    }
    let tab = |(label, state): &(&'static str, &'static str)| {
        let here = (*state == request.state).then_some("page");
        view! {
            <li>
                <button class="tab-link" type="submit" name="state" value=*state aria-current=here>
                    {*label}
                </button>
            </li>
        }
    };
    let tabs = STATES.iter().map(tab).collect_view();
    view! {
        <form method="post" action=address>
            {request.hidden(&["state"])}
            <ul class="tab-row">{tabs}</ul>
        </form>
    }
    .into_any()
}

/// One page of submitted matters, with 查询条件.
fn matters_view(address: &'static str, list: &MatterListPage, found: Option<(i64, bool)>, request: &ListRequest) -> AnyView {
    let (form, state) = (&request.form, request.state);
    let rows = list.matters.iter().map(row).collect();
    view! {
        {form.view(address, state, SearchedList::Workbench, "如 质量管理体系", &request.faults)}
        {found.map(|(count, is_capped)| form.found_view(address, state, count, is_capped))}
        <RowsOrEmpty rows=rows empty="没有符合条件的业务" />
        {pager_view(address, request, list.next.map(write_cursor), request.after.is_some())}
    }
    .into_any()
}

fn row(matter: &MatterSummary) -> Row {
    let due = matter.due_on.map(|d| format!(" · 期限 {d}")).unwrap_or_default();
    Row {
        href: links::matter(matter.id),
        title: if matter.applicant.is_empty() { matter.title.clone() } else { format!("{} · {}", matter.applicant, matter.title) },
        sub: format!("{}{due}", format::kind_and_number(matter)),
        badge: Some(format::stage(matter)),
        end: format::time(matter.updated_at),
        actions: Vec::new(),
    }
}
