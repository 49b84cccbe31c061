//! The desks of institutions and of the association.

use backend::matter::Line;
use domain::permission::Role;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, read_cursor, write_cursor};
use crate::ui::*;
use crate::words;

/// 机构工作台.
pub async fn institution(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let after = read_cursor(call.asked("after"));
    let tasks = call.house.institution_tasks(&who).await?;
    let list = call.house.institution_matters(&who, after).await?;
    let lead = who.caller().desks.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、");
    let links = vec![("机构缴费", "/institution/bills")];
    Ok(page("机构工作台", lead, "/institution", links, tasks, list, after.is_some()).into())
}

/// 协会工作台.
pub async fn association(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let after = read_cursor(call.asked("after"));
    let tasks = call.house.association_tasks(&who).await?;
    let list = call.house.association_matters(&who, after).await?;
    let lead = who.caller().roles.iter().map(|r| r.label()).collect::<Vec<_>>().join("、");
    let finance = who.caller().roles.contains(&Role::Finance);
    let links = if finance { vec![("财务", "/association/payments")] } else { Vec::new() };
    Ok(page("协会工作台", lead, "/association", links, tasks, list, after.is_some()).into())
}

/// Other pages of a desk: label and address.
type Links = Vec<(&'static str, &'static str)>;

fn page(
    title: &'static str,
    lead: String,
    here: &'static str,
    links: Links,
    tasks: Vec<Line>,
    list: backend::matter::Page,
    later: bool,
) -> Page {
    Page::new(title, move || {
        let count = tasks.len();
        let empty = tasks.is_empty();
        let waiting = tasks.iter().map(|l| row(l, true)).collect();
        let next = list.next.map(|c| format!("{here}?after={}", write_cursor(c)));
        let links: Vec<AnyView> =
            links.into_iter().map(|(label, href)| view! { <ButtonLink href=href label=label quiet=true/> }.into_any()).collect();
        let none = list.lines.is_empty();
        let all = list.lines.iter().map(|l| row(l, false)).collect();
        view! {
            <PageHead title=title lead=lead/>
            {(!links.is_empty()).then(|| view! { <p class="choices">{links}</p> })}
            <Section title=format!("待办（{count}）")>
                {if empty { view! { <Empty text="没有等待办理的业务"/> }.into_any() } else { view! { <Rows rows=waiting/> }.into_any() }}
            </Section>
            <Section title="全部业务">
                {if none { view! { <Empty text="还没有提交的业务"/> }.into_any() } else { view! { <Rows rows=all/> }.into_any() }}
                <Pager next=next first=later.then(|| here.to_owned())/>
            </Section>
        }
        .into_any()
    })
    .under(here)
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
