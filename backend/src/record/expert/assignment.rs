//! Assignment of experts: candidates and conflicts of interest.

use domain::base::permission::GrantStatus;
use domain::record::expert::{ConflictOfInterest, EvaluationCase, Expert, sort_by_suitability};
use uuid::Uuid;

use crate::access::account::lookup::person_name;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::LoadedMatter;
use crate::record::expert::registry::load_experts;
use crate::state::AppState;

/// An expert who could be assigned.
pub struct ExpertCandidate {
    /// The expert.
    pub expert: Expert,
    /// Their name.
    pub name: String,
    /// The conflict of interest that excludes them, if any.
    pub conflict: Option<ConflictOfInterest>,
    /// Whether they are competent in the domain of the matter.
    pub competent: bool,
}

/// Every expert as a candidate for a matter, best suited first.
pub(crate) async fn candidates_in_tx(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Vec<ExpertCandidate>, DbError> {
    let case = evaluation_case(tx, matter).await?;
    let mut experts = load_experts(tx).await?;
    sort_by_suitability(&mut experts, &case);
    let mut candidates = Vec::with_capacity(experts.len());
    for expert in experts {
        let name = person_name(app, tx, expert.account).await?;
        let (conflict, competent) = (expert.conflict(&case), expert.is_competent(&case));
        candidates.push(ExpertCandidate { expert, name, conflict, competent });
    }
    Ok(candidates)
}

/// Every expert as a candidate for a matter, best suited first.
pub async fn candidates(app: &AppState, matter: &LoadedMatter) -> Result<Vec<ExpertCandidate>, DbError> {
    let mut tx = app.db.read().await?;
    candidates_in_tx(&mut tx, app, matter).await
}

/// The data of a matter that determines conflicts of interest.
async fn evaluation_case(tx: &mut Tx, matter: &LoadedMatter) -> Result<EvaluationCase, DbError> {
    let applicant = matter.owner;
    let mut case = EvaluationCase { applicant, domain: matter.answers.text("domain").to_owned(), ..EvaluationCase::default() };
    case.institutions.extend(matter.institutions.iter().map(|(_, id)| *id));
    case.excluded.clone_from(&matter.excluded);
    for membership in db::institution::list_memberships(tx, applicant).await? {
        let ended = membership.status == GrantStatus::Ended;
        if ended { &mut case.former } else { &mut case.institutions }.push(membership.institution_id);
    }
    Ok(case)
}

/// Checks whether all of these people may evaluate a matter: `None` if one may not, otherwise everyone who has a conflict of interest,
/// with the reason.
pub(crate) async fn find_conflicts(tx: &mut Tx, matter: &LoadedMatter, people: &[Uuid]) -> Result<Option<Vec<(Uuid, String)>>, DbError> {
    let case = evaluation_case(tx, matter).await?;
    let experts = load_experts(tx).await?;
    let conflicts: Vec<(Uuid, String)> =
        experts.iter().filter_map(|e| e.conflict(&case).map(|c| (e.account, c.text().to_owned()))).collect();
    let eligible = |id: &Uuid| experts.iter().any(|e| e.account == *id) && !conflicts.iter().any(|(account, _)| account == id);
    Ok(people.iter().all(eligible).then_some(conflicts))
}
