//! SQL of tasks: what a stage asks of its party, until when, and the reminders of it.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A task of a stage.
pub struct NewTask<'a> {
    /// Row id.
    pub id: Uuid,
    /// The matter.
    pub matter: Uuid,
    /// Code of the stage.
    pub stage: &'a str,
    /// Code of the party whose turn it is.
    pub turn: &'a str,
    /// The person whose task it is alone.
    pub account: Option<Uuid>,
    /// The institution whose task it is.
    pub institution: Option<Uuid>,
    /// Due day.
    pub due_on: Option<NaiveDate>,
}

/// Opens a task.
pub async fn insert(tx: &mut Tx, task: &NewTask<'_>, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into task (id, matter_id, kind, stage, turn, opened_at, due_on, account_id, institution_id, submitted_at)
         select $1, m.id, m.kind, $3, $4, $5, $6, $7, $8, m.submitted_at from matter m where m.id = $2",
        task.id,
        task.matter,
        task.stage,
        task.turn,
        now,
        task.due_on,
        task.account,
        task.institution
    )
}

/// Whether a task is open.
pub async fn is_open(tx: &mut Tx, id: Uuid) -> Result<bool, DbError> {
    let row = fetch_optional!(tx, (i64,), "select cast(1 as bigint) from task where id = $1 and done_at is null", id)?;
    Ok(row.is_some())
}

/// Closes the open tasks of a matter. `outcome`: code of the next stage.
pub async fn close(tx: &mut Tx, matter: Uuid, outcome: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update task set done_at = $3, outcome = $2 where matter_id = $1 and done_at is null", matter, outcome, now)
}

/// Closes the open task of one person, while the matter stays at its stage.
pub async fn close_of_person(tx: &mut Tx, matter: Uuid, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update task set done_at = $3 where matter_id = $1 and account_id = $2 and done_at is null", matter, account, now)
}

/// Number of tasks that await a person as one of several people asked.
pub async fn count_of_person(tx: &mut Tx, account: Uuid, turn: &str) -> Result<i64, DbError> {
    let row =
        fetch_optional!(tx, (i64,), "select count(*) from task where account_id = $1 and turn = $2 and done_at is null", account, turn)?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Who has taken the open task of a stage that a role of the association decides; `None` if there is no such task.
pub async fn assignee(tx: &mut Tx, matter: Uuid) -> Result<Option<Option<Uuid>>, DbError> {
    let row = fetch_optional!(
        tx,
        (Option<Uuid>,),
        "select assignee_id from task where matter_id = $1 and done_at is null and turn like 'association%'",
        matter
    )?;
    Ok(row.map(|(assignee,)| assignee))
}

/// Sets who has taken the open task, unless it is another person's than `from` by now.
pub async fn set_assignee(tx: &mut Tx, matter: Uuid, from: Option<Uuid>, to: Option<Uuid>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update task set assignee_id = $3 where matter_id = $1 and done_at is null and turn like 'association%'
         and coalesce(assignee_id, $4) = coalesce($2, $4)",
        matter,
        from,
        to,
        Uuid::nil()
    )?;
    Ok(changed == 1)
}

/// Turn and person of the open tasks of a matter.
#[cfg(test)]
pub async fn list_open(tx: &mut Tx, matter: Uuid) -> Result<Vec<(String, Option<Uuid>)>, DbError> {
    fetch_all!(
        tx,
        (String, Option<Uuid>),
        "select turn, account_id from task where matter_id = $1 and done_at is null order by account_id",
        matter
    )
}

/// Due days of the open tasks of a matter.
#[cfg(test)]
pub async fn list_due_days(tx: &mut Tx, matter: Uuid) -> Result<Vec<Option<NaiveDate>>, DbError> {
    let rows =
        fetch_all!(tx, (Option<NaiveDate>,), "select due_on from task where matter_id = $1 and done_at is null order by id", matter)?;
    Ok(rows.into_iter().map(|(due_on,)| due_on).collect())
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
         and (outcome is not null or account_id is null)
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
    /// The person whose task it is alone.
    pub account_id: Option<Uuid>,
    /// Who has taken it.
    pub assignee_id: Option<Uuid>,
    /// The account that began the matter.
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
        "select t.id, t.matter_id, t.stage, t.due_on, t.account_id, t.assignee_id, m.kind, m.owner_id, m.owner_institution_id, m.institution_id from task t
         join matter m on m.id = t.matter_id
         where t.done_at is null and (t.due_on > $1 or (t.due_on = $1 and t.id > $2)) and t.due_on <= $3 and m.closed_at is null and m.stage = t.stage
         order by t.due_on, t.id limit $4",
        from,
        after,
        until,
        limit
    )
}

/// Matters of a kind that stand at a stage, in the order of their ids, after this one.
pub async fn list_matters_at(tx: &mut Tx, kind: &str, stage: &str, after: Uuid, limit: i64) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select distinct matter_id from task where kind = $1 and stage = $2 and done_at is null and matter_id > $3 order by matter_id limit $4",
        kind,
        stage,
        after,
        limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Matters that wait for an institution's answer, in the sequence in which they are locked.
pub async fn list_matters_in_turn_of(tx: &mut Tx, institution: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select distinct matter_id from task where institution_id = $1 and turn like 'institution%' and done_at is null order by matter_id",
        institution
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Moves the due day of a matter and of its open tasks. Reminders of the day before count no more.
pub async fn move_due_day(tx: &mut Tx, matter: Uuid, due_on: Option<NaiveDate>) -> Result<(), DbError> {
    execute!(tx, "update matter set due_on = $2 where id = $1", matter, due_on)?;
    execute!(tx, "update task set due_on = $2 where matter_id = $1 and done_at is null", matter, due_on)?;
    execute!(tx, "delete from reminder where task_id in (select id from task where matter_id = $1 and done_at is null)", matter)?;
    Ok(())
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
