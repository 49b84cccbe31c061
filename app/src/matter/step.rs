//! One page of the wizard: shown, saved at every post, checked only by 下一步.

use backend::workflow::draft::DraftEdit;
use domain::engine::draft::Question;
use domain::engine::form::{Fields, Path, Problem};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::edit::{EditPage, EditRequest, attach_files, refused_save, typed_fields};
use super::question;
use crate::error::PageError;
use crate::extract::Query;
use crate::page::{Page, PageResponse, redirect};
use crate::post::PostWithFiles;
use crate::ui::*;
use crate::wizard::{FieldErrors, read_detach, step_after, step_page, with_typed};
use crate::{format, links};

/// Query of a step of the wizard.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepQuery {
    saved: String,
    check: String,
}

/// Shows a step of the wizard; redirects to the matter if it cannot be edited.
pub async fn show(request: EditRequest, Query(query): Query<StepQuery>) -> Result<PageResponse, PageError> {
    let Some(edit) = EditPage::load(&request).await? else {
        return Ok(redirect(links::matter(request.id)));
    };
    let saved = query.saved == "1";
    let faults = match query.check.as_str() {
        "1" => edit.step_problems().iter().map(at_control).collect(),
        _ => FieldErrors::new(),
    };
    Ok(page(edit, faults, saved).into())
}

/// Action of the pressed button.
enum EditAction {
    Next,
    Save,
    Goto(String),
    Add(String),
    Library(String),
    Remove(String, Uuid),
    Detach(Path, Uuid),
}

fn edit_action(value: &str) -> EditAction {
    let (verb, rest) = value.split_once(':').unwrap_or((value, ""));
    match verb {
        "save" => EditAction::Save,
        "goto" => EditAction::Goto(rest.to_owned()),
        "add" => EditAction::Add(rest.to_owned()),
        "library" => EditAction::Library(rest.to_owned()),
        "remove" => match rest.split_once(':').map(|(list, id)| (list, Uuid::parse_str(id))) {
            Some((list, Ok(id))) => EditAction::Remove(list.to_owned(), id),
            _ => EditAction::Save,
        },
        "detach" => read_detach(value).map_or(EditAction::Save, |(path, file)| EditAction::Detach(path, file)),
        _ => EditAction::Next,
    }
}

/// Saves the step in any case, then performs the action of the button.
pub async fn save(request: EditRequest, PostWithFiles(post): PostWithFiles) -> Result<PageResponse, PageError> {
    let Some(mut edit) = EditPage::load(&request).await? else {
        return Err(PageError::conflict("该业务当前不能修改，请到“我的事项”查看"));
    };
    let EditRequest { app, who, .. } = &request;
    let (id, step) = (edit.id(), edit.step);
    let mut fields = typed_fields(&edit.loaded, step, &post.pairs)?;
    question::settle(&mut fields, &edit.loaded.answers.fields, step.fields(), &post.pairs);
    let change = DraftEdit::Fields { step: step.code.into(), base: post.base_revision(), fields: fields.clone() };
    if let Err(error) = backend::workflow::draft::edit_draft(app, who, id, change).await {
        let refused = refused_save(error)?;
        let typed = refused.fields.unwrap_or(fields);
        return Ok(page_asking(edit, refused.faults, &refused.questions, Some(typed), false).status(refused.status).into());
    }
    let faults = attach_files(&request, &post.files, Path::field).await?;
    match edit_action(post.text("_action")) {
        EditAction::Remove(list, record) => {
            backend::workflow::draft::edit_draft(app, who, id, DraftEdit::RemoveRecord { list, record }).await?;
        }
        EditAction::Detach(path, file) => {
            backend::workflow::draft::edit_draft(app, who, id, DraftEdit::Detach { path, file }).await?;
        }
        action if faults.is_empty() => {
            edit.loaded = backend::matter::load(app, who, id).await?;
            return follow(edit, action);
        }
        _ => {
            edit.loaded = backend::matter::load(app, who, id).await?;
            return Ok(page(edit, faults, false).status(StatusCode::UNPROCESSABLE_ENTITY).into());
        }
    }
    Ok(redirect(format!("{}?saved=1", edit.address())))
}

