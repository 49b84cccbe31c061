//! The table of effects: what each of them does.

use chrono::NaiveDate;
use domain::engine::flow::{Effect, InstitutionRelation, MatterState};

use crate::infra::db::{BoxFuture, Tx};
use crate::matter::follow_up::FollowUp;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::certificate::disposition::lift;
use crate::record::certificate::issue::issue;
use crate::record::certificate::renewal::renew_certificates;
use crate::record::course::file_course;
use crate::record::payment::charge::{cancel_charge, charge};
use crate::state::AppState;
use crate::workflow::effects::binding::bind_category;
use crate::workflow::effects::disposition::impose_measure;
use crate::workflow::effects::identity::change_identity;
use crate::workflow::effects::institution::register_institution;
use crate::workflow::effects::join::join_institution;
use crate::workflow::effects::plan::{confirm_lessons, plan_lessons, release_lessons};
use crate::workflow::effects::reopen::{reopen_disputed, require_amendable};

/// The decision that an effect follows from.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    app: &'a AppState,
    matter: &'a LoadedMatter,
    effect: Effect,
    today: NaiveDate,
    after: &'a MatterState,
}

type Outcome = Result<Vec<FollowUp>, MatterError>;

/// One effect.
pub(super) struct Row {
    /// Its name, see [`Effect::name`].
    pub name: &'static str,
    apply: for<'a> fn(&'a mut Tx, Cause<'a>) -> BoxFuture<'a, Outcome>,
}

/// Every effect.
pub(super) static TABLE: &[Row] = &[
    Row { name: "issue_certificate", apply: |tx, cause| Box::pin(issue_certificate(tx, cause)) },
    Row { name: "extend_certificates", apply: |tx, cause| Box::pin(extend_certificates(tx, cause)) },
    Row { name: "charge", apply: |tx, cause| Box::pin(charge(tx, cause.app, cause.matter)) },
    Row { name: "cancel_charge", apply: |tx, cause| Box::pin(cancel_charge(tx, cause.app, cause.matter)) },
    Row { name: "join", apply: |tx, cause| Box::pin(join(tx, cause)) },
    Row { name: "reopen", apply: |tx, cause| Box::pin(reopen(tx, cause)) },
    Row { name: "amend", apply: |tx, cause| Box::pin(done(require_amendable(tx, cause.matter, cause.today))) },
    Row { name: "change_identity", apply: |tx, cause| Box::pin(done(change_identity(tx, cause.app, cause.matter, cause.today))) },
    Row { name: "impose_measure", apply: |tx, cause| Box::pin(done(impose_measure(tx, cause.app, cause.matter, cause.today))) },
    Row { name: "bind_category", apply: |tx, cause| Box::pin(done(bind_category(tx, cause.app, cause.matter, cause.today))) },
    Row { name: "plan_lessons", apply: |tx, cause| Box::pin(done(plan_lessons(tx, cause.matter, cause.after))) },
    Row { name: "confirm_lessons", apply: |tx, cause| Box::pin(done(confirm_lessons(tx, cause.matter, cause.after))) },
    Row { name: "release_lessons", apply: |tx, cause| Box::pin(done(release_lessons(tx, cause.matter))) },
    Row { name: "file_course", apply: |tx, cause| Box::pin(done(file_course(tx, cause.app, cause.matter, cause.today))) },
    Row { name: "register_institution", apply: |tx, cause| Box::pin(done(register_institution(tx, cause.app, cause.matter, cause.today))) },
    Row { name: "lift_measure", apply: |tx, cause| Box::pin(done(lift(tx, cause.app, cause.matter.id, cause.today))) },
];

/// Applies one effect of a decision on a matter. `after`: the state after its events.
///
/// # Errors
/// [`MatterError::Misconfigured`] if the kind lacks what the effect needs; [`MatterError::Blocked`] if a rule forbids the effect now.
pub(crate) async fn apply_effect(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    (effect, after): (Effect, &MatterState),
    today: NaiveDate,
) -> Outcome {
    let row = TABLE.iter().find(|row| row.name == effect.name());
    let row = row.ok_or_else(|| MatterError::misconfigured(matter.kind.code, effect.name()))?;
    (row.apply)(tx, Cause { app, matter, effect, today, after }).await
}

/// The outcome of an effect from which no command follows.
async fn done(effect: impl Future<Output = Result<(), MatterError>>) -> Outcome {
    effect.await.map(|()| Vec::new())
}

async fn issue_certificate(tx: &mut Tx, cause: Cause<'_>) -> Outcome {
    let Cause { app, matter, today, .. } = cause;
    let grant = (matter.kind.certificate_grant)(&matter.answers);
    let grant = grant.ok_or_else(|| MatterError::misconfigured(matter.kind.code, "certificate_grant"))?;
    issue(tx, app, matter, &grant, today).await?;
    Ok(Vec::new())
}

async fn extend_certificates(tx: &mut Tx, cause: Cause<'_>) -> Outcome {
    let Cause { app, matter, today, .. } = cause;
    let renewal = matter.kind.renewal.ok_or_else(|| MatterError::misconfigured(matter.kind.code, "renewal"))?;
    renew_certificates(tx, app, matter, renewal, today).await?;
    Ok(Vec::new())
}

async fn join(tx: &mut Tx, cause: Cause<'_>) -> Outcome {
    let Cause { app, matter, effect, today, .. } = cause;
    let relation: InstitutionRelation =
        effect.relation().ok_or_else(|| MatterError::misconfigured(matter.kind.code, "related_institutions"))?;
    join_institution(tx, app, matter, relation, today).await?;
    Ok(Vec::new())
}

async fn reopen(tx: &mut Tx, cause: Cause<'_>) -> Outcome {
    Ok(vec![reopen_disputed(tx, cause.matter, cause.today).await?])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::kind::{KINDS, trial};

    use super::TABLE;

    #[test]
    fn every_effect_of_a_flow_has_one_row_and_every_row_is_used() {
        let transitions = KINDS.iter().copied().chain([&trial::KIND]).flat_map(|kind| kind.flow.stages).flat_map(|stage| stage.transitions);
        let used: BTreeSet<&str> = transitions.flat_map(|transition| transition.effects).map(|effect| effect.name()).collect();
        let rows: BTreeSet<&str> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(rows.len(), TABLE.len(), "one row for each name");
        assert_eq!(rows, used);
    }
}
