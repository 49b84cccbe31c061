//! SQL of tasks: what a stage asks of its party, until when, and the reminders of it.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// Opens the task of a stage.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    matter: Uuid,
    stage: &str,
    turn: &str,
    now: DateTime<Utc>,
    due_on: Option<NaiveDate>,
) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into task (id, matter_id, kind, stage, turn, opened_at, due_on)
         values ($1, $2, (select kind from matter where id = $2), $3, $4, $5, $6)",
        id,
        matter,
        stage,
        turn,
        now,
        due_on
    )
}

/// Closes the open task of a matter.
pub async fn close(tx: &mut Tx, matter: Uuid, outcome: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update task set done_at = $3, outcome = $2 where matter_id = $1 and done_at is null", matter, outcome, now)
}

/// A finished task.
#[derive(Debug, sqlx::FromRow)]
pub struct FinishedTask {
    /// When the stage was entered.
    pub opened_at: DateTime<Utc>,
    /// When the stage was left.
    pub done_at: DateTime<Utc>,
    /// Code of the next stage; empty if unknown.
    pub next_stage: String,
}

/// The last finished tasks of a stage of a kind, newest first.
pub async fn list_finished(tx: &mut Tx, kind: &str, stage: &str, limit: i64) -> Result<Vec<FinishedTask>, DbError> {
    fetch_all!(
        tx,
        FinishedTask,
        "select opened_at, done_at, coalesce(outcome, '') as next_stage from task where kind = $1 and stage = $2 and done_at is not null
         order by done_at desc limit $3",
        kind,
        stage,
        limit
    )
}

/// An open task with a due day.
#[derive(Clone, sqlx::FromRow)]
pub struct DueTask {
    /// Id of the task.
    pub id: Uuid,
    /// The matter.
    pub matter_id: Uuid,
    /// Code of the stage.
    pub stage: String,
    /// Due day.
    pub due_on: NaiveDate,
    /// Code of the matter's kind.
    pub kind: String,
    /// 业务编号 of the matter.
    pub number: Option<String>,
    /// Title of the matter.
    pub title: String,
    /// Owner of the matter.
    pub owner_id: Uuid,
    /// The institution that the matter belongs to.
    pub owner_institution_id: Option<Uuid>,
    /// Institution of the matter.
    pub institution_id: Option<Uuid>,
}

/// Open tasks due until a day, longest overdue first, after the task of this day and id.
pub async fn list_due(tx: &mut Tx, from: NaiveDate, after: Uuid, until: NaiveDate, limit: i64) -> Result<Vec<DueTask>, DbError> {
    fetch_all!(
        tx,
        DueTask,
        "select t.id, t.matter_id, t.stage, t.due_on, m.kind, m.number, m.title, m.owner_id, m.owner_institution_id, m.institution_id from task t
         join matter m on m.id = t.matter_id
         where t.done_at is null and (t.due_on > $1 or (t.due_on = $1 and t.id > $2)) and t.due_on <= $3 and m.closed_at is null and m.stage = t.stage
         order by t.due_on, t.id limit $4",
        from,
        after,
        until,
        limit
    )
}

/// Records a reminder of a task; returns false if it was recorded before.
pub async fn insert_reminder(tx: &mut Tx, task: Uuid, days: i64, now: DateTime<Utc>) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into reminder (task_id, days, at) values ($1, $2, $3) on conflict (task_id, days) do nothing",
        task,
        days,
        now
    )?;
    Ok(added == 1)
}
