//! 我的事项.

use axum::extract::State;
use backend::AppState;
use backend::matter::MatterSummary;
use backend::service::own_matters::{OwnCount, OwnFilter, OwnMattersPage, OwnView, list_own};
use chrono::NaiveDate;
use domain::engine::stage_duration::StageDuration;
use leptos::prelude::*;
use serde::Deserialize;

use super::summary::{draft_state, own_actions_of, page_of, turn_of};
use crate::error::PageError;
use crate::extract::Query;
use crate::format;
use crate::page::Page;
use crate::pagination::{read_cursor, write_cursor};
use crate::request::Authorized;
use crate::ui::*;

const VIEWS: &[(&str, OwnView)] =
    &[("全部", OwnView::All), ("草稿箱", OwnView::Drafts), ("办理中", OwnView::Open), ("已办结", OwnView::Closed)];

const COLUMNS: &[Column] = &[
    Column::new("业务编号", "table-number"),
    Column::title("业务"),
    Column::new("进度", ""),
    Column::new("当前办理人", ""),
    Column::new("期限", "table-due"),
    Column::new("更新", "table-when"),
    Column::actions("操作"),
];

/// Query of 我的事项.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OwnMattersQuery {
    /// Code of the tab.
    view: String,
    /// Code of the kind; empty for every kind.
    kind: String,
    /// Cursor of the page; empty for the first.
    after: String,
}

/// The caller's matters, drafts included.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<OwnMattersQuery>,
) -> Result<Page, PageError> {
    let view = VIEWS.iter().find(|(_, view)| view.code() == query.view).map_or(OwnView::All, |(_, view)| *view);
    let filter = OwnFilter { view, kind: domain::kind::by_code(&query.kind) };
    let after = read_cursor(&query.after);
    let list = list_own(&app, &who, filter, after).await?;
    let today = app.today();
    let page = Page::new("我的事项", move || {
        view! {
            <PageHead title="我的事项" lead="草稿和已提交的业务都在这里" />
            <section class="panel">{list_view(list, filter, after.is_some(), today)}</section>
        }
        .into_any()
    });
    Ok(page.under("/matters"))
}

fn list_view(list: OwnMattersPage, filter: OwnFilter, is_later_page: bool, today: NaiveDate) -> AnyView {
    let OwnMattersPage { matters, next, counts } = list;
    let is_counted = |count: &&OwnCount| filter.kind.is_none_or(|kind| kind.code == count.kind.code);
    let number = |view: OwnView| counts.iter().filter(is_counted).map(|count| count.of(view)).sum::<i64>();
    let tab = |(label, view): &(&str, OwnView)| {
        (format!("{label} {}", number(*view)), address(OwnFilter { view: *view, ..filter }), *view == filter.view)
    };
    let tabs: Vec<(String, String, bool)> = VIEWS.iter().map(tab).collect();
    let next = next.map(|cursor| format!("{}&after={}", address(filter), write_cursor(cursor)));
    let list = match matters.is_empty() {
        true => view! {
            <Empty text="暂无业务">
                <ButtonLink href="/apply" label="在线申请" />
            </Empty>
        }
        .into_any(),
        false => {
            let rows = matters.iter().map(|matter| row(matter, today)).collect();
            view! { <DataTable caption="我的事项" columns=COLUMNS.to_vec() rows=rows /> }.into_any()
        }
    };
    let of_drafts = (filter.view == OwnView::Drafts).then(|| {
        view! {
            <p class="field-hint">
                "在自己的设备上填写的内容也加密保存在本机，没有网络时可以继续填写："
                <a href="/offline">"查看本机草稿"</a>
            </p>
        }
    });
    view! {
        <Tabs items=tabs />
        {kinds_view(&counts, filter)}
        {list}
        <Pager next=next first=is_later_page.then(|| address(filter)) />
        {of_drafts}
    }
    .into_any()
}

/// The filter by kind, where there is more than one.
fn kinds_view(counts: &[OwnCount], filter: OwnFilter) -> Option<AnyView> {
    let counts: Vec<OwnCount> = counts.iter().filter(|count| count.of(filter.view) > 0).copied().collect();
    if counts.len() < 2 && filter.kind.is_none() {
        return None;
    }
    let all = counts.iter().map(|count| count.of(filter.view)).sum();
    let all = ChoiceLink {
        label: "全部",
        number: Some(all),
        href: address(OwnFilter { kind: None, ..filter }),
        is_chosen: filter.kind.is_none(),
    };
    let of_kind = counts.iter().map(|count| ChoiceLink {
        label: count.kind.label,
        number: Some(count.of(filter.view)),
        href: address(OwnFilter { kind: Some(count.kind), ..filter }),
        is_chosen: filter.kind.is_some_and(|kind| kind.code == count.kind.code),
    });
    let items = [all].into_iter().chain(of_kind).collect();
    Some(view! { <ChoiceLinks label="业务类型" items=items /> }.into_any())
}

fn address(filter: OwnFilter) -> String {
    let kind = filter.kind.map(|kind| format!("&kind={}", kind.code)).unwrap_or_default();
    format!("/matters?view={}{kind}", filter.view.code())
}

/// The cells of an own matter, in the order of [`COLUMNS`].
fn row(matter: &MatterSummary, today: NaiveDate) -> Vec<AnyView> {
    let (tone, stage) = format::stage(matter);
    let progress = match draft_state(matter) {
        Some(progress) => view! {
            <StatusTag tone=tone text=stage />
            <span class="table-soft">{progress}</span>
        }
        .into_any(),
        None => view! {
            <StatusTag tone=tone text=stage />
            {format::stages(matter)}
            {usual(matter)}
        }
        .into_any(),
    };
    let due = matter.due_on.filter(|_| !matter.is_draft).map(|day| format::due_day(day, today));
    let title = view! {
        <a class="row-title" href=page_of(matter)>
            {matter.title.clone()}
        </a>
        <span class="table-soft">{format::kind(matter)}</span>
    };
    vec![
        matter.number.clone().into_any(),
        title.into_any(),
        progress,
        turn_of(matter).into_any(),
        due.into_any(),
        format::time(matter.updated_at).into_any(),
        view! { <RowActions actions=own_actions_of(matter) about=matter.title.clone()/> }.into_any(),
    ]
}

/// How long the stage usually takes.
fn usual(matter: &MatterSummary) -> Option<AnyView> {
    matter.duration.map(StageDuration::short).map(|text| view! { <span class="table-soft">{text}</span> }.into_any())
}
