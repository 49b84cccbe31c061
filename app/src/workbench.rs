//! Workbenches of institutions and of the association.

use axum::extract::State;
use backend::AppState;
use backend::service::matters::{ListFilter, MatterListPage, MatterSummary, WorkbenchPage};
use domain::base::identity::read_certificate_number;
use domain::base::permission::Role;
use domain::base::text::normalise;
use leptos::prelude::*;

use crate::error::PageError;
use crate::extract::Query;
use crate::page::Page;
use crate::pagination::{ListQuery, read_cursor, write_cursor};
use crate::request::Authorized;
use crate::ui::*;
use crate::{format, links};

const STATES: &[(&str, &str)] = &[("全部", "all"), ("办理中", "open"), ("已办结", "closed")];

/// The content of a workbench.
struct Workbench {
    title: &'static str,
    lead: String,
    address: &'static str,
    /// Label and address of its other pages.
    pages: Vec<(&'static str, &'static str)>,
    content: WorkbenchPage,
    filter: ListFilter,
    /// Whether the list begins after its first row.
    continued: bool,
}

/// 机构工作台.
pub async fn institution(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<ListQuery>,
) -> Result<Page, PageError> {
    let (filter, after) = (filter(&query), read_cursor(&query.after));
    let content = backend::service::matters::institution_workbench(&app, &who, &filter, after).await?;
    Ok(page(Workbench {
        title: "机构工作台",
        lead: who.caller().institutions.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、"),
        address: "/institution",
        pages: vec![("在线申请（机构）", "/institution/apply"), ("机构缴费", "/institution/bills")],
        content,
        filter,
        continued: after.is_some(),
    }))
}

/// 协会工作台.
pub async fn association(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<ListQuery>,
) -> Result<Page, PageError> {
    let (filter, after) = (filter(&query), read_cursor(&query.after));
    let content = backend::service::matters::association_workbench(&app, &who, &filter, after).await?;
    let roles = &who.caller().roles;
    Ok(page(Workbench {
        title: "协会工作台",
        lead: roles.iter().map(|r| r.label()).collect::<Vec<_>>().join("、"),
        address: "/association",
        pages: if roles.contains(&Role::Finance) { vec![("财务", links::FINANCE)] } else { Vec::new() },
        content,
        filter,
        continued: after.is_some(),
    }))
}

fn filter(query: &ListQuery) -> ListFilter {
    let state = STATES.iter().find(|(_, s)| *s == query.state).map_or("all", |(_, s)| *s);
    let words = normalise(&query.words);
    // Titles show numbers of certificates.
    ListFilter { state: state.to_owned(), text: read_certificate_number(&words).unwrap_or(words) }
}

fn page(workbench: Workbench) -> Page {
    let Workbench { title, lead, address, pages, content, filter, continued } = workbench;
    let WorkbenchPage { tasks, list } = content;
    let body = move || {
        let waiting: Vec<Row> = tasks.iter().map(|m| row(m, true)).collect();
        let pages: Vec<AnyView> =
            pages.into_iter().map(|(label, href)| view! { <ButtonLink href=href label=label quiet=true/> }.into_any()).collect();
        view! {
            <PageHead title=title lead=lead/>
            {(!pages.is_empty()).then(|| view! { <p class="choices desk-links">{pages}</p> })}
            <Section title=format!("待办（{}）", waiting.len())><RowsOrEmpty rows=waiting empty="没有等待办理的业务"/></Section>
            <Section title="全部业务">{list_view(address, &list, &filter, continued)}</Section>
        }
        .into_any()
    };
    Page::new(title, body).under(address)
}

/// One page of all submitted matters, with filters.
fn list_view(address: &'static str, list: &MatterListPage, filter: &ListFilter, continued: bool) -> AnyView {
    let words: String = form_urlencoded::byte_serialize(filter.text.as_bytes()).collect();
    let tab = |state: &str| format!("{address}?state={state}&words={words}");
    let tabs = STATES.iter().map(|(label, s)| (*label, tab(s), *s == filter.state)).collect();
    let next = list.next.map(|c| format!("{}&after={}", tab(&filter.state), write_cursor(c)));
    let first = continued.then(|| tab(&filter.state));
    let rows = list.matters.iter().map(|m| row(m, false)).collect();
    view! {
        <Tabs items=tabs/>
        <ListSearch action=address state=filter.state.clone() words=filter.text.clone() example="如 质量管理体系"/>
        <RowsOrEmpty rows=rows empty="没有符合条件的业务"/>
        <Pager next=next first=first/>
    }
    .into_any()
}

fn row(matter: &MatterSummary, waiting: bool) -> Row {
    // Roles that only handle payments work on their own page.
    let href = if matter.is_readable { links::matter(matter.id) } else { links::FINANCE.to_owned() };
    let due = matter.due_on.map(|d| format!(" · 期限 {d}")).unwrap_or_default();
    Row {
        href: href.clone(),
        title: if matter.applicant.is_empty() { matter.title.clone() } else { format!("{} · {}", matter.applicant, matter.title) },
        sub: format!("{}{due}", format::kind(matter)),
        badge: Some(format::stage(matter)),
        end: format::time(matter.updated_at),
        actions: waiting.then_some(RowAction::Open("办理", href)).into_iter().collect(),
    }
}
