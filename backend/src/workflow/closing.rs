//! What the state of an institution does to matters: nothing new in its name, and its turn passes.

use domain::base::rule::RulesOn;
use domain::engine::flow::{Decision, Party, Stage};
use domain::matter::RelatedInstitution;
use domain::record::institution::{Affected, Consequence, InstitutionState, consequence};
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::follow_up::FollowUp;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

/// What the platform says with the transition that it makes in place of a closed institution.
const NOTE: &str = "机构已暂停或关闭，不能继续办理；退回的，请另选机构后重新提交。";

/// Refuses a new matter in the name of an institution that is not active. `institution`: none for a matter of a person.
///
/// # Errors
/// [`MatterError::Blocked`] with the state.
pub(crate) async fn require_new_matters(tx: &mut Tx, institution: Option<Uuid>) -> Result<(), MatterError> {
    let Some(id) = institution else { return Ok(()) };
    let row = db::institution::by_id(tx, id).await?.ok_or(MatterError::NotFound)?;
    if row.state.permits_new() {
        return Ok(());
    }
    Err(MatterError::Blocked(format!("机构当前状态为“{}”，不能以机构名义办理新业务", row.state.label())))
}

/// Refuses the first submission of a draft in the name of an institution that is not active.
///
/// # Errors
/// [`MatterError::Blocked`] with the state.
pub(crate) async fn require_submittable(tx: &mut Tx, matter: &LoadedMatter) -> Result<(), MatterError> {
    if matter.is_draft() { require_new_matters(tx, matter.filing_institution()).await } else { Ok(()) }
}

/// The command by which a matter passes an institution that does not answer any more, if a decision has led to its turn.
pub(crate) async fn pass_closed(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    decision: &Decision,
) -> Result<Option<FollowUp>, DbError> {
    if !decision.entered {
        return Ok(None);
    }
    let Some(institution) = institution_in_turn(decision.stage, &matter.institutions) else { return Ok(None) };
    let Some(row) = db::institution::by_id(tx, institution).await? else { return Ok(None) };
    let tables = app.tables();
    let passes = passes(row.state, tables.rules.on(app.today()));
    Ok(passes.then(|| passing_command(decision.stage, matter.id)).flatten())
}

/// The institution whose turn it is at a stage.
fn institution_in_turn(stage: &Stage, institutions: &[RelatedInstitution]) -> Option<Uuid> {
    let Some(Party::Institution(relation)) = stage.turn else { return None };
    institutions.iter().find(|(other, _)| *other == relation).map(|(_, id)| *id)
}

/// Whether matters pass an institution in this state.
pub(crate) fn passes(state: InstitutionState, rules: RulesOn<'_>) -> bool {
    consequence(Affected::Turn, state, rules) == Consequence::ByFlow
}

/// The command by which a matter passes the institution whose turn it is at a stage; none if the stage has no such transition.
pub(crate) fn passing_command(stage: &Stage, matter: Uuid) -> Option<FollowUp> {
    stage.closing_transition().map(|t| FollowUp::new(matter, Party::Closing, t.command, NOTE))
}
