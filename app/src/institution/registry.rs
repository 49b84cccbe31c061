//! 机构管理: institutions, and their state, as administrators of the association set it.

use axum::extract::State;
use backend::AppState;
use backend::service::institution::InstitutionError;
use backend::service::institution::list::{InstitutionDetail, InstitutionSummary, StateChange, institution_detail, list_institutions};
use backend::service::institution::state::{NewState, set_state};
use domain::base::text::normalise;
use domain::record::institution::{CONSEQUENCES, InstitutionState};
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{HttpStatus, PageError};
use crate::extract::{Path, Query};
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;
use crate::{format, links};

const COLUMNS: &[Column] = &[
    Column::title("机构名称"),
    Column::new("统一社会信用代码", "table-number"),
    Column::new("机构类型", ""),
    Column::new("批准书或备案编号", ""),
    Column::new("状态", ""),
];

/// Query of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListQuery {
    /// Part of a name or of a credit code.
    text: String,
    /// Name and id of the last institution of the page before.
    name: String,
    after: Option<Uuid>,
}

/// The institutions.
pub async fn list(State(app): State<AppState>, Query(query): Query<ListQuery>) -> Result<Page, PageError> {
    let text = normalise(&query.text);
    let after = query.after.map(|id| (query.name, id));
    let is_later_page = after.is_some();
    let list = list_institutions(&app, &text, after).await?;
    let page = Page::new("机构管理", move || {
        let rows: Vec<Vec<AnyView>> = list.institutions.iter().map(row).collect();
        let address = |pairs: &[(&str, &str)]| {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            format!("{}?{query}", links::INSTITUTIONS)
        };
        let next = list.next.as_ref().map(|(name, id)| address(&[("text", &text), ("name", name), ("after", &id.to_string())]));
        let table = match rows.is_empty() {
            true => view! { <Empty text="没有符合的机构" /> }.into_any(),
            false => view! { <DataTable caption="机构" columns=COLUMNS.to_vec() rows=rows /> }.into_any(),
        };
        view! {
            <PageHead
                title="机构管理"
                lead="查看机构，设置机构状态"
                crumbs=vec![("协会工作台".into(), "/association".into())]
            />
            <section class="panel">
                <form method="get" action=links::INSTITUTIONS class="fields">
                    <TextField ask=FieldProps::new("text", "机构名称或统一社会信用代码").optional() value=text.clone() />
                    <Actions>
                        <Submit label="查询" weight=Weight::Quiet />
                    </Actions>
                </form>
            </section>
            <section class="panel">{table} <Pager next=next first=is_later_page.then(|| address(&[("text", &text)])) /></section>
        }
        .into_any()
    });
    Ok(page.under("/association"))
}

fn tone(state: InstitutionState) -> Tone {
    match state {
        InstitutionState::Active => Tone::Good,
        InstitutionState::Suspended => Tone::Warn,
        InstitutionState::Closed => Tone::Bad,
    }
}

fn row(institution: &InstitutionSummary) -> Vec<AnyView> {
    let (tone, label) = (tone(institution.state), institution.state.label());
    vec![
        view! {
            <a class="row-title" href=links::institution(institution.id)>
                {institution.name.clone()}
            </a>
        }
        .into_any(),
        institution.credit_code.clone().into_any(),
        institution.kinds.label().into_any(),
        institution.approval_no.clone().into_any(),
        view! { <StatusTag tone=tone text=label /> }.into_any(),
    ]
}

/// What was typed, and why it was refused.
#[derive(Default)]
struct TypedState {
    state: String,
    reason: String,
    refused: Option<InstitutionError>,
}

/// An institution, with the form that sets its state.
pub async fn show(State(app): State<AppState>, Path(id): Path<Uuid>) -> Result<Page, PageError> {
    page(&app, id, TypedState::default()).await
}

/// Sets the state of an institution.
pub async fn set(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let seen = InstitutionState::from_code(post.text("_seen")).ok_or(PageError::OUTDATED_FORM)?;
    let typed =
        |refused| TypedState { state: post.text("state").to_owned(), reason: post.text("reason").to_owned(), refused: Some(refused) };
    let result = match InstitutionState::from_code(post.text("state")) {
        Some(state) => set_state(&app, &who, NewState { institution: id, seen, state, reason: post.text("reason").to_owned() }).await,
        None => Err(InstitutionError::WrongState),
    };
    match result {
        Ok(()) => Ok(done(links::institution(id), ActOutcome::InstitutionSet)),
        Err(error @ (InstitutionError::NotFound | InstitutionError::Db(_))) => Err(error.into()),
        Err(error) => {
            let status = error.http_status();
            Ok(page(&app, id, typed(error)).await?.status(status).into())
        }
    }
}

