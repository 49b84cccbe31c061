//! Workbenches of institutions and of the association.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::service::matters::{Cursor, ListFilter, MatterListPage, MatterSummary, WorkbenchPage};
use backend::service::search::{FoundMatters, MatterSearch, search_of_association, search_of_institutions};
use domain::base::permission::Role;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use crate::error::PageError;
use crate::extract::Query;
use crate::matter::summary::own_row;
use crate::page::{Page, PageResponse, redirect};
use crate::pagination::{read_cursor, write_cursor};
use crate::post::Post;
use crate::request::Authorized;
use crate::search::{SearchForm, SearchedList};
use crate::ui::*;
use crate::{format, links};

const STATES: &[(&str, &str)] = &[("全部", "all"), ("办理中", "open"), ("已办结", "closed")];
const INSTITUTION: &str = "/institution";
const ASSOCIATION: &str = "/association";
const DRAFTS: &str = "/institution/drafts";

/// The content of a workbench.
struct Workbench {
    title: &'static str,
    lead: String,
    address: &'static str,
    /// Label and address of its other pages.
    pages: Vec<(&'static str, &'static str)>,
    tasks: Vec<MatterSummary>,
    list: MatterListPage,
    /// Number of the matters found, and whether there are more; none without a search.
    found: Option<(i64, bool)>,
    request: ListRequest,
}

/// Which page of which list is asked for.
struct ListRequest {
    state: &'static str,
    form: SearchForm,
    after: Cursor,
    /// Whether it was posted, since its conditions must not stand in an address.
    is_posted: bool,
    /// Messages at the conditions.
    faults: Vec<(String, String)>,
}

impl ListRequest {
    fn read(pairs: &[(String, String)], is_posted: bool) -> Self {
        let sent = |name: &str| pairs.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
        let mut form = SearchForm::read(pairs, SearchedList::Workbench);
        if !is_posted {
            form.applicant.clear();
        }
        let state = STATES.iter().find(|(_, s)| *s == sent("state")).map_or("all", |(_, s)| *s);
        let (after, faults) = (read_cursor(sent("after")), form.faults());
        Self { state, form, after, is_posted, faults }
    }

    fn filter(&self) -> ListFilter {
        ListFilter { state: self.state.to_owned(), text: self.form.words.clone() }
    }

    /// What is searched for; none where the list is only restricted by its tab, or a condition is wrong.
    fn search(&self, app: &AppState) -> Option<MatterSearch> {
        let asked = !self.form.is_empty() && self.faults.is_empty();
        asked.then(|| MatterSearch {
            filter: self.filter(),
            conditions: self.form.conditions(app.today()),
            applicant: self.form.applicant.clone(),
        })
    }

