//! 退回: selection of the answers to be changed.

use axum::extract::State;
use backend::AppState;
use backend::matter::{LoadedMatter, MatterError};
use backend::record::form_draft::drafts_of_matter;
use backend::service::pages::{FormPage, form_page};
use backend::workflow::execute::CommandRequest;
use domain::base::text::normalise_lines;
use domain::engine::assessment::{Assessment, points};
use domain::engine::flow::{Command, Refusal, Requires, Transition, opinion_phrases};
use domain::engine::form_draft::RETURN;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::actions::TypedCommand;
use super::assessment::{AssessmentForm, assessment_view};
use super::detail::refused;
use super::head::head_facts;
use super::seen::{OutdatedPage, SeenField};
use crate::error::{HttpStatus, PageError};
use crate::extract::{Path, Query, SavedQuery};
use crate::form_draft::{DraftOnPage, FormDraftFields, Older, SaveDraft};
use crate::links;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Shows the application with a field at each part.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    Query(query): Query<SavedQuery>,
) -> Result<PageResponse, PageError> {
    let read = form_page(&app, &who, id).await?;
    let Some(transition) = returning(&read.matter) else { return Ok(redirect(links::matter(id))) };
    let draft = draft_of(&app, &read.matter, transition).await?;
    let points = points(read.matter.kind.form, &read.matter.answers, &read.context.as_context(), read.matter.is_anonymous());
    let assessment = Assessment::read(&points, &draft.pairs);
    let shown = ReturnNotices { is_saved: query.is_saved() && draft.is_saved(), ..ReturnNotices::default() };
    Ok(page(read, transition, draft, assessment, shown).into())
}

/// Returns the matter to the applicant, or saves what was typed.
pub async fn send(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let post = post.with_phrase();
    let read = form_page(&app, &who, id).await?;
    let Some(transition) = returning(&read.matter) else {
        let typed = returned(normalise_lines(post.text("note")));
        return refused(&app, &who, id, typed, Refusal::NotOpen.into()).await;
    };
    let kind = read.matter.kind;
    let points = points(kind.form, &read.matter.answers, &read.context.as_context(), read.matter.is_anonymous());
    let assessment = Assessment::read(&points, &post.pairs);
    let draft = draft_of(&app, &read.matter, transition).await?;
    if post.text("_action") == "save" {
        return match draft.save(&app, &who, &post, post.pairs.clone()).await? {
            SaveDraft::Saved => Ok(redirect(format!("/matters/{id}/return?saved=1#f-note"))),
            SaveDraft::Older(older) => {
                let shown = ReturnNotices { older: Some(older), ..ReturnNotices::default() };
                Ok(page(read, transition, draft, assessment, shown).status(StatusCode::CONFLICT).into())
            }
        };
    }
    let items = assessment.items(kind.nonconformities, Uuid::now_v7);
    let command = Command { name: transition.command.into(), note: assessment.opinion.clone(), items, ..Command::default() };
    let request = CommandRequest { key: post.id("_key")?, matter: id, seen: Some(post.seen()), command };
    match backend::workflow::execute::execute(&app, &who, request).await {
        Ok(_) => Ok(done(links::matter(id), ActOutcome::Returned)),
        Err(error @ MatterError::Refused(Refusal::NoNote | Refusal::LongNote)) => {
            let shown = ReturnNotices { fault: Some(error.text()), ..ReturnNotices::default() };
            Ok(page(read, transition, draft, assessment, shown).status(StatusCode::UNPROCESSABLE_ENTITY).into())
        }
        Err(error) => match OutdatedPage::of(&app, &who, id, &error).await? {
            Some(outdated) => {
                let read = form_page(&app, &who, id).await?;
                match returning(&read.matter) {
                    Some(transition) => {
                        let draft = draft_of(&app, &read.matter, transition).await?;
                        let shown = ReturnNotices { outdated: Some(outdated), ..ReturnNotices::default() };
                        Ok(page(read, transition, draft, assessment, shown).status(error.http_status()).into())
                    }
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

/// The draft of the returning transition.
async fn draft_of(app: &AppState, matter: &LoadedMatter, transition: &Transition) -> Result<DraftOnPage, PageError> {
    Ok(DraftOnPage::of(&drafts_of_matter(app, matter).await?, &RETURN, transition.command))
}

/// What the page says beside the form.
#[derive(Default)]
struct ReturnNotices {
    is_saved: bool,
    fault: Option<String>,
    outdated: Option<OutdatedPage>,
    older: Option<Older>,
}

fn page(read: FormPage, transition: &'static Transition, draft: DraftOnPage, assessment: Assessment, shown: ReturnNotices) -> Page {
    let FormPage { matter, context } = read;
    let ReturnNotices { is_saved, fault, outdated, older } = shown;
    let rounds = matter.max_rounds.saturating_sub(matter.state.rounds);
    let body = move || {
        let id = matter.id;
        let summary = fault.iter().map(|text| ("#f-note".to_owned(), text.clone())).collect();
        let form =
            assessment_view(&AssessmentForm { matter: &matter, context: &context, assessment: &assessment, faults: &[], verdicts: false });
        let lead = if transition.round {
            format!("还可退回整改 {rounds} 次。申请人只能修改您指出的内容；未指出具体内容的，可修改全部内容。")
        } else {
            "申请人只能修改您指出的内容；未指出具体内容的，可修改全部内容。".to_owned()
        };
        let (heading, address) = (matter.heading(), links::matter(id));
        let head = CaseHeadFacts {
            title: transition.label.to_owned(),
            ..head_facts(&matter, None, (heading.as_str(), address.as_str()), matter.today())
        };
        let side = view! {
            <section class="panel">
                <TextareaField
                    ask=FieldProps::new("note", "退回意见").hint("向申请人说明需要修改什么").fault(fault)
                    value=assessment.opinion.clone()
                    rows=6
                />
                <PhraseField target="f-note" phrases=opinion_phrases(transition) />
                <Actions>
                    <Submit label=transition.label />
                    <Submit label="暂存" weight=Weight::Quiet action="save" />
                    <ButtonLink href=links::matter(id) label="返回" quiet=true />
                </Actions>
                <FormDraftFields draft=draft />
            </section>
        };
        view! {
            <CaseHead facts=head>
                <p class="lead">{lead}</p>
            </CaseHead>
            {outdated.map(|page| page.notice(&matter))}
            {older.map(|older| older.notice())}
            {is_saved.then(|| view! { <Notice tone=Tone::Good>"填写的内容已暂存到服务器，尚未退回。"</Notice> })}
            <ErrorSummary items=summary />
            <form method="post" action=format!("/matters/{id}/return") class="flag-form" data-move=transition.command>
                <Hidden name="_key" value=Uuid::now_v7().to_string() />
                <SeenField seen=matter.seen() />
                <CaseColumns jump=Some(("填写退回意见".to_owned(), "f-note".to_owned())) side=side.into_any()>
                    {form}
                </CaseColumns>
            </form>
        }
        .into_any()
    };
    Page::new(transition.label, body).under("/matters").with_form_drafts()
}
