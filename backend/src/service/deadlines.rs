//! The deadline job: reminders before a stage is due, and the transitions of the clock after it. It runs often and may stop anywhere;
//! each reminder and each transition happens once.

use chrono::{Days, NaiveDate};
use domain::base::rule::key;
use domain::engine::flow::{Party, Stage};
use domain::engine::notification::NotificationKind;
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::owner::Owner;
use crate::infra::db::task::DueTask;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::load_as_system;
use crate::matter::relations::{Subject, institution_users, related_institutions};
use crate::matter::{FollowUp, MatterError};
use crate::record::notification::{Notification, Topic, notify_account};
use crate::service::payment::poll::query_order_of_matter;
use crate::state::AppState;
use crate::workflow::due::follow_deadline;
use crate::workflow::execute::execute_as_system;
use crate::workflow::notify::{link_to, names_applicant, role_holders};

/// Tasks read at once.
const BATCH: i64 = 500;

/// Result of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeadlineRun {
    /// Reminders sent.
    pub reminded: usize,
    /// Matters moved by the clock.
    pub transitions: usize,
}

/// Sends the reminders of today and makes the transitions that are due.
pub async fn run_deadlines(app: &AppState) -> Result<DeadlineRun, MatterError> {
    let today = app.today();
    let mut run = DeadlineRun::default();
    let text = app.tables().rules.on(today).text(key::REMINDERS);
    let days: Vec<i64> = text.split(',').filter_map(|d| d.trim().parse().ok()).filter(|d| (0..=365).contains(d)).collect();
    if let Some(furthest) = days.iter().max() {
        let until = today.checked_add_days(Days::new(furthest.unsigned_abs())).unwrap_or(today);
        let mut after = None;
        while let Some(tasks) = next_due_tasks(app, today, until, &mut after).await? {
            for task in tasks {
                run.reminded += usize::from(remind(app, task, &days, today).await?);
            }
        }
    }
    let (yesterday, mut after) = (today.pred_opt().unwrap_or(today), None);
    while let Some(tasks) = next_due_tasks(app, NaiveDate::default(), yesterday, &mut after).await? {
        for task in tasks {
            run.transitions += usize::from(apply_timeout(app, &task).await?);
        }
    }
    Ok(run)
}

/// The next batch of open tasks due between two days; `None` at the end.
async fn next_due_tasks(
    app: &AppState,
    from: NaiveDate,
    until: NaiveDate,
    after: &mut Option<(NaiveDate, Uuid)>,
) -> Result<Option<Vec<DueTask>>, DbError> {
    let mut tx = app.db.read().await?;
    let (day, id) = after.unwrap_or((from, Uuid::nil()));
    let tasks = db::task::list_due(&mut tx, day, id, until, BATCH).await?;
    *after = tasks.last().map(|t| (t.due_on, t.id));
    Ok((!tasks.is_empty()).then_some(tasks))
}

/// The kind and the stage of a task; `None` for codes that are no longer in the list of kinds.
fn stage_of(task: &DueTask) -> Option<(&'static Kind, &'static Stage)> {
    let kind = domain::kind::by_code(&task.kind)?;
    Some((kind, kind.stage(&task.stage)?))
}

