//! 基本信息库: its lists, and the page of one record. Files belong to applications, so the fields of files are left out here.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::MatterError;
use backend::matter::context::OwnedMatterContext;
use backend::service::pages::{LibraryPage, LibraryRecordPage, library_page, library_record_page};
use backend::workflow::library::record_version;
use domain::engine::form::{Answers, Field, Record, RecordList, Widget, check_field, read_fields};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{HttpStatus, PageError};
use crate::extract::{Form, Path};
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;
use crate::wizard::{FieldSheet, control};

/// Name of the field with the version of a record on the page.
const SEEN: &str = "_seen";

/// Address of a record of the library.
pub fn path(list: &str, record: Uuid) -> String {
    format!("/me/library/{list}/{record}")
}

/// 基本信息库.
pub async fn list(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    list_page(&app, &who, None).await
}

/// 基本信息库; `refused`: why a record was not removed.
async fn list_page(app: &AppState, who: &Allowed, refused: Option<String>) -> Result<Page, PageError> {
    let LibraryPage { context, lists } = library_page(app, who).await?;
    let page = Page::new("基本信息库", move || {
        let sections = lists.iter().map(|(list, records)| list_section(list, records, &context)).collect_view();
        view! {
            <PageHead
                title="基本信息库"
                lead="在这里添加的经历，以及填写申请时勾选“同时存入基本信息库”的经历，以后的申请可直接选用。"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            {refused.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            {sections}
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// The period of a record, for lists of periods.
pub fn span(list: &RecordList, record: &Record) -> Option<String> {
    let (start, end) = list.span_of(&record.fields)?;
    Some(format!("{start} 至 {}", if end.is_empty() { "今" } else { end }))
}

fn list_section(list: &'static RecordList, records: &[Record], context: &OwnedMatterContext) -> AnyView {
    let (label, empty) = (list.label, records.is_empty());
    let cards = records
        .iter()
        .map(|record| {
            let (id, title) = (record.id, list.title_of(&record.fields, &context.as_context()));
            view! {
                <div class="record record-head">
                    <div>
                        <p class="record-title">{title}</p>
                        <p class="row-sub">{span(list, record)}</p>
                    </div>
                    <div class="row-end">
                        <SmallLink href=path(list.name, id) label="编辑" />
                        <form method="post" action="/me/library">
                            <Hidden name="record" value=id.to_string() />
                            <Hidden name=SEEN value=record_version(Some(record)) />
                            <SmallSubmit label="移除" />
                        </form>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! {
        <Section title=label>
            {cards} {empty.then(|| view! { <Empty text=format!("暂无{label}") /> })}
            <ButtonLink href=path(list.name, Uuid::now_v7()) label="添加" unseen=label quiet=true />
        </Section>
    }
    .into_any()
}

/// The form that removes a record.
#[derive(Deserialize)]
pub struct DeleteForm {
    record: Uuid,
    /// The version on the page.
    #[serde(rename = "_seen", default)]
    seen: String,
}

/// Deletes a library record. Copies in applications stay.
pub async fn delete(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Form(form): Form<DeleteForm>,
) -> Result<PageResponse, PageError> {
    match backend::workflow::library::delete_record(&app, &who, form.record, &form.seen).await {
        Ok(()) => Ok(done("/me/library", ActOutcome::RecordDeleted)),
        Err(error @ MatterError::RecordChanged) => Ok(list_page(&app, &who, Some(error.text())).await?.status(error.http_status()).into()),
        Err(error) => Err(error.into()),
    }
}

/// A record and its form.
struct RecordForm {
    list: &'static RecordList,
    /// The record as the form shows it.
    record: Record,
    /// The record in the library.
    stored: Option<Record>,
    context: OwnedMatterContext,
}

/// Why a record was not saved.
#[derive(Default)]
struct RefusedRecord {
    /// Errors by name of the control.
    faults: Vec<(String, String)>,
    /// Why the page as a whole was refused: another page changed the record, whose content is shown beside what was typed.
    changed: Option<String>,
}

async fn load(app: &AppState, who: &Allowed, list: &str, id: Uuid) -> Result<RecordForm, PageError> {
    let LibraryRecordPage { context, list, record } = library_record_page(app, who, list, id).await?;
    let stored = record.clone();
    let record = record.unwrap_or(Record { id, fields: Default::default(), removed: false });
    Ok(RecordForm { list, record, stored, context })
}

/// The fields of the page.
fn fields(list: &'static RecordList) -> impl Iterator<Item = &'static Field> + Clone {
    list.fields.iter().filter(|f| !matches!(f.widget, Widget::Files(_)))
}

/// Shows a record. An id that is not in the list is a new record.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path((list, id)): Path<(String, Uuid)>,
) -> Result<PageResponse, PageError> {
    Ok(page(load(&app, &who, &list, id).await?, RefusedRecord::default()).into())
}

/// 保存: a record with errors, or one that another page changed, is not saved, and is shown again as it was typed.
pub async fn save(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path((list, id)): Path<(String, Uuid)>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let mut entry = load(&app, &who, &list, id).await?;
    read_fields(fields(entry.list), &post.pairs, &mut entry.record.fields)?;
    let faults = faults(&entry);
    if !faults.is_empty() {
        let refused = RefusedRecord { faults, changed: None };
        return Ok(page(entry, refused).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    match backend::workflow::library::put_record(&app, &who, entry.list.name, &entry.record, post.text(SEEN)).await {
        Ok(()) => Ok(done("/me/library", ActOutcome::RecordSaved)),
        Err(error @ MatterError::RecordChanged) => {
            let now = load(&app, &who, &list, id).await?;
            let refused = RefusedRecord { changed: Some(error.text()), ..RefusedRecord::default() };
            Ok(page(RecordForm { record: entry.record, ..now }, refused).status(error.http_status()).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The record as another page saved it, beside what was typed on this one.
fn stored_view(entry: &RecordForm) -> AnyView {
    let Some(stored) = &entry.stored else {
        return view! {
            <Notice tone=Tone::Warn title="其他页面已移除这条记录">
                "再次保存，会把下面填写的内容存为一条新记录。"
            </Notice>
        }
        .into_any();
    };
    let context = entry.context.as_context();
    let text =
        |f: &'static Field| (f.label.to_owned(), stored.fields.get(f.name).map_or_else(String::new, |value| f.display(value, &context)));
    let facts = fields(entry.list).map(text).collect();
    view! {
        <Section title="其他页面保存的内容">
            <DescriptionList items=facts />
            <p>"再次保存，将以下面填写的内容为准。"</p>
        </Section>
    }
    .into_any()
}

fn faults(entry: &RecordForm) -> Vec<(String, String)> {
    let (none, context) = (Answers::default(), entry.context.as_context());
    let scope = context.scope(&none, Some(&entry.record.fields));
    let fault =
        |f: &'static Field| check_field(f, entry.record.fields.get(f.name), &scope, &context).map(|issue| (f.name.to_owned(), issue.text));
    fields(entry.list).filter_map(fault).collect()
}

fn page(entry: RecordForm, RefusedRecord { faults, changed }: RefusedRecord) -> Page {
    let title = format!("{}{}", if entry.stored.is_none() { "添加" } else { "编辑" }, entry.list.label);
    let heading = title.clone();
    let body = move || {
        let changed = changed.map(|text| {
            view! {
                <Notice tone=Tone::Bad>{text}</Notice>
                {stored_view(&entry)}
            }
        });
        let RecordForm { list, record, stored, context } = entry;
        let action = path(list.name, record.id);
        let record = Some((list.name.to_owned(), record));
        let sheet = FieldSheet { id: Uuid::nil(), answers: Answers::default(), record, faults, warnings: Vec::new() };
        let controls = fields(list).filter_map(|f| control(f, &sheet, &context.as_context())).collect_view();
        view! {
            <PageHead
                title=heading
                lead="保存在基本信息库中，申请时可直接选用；证明材料在申请中上传。"
                crumbs=vec![("个人中心".into(), "/me".into()), ("基本信息库".into(), "/me/library".into())]
            />
            {changed}
            <ErrorSummary items=sheet.summary() />
            <section class="panel">
                <form method="post" action=action class="fields" novalidate=true>
                    <Hidden name=SEEN value=record_version(stored.as_ref()) />
                    {controls}
                    <Actions>
                        <Submit label="保存" />
                        <ButtonLink href="/me/library" label="返回" quiet=true />
                    </Actions>
                </form>
            </section>
        }
        .into_any()
    };
    Page::new(title, body).under("/me")
}
