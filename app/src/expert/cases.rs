//! Lists of the matters assigned to an expert.

use axum::extract::State;
use backend::AppState;
use backend::record::expert::{AssignmentFilter, ExpertCase, expert_cases, expert_task_count, search_cases};
use domain::engine::flow::{Party, Stage};
use domain::kind::KINDS;
use domain::matter::{ExpertList, Kind};
use http::StatusCode;
use leptos::prelude::*;

use crate::error::PageError;
use crate::extract::{Path, Query};
use crate::page::Page;
use crate::pagination::{read_cursor, write_cursor};
use crate::request::Authorized;
use crate::search::{SearchForm, SearchedList};
use crate::ui::*;
use crate::{format, links};

const STATES: &[(&str, &str)] = &[("待评价", "waiting"), ("已评价", "done"), ("全部", "all")];

/// The entries of 专家评价.
pub async fn centre(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let count = expert_task_count(&app, &who).await?;
    let page = Page::new("专家评价", move || {
        let hint = if count > 0 { "有待评价的业务" } else { "目前没有待评价的业务" };
        let tiles = lists().map(|(kind, list)| Tile::new(IconName::Review, kind.label, hint, format!("/expert/{}", list.slug))).collect();
        view! {
            <PageHead title="专家评价" lead=format!("待评价 {count} 件") />
            <Tiles items=tiles />
        }
        .into_any()
    });
    Ok(page.under("/expert"))
}

/// The kinds that experts evaluate, each with its list.
fn lists() -> impl Iterator<Item = (&'static Kind, ExpertList)> {
    KINDS.iter().filter_map(|kind| Some((*kind, kind.expert_list?)))
}

/// The caller's assignments of one kind, with filters (docs/manual.md 3.1.5, 3.4.3).
pub async fn cases(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(slug): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    let (kind, of) = lists().find(|(_, list)| list.slug == slug).ok_or(PageError::NotFound)?;
    let path = format!("/expert/{}", of.slug);
    let sent = |name: &str| query.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let state = STATES.iter().find(|(_, s)| *s == sent("state")).map_or("waiting", |(_, s)| *s);
    let (form, after) = (SearchForm::read(&query, SearchedList::OfExpert), read_cursor(sent("after")));
    let faults = form.faults();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let filter = AssignmentFilter { state: state.to_owned(), text: form.words.clone(), kind: kind.code.to_owned() };
    let (list, found) = match faults.is_empty() && !form.is_empty() {
        true => {
            let (list, count) = search_cases(&app, &who, &filter, &form.conditions(app.today()), after).await?;
            (list, Some(count))
        }
        false => (expert_cases(&app, &who, &filter, after).await?, None),
    };
    let page = Page::new(of.title, move || {
        let tabs = STATES.iter().map(|(label, s)| (*label, form.address(&path, s), *s == state)).collect();
        let next = list.next.map(|c| format!("{}&after={}", form.address(&path, state), write_cursor(c)));
        let first = after.map(|_| form.address(&path, state));
        let rows = list.cases.iter().map(row).collect();
        let summary = faults.iter().map(|(name, text)| (format!("#f-{name}"), text.clone())).collect();
        view! {
            <PageHead
                title=of.title
                lead="评价采用匿名方式，不显示申请人姓名和机构"
                crumbs=vec![("专家评价".into(), "/expert".into())]
            />
            <ErrorSummary items=summary />
            <section class="panel">
                <Tabs items=tabs />
                {form.view(&path, state, SearchedList::OfExpert, of.example, &faults)}
                {found.map(|count| form.found_view(&path, state, count, false))}
                <RowsOrEmpty rows=rows empty="没有符合条件的业务" />
                <Pager next=next first=first />
            </section>
        }
        .into_any()
    })
    .status(status);
    Ok(page.under("/expert"))
}

fn row(case: &ExpertCase) -> Row {
    let matter = &case.matter;
    let evaluation =
        matter.kind.filter(|_| matter.stage.is_some_and(Stage::is_evaluation)).and_then(|kind| links::evaluation(matter.id, kind));
    // Once the opinion is given, it is all that the expert reads; the matter is closed to the expert once it no longer waits for experts.
    let is_open = matter.stage.is_some_and(|s| s.turn == Some(Party::Expert));
    let opinion = matter.kind.filter(|_| is_open).and_then(|kind| links::evaluation(matter.id, kind));
    let href = if case.is_waiting { evaluation.unwrap_or_else(|| links::matter(matter.id)) } else { opinion.unwrap_or_default() };
    let due = matter.due_on.filter(|_| case.is_waiting).map(|d| format!(" · 期限 {d}")).unwrap_or_default();
    Row {
        href: href.clone(),
        title: matter.title.clone(),
        sub: format!("{} · 指派于 {}{due}", format::kind_and_number(matter), format::time(case.assigned_at)),
        badge: Some(if case.is_waiting { (Tone::Warn, "待评价".to_owned()) } else { format::stage(matter) }),
        end: case.finished_at.map(|at| format!("评价于 {}", format::time(at))).unwrap_or_default(),
        actions: case.is_waiting.then_some(RowAction::Open("评价", href)).into_iter().collect(),
    }
}
