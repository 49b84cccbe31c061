//! Evaluation of one matter by an expert: verdicts on records where the stage asks for them, the opinion, and the result.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::LoadedMatter;
use backend::record::expert::{GivenOpinion, given_opinion};
use backend::service::pages::{EvaluationPage, evaluation_page, evaluation_points};
use backend::workflow::execute::CommandRequest;
use domain::engine::assessment::Assessment;
use domain::engine::flow::{Agreement, Party, Refusal, Requires, Stage, Transition, opinion_phrases};
use domain::engine::form::{Issue, Path};
use domain::engine::form_draft::{DECISION, EVALUATION, Pairs};
use domain::matter::ExpertList;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use super::given;
use super::opinion::{OpinionLines, SHEET};
use crate::draft::sheet::SheetOnDevice;
use crate::error::{HttpStatus, PageError};
use crate::extract::{self, Query, SavedQuery};
use crate::form_draft::{DraftOnPage, FormDraftFields, Older, SaveDraft};
use crate::matter::assessment::{AssessmentForm, assessment_view};
use crate::matter::detail::disputed_view;
use crate::matter::difference::difference_view;
use crate::matter::head::head_facts;
use crate::matter::read::{Reader, answers_view};
use crate::matter::requirement::requirements_section;
use crate::matter::seen::{OutdatedPage, SeenField};
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;
use crate::{format, links};

const VERDICTS_LEAD: &str = "逐条评价是否符合；选择的不符合项会自动补充到专家评价意见中，可以修改。";
const OPINION_LEAD: &str = "阅读材料后填写评价意见，选择评价结果。";

/// Shows the matter with the findings so far; the opinion that this expert gave, while the matter awaits others; redirects to
/// the matter if the expert is not asked now.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    extract::Path((slug, id)): extract::Path<(String, Uuid)>,
    Query(query): Query<SavedQuery>,
) -> Result<PageResponse, PageError> {
    if let Some(opinion) = given(&app, &who, &slug, id).await? {
        return Ok(given::page(opinion, None).into());
    }
    let Some((mut read, list)) = load(&app, &who, &slug, id).await? else {
        return Ok(redirect(links::matter(id)));
    };
    let saved = read.opinion.as_ref().filter(|_| query.is_saved());
    let saved = saved.map(|(_, at)| format!("评价内容已暂存到服务器（{}）。", format::time(*at)));
    let assessment = read.opinion.take().map(|(assessment, _)| assessment).unwrap_or_default();
    Ok(page(read, list, assessment, EvaluationNotices { saved, ..EvaluationNotices::default() }).into())
}

/// 暂存 saves the findings; 提交 submits them if they are complete, and saves them otherwise.
pub async fn save(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    extract::Path((slug, id)): extract::Path<(String, Uuid)>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let post = post.with_phrase();
    if let Some(opinion) = given(&app, &who, &slug, id).await? {
        return Ok(given::sent_again(&slug, opinion, &post));
    }
    let Some((mut read, list)) = load(&app, &who, &slug, id).await? else {
        return Err(PageError::conflict(Refusal::NotOpen.text()));
    };
    let kind = read.matter.kind;
    let points = evaluation_points(&read.matter, &read.context);
    let before = read.opinion.take().map(|(assessment, _)| assessment).unwrap_or_default();
    let mut assessment = Assessment::read(&points, &post.pairs);
    assessment.compose(&before, kind.nonconformities, &points);
    let faults = assessment.problems(&points, favourable(&read.matter));
    let submits = post.text("_action") == "submit";
    // An outdated page is refused as such, whatever it lacks.
    let is_incomplete = submits && !faults.is_empty() && post.seen() == read.matter.seen();
    if !submits || is_incomplete {
        let draft = DraftOnPage::of(&read.drafts, &EVALUATION, "");
        if let SaveDraft::Older(older) = draft.save(&app, &who, &post, with_opinion(&post, &assessment)).await? {
            let shown = EvaluationNotices { older: Some(older), ..EvaluationNotices::default() };
            return Ok(page(read, list, assessment, shown).status(StatusCode::CONFLICT).into());
        }
        if !submits {
            return Ok(redirect(format!("/expert/{slug}/{id}?saved=1#f-note")));
        }
        read.drafts = backend::record::form_draft::drafts_of_matter(&app, &read.matter).await?;
        return Ok(page(read, list, assessment, EvaluationNotices { faults, ..EvaluationNotices::default() })
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into());
    }
    let (command, key) = (assessment.command(kind.nonconformities, &points, Uuid::now_v7), post.id("_key")?);
    let request = CommandRequest { key, matter: id, seen: Some(post.seen()), command };
    if let Err(error) = backend::workflow::execute::execute(&app, &who, request).await {
        let outdated = OutdatedPage::of(&app, &who, id, &error).await?.ok_or_else(|| PageError::from(error.clone()))?;
        // The page shows the opinion again beside what changed.
        let shown = EvaluationNotices { outdated: Some(outdated), ..EvaluationNotices::default() };
        return match load(&app, &who, &slug, id).await? {
            Some((read, list)) => Ok(page(read, list, assessment, shown).status(error.http_status()).into()),
            None => Err(error.into()),
        };
    }
    // The expert's part in the matter may end with this opinion. The script of the page deletes the sheet of this post from the device.
    Ok(redirect(format!("/expert/{slug}?state=done&sent={key}")))
}