    fn status(&self) -> StatusCode {
        if self.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}

/// 机构工作台.
pub async fn institution(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    institution_page(&app, &who, ListRequest::read(&query, false)).await
}

/// A search at 机构工作台. What may stand in an address leads to it.
pub async fn search_institution(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    let request = ListRequest::read(&post.pairs, true);
    match to_address(&request, INSTITUTION) {
        Some(address) => Ok(redirect(address)),
        None => Ok(institution_page(&app, &who, request).await?.into()),
    }
}

async fn institution_page(app: &AppState, who: &Allowed, request: ListRequest) -> Result<Page, PageError> {
    let content = backend::service::matters::institution_workbench(app, who, &request.filter(), request.after).await?;
    let found = match request.search(app) {
        Some(search) => Some(search_of_institutions(app, who, &search, request.after).await?),
        None => None,
    };
    let names = who.caller().institutions.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、");
    let pages = vec![("在线申请（机构）", "/institution/apply"), ("机构草稿", DRAFTS), ("机构缴费", "/institution/bills")];
    Ok(page(Workbench::new(("机构工作台", names, INSTITUTION), pages, content, found, request)))
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
            <PageHead title="机构草稿" lead="以机构名义填写、尚未提交的申请，本机构用户均可继续填写、提交或删除" crumbs=vec![("机构工作台".into(), INSTITUTION.into())]/>
            <section class="panel">
                <RowsOrEmpty rows=rows empty="没有草稿"/>
                <Pager next=next first=first/>
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
    association_page(&app, &who, ListRequest::read(&query, false)).await
}

/// A search at 协会工作台. What may stand in an address leads to it.
pub async fn search_association(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    let request = ListRequest::read(&post.pairs, true);
    match to_address(&request, ASSOCIATION) {
        Some(address) => Ok(redirect(address)),
        None => Ok(association_page(&app, &who, request).await?.into()),
    }
}

async fn association_page(app: &AppState, who: &Allowed, request: ListRequest) -> Result<Page, PageError> {
    let content = backend::service::matters::association_workbench(app, who, &request.filter(), request.after).await?;
    let found = match request.search(app) {
        Some(search) => Some(search_of_association(app, who, &search, request.after).await?),
        None => None,
    };
    let roles = &who.caller().roles;
    let lead = roles.iter().map(|r| r.label()).collect::<Vec<_>>().join("、");
    let pages = [(Role::Officer, "证书处置", links::CERTIFICATES), (Role::Finance, "财务", links::FINANCE)]
        .into_iter()
        .filter(|(role, ..)| roles.contains(role))
        .map(|(_, label, address)| (label, address))
        .collect();
    Ok(page(Workbench::new(("协会工作台", lead, ASSOCIATION), pages, content, found, request)))
}

/// The address of a search whose conditions may stand in one.
fn to_address(request: &ListRequest, base: &str) -> Option<String> {
    let plain = request.faults.is_empty() && !request.form.is_private();
    plain.then(|| request.form.address(base, request.state))
}

impl Workbench {
    fn new(
        (title, lead, address): (&'static str, String, &'static str),
        pages: Vec<(&'static str, &'static str)>,
        content: WorkbenchPage,
        found: Option<FoundMatters>,
        request: ListRequest,
    ) -> Self {
        let WorkbenchPage { tasks, list } = content;
        let (list, found) = match found {
            Some(FoundMatters { list, count, is_capped }) => (list, Some((count, is_capped))),
            None => (list, None),
        };
        Self { title, lead, address, pages, tasks, list, found, request }
    }
}

fn page(workbench: Workbench) -> Page {
    let Workbench { title, lead, address, pages, tasks, list, found, request } = workbench;
    let status = request.status();
    let body = move || {
        let waiting: Vec<Row> = tasks.iter().map(|m| row(m, true)).collect();
        let pages: Vec<AnyView> =
            pages.into_iter().map(|(label, href)| view! { <ButtonLink href=href label=label quiet=true/> }.into_any()).collect();
        let summary = request.faults.iter().map(|(name, text)| (format!("#f-{name}"), text.clone())).collect();
        view! {
            <PageHead title=title lead=lead/>
            <ErrorSummary items=summary/>
            {(!pages.is_empty()).then(|| view! { <p class="choices desk-links">{pages}</p> })}
            <Section title=format!("待办（{}）", waiting.len())><RowsOrEmpty rows=waiting empty="没有等待办理的业务"/></Section>
            <Section title="全部业务">{list_view(address, &list, found, &request)}</Section>
        }
        .into_any()
    };
    Page::new(title, body).under(address).status(status)
}

/// One page of all submitted matters, with 查询条件.
fn list_view(address: &'static str, list: &MatterListPage, found: Option<(i64, bool)>, request: &ListRequest) -> AnyView {
    let ListRequest { state, form, after, is_posted, faults } = request;
    let private = *is_posted && form.is_private();
    let rows = list.matters.iter().map(|m| row(m, false)).collect();
    let next = list.next.map(write_cursor);
    let (tabs, pager) = if private {
        (private_tabs(address, request), private_pager(address, request, next))
    } else {
        let tab = |state: &str| form.address(address, state);
        let tabs = STATES.iter().map(|(label, s)| (*label, tab(s), s == state)).collect();
        let next = next.map(|cursor| format!("{}&after={cursor}", tab(state)));
        let first = after.map(|_| tab(state));
        (view! { <Tabs items=tabs/> }.into_any(), view! { <Pager next=next first=first/> }.into_any())
    };
    view! {
        {tabs}
        {form.view(address, state, SearchedList::Workbench, "如 质量管理体系", faults)}
        {found.map(|(count, is_capped)| form.found_view(address, state, count, is_capped))}
        <RowsOrEmpty rows=rows empty="没有符合条件的业务"/>
        {pager}
    }
    .into_any()
}

/// The tabs of a search whose conditions must not stand in an address.
fn private_tabs(address: &'static str, request: &ListRequest) -> AnyView {
    let tab = |(label, state): &(&'static str, &'static str)| {
        let here = (*state == request.state).then_some("page");
        view! { <li><button class="tab-link" type="submit" name="state" value=*state aria-current=here>{*label}</button></li> }
    };
    let tabs = STATES.iter().map(tab).collect_view();
    view! { <form method="post" action=address>{request.form.hidden()}<ul class="tab-row">{tabs}</ul></form> }.into_any()
}

/// The pager of such a search.
fn private_pager(address: &'static str, request: &ListRequest, next: Option<String>) -> AnyView {
    let state = request.state;
    let page = |label: &'static str, after: String| {
        let form = request.form.hidden();
        view! {
            <form method="post" action=address>
                {form}<Hidden name="state" value=state/><Hidden name="after" value=after/><Submit label=label weight=Weight::Quiet/>
            </form>
        }
    };
    let first = request.after.map(|_| page("第一页", String::new()));
    let next = next.map(|cursor| page("下一页", cursor));
    view! { <nav class="pager" aria-label="翻页">{first}{next}</nav> }.into_any()
}

fn row(matter: &MatterSummary, waiting: bool) -> Row {
    // Roles that only handle payments work on their own page.
    let href = if matter.is_readable { links::matter(matter.id) } else { links::FINANCE.to_owned() };
    let due = matter.due_on.map(|d| format!(" · 期限 {d}")).unwrap_or_default();
    let taken = matter.assignee.as_ref().map(|(_, name)| format!(" · 承办人：{name}")).unwrap_or_default();
    Row {
        href: href.clone(),
        title: if matter.applicant.is_empty() { matter.title.clone() } else { format!("{} · {}", matter.applicant, matter.title) },
        sub: format!("{}{due}{taken}", format::kind_and_number(matter)),
        badge: Some(format::stage(matter)),
        end: format::time(matter.updated_at),
        actions: waiting.then_some(RowAction::Open("办理", href)).into_iter().collect(),
    }
}
