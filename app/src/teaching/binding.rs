//! 课程管理: the caller's bindings to course categories, and 解除绑定.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::MatterError;
use backend::service::teaching::binding::{BindingLine, OwnBindings, Unbinding, end_binding, own_bindings, unbinding_page};
use domain::kind::category_binding::KIND;
use domain::record::teaching::BindingState;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::{HttpStatus, PageError};
use crate::extract::Path;
use crate::links;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

const COLUMNS: &[Column] = &[
    Column::title("课程类别"),
    Column::new("领域", ""),
    Column::new("绑定日期", "table-when"),
    Column::new("状态", ""),
    Column::actions("操作"),
];

/// Breadcrumbs above a page of 课程管理.
fn crumbs() -> Vec<(String, String)> {
    vec![("个人中心".into(), "/me".into()), ("培训课程管理".into(), links::BINDINGS.into())]
}

/// The caller's bindings.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let OwnBindings { number, lines } = own_bindings(&app, &who).await?;
    let page = Page::new("课程管理", move || {
        let lead = number.map_or_else(
            || "绑定课程类别后，机构可以在备案课程和培训计划中列您为授课教师".to_owned(),
            |number| format!("教师编号 {number}"),
        );
        let list = match lines.is_empty() {
            true => view! { <Empty text="尚未绑定课程类别" /> }.into_any(),
            false => {
                let rows = lines.iter().map(row).collect();
                view! { <DataTable caption="已绑定和申请绑定的课程类别" columns=COLUMNS.to_vec() rows=rows /> }.into_any()
            }
        };
        view! {
            <PageHead title="课程管理" lead=lead crumbs=crumbs() />
            <section class="panel">
                {list} <Actions>
                    <ButtonLink href=format!("/apply/{}", KIND.code) label=KIND.label />
                </Actions>
            </section>
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// The cells of a binding, in the order of [`COLUMNS`].
fn row(line: &BindingLine) -> Vec<AnyView> {
    let domain = if line.domain.is_empty() { "不分领域" } else { line.domain };
    vec![
        view! { <span class="row-title">{line.name.clone()}</span> }.into_any(),
        domain.into_any(),
        line.bound_on.map(|day| day.to_string()).into_any(),
        view! { <StatusTag tone=tone(line.state) text=line.state.label() /> }.into_any(),
        view! { <RowActions actions=actions(line) about=title(line) /> }.into_any(),
    ]
}

/// 管理体系实习审核员课程（质量管理体系）.
fn title(line: &BindingLine) -> String {
    if line.domain.is_empty() { line.name.clone() } else { format!("{}（{}）", line.name, line.domain) }
}

const fn tone(state: BindingState) -> Tone {
    match state {
        BindingState::Bound => Tone::Good,
        BindingState::Pending => Tone::Info,
        BindingState::Returned => Tone::Warn,
        BindingState::Refused | BindingState::Released | BindingState::CategoryEnded => Tone::Bad,
    }
}

fn actions(line: &BindingLine) -> Vec<RowAction> {
    let mut actions: Vec<RowAction> = line.matter.into_iter().map(|id| RowAction::Open("查看", links::matter(id))).collect();
    if let (BindingState::Returned, Some(matter)) = (line.state, line.matter) {
        actions.push(RowAction::Open("修改", format!("/matters/{matter}/rectify")));
    }
    if let (BindingState::Bound, Some(binding)) = (line.state, line.binding) {
        actions.push(RowAction::Open("解除绑定", format!("{}/{binding}/end", links::BINDINGS)));
    }
    actions
}

/// Asks whether to end a binding.
pub async fn ask(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<PageResponse, PageError> {
    question(&app, &who, id, None).await
}

/// Ends a binding.
pub async fn end(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    match end_binding(&app, &who, Unbinding { key: post.id("_key")?, binding: id }).await {
        Ok(()) => Ok(done(links::BINDINGS, ActOutcome::Unbound)),
        Err(error @ MatterError::Blocked(_)) => question(&app, &who, id, Some(error)).await,
        Err(error) => Err(error.into()),
    }
}

/// The question; `refused`: why the binding did not end.
async fn question(app: &AppState, who: &Allowed, id: Uuid, refused: Option<MatterError>) -> Result<PageResponse, PageError> {
    let (line, hindrance) = unbinding_page(app, who, id).await?;
    if line.state == BindingState::Released {
        return Ok(redirect(links::BINDINGS));
    }
    let status = refused.as_ref().map_or(StatusCode::OK, HttpStatus::http_status);
    let hindrance = refused.map(|error| error.text()).or_else(|| hindrance.map(str::to_owned));
    let page = Page::new("解除绑定", move || {
        let crumbs = crumbs().into_iter().chain([("课程管理".into(), links::BINDINGS.into())]).collect();
        let act = match hindrance {
            Some(text) => view! {
                <Notice tone=Tone::Bad>{text}</Notice>
                <Actions>
                    <ButtonLink href=links::BINDINGS label="返回" quiet=true />
                </Actions>
            }
            .into_any(),
            None => view! {
                <p>
                    "解除后，机构不能再在该类别的备案课程和培训计划中列您为授课教师。以后可以重新绑定。"
                </p>
                <form method="post" action=format!("{}/{id}/end", links::BINDINGS)>
                    <Hidden name="_key" value=Uuid::now_v7().to_string() />
                    <Actions>
                        <Submit label="解除绑定" weight=Weight::Grave />
                        <ButtonLink href=links::BINDINGS label="返回" quiet=true />
                    </Actions>
                </form>
            }
            .into_any(),
        };
        view! {
            <PageHead title="解除绑定" lead=title(&line) crumbs=crumbs />
            <Section>{act}</Section>
        }
        .into_any()
    });
    Ok(page.under("/me").status(status).into())
}