/// The opinion that this expert gave on a matter of the list, while the matter awaits the other experts.
async fn given(app: &AppState, who: &Allowed, slug: &str, id: Uuid) -> Result<Option<GivenOpinion>, PageError> {
    let given = given_opinion(app, who, id).await?;
    Ok(given.filter(|given| given.kind.expert_list.is_some_and(|list| list.slug == slug)))
}

/// Reads the page if this expert is to evaluate the matter.
async fn load(app: &AppState, who: &Allowed, slug: &str, id: Uuid) -> Result<Option<(EvaluationPage, ExpertList)>, PageError> {
    let read = evaluation_page(app, who, id).await?;
    let list = read.matter.kind.expert_list.filter(|list| list.slug == slug);
    let acts = read.matter.is_party(Party::Expert) && !conclusions(&read.matter).is_empty();
    Ok(list.filter(|_| acts).map(|list| (read, list)))
}

/// The transitions that an expert can choose as result.
fn conclusions(matter: &LoadedMatter) -> Vec<&'static Transition> {
    matter.open_transitions().into_iter().filter(|t| t.is_opinion()).collect()
}

/// The favourable result, which the verdicts decide; none where only an opinion is asked for.
fn favourable(matter: &LoadedMatter) -> Option<&'static str> {
    match matter.stage().map(|s| s.agreement) {
        Some(Agreement::All(favourable, _)) => Some(favourable),
        _ => None,
    }
}

/// The posted form with the opinion as the findings complete it.
fn with_opinion(post: &Post, assessment: &Assessment) -> Pairs {
    let typed = post.pairs.iter().filter(|(name, _)| name != "note").cloned();
    typed.chain([("note".to_owned(), assessment.opinion.clone())]).collect()
}

/// What the page says beside the form.
#[derive(Default)]
struct EvaluationNotices {
    faults: Vec<(Option<Path>, Issue)>,
    saved: Option<String>,
    outdated: Option<OutdatedPage>,
    older: Option<Older>,
}

