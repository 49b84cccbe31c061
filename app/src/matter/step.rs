//! One page of the wizard: shown, saved at every post, checked only by 下一步.

use backend::workflow::draft::DraftEdit;
use domain::engine::draft::Question;
use domain::engine::form::{Answers, Fields, Path, Problem};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::edit::{EditPage, EditRequest, ShownWarnings, attach_files, refused_save, typed_fields, warning_names};
use super::question;
use crate::error::PageError;
use crate::extract::Query;
use crate::page::{Page, PageResponse, redirect};
use crate::post::PostWithFiles;
use crate::ui::*;
use crate::wizard::{FieldErrors, WARNED, read_detach, step_after, step_page, with_typed};
use crate::{format, links};

/// Query of a step of the wizard.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepQuery {
    saved: String,
    check: String,
    /// Whether the page asks for what could be asked only after it was saved.
    supplement: String,
    /// Whether the page stopped for its warnings.
    warned: String,
}

/// Shows a step of the wizard; redirects to the matter if it cannot be edited.
pub async fn show(request: EditRequest, Query(query): Query<StepQuery>) -> Result<PageResponse, PageError> {
    let Some(edit) = EditPage::load(&request).await? else {
        return Ok(redirect(links::matter(request.id)));
    };
    let saved = query.saved == "1";
    let (checked, asked) = (query.check == "1", query.supplement == "1");
    let problems = if checked || asked { edit.step_problems() } else { Vec::new() };
    let faults = if checked { problems.iter().map(at_control).collect() } else { FieldErrors::new() };
    let supplement = if asked { edit.supplement(&problems) } else { None };
    let warnings = if checked || query.warned == "1" { edit.step_warnings() } else { Vec::new() };
    Ok(page(edit, faults, Notices { saved, supplement, warnings }).into())
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
        return Ok(page_asking(edit, refused.faults, &refused.questions, Some(typed), Notices::default()).status(refused.status).into());
    }
    let faults = attach_files(&request, edit.loaded.kind.form, &post.files, Path::field).await?;
    match edit_action(post.text("_action")) {
        EditAction::Remove(list, record) => {
            backend::workflow::draft::edit_draft(app, who, id, DraftEdit::RemoveRecord { list, record }).await?;
        }
        EditAction::Detach(path, file) => {
            backend::workflow::draft::edit_draft(app, who, id, DraftEdit::Detach { path, file }).await?;
        }
        action if faults.is_empty() => {
            let before = edit.reload(app, who).await?;
            return follow(edit, action, &before, post.text(WARNED));
        }
        _ => {
            edit.loaded = backend::matter::load(app, who, id).await?;
            return Ok(page(edit, faults, Notices::default()).status(StatusCode::UNPROCESSABLE_ENTITY).into());
        }
    }
    Ok(redirect(format!("{}?saved=1", edit.address())))
}

/// Redirects to the target of the button after the page was saved. `before`: the answers before that; `warned`: the warnings on the page.
fn follow(edit: EditPage, action: EditAction, before: &Answers, warned: &str) -> Result<PageResponse, PageError> {
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
            let warnings = edit.step_warnings();
            let (asked, found): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(|p| edit.is_newly_asked(p, before));
            if !asked.is_empty() && found.is_empty() {
                return Ok(redirect(format!("{}?supplement=1", edit.address())));
            }
            if !found.is_empty() {
                let (faults, supplement) = (found.into_iter().map(at_control).collect(), edit.supplement(asked));
                let notices = Notices { saved: true, supplement, warnings };
                return Ok(page(edit, faults, notices).status(StatusCode::UNPROCESSABLE_ENTITY).into());
            }
            // Once they were on the page, warnings stop nobody.
            if !warnings.is_empty() && warning_names(&warnings) != warned {
                return Ok(redirect(format!("{}?warned=1", edit.address())));
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

/// What stands above the form.
#[derive(Default)]
struct Notices {
    /// Whether the draft was just saved.
    saved: bool,
    /// The sentence that asks for what could not be asked before.
    supplement: Option<String>,
    /// What is told without stopping anybody.
    warnings: Vec<Problem>,
}

fn page(edit: EditPage, faults: FieldErrors, notices: Notices) -> Page {
    page_asking(edit, faults, &[], None, notices)
}

fn page_asking(edit: EditPage, faults: FieldErrors, questions: &[Question], typed: Option<Fields>, notices: Notices) -> Page {
    let title = format!("{} · {}", edit.loaded.kind.label, edit.step.title);
    let conflicts = edit.conflicts(questions);
    let body = move || {
        let mut answers = edit.loaded.answers.clone();
        if let Some(typed) = typed {
            with_typed(&mut answers, edit.step, typed);
        }
        let Notices { saved, supplement, warnings } = notices;
        let warnings = ShownWarnings::of(&warnings, at_control);
        let page = edit.with_wizard(answers, (faults, warnings), conflicts, |wizard| wizard.step(edit.step));
        step_page(page, notices_view(&edit, saved, supplement), edit.editor(None))
    };
    Page::new(title, body).under("/matters").with_islands()
}

/// The opinion of a return, where the draft is saved, and what is still asked.
fn notices_view(edit: &EditPage, saved: bool, supplement: Option<String>) -> AnyView {
    let returned = edit.loaded.state.return_request.clone().map(|(note, items)| {
        let title = edit.loaded.number.as_ref().map_or_else(|| "退回意见".to_owned(), |number| format!("退回意见（{number}）"));
        let all = (!items.is_empty()).then(|| {
            view! {
                <p>
                    <a href=format!("/matters/{}/rectify", edit.id())>"查看全部整改项"</a>
                </p>
            }
        });
        view! {
            <Notice tone=Tone::Warn title=title>
                <p class="lines">{note}</p>
                {all}
            </Notice>
        }
    });
    let saved = (saved && edit.loaded.revision > 0).then(|| {
        let text = format!("已保存到服务器的草稿箱（{}）。可随时在“我的事项”中继续编辑。", format::time(edit.loaded.saved_at));
        view! { <Notice tone=Tone::Good>{text}</Notice> }
    });
    let supplement = supplement.map(|text| view! { <Notice tone=Tone::Warn>{text}</Notice> });
    view! {
        {returned}
        {saved}
        {supplement}
    }
    .into_any()
}
