//! What time does to matters: reminders before a stage is due, and the moves of the clock once it is over. Run often; each thing happens
//! once, however often it runs and wherever it is stopped.

use chrono::NaiveDate;
use domain::base::rule::key;
use domain::engine::flow::{Command, Hat, Party, Stage};
use domain::engine::message::Moment;
use domain::kind;
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::matter::{MatterError, relations};
use crate::record::notification::News;
use crate::record::notification::tell;
use crate::state::AppState;
use crate::workflow::execute::{act_for_house, link_for};
use domain::engine::flow::Refusal;

/// Tasks read at once.
const BATCH: i64 = 500;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Reminders sent.
    pub reminded: usize,
    /// Matters moved.
    pub moved: usize,
}

/// Sends the reminders of today and makes the moves that are due.
pub async fn tick(app: &AppState) -> Result<Ticked, MatterError> {
    let today = app.today();
    let mut ticked = Ticked::default();
    let text = app.tables().rules.on(today).text(key::REMINDERS);
    let days: Vec<i64> = text.split(',').filter_map(|d| d.trim().parse().ok()).filter(|d| (0..=365).contains(d)).collect();
    if let Some(furthest) = days.iter().max() {
        let until = today.checked_add_days(chrono::Days::new(furthest.unsigned_abs())).unwrap_or(today);
        let mut after = None;
        while let Some(tasks) = tasks_due(app, today, until, &mut after).await? {
            for task in tasks {
                ticked.reminded += usize::from(remind(app, task, &days, today).await?);
            }
        }
    }
    let (yesterday, mut after) = (today.pred_opt().unwrap_or(today), None);
    while let Some(tasks) = tasks_due(app, NaiveDate::default(), yesterday, &mut after).await? {
        for task in tasks {
            ticked.moved += usize::from(expire(app, &task).await?);
        }
    }
    Ok(ticked)
}

/// The next open tasks due between two days; none when there are no more.
async fn tasks_due(
    app: &AppState,
    from: NaiveDate,
    until: NaiveDate,
    after: &mut Option<(NaiveDate, Uuid)>,
) -> Result<Option<Vec<db::matter::Due>>, DbError> {
    let mut tx = app.db.read().await?;
    let (day, id) = after.unwrap_or((from, Uuid::nil()));
    let tasks = db::matter::due(&mut tx, day, id, until, BATCH).await?;
    *after = tasks.last().map(|t| (t.due_on, t.id));
    Ok((!tasks.is_empty()).then_some(tasks))
}

/// Tells whoever a task waits for that it is due in so many days; each number of days once.
async fn remind(app: &AppState, task: db::matter::Due, days: &[i64], today: NaiveDate) -> Result<bool, DbError> {
    let left = (task.due_on - today).num_days();
    // A run that was missed is made up for: the nearest reminder not sent yet counts.
    let Some(step) = days.iter().copied().filter(|d| left <= *d).min() else {
        return Ok(false);
    };
    let Some((task_kind, stage)) = kind::by_code(&task.kind).and_then(|k| Some((k.label, k.stage(&task.stage)?))) else {
        return Ok(false);
    };
    let (owned, now) = (app.clone(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if !db::matter::add_reminder(tx, task.id, step, now).await? {
                    return Ok(false);
                }
                let title = "办理期限提醒";
                let when = if left == 0 { "今天".to_owned() } else { format!("{left} 天后（{}）", task.due_on) };
                let body = format!("业务“{}”当前为“{}”，办理期限为{when}，请及时办理。", task.title, stage.label);
                for account in waiting(tx, stage, &task).await? {
                    let (matter, kind, moment) = (task.matter_id, task_kind, Moment::Task);
                    let (occasion, link) = (format!("due-{}-{step}", task.id), link_for(stage, moment, matter));
                    tell(tx, &owned, &News { account, matter, kind, moment, occasion, title, body: &body, link }, now).await?;
                }
                Ok(true)
            })
        })
        .await
}

/// Makes the clock's move of a stage whose time is over, if it has one. A matter that moved meanwhile is left alone.
async fn expire(app: &AppState, task: &db::matter::Due) -> Result<bool, MatterError> {
    let stage = kind::by_code(&task.kind).and_then(|k| k.stage(&task.stage));
    let Some(m) = stage.and_then(|s| s.moves.iter().find(|m| m.by == Party::Clock)) else {
        return Ok(false);
    };
    let (owned, matter, stage) = (app.clone(), task.matter_id, task.stage.clone());
    // Whoever paid in time is not closed out because a notice was lost, or because a gateway is silent just now.
    if let Err(error) = crate::service::payment::poll::probe_matter(&app, matter).await {
        tracing::warn!(%error, "a matter is not closed before its payment is known");
        return Ok(false);
    }
    let done: Result<bool, MatterError> = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let at = db::matter::by_id(tx, matter).await?.map(|row| row.stage);
                if at.as_deref() != Some(stage.as_str()) {
                    return Ok(false);
                }
                let command = Command { name: m.command.to_owned(), ..Command::default() };
                act_for_house(tx, &owned, Hat::Clock, matter, command).await?;
                Ok(true)
            })
        })
        .await;
    match done {
        Err(MatterError::Refused(Refusal::NotOpen) | MatterError::Conflict) => Ok(false),
        other => other,
    }
}

/// Accounts a task waits for.
async fn waiting(tx: &mut Tx, stage: &Stage, task: &db::matter::Due) -> Result<Vec<Uuid>, DbError> {
    let ids = |rows: Vec<(Uuid,)>| rows.into_iter().map(|(id,)| id).collect::<Vec<Uuid>>();
    Ok(match stage.turn {
        Party::Applicant => vec![task.owner_id],
        party @ Party::Institution(_) => match (db::matter::by_id(tx, task.matter_id).await?, kind::by_code(&task.kind)) {
            (Some(row), Some(kind)) => {
                let institutions = relations::of(tx, kind, &row).await?;
                relations::users(tx, &institutions, party).await?
            }
            _ => Vec::new(),
        },
        Party::Association(role) => {
            let apart = db::tie::apart(tx, task.matter_id).await?;
            ids(db::account::holders(tx, role.code()).await?).into_iter().filter(|id| !apart.contains(id)).collect()
        }
        Party::Expert => ids(db::expert::waiting_on(tx, task.matter_id).await?),
        _ => Vec::new(),
    })
}
