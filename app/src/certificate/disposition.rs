//! 证书处置: officers search for a certificate and propose a measure on it.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::MatterError;
use backend::record::form_draft::open_drafts;
use backend::service::pages::{DispositionPage, disposition_page};
use backend::workflow::disposition::{ProposedMeasure, propose_measure};
use chrono::NaiveDate;
use domain::base::identity::read_certificate_number;
use domain::base::text::normalise;
use domain::engine::form::{Answers, Field, Options, Widget, read_fields};
use domain::engine::form_draft::{DISPOSITION, Subject};
use domain::kind::disposition::{CERTIFICATE, EFFECTIVE_ON, FORM, KIND, MEASURE, REASON};
use domain::record::certificate::Measure;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::{measure_lines, paper};
use crate::error::{HttpStatus, PageError};
use crate::extract::{Path, Query};
use crate::form_draft::{DraftOnPage, FormDraftFields, Older, SaveDraft};
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Query of the search.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SearchQuery {
    number: String,
}

/// Search for a certificate by its number.
pub async fn search(State(app): State<AppState>, Query(query): Query<SearchQuery>) -> Result<PageResponse, PageError> {
    let typed = normalise(&query.number);
    if typed.is_empty() {
        return Ok(search_page(typed, None).into());
    }
    let fault = match read_certificate_number(&typed) {
        Ok(number) if disposition_page(&app, &number).await?.is_some() => return Ok(redirect(address(&number))),
        Ok(_) => "未查询到该编号的证书，请核对编号".to_owned(),
        Err(error) => error.text(),
    };
    Ok(search_page(typed, Some(fault)).status(StatusCode::UNPROCESSABLE_ENTITY).into())
}

/// A certificate with its measures, and the form of a proposal.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(number): Path<String>) -> Result<Page, PageError> {
    let page = disposition_page(&app, &number).await?.ok_or(PageError::NotFound)?;
    let draft = draft_of(&app, &who, &page).await?;
    let typed = TypedProposal::of_draft(&draft, app.today());
    Ok(certificate_page(page, typed, draft, app.today()))
}

/// The caller's draft of a proposal.
async fn draft_of(app: &AppState, who: &Allowed, page: &DispositionPage) -> Result<DraftOnPage, PageError> {
    let drafts = open_drafts(app, who.account(), page.id, Subject::Certificate, String::new()).await?;
    Ok(DraftOnPage::of(&drafts, &DISPOSITION, &page.certificate.held.number))
}

/// Proposes a measure, or saves what was typed.
pub async fn propose(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(number): Path<String>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let mut answers = Answers::default();
    read_fields(asked(), &post.pairs, &mut answers.fields).map_err(|_| PageError::OUTDATED_FORM)?;
    if post.text("_action") == "save" {
        let page = disposition_page(&app, &number).await?.ok_or(PageError::NotFound)?;
        let draft = draft_of(&app, &who, &page).await?;
        return match draft.save(&app, &who, &post, post.pairs.clone()).await? {
            SaveDraft::Saved => Ok(redirect(address(&number))),
            SaveDraft::Older(older) => {
                let typed = TypedProposal { answers, refused: Some(ProposalRefusal::Older(older)) };
                let draft = draft_of(&app, &who, &page).await?;
                Ok(certificate_page(page, typed, draft, app.today()).status(StatusCode::CONFLICT).into())
            }
        };
    }
    let text = |name: &str| answers.text(name).to_owned();
    let proposed = ProposedMeasure {
        key: post.id("_key")?,
        number: number.clone(),
        seen: post.text("_seen").parse().ok(),
        measure: text(MEASURE),
        effective_on: text(EFFECTIVE_ON),
        reason: text(REASON),
    };
    let error = match propose_measure(&app, &who, proposed).await {
        Ok(matter) => return Ok(redirect(links::matter(matter))),
        Err(error @ (MatterError::NotFound | MatterError::Db(_))) => return Err(error.into()),
        Err(error) => error,
    };
    let page = disposition_page(&app, &number).await?.ok_or(PageError::NotFound)?;
    let draft = draft_of(&app, &who, &page).await?;
    let (status, typed) = (error.http_status(), TypedProposal { answers, refused: Some(ProposalRefusal::Proposal(error)) });
    Ok(certificate_page(page, typed, draft, app.today()).status(status).into())
}

fn address(number: &str) -> String {
    format!("{}/{number}", links::CERTIFICATES)
}

/// The fields of a proposal that the officer fills in; the page itself names the certificate.
fn asked() -> impl Iterator<Item = &'static Field> + Clone {
    FORM.steps.iter().flat_map(|step| step.fields()).filter(|field| field.name != CERTIFICATE)
}

/// What was typed, and why it was refused.
struct TypedProposal {
    answers: Answers,
    refused: Option<ProposalRefusal>,
}

/// Why a post was refused.
enum ProposalRefusal {
    /// The proposal.
    Proposal(MatterError),
    /// 暂存, since another page has saved other text.
    Older(Older),
}

impl TypedProposal {
    /// What the draft holds; without one, today as the day.
    fn of_draft(draft: &DraftOnPage, today: NaiveDate) -> Self {
        let mut answers = Answers::default();
        // A draft of an earlier release may have controls that the form does not have any more.
        let is_read = draft.is_saved() && read_fields(asked(), &draft.pairs, &mut answers.fields).is_ok();
        if !is_read {
            answers.fields = [(EFFECTIVE_ON.to_owned(), today.to_string().as_str().into())].into();
        }
        Self { answers, refused: None }
    }

