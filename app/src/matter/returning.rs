//! 退回: selection of the answers to be changed.

use axum::extract::State;
use backend::AppState;
use backend::matter::{LoadedMatter, MatterError};
use backend::service::pages::{FormPage, form_page};
use backend::workflow::execute::CommandRequest;
use domain::base::text::normalise_lines;
use domain::engine::assessment::{Assessment, points};
use domain::engine::flow::{Command, Refusal, Requires, Transition};
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::actions::TypedCommand;
use super::assessment::{AssessmentForm, assessment_view};
use super::detail::refused;
use super::seen::{OutdatedPage, SeenField};
use crate::error::{HttpStatus, PageError};
use crate::extract::Path;
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Shows the application with a field at each part.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<PageResponse, PageError> {
    let read = form_page(&app, &who, id).await?;
    match returning(&read.matter) {
        Some(transition) => Ok(page(read, transition, Assessment::default(), None, None).into()),
        None => Ok(redirect(links::matter(id))),
    }
}

/// Returns the matter to the applicant.
pub async fn send(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let read = form_page(&app, &who, id).await?;
    let Some(transition) = returning(&read.matter) else {
        let typed = returned(normalise_lines(post.text("note")));
        return refused(&app, &who, id, typed, Refusal::NotOpen.into()).await;
    };
    let kind = read.matter.kind;
    let points = points(kind.form, &read.matter.answers, &read.context.as_context());
    let assessment = Assessment::read(&points, &post.pairs);
    let items = assessment.items(kind.nonconformities, Uuid::now_v7);
    let command = Command { name: transition.command.into(), note: assessment.opinion.clone(), items, ..Command::default() };
    let request = CommandRequest { key: post.id("_key")?, matter: id, seen: Some(post.seen()), command };
    match backend::workflow::execute::execute(&app, &who, request).await {
        Ok(_) => Ok(redirect(links::matter(id))),
        Err(error @ MatterError::Refused(Refusal::NoNote | Refusal::LongNote)) => {
            Ok(page(read, transition, assessment, Some(error.text()), None).status(StatusCode::UNPROCESSABLE_ENTITY).into())
        }
        Err(error) => match OutdatedPage::of(&app, &who, id, &error).await? {
            Some(outdated) => {
                let read = form_page(&app, &who, id).await?;
                match returning(&read.matter) {
                    Some(transition) => Ok(page(read, transition, assessment, None, Some(outdated)).status(error.http_status()).into()),
                    None => refused(&app, &who, id, returned(assessment.opinion), error).await,
                }
            }
            None => refused(&app, &who, id, returned(assessment.opinion), error).await,
        },
    }
}

fn returned(note: String) -> TypedCommand {
    TypedCommand { name: "return".to_owned(), note, ..TypedCommand::default() }
}

/// The returning transition, if it is open to the caller.
fn returning(matter: &LoadedMatter) -> Option<&'static Transition> {
    matter.open_transitions().into_iter().find(|t| t.requires == Requires::NoteAndItems)
}

fn page(
    read: FormPage,
    transition: &'static Transition,
    assessment: Assessment,
    fault: Option<String>,
    outdated: Option<OutdatedPage>,
) -> Page {
    let FormPage { matter, context } = read;
    let rounds = matter.max_rounds.saturating_sub(matter.state.rounds);
    let body = move || {
        let id = matter.id;
        let title = matter.kind.title_for(&matter.answers);
        let summary = fault.iter().map(|text| ("#f-note".to_owned(), text.clone())).collect();
        let form =
            assessment_view(&AssessmentForm { matter: &matter, context: &context, assessment: &assessment, faults: &[], verdicts: false });
        let lead = if transition.round {
            format!("还可退回整改 {rounds} 次。申请人只能修改您指出的内容；未指出具体内容的，可修改全部内容。")
        } else {
            "申请人只能修改您指出的内容；未指出具体内容的，可修改全部内容。".to_owned()
        };
        view! {
            <PageHead title=transition.label lead=lead crumbs=vec![(title, links::matter(id))]/>
            {outdated.map(|page| page.notice(&matter, &context))}
            <ErrorSummary items=summary/>
            <form method="post" action=format!("/matters/{id}/return") class="fields" data-move=transition.command>
                <Hidden name="_key" value=Uuid::now_v7().to_string()/>
                <SeenField seen=matter.seen()/>
                {form}
                <section class="panel">
                    <TextareaField ask=FieldProps::new("note", "退回意见").hint("向申请人说明需要修改什么").fault(fault) value=assessment.opinion.clone()/>
                    <Actions><Submit label=transition.label/><ButtonLink href=links::matter(id) label="返回" quiet=true/></Actions>
                </section>
            </form>
        }
        .into_any()
    };
    Page::new(transition.label, body).under("/matters")
}
