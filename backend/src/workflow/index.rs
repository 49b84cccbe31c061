//! The index row of a matter and its tasks, as they follow from a decision.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::engine::flow::{Decision, Stage, TimeLimit};
use uuid::Uuid;

use crate::infra::db::{self, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::state::Tables;

/// Updates the index row and the tasks from the events of a decision.
///
/// # Errors
/// [`MatterError::ChangedMeanwhile`] if another decision came first.
pub(crate) async fn update_index(
    tx: &mut Tx,
    matter: &LoadedMatter,
    decision: &Decision,
    tables: &Tables,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<(), MatterError> {
    let state = matter.state_after(decision);
    let stage = decision.stage;
    let turn = stage.turn_code();
    let due_on = due_date(stage, tables, today);
    let update = db::matter::StageUpdate {
        id: matter.id,
        event_count: matter.event_count,
        new_event_count: state.seq,
        stage: stage.code,
        turn: &turn,
        due_on: if decision.entered { due_on } else { matter.due_on },
        submitted_revision: state.submitted,
        submitted_at: matter.submitted_at.or_else(|| state.submitted.map(|_| now)),
        closed_at: stage.closed().then_some(now),
        now,
    };
    if !db::matter::update_stage(tx, &update).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    if decision.entered {
        db::task::close(tx, matter.id, stage.code, now).await?;
        if !stage.closed() {
            db::task::insert(tx, Uuid::now_v7(), matter.id, stage.code, &turn, now, due_on).await?;
        }
    }
    Ok(())
}

/// The last day of a stage entered today; `None` for a stage without a time limit.
fn due_date(stage: &Stage, tables: &Tables, today: NaiveDate) -> Option<NaiveDate> {
    let rules = tables.rules.on(today);
    Some(match stage.time_limit? {
        TimeLimit::Working(days) => tables.working_days.after(today, rules.int(days)),
        TimeLimit::Calendar(days) => {
            let days = u64::try_from(rules.int(days)).unwrap_or(0);
            today.checked_add_days(Days::new(days)).unwrap_or(today)
        }
    })
}
