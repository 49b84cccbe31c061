//! 核对并提交: the check page.

use std::collections::BTreeMap;

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::{LoadedMatter, MatterError};
use backend::service::pages::{FormPage, form_page};
use backend::workflow::execute::CommandRequest;
use domain::engine::flow::{Command, Requires};
use domain::engine::form::{Path, Problem, Step, StepProgress};
use domain::matter::renewal::late_notes;
use leptos::prelude::*;
use uuid::Uuid;

use super::command::CommandForm;
use super::read::{Reader, answers_view};
use super::rectify::response_address;
use super::requirement::requirements_section;
use super::seen::{OutdatedPage, SeenField};
use crate::error::{HttpStatus, PageError};
use crate::extract;
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Authorized;
use crate::ui::*;
use crate::wizard::{StepItem, StepWay, Steps, step_items};

/// Shows all answers, with the problems that prevent submission.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    extract::Path(id): extract::Path<Uuid>,
) -> Result<PageResponse, PageError> {
    match page(&app, &who, id, None).await? {
        Some(page) => Ok(page.into()),
        None => Ok(redirect(links::matter(id))),
    }
}

/// 提交: submits the revision that was shown, with an idempotency key.
pub async fn submit(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    extract::Path(id): extract::Path<Uuid>,
    form: CommandForm,
) -> Result<PageResponse, PageError> {
    let command = Command { name: "submit".into(), revision: Some(form.revision()), ..Command::default() };
    let request = CommandRequest { key: form.key()?, matter: id, seen: form.seen_by_page(), command };
    match backend::workflow::execute::execute(&app, &who, request).await {
        Ok(_) => Ok(redirect(format!("/matters/{id}/done"))),
        Err(error @ (MatterError::NotFound | MatterError::Db(_))) => Err(error.into()),
        Err(error) => {
            let (status, text) = (error.http_status(), error.text());
            let outdated = OutdatedPage::of(&app, &who, id, &error).await?;
            let refusal = Refused { text: text.clone(), outdated, problems: problems_of(error) };
            match page(&app, &who, id, Some(refusal)).await? {
                Some(page) => Ok(page.status(status).into()),
                None => Err(PageError::conflict(text)),
            }
        }
    }
}

/// A submission that was refused.
struct Refused {
    text: String,
    /// What changed since the page was loaded.
    outdated: Option<OutdatedPage>,
    /// The problems that were found, some of which only a submission looks for.
    problems: Vec<Problem>,
}

fn problems_of(error: MatterError) -> Vec<Problem> {
    match error {
        MatterError::InvalidAnswers(problems) => problems,
        _ => Vec::new(),
    }
}

/// Where a problem is corrected.
fn problem_address(id: Uuid, problem: &Problem) -> String {
    let step = links::step(id, problem.step);
    if let Some(address) = response_address(id, &problem.path) {
        return address;
    }
    match &problem.path {
        Path::Cell(list, record, field) => format!("{step}/{list}/{record}?check=1#f-{field}"),
        path => format!("{step}#{}", path.anchor()),
    }
}

/// What follows the submission: 提交后由协会办理, or that it is done with it.
fn next_step(matter: &LoadedMatter) -> String {
    let submission = matter.open_transitions().into_iter().find(|t| t.requires == Requires::Submission);
    let next = submission.and_then(|t| t.to.last()).and_then(|(_, to)| matter.kind.flow.stage(to));
    match next.map_or("", |stage| matter.kind.turn_label(stage)) {
        "" => "提交后即时办结".to_owned(),
        party => format!("提交后由{party}办理"),
    }
}

/// The page; after a refused submission with the reason, and with what changed since the page was loaded.
async fn page(app: &AppState, who: &Allowed, id: Uuid, refused: Option<Refused>) -> Result<Option<Page>, PageError> {
    let FormPage { matter, context } = form_page(app, who, id).await?;
    if !matter.is_editable() {
        return Ok(None);
    }
    let mut problems = matter.submission_problems(&context.as_context());
    let (mut refusal, mut outdated) = (None, None);
    if let Some(refused) = refused {
        problems.extend(refused.problems.into_iter().filter(|found| !problems.contains(found)).collect::<Vec<_>>());
        (refusal, outdated) = (Some(refused.text), refused.outdated);
    }
    let warnings = matter.warnings(&context.as_context());
    let hidden = matter.count_hidden_answers(app);
    let late = matter.kind.renewal.map(|renewal| late_notes(renewal, &matter.answers, &context.as_context())).unwrap_or_default();
    let title = format!("{} · 核对提交", matter.kind.label);
    let body = move || {
        let items: Vec<(String, String)> = problems.iter().map(|p| (problem_address(id, p), p.message())).collect();
        let warnings: Vec<(String, String)> = warnings.iter().map(|w| (problem_address(id, w), w.message())).collect();
        let complete = items.is_empty();
        let label = matter.open_transitions().into_iter().find(|t| t.requires == Requires::Submission).map_or("提交", |t| t.label);
        let last = matter.kind.form.steps_for(&matter.answers).last().map_or("", |s| s.code);
        let back = if matter.open_items().is_some() { format!("/matters/{id}/rectify") } else { links::step(id, last) };
        // What was returned is corrected from the list of items.
        let steps = matter.open_items().is_none().then(|| {
            let (form, context) = (matter.kind.form, context.as_context());
            let progress = |step: &'static Step| StepProgress::of(step, &matter.answers, &context);
            let way = |step: &Step| Some(StepWay::Link(links::step(id, step.code)));
            let mut items = step_items(form, &matter.answers, &context, progress, way);
            items.push(StepItem::review(None));
            view! { <Steps items=items has_form=false /> }
        });
        view! {
            <PageHead title="核对并提交" lead=matter.heading() crumbs=vec![("我的事项".into(), "/matters".into())] />
            <div class="wizard">
                {steps}
                <div>
                    {refusal.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
                    {outdated.map(|page| page.changes(&matter, &BTreeMap::new()))} <ErrorSummary items=items />
                    <WarningSummary items=warnings />
                    {complete
                        .then(|| {
                            view! {
                                <Notice tone=Tone::Good>
                                    {format!("填写内容齐全。请核对无误后提交，{}。", next_step(&matter))}
                                </Notice>
                            }
                        })} {late.into_iter().map(|text| view! { <Notice tone=Tone::Warn>{text}</Notice> }).collect_view()}
                    {(hidden > 0)
                        .then(|| {
                            view! {
                                <Notice tone=Tone::Info>
                                    {format!(
                                        "有 {hidden} 项已填写的内容不适用于当前的选择，不会随本次申请提交；内容仍保存在草稿中。",
                                    )}
                                </Notice>
                            }
                        })} {requirements_section(&matter, &context)}
                    {answers_view(id, matter.kind.form, &matter.answers, &context, Reader::Editor)} <section class="panel">
                        <form method="post" action=format!("/matters/{id}/review")>
                            <Hidden name="_rev" value=matter.revision.to_string() />
                            <Hidden name="_key" value=Uuid::now_v7().to_string() />
                            <SeenField seen=matter.seen() />
                            <Actions>
                                <Submit label=label />
                                <ButtonLink href=back label="返回修改" quiet=true />
                                <ButtonLink href="/matters?view=drafts" label="暂存草稿箱" quiet=true />
                            </Actions>
                        </form>
                    </section>
                </div>
            </div>
        }
        .into_any()
    };
    Ok(Some(Page::new(title, body).under("/matters")))
}