/// Redirects to the target of the button after the page was saved.
fn follow(edit: EditPage, action: EditAction) -> Result<PageResponse, PageError> {
    let (id, step, form) = (edit.id(), edit.step, edit.loaded.kind.form);
    Ok(redirect(match action {
        EditAction::Goto(to) if to == "review" => format!("/matters/{id}/review"),
        EditAction::Goto(to) => edit.step_address(form.step(&to).ok_or(PageError::NotFound)?.code),
        // Of a list that the page does not have, everything is saved, and nothing is opened.
        EditAction::Add(list) | EditAction::Library(list) if step.records().all(|own| own.name != list) => {
            format!("{}?saved=1", edit.address())
        }
        EditAction::Add(list) => format!("{}/{list}/{}", edit.address(), Uuid::now_v7()),
        EditAction::Library(list) => format!("{}/{list}/library", edit.address()),
        EditAction::Next => {
            let problems = edit.step_problems();
            if !problems.is_empty() {
                let faults = problems.iter().map(at_control).collect();
                return Ok(page(edit, faults, true).status(StatusCode::UNPROCESSABLE_ENTITY).into());
            }
            step_after(form, &edit.loaded.answers, step.code).map_or_else(|| format!("/matters/{id}/review"), |s| edit.step_address(s.code))
        }
        EditAction::Save | EditAction::Remove(..) | EditAction::Detach(..) => format!("{}?saved=1", edit.address()),
    }))
}

/// An error of a page, at the control it belongs to; one inside a record, at the record.
fn at_control(problem: &Problem) -> (String, String) {
    match &problem.path {
        Path::Field(name) => (name.clone(), problem.issue.text.clone()),
        Path::Row(list, id) | Path::Cell(list, id, _) => (format!("{list}-{id}"), problem.message()),
    }
}

fn page(edit: EditPage, faults: FieldErrors, saved: bool) -> Page {
    page_asking(edit, faults, &[], None, saved)
}

fn page_asking(edit: EditPage, faults: FieldErrors, questions: &[Question], typed: Option<Fields>, saved: bool) -> Page {
    let title = format!("{} · {}", edit.loaded.kind.label, edit.step.title);
    let conflicts = edit.conflicts(questions);
    let body = move || {
        let mut answers = edit.loaded.answers.clone();
        if let Some(typed) = typed {
            with_typed(&mut answers, edit.step, typed);
        }
        let page = edit.with_wizard(answers, faults, conflicts, |wizard| wizard.step(edit.step));
        step_page(page, notices(&edit, saved), edit.editor(None))
    };
    Page::new(title, body).under("/matters").with_islands()
}

/// The opinion of a return, and where the draft is saved.
fn notices(edit: &EditPage, saved: bool) -> AnyView {
    let returned = edit.loaded.state.return_request.clone().map(|(note, items)| {
        let title = edit.loaded.number.as_ref().map_or_else(|| "退回意见".to_owned(), |number| format!("退回意见（{number}）"));
        let all = (!items.is_empty()).then(|| view! { <p><a href=format!("/matters/{}/rectify", edit.id())>"查看全部整改项"</a></p> });
        view! { <Notice tone=Tone::Warn title=title><p class="lines">{note}</p>{all}</Notice> }
    });
    let saved = (saved && edit.loaded.revision > 0).then(|| {
        let text = format!("已保存到服务器的草稿箱（{}）。可随时在“我的事项”中继续编辑。", format::time(edit.loaded.saved_at));
        view! { <Notice tone=Tone::Good>{text}</Notice> }
    });
    view! { {returned}{saved} }.into_any()
}
