//! The desks of institutions and of the association.

use backend::infra::db::matter::Narrow;
use backend::service::matters::Line;
use domain::base::permission::Role;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, read_cursor, write_cursor};
use crate::ui::*;
use crate::words;

const STATES: &[(&str, &str)] = &[("全部", "all"), ("办理中", "open"), ("已办结", "closed")];

/// What a desk shows.
struct Desk {
    title: &'static str,
    lead: String,
    here: &'static str,
    /// Its other pages: label and address.
    links: Vec<(&'static str, &'static str)>,
    tasks: Vec<Line>,
    list: backend::service::matters::Page,
    narrow: Narrow,
    later: bool,
}

/// 机构工作台.
pub async fn institution(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let (narrow, after) = (narrow(&call), read_cursor(call.asked("after")));
    let tasks = backend::service::matters::institution_tasks(&call.app, &who).await?;
    let list = backend::service::matters::institution_matters(&call.app, &who, &narrow, after).await?;
    let lead = who.caller().desks.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、");
    let links = vec![("发起业务", "/institution/apply"), ("机构缴费", "/institution/bills")];
    Ok(page(Desk { title: "机构工作台", lead, here: "/institution", links, tasks, list, narrow, later: after.is_some() }).into())
}

/// 协会工作台.
pub async fn association(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let (narrow, after) = (narrow(&call), read_cursor(call.asked("after")));
    let tasks = backend::service::matters::association_tasks(&call.app, &who).await?;
    let list = backend::service::matters::association_matters(&call.app, &who, &narrow, after).await?;
    let lead = who.caller().roles.iter().map(|r| r.label()).collect::<Vec<_>>().join("、");
    let finance = who.caller().roles.contains(&Role::Finance);
    let links = if finance { vec![("财务", "/association/payments")] } else { Vec::new() };
    Ok(page(Desk { title: "协会工作台", lead, here: "/association", links, tasks, list, narrow, later: after.is_some() }).into())
}

fn narrow(call: &Call) -> Narrow {
    let asked = call.asked("state");
    let state = STATES.iter().find(|(_, s)| *s == asked).map_or("all", |(_, s)| *s);
    Narrow { state: state.to_owned(), words: domain::base::text::normalise(call.asked("words")) }
}

fn page(desk: Desk) -> Page {
    let (title, here) = (desk.title, desk.here);
    Page::new(title, move || {
        let Desk { lead, links, tasks, list, narrow, later, .. } = desk;
        let count = tasks.len();
        let waiting: Vec<Row> = tasks.iter().map(|l| row(l, true)).collect();
        let links =
            links.into_iter().map(|(label, href)| view! { <ButtonLink href=href label=label quiet=true/> }.into_any()).collect::<Vec<_>>();
        view! {
            <PageHead title=title lead=lead/>
            {(!links.is_empty()).then(|| view! { <p class="choices desk-links">{links}</p> })}
            <Section title=format!("待办（{count}）")>{rows(waiting, "没有等待办理的业务")}</Section>
            <Section title="全部业务">{everything(here, &list, &narrow, later)}</Section>
        }
        .into_any()
    })
    .under(here)
}

/// The list of everything, with conditions to search by.
fn everything(here: &'static str, list: &backend::service::matters::Page, narrow: &Narrow, later: bool) -> AnyView {
    let words: String = form_urlencoded::byte_serialize(narrow.words.as_bytes()).collect();
    let query = |state: &str| format!("{here}?state={state}&words={words}");
    let tabs = STATES.iter().map(|(label, s)| (*label, query(s), *s == narrow.state)).collect();
    let next = list.next.map(|c| format!("{}&after={}", query(&narrow.state), write_cursor(c)));
    let first = later.then(|| query(&narrow.state));
    let all = list.lines.iter().map(|l| row(l, false)).collect();
    view! {
        <Tabs items=tabs/>
        <form method="get" action=here class="search" role="search">
            <Hidden name="state" value=narrow.state.clone()/>
            <label class="field-label" for="f-words">"业务名称"</label>
            <input class="input" type="search" id="f-words" name="words" value=narrow.words.clone() placeholder="如 质量管理体系"/>
            <Submit label="查询" weight=Weight::Quiet/>
        </form>
        {rows(all, "没有符合条件的业务")}
        <Pager next=next first=first/>
    }
    .into_any()
}

fn rows(rows: Vec<Row>, none: &'static str) -> AnyView {
    if rows.is_empty() { view! { <Empty text=none/> }.into_any() } else { view! { <Rows rows=rows/> }.into_any() }
}

fn row(line: &Line, waiting: bool) -> Row {
    let href = format!("/matters/{}", line.row.id);
    let due = line.row.due_on.map(|d| format!(" · 期限 {d}")).unwrap_or_default();
    Row {
        href: href.clone(),
        title: format!("{} · {}", line.applicant, line.row.title),
        sub: format!("{}{due}", words::kind(&line.row)),
        badge: Some(words::stage(&line.row)),
        end: words::time(line.row.updated_at),
        action: waiting.then_some(("办理", href)),
    }
}
