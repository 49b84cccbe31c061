//! 培训计划管理: the plans that name the caller as a teacher, and the calendar file of confirmed lessons.

use axum::extract::State;
use backend::AppState;
use backend::service::course::filings::TeacherStanding;
use backend::service::course::plans::{PlanView, TeacherPlan, calendar, list_plans};
use leptos::prelude::*;
use serde::Deserialize;

use super::standing_tone;
use crate::error::PageError;
use crate::extract::Query;
use crate::links::{self, PLANS};
use crate::page::{Download, Page};
use crate::pagination::{read_cursor, write_cursor};
use crate::request::Authorized;
use crate::ui::*;

/// Address of the calendar file.
pub const CALENDAR: &str = "/teaching/plans/calendar.ics";

/// Query of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PlansQuery {
    /// Code of the tab.
    view: String,
    /// Cursor of the page; empty for the first.
    after: String,
}

/// Shows the list.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Query(query): Query<PlansQuery>) -> Result<Page, PageError> {
    let (view, after) = (PlanView::from_code(&query.view), read_cursor(&query.after));
    let page = list_plans(&app, &who, view, after).await?;
    let body = move || {
        let address = |view: PlanView| if view == PlanView::default() { PLANS.to_owned() } else { format!("{PLANS}?view={}", view.code()) };
        let tabs = PlanView::ALL.map(|tab| (tab.label(), address(tab), tab == view)).to_vec();
        let next = page.next.map(|cursor| format!("{PLANS}?view={}&after={}", view.code(), write_cursor(cursor)));
        let first = after.map(|_| address(view));
        view! {
            <PageHead
                title="培训计划管理"
                lead="培训计划教师确认：确认机构上报的培训计划中本人的课次"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            <section class="panel">
                <Actions>
                    <ButtonLink href=CALENDAR label="下载已确认课次的日历文件" quiet=true />
                </Actions>
                <Tabs items=tabs />
                {table(&page.plans)}
                <Pager next=next first=first />
            </section>
        }
        .into_any()
    };
    Ok(Page::new("培训计划管理", body).under("/me"))
}

/// The lessons that the caller has confirmed, from today on.
pub async fn calendar_file(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Download, PageError> {
    let text = calendar(&app, &who).await?;
    Ok(Download { name: "培训课次.ics".to_owned(), mime: "text/calendar; charset=utf-8".to_owned(), bytes: text.into_bytes().into() })
}

fn table(plans: &[TeacherPlan]) -> AnyView {
    if plans.is_empty() {
        return view! { <Empty text="没有符合条件的培训计划" /> }.into_any();
    }
    let columns = vec![
        Column::title("培训班名称"),
        Column::new("机构", ""),
        Column::new("起止日期", "table-when"),
        Column::new("本人课次", ""),
        Column::new("状态", ""),
        Column::new("确认截止", "table-when"),
        Column::actions("操作"),
    ];
    let rows = plans.iter().map(row).collect();
    view! { <DataTable caption="培训计划" columns=columns rows=rows /> }.into_any()
}

/// State of a plan, in the words of plans.
fn label(standing: TeacherStanding) -> &'static str {
    match standing {
        TeacherStanding::Agreed => "已确认",
        TeacherStanding::Declined => "已不确认",
        other => other.label(),
    }
}

fn row(plan: &TeacherPlan) -> Vec<AnyView> {
    let due = plan.due_on.map(|day| day.to_string()).unwrap_or_default();
    let action = if plan.standing == TeacherStanding::Waiting { "确认" } else { "查看" };
    let open = view! { <RowActions actions=vec![RowAction::Open(action, links::matter(plan.matter))] about=plan.title.clone() /> };
    let name = view! { <a href=links::matter(plan.matter)>{plan.title.clone()}</a> };
    let clash = plan.clash.clone().map(|text| view! { <p class="row-sub">{format!("时间冲突：{text}")}</p> });
    let state = view! {
        <StatusTag tone=standing_tone(plan.standing) text=label(plan.standing) />
        {clash}
    };
    vec![
        name.into_any(),
        plan.institution.clone().into_any(),
        format!("{} 至 {}", plan.days.0, plan.days.1).into_any(),
        plan.lessons.join("；").into_any(),
        state.into_any(),
        due.into_any(),
        open.into_any(),
    ]
}