/// Reminds the owners of a task of its due day. Returns whether a reminder was sent.
async fn remind(app: &AppState, task: DueTask, days: &[i64], today: NaiveDate) -> Result<bool, DbError> {
    let left = (task.due_on - today).num_days();
    // After a missed run the nearest reminder that was not sent counts.
    let Some(step) = days.iter().copied().filter(|d| left <= *d).min() else { return Ok(false) };
    let Some((kind, stage)) = stage_of(&task) else { return Ok(false) };
    let (app, now) = (app.clone(), app.now());
    let db = app.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            // The matter is locked, so that no task is reminded of that is done at this moment.
            let is_open = db::matter::lock(tx, task.matter_id).await?.is_some() && db::task::is_open(tx, task.id).await?;
            if !is_open || !db::task::insert_reminder(tx, task.id, step, now).await? {
                return Ok(false);
            }
            let when = if left == 0 { "今天".to_owned() } else { format!(" {left} 天后（{}）", task.due_on) };
            let body = format!("当前环节：{}，办理期限为{when}，请及时办理。", stage.label);
            let of = if stage.ends_by_clock() { NotificationKind::Deadline } else { NotificationKind::Task };
            for account in task_owners(tx, kind, stage, &task).await? {
                let notification = Notification {
                    account,
                    matter: task.matter_id,
                    matter_kind: kind.label,
                    topic: Topic::Matter,
                    names_applicant: names_applicant(kind, stage.turn),
                    kind: of,
                    dedupe_key: format!("due-{}-{}-{step}", task.id, task.due_on),
                    title: "办理期限提醒",
                    body: &body,
                    link: link_to(kind, stage, of, task.matter_id),
                };
                notify_account(tx, &app, &notification, now).await?;
            }
            Ok(true)
        })
    })
    .await
}

/// Makes the clock's transition of a stage whose time is over, if it has one. Returns whether the matter moved.
async fn apply_timeout(app: &AppState, task: &DueTask) -> Result<bool, MatterError> {
    let transition = stage_of(task).and_then(|(_, stage)| stage.transitions.iter().find(|t| t.by == Party::Clock));
    let Some(transition) = transition else { return Ok(false) };
    // A payment in time must not be lost because its notice was, or because the gateway does not answer now.
    if let Err(error) = query_order_of_matter(app, task.matter_id).await {
        tracing::warn!(%error, "a matter is not closed before its payment is known");
        return Ok(false);
    }
    let (app, matter, stage) = (app.clone(), task.matter_id, task.stage.clone());
    let db = app.db.clone();
    let done: Result<bool, MatterError> = db
        .write(move |tx| {
            Box::pin(async move {
                let present = load_as_system(tx, &app, Party::Clock, matter).await?;
                // A deadline that has moved since the stage was entered is not over yet, whoever moved it.
                if present.state.stage != stage || follow_deadline(tx, &present).await? {
                    return Ok(false);
                }
                execute_as_system(tx, &app, FollowUp::new(matter, Party::Clock, transition.command, "")).await?;
                Ok(true)
            })
        })
        .await;
    match done {
        Err(MatterError::Refused(refusal)) => {
            // The other tasks do not wait for this one.
            tracing::warn!(?refusal, "a deadline could not be carried out");
            Ok(false)
        }
        Err(MatterError::ChangedMeanwhile | MatterError::NotFound) => Ok(false),
        Err(MatterError::Db(error)) if error.is_conflict() => Ok(false),
        other => other,
    }
}

impl DueTask {
    fn subject(&self) -> Subject {
        Subject { matter: self.matter_id, institution: self.institution_id, owner_institution: self.owner_institution_id }
    }
}

/// Accounts whose task it is: one person, or everyone who may do it, and of those only the one who has taken it.
async fn task_owners(tx: &mut Tx, kind: &'static Kind, stage: &Stage, task: &DueTask) -> Result<Vec<Uuid>, DbError> {
    if let Some(account) = task.account_id {
        return Ok(vec![account]);
    }
    let accounts = match stage.turn {
        Some(Party::Applicant) => Owner::new(task.owner_id, task.owner_institution_id).accounts(tx).await?,
        Some(party @ Party::Institution(_)) => {
            let institutions = related_institutions(tx, kind, &task.subject()).await?;
            institution_users(tx, &institutions, party).await?
        }
        Some(Party::Association(role)) => role_holders(tx, role).await?,
        _ => Vec::new(),
    };
    let excluded = db::relation::list_excluded(tx, task.matter_id).await?;
    let accounts: Vec<Uuid> = accounts.into_iter().filter(|account| !excluded.contains(account)).collect();
    match task.assignee_id.filter(|assignee| accounts.contains(assignee)) {
        Some(assignee) => Ok(vec![assignee]),
        None => Ok(accounts),
    }
}
