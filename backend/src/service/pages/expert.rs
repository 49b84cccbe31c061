//! Pages about experts: whom to assign, and the evaluation of a case.

use chrono::{DateTime, Utc};
use domain::engine::assessment::{Assessment, StepPoints, points};
use domain::engine::flow::Stage;
use domain::engine::form::Answers;
use domain::engine::form_draft::{EVALUATION, Subject};
use uuid::Uuid;

use crate::access::access_log::Access;
use crate::access::guard::Allowed;
use crate::infra::db::Tx;
use crate::matter::context::OwnedMatterContext;
use crate::matter::disputed::disputed_decision;
use crate::matter::load::{load_in_tx, previous_submission};
use crate::matter::{DisputedDecision, LoadedMatter, MatterError, Shown};
use crate::record::expert::assignment::{ExpertCandidate, candidates_in_tx};
use crate::record::expert::opinion::opinion_in_tx;
use crate::record::form_draft::{OpenDrafts, drafts_in_tx, state_of};
use crate::state::AppState;

/// The page where experts are assigned to a matter.
pub struct AssignmentPage {
    /// The matter.
    pub matter: LoadedMatter,
    /// Every expert, best suited first.
    pub candidates: Vec<ExpertCandidate>,
}

/// The page where an expert evaluates a matter.
pub struct EvaluationPage {
    /// The matter.
    pub matter: LoadedMatter,
    /// The context its answers are shown in.
    pub context: OwnedMatterContext,
    /// The expert's form drafts about it.
    pub drafts: OpenDrafts,
    /// The expert's opinion so far, and when it was saved.
    pub opinion: Option<(Assessment, DateTime<Utc>)>,
    /// The answers of the submission before the last one.
    pub previous: Option<Answers>,
    /// The decision that the matter disputes.
    pub disputed: Option<DisputedDecision>,
}

/// The parts of the application that an expert judges one by one: none where only an opinion is asked for.
pub fn evaluation_points(matter: &LoadedMatter, context: &OwnedMatterContext) -> Vec<StepPoints> {
    match matter.stage().is_some_and(Stage::asks_for_verdicts) {
        true => points(matter.kind.form, &matter.answers, &context.as_context(), matter.is_anonymous()),
        false => Vec::new(),
    }
}

/// Reads the page where experts are assigned.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to the matter.
pub async fn assignment_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<AssignmentPage, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_assignment_page(&mut tx, app, who, id).await;
    tx.finish().await?;
    page
}

async fn read_assignment_page(tx: &mut Tx, app: &AppState, who: &Allowed, id: Uuid) -> Result<AssignmentPage, MatterError> {
    let matter = load_in_tx(tx, app, who.caller(), id).await?;
    let candidates = candidates_in_tx(tx, app, &matter).await?;
    Ok(AssignmentPage { matter, candidates })
}

/// Reads the page where an expert evaluates a matter.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to the matter.
pub async fn evaluation_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<EvaluationPage, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_evaluation_page(&mut tx, app, who, id).await;
    tx.finish().await?;
    page
}

async fn read_evaluation_page(tx: &mut Tx, app: &AppState, who: &Allowed, id: Uuid) -> Result<EvaluationPage, MatterError> {
    let matter = load_in_tx(tx, app, who.caller(), id).await?;
    matter.record_reading(app, Access::CaseOpened, "");
    let previous = previous_submission(tx, app, &matter).await?;
    let context = OwnedMatterContext::for_matter(tx, app, &matter, Shown::answers_and(previous.as_ref())).await?;
    let drafts = drafts_in_tx(tx, app, matter.actor.account, matter.id, Subject::Matter, state_of(&matter)).await?;
    let opinion = match drafts.draft(&EVALUATION, "") {
        Some(draft) => {
            let points = evaluation_points(&matter, &context);
            Some((Assessment::read(&points, &draft.pairs), draft.saved_at))
        }
        None if drafts.is_ended(&EVALUATION, "") => None,
        None => opinion_in_tx(tx, app, &matter).await?,
    };
    Ok(EvaluationPage { context, drafts, opinion, previous, disputed: disputed_decision(tx, &app.keys, &matter).await?, matter })
}