fn page(read: EvaluationPage, list: ExpertList, assessment: Assessment, shown: EvaluationNotices) -> Page {
    let EvaluationPage { matter, context, drafts, previous, disputed, .. } = read;
    let EvaluationNotices { faults, saved, outdated, older } = shown;
    let draft = DraftOnPage::of(&drafts, &EVALUATION, "");
    let body = move || {
        let id = matter.id;
        let of = |codes: &[&str]| faults.iter().find(|(_, i)| codes.contains(&i.code)).map(|(_, i)| i.text.clone());
        let summary = faults
            .iter()
            .map(|(path, issue)| {
                let anchor = match path {
                    Some(path) => path.anchor(),
                    None if issue.code.contains("note") => "f-note".into(),
                    None => "f-conclusion".into(),
                };
                (format!("#{anchor}"), issue.text.clone())
            })
            .collect();
        let phrases = conclusions(&matter).first().map(|transition| opinion_phrases(transition));
        let picks = conclusions(&matter)
            .into_iter()
            .map(|t| ChoiceItem { code: t.command.into(), label: t.label.into(), group: String::new() })
            .collect();
        let changed = difference_view(&matter, previous.as_ref(), &context);
        let requirements = requirements_section(&matter, &context);
        let has_verdicts = matter.stage().is_some_and(Stage::asks_for_verdicts);
        let form = match has_verdicts {
            true => assessment_view(&AssessmentForm {
                matter: &matter,
                context: &context,
                assessment: &assessment,
                faults: &faults,
                verdicts: true,
            }),
            false => answers_view(id, matter.kind.form, &matter.answers, &context, Reader::of(&matter)),
        };
        let lead = if has_verdicts { VERDICTS_LEAD } else { OPINION_LEAD };
        let hint = if has_verdicts { "不符合项会自动补充在这里，可以修改" } else { "" };
        let due = matter.due_on.map(|d| format!("请在 {d}（含当日）前完成评价。")).unwrap_or_default();
        let crumbs = vec![("专家评价".into(), "/expert".into()), (matter.kind.label.into(), format!("/expert/{}", list.slug))];
        let head = CaseHeadFacts { title: matter.heading(), number: None, crumbs, ..head_facts(&matter, None, ("", ""), matter.today()) };
        let recusal = DraftOnPage::of(&drafts, &DECISION, "recuse");
        let recuse = matter.open_transitions().into_iter().find(|t| t.requires == Requires::Recusal);
        let side = view! {
            <section class="panel">
                <TextareaField
                    ask=FieldProps::new("note", "专家评价意见").hint(hint).fault(of(&["no_note", "long_note"]))
                    value=assessment.opinion.clone()
                    rows=6
                />
                {phrases.map(|phrases| view! { <PhraseField target="f-note" phrases=phrases /> })}
                <ChoiceField
                    ask=FieldProps::new("conclusion", "评价结果").fault(of(&["no_conclusion", "conclusion_differs"]))
                    picks=picks
                    values=vec![assessment.conclusion.clone()]
                />
                <Actions>
                    <Submit label="提交" action="submit" />
                    <Submit label="暂存" weight=Weight::Quiet action="save" />
                </Actions>
                <FormDraftFields draft=draft />
                {has_verdicts.then(|| view! { <OpinionLines /> })}
            </section>
        };
        view! {
            <CaseHead facts=head>
                <p class="lead">{format!("{lead}{due}")}</p>
            </CaseHead>
            {saved.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            {outdated.map(|page| page.notice(&matter))}
            {older.map(|older| older.notice())}
            <ErrorSummary items=summary />
            <div id=SHEET>
                <form id="assess" method="post" action=format!("/expert/{}/{id}", list.slug) class="flag-form" novalidate=true>
                    <button class="sr-only" type="submit" name="_action" value="save" tabindex="-1" aria-hidden="true">
                        "暂存"
                    </button>
                    <Hidden name="_key" value=Uuid::now_v7().to_string() />
                    <SeenField seen=matter.seen() />
                    <CaseColumns jump=Some(("填写评价意见".to_owned(), "f-note".to_owned())) side=side.into_any()>
                        {disputed.map(|disputed| disputed_view(disputed, None))}
                        {changed}
                        {form}
                        {requirements}
                    </CaseColumns>
                </form>
            </div>
            <SheetOnDevice />
            {recuse.map(|transition| recusal_view(&matter, transition, recusal))}
        }
        .into_any()
    };
    Page::new(list.title, body).under("/expert").with_islands().with_form_drafts()
}

/// The form by which the expert steps back from the matter.
fn recusal_view(matter: &LoadedMatter, transition: &'static Transition, draft: DraftOnPage) -> AnyView {
    let (is_written, action, seen) = (draft.is_saved(), links::matter(matter.id), matter.seen());
    view! {
        <Fold label=transition.label open=is_written>
            <form method="post" action=action class="fields" data-move=transition.command>
                <Hidden name="_key" value=Uuid::now_v7().to_string() />
                <SeenField seen=seen />
                <NoteField ask=FieldProps::new("note", "回避理由") id="note-recuse" value=draft.text("note") />
                <FormDraftFields draft=draft />
                <div class="choices">
                    <Submit label=transition.label weight=Weight::Grave action=transition.command />
                    <Submit label="暂存" weight=Weight::Quiet action=format!("save:{}", transition.command) />
                </div>
            </form>
        </Fold>
    }
    .into_any()
}
