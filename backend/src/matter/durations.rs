//! Usual duration of stages.

use domain::base::calendar::day_of;
use domain::engine::flow::Outcome;
use domain::engine::stage_duration::{SAMPLE_SIZE, StageDuration};
use domain::matter::Kind;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::loaded::LoadedMatter;
use crate::state::AppState;

/// The usual duration of a stage, from tasks finished recently; `None` if too few are finished. Cached for ten minutes.
pub(crate) async fn stage_duration(tx: &mut Tx, app: &AppState, kind: &Kind, stage: &str) -> Result<Option<StageDuration>, DbError> {
    let (key, now) = ((kind.code.to_owned(), stage.to_owned()), app.now());
    if let Some(duration) = app.stage_durations.get(&key, now) {
        return Ok(duration);
    }
    let duration = measure(tx, app, kind, stage).await?;
    app.stage_durations.insert(key, now, duration);
    Ok(duration)
}

/// The usual duration of the present stage of a matter; `None` for drafts and closed matters.
pub(crate) async fn duration_of(tx: &mut Tx, app: &AppState, matter: &LoadedMatter) -> Result<Option<StageDuration>, DbError> {
    if matter.submitted_at.is_none() || matter.closed_at.is_some() {
        return Ok(None);
    }
    stage_duration(tx, app, matter.kind, &matter.state.stage).await
}

async fn measure(tx: &mut Tx, app: &AppState, kind: &Kind, stage: &str) -> Result<Option<StageDuration>, DbError> {
    // Twice the sample, since some tasks do not count.
    let limit = i64::try_from(SAMPLE_SIZE * 2).unwrap_or(i64::MAX);
    let finished = db::task::list_finished(tx, kind.code, stage, limit).await?;
    let spans: Vec<_> = finished
        .iter()
        .filter(|task| was_decided(kind, &task.next_stage))
        .take(SAMPLE_SIZE)
        .map(|task| (day_of(task.opened_at), day_of(task.done_at)))
        .collect();
    Ok(StageDuration::from_spans(&spans, &app.tables().working_days))
}

/// Whether a task was finished by the party it waited for. Withdrawals and timeouts do not count.
fn was_decided(kind: &Kind, outcome: &str) -> bool {
    let ended = kind.flow.stage(outcome).and_then(|s| s.outcome);
    !matches!(ended, Some(Outcome::Withdrawn | Outcome::Lapsed))
}