    /// Name of the control and text of each fault.
    fn faults(&self) -> Vec<(String, String)> {
        let Some(ProposalRefusal::Proposal(MatterError::InvalidAnswers(problems))) = &self.refused else { return Vec::new() };
        problems.iter().map(|problem| (problem.path.to_string(), problem.issue.text.clone())).collect()
    }

    /// A refusal that belongs to no control.
    fn refusal(&self) -> Option<AnyView> {
        match self.refused.as_ref()? {
            ProposalRefusal::Proposal(MatterError::InvalidAnswers(_)) => None,
            ProposalRefusal::Proposal(error) => {
                let text = error.text();
                Some(view! { <Notice tone=Tone::Bad>{text}</Notice> }.into_any())
            }
            ProposalRefusal::Older(older) => Some(older.notice()),
        }
    }
}

fn search_page(number: String, fault: Option<String>) -> Page {
    let body = move || {
        view! {
            <PageHead
                title=KIND.label
                lead="输入证书编号，查看证书并提出处置；处置须由另一人批准"
                crumbs=vec![("协会工作台".into(), "/association".into())]
            />
            <Section>
                <form method="get" action=links::CERTIFICATES class="fields">
                    <TextField ask=FieldProps::new("number", "证书编号").hint("如 2026-N0QMS-4000001").fault(fault) value=number />
                    <div class="actions">
                        <Submit label="查询" />
                    </div>
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new(KIND.label, body).under("/association")
}

fn certificate_page(page: DispositionPage, typed: TypedProposal, draft: DraftOnPage, today: NaiveDate) -> Page {
    let DispositionPage { certificate, measures, seen, .. } = page;
    let body = move || {
        let number = certificate.held.number.clone();
        let crumbs = vec![("协会工作台".into(), "/association".into()), (KIND.label.into(), links::CERTIFICATES.into())];
        let summary = typed.faults().into_iter().map(|(name, text)| (format!("#f-{name}"), text)).collect();
        let refusal = typed.refusal();
        let form = proposal_form(&number, &seen.to_string(), &typed, draft, &choices(&certificate.held, today));
        let history = match measures.is_empty() {
            true => view! { <Empty text="没有处置记录" /> }.into_any(),
            false => measure_lines(&measures, today),
        };
        view! {
            <PageHead title=KIND.label lead=number crumbs=crumbs />
            {refusal}
            <ErrorSummary items=summary />
            {paper(&certificate, true, today)}
            <Section title="处置记录">{history}</Section>
            {form}
        }
        .into_any()
    };
    Page::new(KIND.label, body).under("/association").with_form_drafts()
}

/// The measures that apply to a certificate today: codes and labels.
fn choices(held: &domain::record::certificate::HeldCertificate, today: NaiveDate) -> Vec<ChoiceItem> {
    let Some(Widget::One(Options::Fixed(all))) = FORM.fields().map(|(_, f)| f).find(|f| f.name == MEASURE).map(|f| &f.widget) else {
        return Vec::new();
    };
    let standing = held.standing_on(today);
    let applies = |code: &str| Measure::from_code(code).is_some_and(|measure| measure.applies_to(standing));
    let item = |code: &str, label: &str| ChoiceItem { code: code.to_owned(), label: label.to_owned(), group: String::new() };
    all.iter().filter(|choice| applies(choice.code)).map(|choice| item(choice.code, choice.label)).collect()
}

fn proposal_form(number: &str, seen: &str, typed: &TypedProposal, draft: DraftOnPage, choices: &[ChoiceItem]) -> AnyView {
    if choices.is_empty() {
        return view! {
            <Section title="提出处置">
                <Empty text="证书在当前状态下不能再作处置" />
            </Section>
        }
        .into_any();
    }
    let faults = typed.faults();
    let ask = |name: &str| {
        let field = asked().find(|field| field.name == name);
        let (label, hint) = field.map_or(("", ""), |field| (field.label, field.hint));
        let fault = faults.iter().find(|(at, _)| at == name).map(|(_, text)| text.clone());
        FieldProps::new(name, label).hint(hint).fault(fault)
    };
    let value = |name: &str| typed.answers.text(name).to_owned();
    let (to, seen, picks) = (address(number), seen.to_owned(), choices.to_vec());
    let controls = vec![
        view! { <ChoiceField ask=ask(MEASURE) picks=picks values=vec![value(MEASURE)]/> }.into_any(),
        view! { <DayField ask=ask(EFFECTIVE_ON) value=value(EFFECTIVE_ON)/> }.into_any(),
        view! { <TextareaField ask=ask(REASON) value=value(REASON) rows=6/> }.into_any(),
    ];
    view! {
        <Section title="提出处置">
            <form method="post" action=to class="fields" novalidate=true>
                <Hidden name="_key" value=Uuid::now_v7().to_string() />
                <Hidden name="_seen" value=seen />
                {controls}
                <p>
                    "提出后即通知持证人，由另一人批准；批准后再通知持证人和执业机构。撤销和注销后不能恢复。"
                </p>
                <FormDraftFields draft=draft />
                <Actions>
                    <Submit label="提交批准" />
                    <Submit label="暂存" weight=Weight::Quiet action="save" />
                </Actions>
            </form>
        </Section>
    }
    .into_any()
}
