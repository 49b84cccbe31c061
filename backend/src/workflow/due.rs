//! Due days of stages, and what becomes of them when a deadline of the matter moves.

use chrono::{Days, NaiveDate};
use domain::engine::flow::{Deadline, DeadlineKey, Party, Stage, TimeLimit};
use domain::matter::Kind;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::load_as_system;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

/// Matters read at once.
const BATCH: i64 = 200;

/// The last day of a stage that is entered today; `None` for a stage without a time limit, or while the matter does not have its deadline.
pub(crate) fn due_date(matter: &LoadedMatter, stage: &Stage, today: NaiveDate) -> Option<NaiveDate> {
    let rules = matter.tables.rules.on(today);
    match stage.time_limit? {
        TimeLimit::Working(days) => Some(matter.tables.working_days.after(today, rules.int(days))),
        TimeLimit::Calendar(days) => {
            let days = u64::try_from(rules.int(days)).unwrap_or(0);
            Some(today.checked_add_days(Days::new(days)).unwrap_or(today))
        }
        TimeLimit::Day(key) => matter.facts.deadline(key).map(Deadline::day),
    }
}

/// Gives the open tasks of a matter the day of the deadline that limits its stage, if it has moved. Reminders then count from the new day.
/// Returns whether it had moved.
pub(crate) async fn follow_deadline(tx: &mut Tx, matter: &LoadedMatter) -> Result<bool, DbError> {
    let Some(TimeLimit::Day(key)) = matter.stage().and_then(|stage| stage.time_limit) else { return Ok(false) };
    let due_on = matter.facts.deadline(key).map(Deadline::day);
    if due_on != matter.due_on {
        db::task::move_due_day(tx, matter.id, due_on).await?;
    }
    Ok(due_on != matter.due_on)
}

/// Gives the open tasks of every matter of a kind that stands under a deadline the day that the deadline has now: what a command calls that
/// moves it, such as the extension of a window. Each matter is its own transaction, and a repetition changes nothing. Returns how many changed.
///
/// # Errors
/// The database cannot be read or written.
pub async fn follow_deadlines(app: &AppState, kind: &'static Kind, key: DeadlineKey) -> Result<usize, MatterError> {
    let mut changed = 0;
    for stage in kind.flow.stages.iter().filter(|stage| stage.time_limit == Some(TimeLimit::Day(key))) {
        let mut after = Uuid::nil();
        loop {
            let mut tx = app.db.read().await?;
            let matters = db::task::list_matters_at(&mut tx, kind.code, stage.code, after, BATCH).await?;
            drop(tx);
            let Some(last) = matters.last() else { break };
            after = *last;
            for id in matters {
                changed += usize::from(follow_of_matter(app, id).await?);
            }
        }
    }
    Ok(changed)
}

async fn follow_of_matter(app: &AppState, id: Uuid) -> Result<bool, MatterError> {
    let (owned, db) = (app.clone(), app.db.clone());
    db.write(move |tx| {
        Box::pin(async move {
            let matter = load_as_system(tx, &owned, Party::Clock, id).await?;
            Ok(follow_deadline(tx, &matter).await?)
        })
    })
    .await
}