async fn page(app: &AppState, id: Uuid, typed: TypedState) -> Result<Page, PageError> {
    let detail = institution_detail(app, id).await?.ok_or(PageError::NotFound)?;
    let title = detail.summary.name.clone();
    let page = Page::new("机构管理", move || {
        let crumbs = vec![("协会工作台".into(), "/association".into()), ("机构管理".into(), links::INSTITUTIONS.into())];
        let refused = typed.refused.as_ref().map(|error| {
            let text = error.text();
            view! { <Notice tone=Tone::Bad>{text}</Notice> }
        });
        let facts = facts(&detail);
        let state = detail.summary.state;
        let matter = detail.matter.map(|matter| {
            view! {
                <p>
                    <a href=links::matter(matter)>"查看注册申请"</a>
                </p>
            }
        });
        view! {
            <PageHead title=title crumbs=crumbs />
            {refused}
            <Section title="机构信息">
                <p>
                    <StatusTag tone=tone(state) text=state.label() />
                </p>
                <DescriptionList items=facts />
                {matter}
            </Section>
            {state_form(&detail, &typed)}
            <Section title="状态记录">{history(&detail.changes)}</Section>
        }
        .into_any()
    });
    Ok(page.under("/association"))
}

fn facts(detail: &InstitutionDetail) -> Vec<(String, String)> {
    let InstitutionDetail { summary, contact, users, people, waiting, .. } = detail;
    let fact = |label: &str, value: String| (label.to_owned(), value);
    let mut facts = vec![
        fact("统一社会信用代码", summary.credit_code.clone()),
        fact("机构类型", summary.kinds.label()),
        fact("批准书或备案编号", summary.approval_no.clone()),
        fact("机构用户", format!("{users} 人")),
        fact("执业人员", format!("{people} 人")),
        fact("待机构办理", format!("{waiting} 件")),
    ];
    if let Some(contact) = contact {
        facts.extend([
            fact("法定代表人", contact.legal_representative.clone()),
            fact("注册地址", contact.address.clone()),
            fact("联系人", contact.name.clone()),
            fact("联系电话", contact.phone.clone()),
            fact("电子邮箱", contact.email.clone()),
        ]);
    }
    facts
}

fn state_form(detail: &InstitutionDetail, typed: &TypedState) -> AnyView {
    let (id, present) = (detail.summary.id, detail.summary.state);
    if present.next().is_empty() {
        return view! {
            <Section title="设置状态">
                <Empty text="机构已关闭，不能恢复" />
            </Section>
        }
        .into_any();
    }
    let item = |state: &InstitutionState| ChoiceItem { code: state.code().into(), label: state.label().into(), group: String::new() };
    let picks = present.next().iter().map(item).collect();
    let texts = CONSEQUENCES.iter().filter(|row| !row.text.is_empty()).map(|row| view! { <li>{row.text}</li> }).collect_view();
    let (values, reason) = (vec![typed.state.clone()], typed.reason.clone());
    view! {
        <Section title="设置状态">
            <ul class="bullets">{texts}</ul>
            <form method="post" action=links::institution(id) class="fields" novalidate=true>
                <Hidden name="_seen" value=present.code() />
                <ChoiceField ask=FieldProps::new("state", "状态").hint("关闭后不能恢复") picks=picks values=values />
                <TextareaField ask=FieldProps::new("reason", "原因").hint("最多 500 字，机构用户可见") value=reason />
                <Actions>
                    <Submit label="设置" />
                </Actions>
            </form>
        </Section>
    }
    .into_any()
}

fn history(changes: &[StateChange]) -> AnyView {
    if changes.is_empty() {
        return view! { <Empty text="没有变更记录" /> }.into_any();
    }
    let item = |change: &StateChange| TimelineItem {
        when: format::time(change.at),
        who: change.by.clone(),
        what: format!("设为“{}”", change.state.label()),
        note: change.reason.clone(),
        facts: Vec::new(),
    };
    view! { <Timeline items=changes.iter().map(item).collect() /> }.into_any()
}
