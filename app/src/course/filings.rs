//! 课程备案管理: the filings that name the caller as a teacher.

use axum::extract::State;
use backend::AppState;
use backend::service::course::filings::{FilingView, TeacherFiling, TeacherStanding, list_filings};
use leptos::prelude::*;
use serde::Deserialize;

use super::standing_tone;
use crate::error::PageError;
use crate::extract::Query;
use crate::links::{self, FILINGS};
use crate::page::Page;
use crate::pagination::{read_cursor, write_cursor};
use crate::request::Authorized;
use crate::ui::*;

/// Query of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FilingsQuery {
    /// Code of the tab.
    view: String,
    /// Cursor of the page; empty for the first.
    after: String,
}

/// Shows the list.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Query(query): Query<FilingsQuery>) -> Result<Page, PageError> {
    let (view, after) = (FilingView::from_code(&query.view), read_cursor(&query.after));
    let page = list_filings(&app, &who, view, after).await?;
    let body = move || {
        let address =
            |view: FilingView| if view == FilingView::default() { FILINGS.to_owned() } else { format!("{FILINGS}?view={}", view.code()) };
        let tabs = FilingView::ALL.map(|tab| (tab.label(), address(tab), tab == view)).to_vec();
        let next = page.next.map(|cursor| format!("{FILINGS}?view={}&after={}", view.code(), write_cursor(cursor)));
        let first = after.map(|_| address(view));
        let number = page.teacher_number.map(|number| view! { <p class="saved">{format!("您的教师编号：{number}")}</p> });
        view! {
            <PageHead
                title="课程备案管理"
                lead="确认机构备案课程时您承担的模块"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            {number}
            <section class="panel">
                <Tabs items=tabs />
                {table(&page.filings)}
                <Pager next=next first=first />
            </section>
        }
        .into_any()
    };
    Ok(Page::new("课程备案管理", body).under("/me"))
}

fn table(filings: &[TeacherFiling]) -> AnyView {
    if filings.is_empty() {
        return view! { <Empty text="没有符合条件的备案课程" /> }.into_any();
    }
    let columns = vec![
        Column::title("课程名称"),
        Column::new("机构", ""),
        Column::new("类别", ""),
        Column::new("承担模块", ""),
        Column::new("状态", ""),
        Column::new("截止日期", "table-when"),
        Column::actions("操作"),
    ];
    let rows = filings.iter().map(row).collect();
    view! { <DataTable caption="课程备案" columns=columns rows=rows /> }.into_any()
}

fn row(filing: &TeacherFiling) -> Vec<AnyView> {
    let part = filing.part.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("：");
    let due = filing.due_on.map(|day| day.to_string()).unwrap_or_default();
    let label = if filing.standing == TeacherStanding::Waiting { "确认" } else { "查看" };
    let open = view! { <RowActions actions=vec![RowAction::Open(label, links::matter(filing.matter))] about=filing.course.clone() /> };
    let name = view! { <a href=links::matter(filing.matter)>{filing.course.clone()}</a> };
    let tag = view! { <StatusTag tone=standing_tone(filing.standing) text=filing.standing.label() /> };
    vec![
        name.into_any(),
        filing.institution.clone().into_any(),
        filing.category.clone().into_any(),
        part.into_any(),
        tag.into_any(),
        due.into_any(),
        open.into_any(),
    ]
}
