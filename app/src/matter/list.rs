//! 我的事项.

use axum::extract::State;
use backend::AppState;
use leptos::prelude::*;
use serde::Deserialize;

use super::summary::own_row;
use crate::error::PageError;
use crate::extract::Query;
use crate::page::Page;
use crate::pagination::{read_cursor, write_cursor};
use crate::request::Authorized;
use crate::ui::*;

const VIEWS: &[(&str, &str)] = &[("全部", "all"), ("草稿箱", "drafts"), ("办理中", "open"), ("已办结", "closed")];

/// Query of 我的事项.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OwnMattersQuery {
    /// Code of the tab.
    view: String,
    /// Cursor of the page; empty for the first.
    after: String,
}

/// The caller's matters, drafts included.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<OwnMattersQuery>,
) -> Result<Page, PageError> {
    let view = VIEWS.iter().find(|(_, v)| *v == query.view).map_or("all", |(_, v)| *v);
    let after = read_cursor(&query.after);
    let list = backend::service::matters::list_own(&app, &who, view, after).await?;
    let page = Page::new("我的事项", move || {
        let tabs = VIEWS.iter().map(|(label, v)| (*label, format!("/matters?view={v}"), *v == view)).collect();
        let next = list.next.map(|c| format!("/matters?view={view}&after={}", write_cursor(c)));
        let first = after.map(|_| format!("/matters?view={view}"));
        let empty = list.matters.is_empty();
        let rows = list.matters.iter().map(own_row).collect();
        view! {
            <PageHead title="我的事项" lead="草稿和已提交的业务都在这里"/>
            <section class="panel">
                <Tabs items=tabs/>
                {if empty {
                    view! { <Empty text="暂无业务"><ButtonLink href="/apply" label="在线申请"/></Empty> }.into_any()
                } else {
                    view! { <Rows rows=rows/> }.into_any()
                }}
                <Pager next=next first=first/>
                {(view == "drafts").then(|| view! { <p class="field-hint">"在自己的设备上填写的内容也加密保存在本机，没有网络时可以继续填写："<a href="/offline">"查看本机草稿"</a></p> })}
            </section>
        }
        .into_any()
    });
    Ok(page.under("/matters"))
}
