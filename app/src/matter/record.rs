//! The page of one record of a list, new or existing.

use std::collections::BTreeMap;

use backend::workflow::draft::DraftEdit;
use domain::engine::draft::Question;
use domain::engine::form::{Fields, Path, Problem, Record, RecordList, Value, read_fields};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::edit::{EditPage, EditRequest, ShownWarnings, attach_files, refused_save};
use super::question;
use crate::error::PageError;
use crate::extract::{self, Query};
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::PostWithFiles;
use crate::ui::*;
use crate::wizard::{FieldErrors, LEAVE_FOR_LATER, read_detach, record_page};

/// Path of a record's page, besides its step.
#[derive(Deserialize)]
pub struct RecordPath {
    list: String,
    record: Uuid,
}

/// Query of a record's page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RecordQuery {
    check: String,
    /// Whether the page asks for what could be asked only after it was saved.
    supplement: String,
}

/// A record and the draft it belongs to.
struct EditRecord {
    edit: EditPage,
    list: &'static RecordList,
    record: Record,
    new: bool,
}

/// Loads the record of the address. None if it cannot be edited now.
async fn load(request: &EditRequest, path: RecordPath) -> Result<Option<EditRecord>, PageError> {
    let Some(edit) = EditPage::load(request).await? else {
        return Ok(None);
    };
    let list = edit.step.records().find(|l| l.name == path.list).ok_or(PageError::NotFound)?;
    let id = path.record;
    let known = edit.loaded.answers.record(list.name, id).cloned();
    let path = Path::Row(list.name.to_owned(), id);
    let cell = |name: &str| Path::Cell(list.name.to_owned(), id, name.to_owned());
    let at_cell = list.fields.iter().any(|f| edit.loaded.is_open_at(&cell(f.name)));
    if !edit.loaded.is_open_at(&path) && !at_cell {
        return Ok(None);
    }
    let new = known.is_none();
    let record = known.unwrap_or(Record { id, fields: BTreeMap::new(), removed: false });
    Ok(Some(EditRecord { edit, list, record, new }))
}

/// Shows a record. An unknown id is a new record.
pub async fn show(
    request: EditRequest,
    extract::Path(path): extract::Path<RecordPath>,
    Query(query): Query<RecordQuery>,
) -> Result<PageResponse, PageError> {
    let Some(record) = load(&request, path).await? else {
        return Ok(redirect(links::matter(request.id)));
    };
    let faults = if query.check == "1" { errors(problems(&record)) } else { FieldErrors::new() };
    let supplement = if query.supplement == "1" { record.edit.supplement(&problems(&record)) } else { None };
    Ok(page(record, faults, &[], None, supplement).into())
}

fn problems(EditRecord { edit, list, record, .. }: &EditRecord) -> Vec<Problem> {
    edit.loaded.record_problems(list, record, &edit.context.as_context())
}

fn errors(problems: Vec<Problem>) -> FieldErrors {
    let fault = |problem: Problem| match problem.path {
        Path::Cell(_, _, field) => Some((field, problem.issue.text)),
        _ => None,
    };
    problems.into_iter().filter_map(fault).collect()
}

/// 保存: saves the record in any case, and shows what is missing.
pub async fn save(
    request: EditRequest,
    extract::Path(path): extract::Path<RecordPath>,
    PostWithFiles(post): PostWithFiles,
) -> Result<PageResponse, PageError> {
    let Some(mut edited) = load(&request, path).await? else {
        return Err(PageError::conflict("该业务当前不能修改，请到“我的事项”查看"));
    };
    let EditRequest { app, who, .. } = &request;
    let (id, back) = (edited.edit.id(), edited.edit.address());
    let (list, row) = (edited.list, edited.record.id);
    let mut fields = edited.record.fields.clone();
    read_fields(list.fields.iter(), &post.pairs, &mut fields)?;
    question::settle(&mut fields, &edited.record.fields, list.fields.iter(), &post.pairs);
    let record = Record { id: row, fields: fields.clone(), removed: false };
    let change = DraftEdit::Record { list: list.name.into(), base: post.base_revision(), record };
    if let Err(error) = backend::workflow::draft::edit_draft(app, who, id, change).await {
        let refused = refused_save(error)?;
        let typed = refused.fields.unwrap_or(fields);
        return Ok(page(edited, refused.faults, &refused.questions, Some(typed), None).status(refused.status).into());
    }
    let form = edited.edit.loaded.kind.form;
    let mut faults = attach_files(&request, form, &post.files, |field| Path::Cell(list.name.into(), row, field.into())).await?;
    if let Some((path, file)) = read_detach(post.text("_action")) {
        backend::workflow::draft::edit_draft(app, who, id, DraftEdit::Detach { path, file }).await?;
        return Ok(redirect(format!("{back}/{}/{row}", list.name)));
    }
    let loaded = backend::matter::load(app, who, id).await?;
    let before = std::mem::replace(&mut edited.edit.loaded, loaded).answers;
    edited.record = edited.edit.loaded.answers.record(list.name, row).cloned().ok_or(PageError::NotFound)?;
    edited.new = false;
    let at_files: Vec<String> = faults.iter().map(|(n, _)| n.clone()).collect();
    if faults.is_empty() && post.text("_action") == LEAVE_FOR_LATER {
        return Ok(redirect(format!("{back}?saved=1#r-{row}")));
    }
    let (asked, found): (Vec<Problem>, Vec<Problem>) = problems(&edited).into_iter().partition(|p| edited.edit.is_newly_asked(p, &before));
    faults.extend(errors(found).into_iter().filter(|(n, _)| !at_files.contains(n)));
    if !faults.is_empty() {
        let supplement = edited.edit.supplement(&asked);
        return Ok(page(edited, faults, &[], None, supplement).status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    if !asked.is_empty() {
        return Ok(redirect(format!("{back}/{}/{row}?supplement=1", list.name)));
    }
    if post.text("_keep") == "yes" {
        backend::workflow::library::save_offered(app, who, id, vec![row], None).await?;
    }
    Ok(redirect(format!("{back}#r-{row}")))
}

fn page(edited: EditRecord, faults: FieldErrors, questions: &[Question], typed: Option<Fields>, supplement: Option<String>) -> Page {
    let EditRecord { edit, list, mut record, new } = edited;
    let title = format!("{}{}", if new { "添加" } else { "编辑" }, list.label);
    let conflicts = edit.conflicts(questions);
    let body = move || {
        if let Some(typed) = typed {
            // Emptied fields stay empty.
            record.fields.retain(|_, value| matches!(value, Value::Files(_)));
            record.fields.extend(typed);
        }
        let editor = edit.editor(Some((list, record.id)));
        let answers = edit.loaded.answers.clone();
        let page =
            edit.with_wizard(answers, (faults, ShownWarnings::default()), conflicts, |wizard| wizard.record(edit.step, list, record, new));
        let notice = supplement.map(|text| view! { <Notice tone=Tone::Warn>{text}</Notice> });
        record_page(page, notice.into_any(), editor)
    };
    Page::new(title, body).under("/matters").with_islands()
}
