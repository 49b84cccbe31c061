//! SQL of matters: index row, answers, events, tasks, executed commands.

use chrono::{DateTime, NaiveDate, Utc};
use domain::engine::flow::Event;
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::list::{Cursor, ListFilter, bounds};
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A matter's index row.
#[derive(Clone, sqlx::FromRow)]
pub struct MatterRow {
    /// Row id.
    pub id: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// Owner.
    pub owner_id: Uuid,
    /// Institution of the matter.
    pub institution_id: Option<Uuid>,
    /// Title in lists.
    pub title: String,
    /// Code of the stage.
    pub stage: String,
    /// Code of the party that acts next.
    pub turn: String,
    /// Due day.
    pub due_on: Option<NaiveDate>,
    /// Revision of the answers.
    pub revision: i64,
    /// Last submitted revision.
    pub submitted_revision: Option<i64>,
    /// Version of the form.
    pub form_version: i64,
    /// Number of events.
    pub event_count: i64,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time of the last change.
    pub updated_at: DateTime<Utc>,
    /// Time of the first submission.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Time of closing.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Inserts a matter; returns whether its id was new.
pub async fn insert(tx: &mut Tx, row: &MatterRow) -> Result<bool, DbError> {
    let added = execute!(
        tx,
        "insert into matter (id, kind, owner_id, institution_id, title, stage, turn, due_on, revision, form_version, event_count, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (id) do nothing",
        row.id,
        &row.kind,
        row.owner_id,
        row.institution_id,
        &row.title,
        &row.stage,
        &row.turn,
        row.due_on,
        row.revision,
        row.form_version,
        row.event_count,
        row.created_at,
        row.updated_at
    )?;
    Ok(added == 1)
}

/// One matter.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<MatterRow>, DbError> {
    fetch_optional!(tx, MatterRow, "select * from matter where id = $1", id)
}

/// Sets a new revision of the answers; returns false if the matter is no longer at the base revision.
pub async fn set_revision(
    tx: &mut Tx,
    id: Uuid,
    from: i64,
    form_version: i64,
    title: &str,
    institution: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update matter set revision = revision + 1, title = $3, institution_id = $4, updated_at = $5, form_version = $6 where id = $1 and revision = $2",
        id,
        from,
        title,
        institution,
        now,
        form_version
    )?;
    Ok(changed == 1)
}

/// Changes of the index row by a decision.
pub struct StageUpdate<'a> {
    /// The matter.
    pub id: Uuid,
    /// Number of events before.
    pub event_count: i64,
    /// Number of events after.
    pub new_event_count: i64,
    /// New stage.
    pub stage: &'a str,
    /// Code of the party that acts next.
    pub turn: &'a str,
    /// Due day.
    pub due_on: Option<NaiveDate>,
    /// Last submitted revision.
    pub submitted_revision: Option<i64>,
    /// Time of the first submission.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Time of closing.
    pub closed_at: Option<DateTime<Utc>>,
    /// Current time.
    pub now: DateTime<Utc>,
}

/// Updates the row; returns false if another decision was made meanwhile.
pub async fn update_stage(tx: &mut Tx, m: &StageUpdate<'_>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update matter set event_count = $3, stage = $4, turn = $5, due_on = $6, submitted_revision = $7, submitted_at = $8, closed_at = $9, updated_at = $10
         where id = $1 and event_count = $2",
        m.id,
        m.event_count,
        m.new_event_count,
        m.stage,
        m.turn,
        m.due_on,
        m.submitted_revision,
        m.submitted_at,
        m.closed_at,
        m.now
    )?;
    Ok(changed == 1)
}

/// Inserts a revision of the answers.
pub async fn insert_answers(tx: &mut Tx, id: Uuid, revision: i64, sealed: &[u8], now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_answers (matter_id, revision, answers_sealed, saved_at) values ($1, $2, $3, $4)",
        id,
        revision,
        sealed,
        now
    )
}

/// One revision of the answers, and when it was saved.
pub async fn answers_at(tx: &mut Tx, id: Uuid, revision: i64) -> Result<Option<(Vec<u8>, DateTime<Utc>)>, DbError> {
    fetch_optional!(
        tx,
        (Vec<u8>, DateTime<Utc>),
        "select answers_sealed, saved_at from matter_answers where matter_id = $1 and revision = $2",
        id,
        revision
    )
}

/// Deletes a draft with all revisions.
pub async fn delete_draft(tx: &mut Tx, id: Uuid) -> Result<bool, DbError> {
    execute!(
        tx,
        "delete from matter_answers where matter_id = $1 and exists (select 1 from matter where id = $1 and event_count = 0)",
        id
    )?;
    execute!(tx, "delete from task where matter_id = $1 and exists (select 1 from matter where id = $1 and event_count = 0)", id)?;
    execute!(tx, "delete from matter_tie where matter_id = $1 and exists (select 1 from matter where id = $1 and event_count = 0)", id)?;
    Ok(execute!(tx, "delete from matter where id = $1 and event_count = 0", id)? == 1)
}

/// Inserts an event.
pub async fn insert_event(tx: &mut Tx, id: Uuid, event: &Event) -> Result<u64, DbError> {
    execute!(tx, "insert into matter_event (matter_id, seq, event, at) values ($1, $2, $3, $4)", id, event.seq, Json(event), event.at)
}

/// Events of a matter.
pub async fn list_events(tx: &mut Tx, id: Uuid) -> Result<Vec<Event>, DbError> {
    let rows = fetch_all!(tx, (Json<Event>,), "select event from matter_event where matter_id = $1 order by seq", id)?;
    Ok(rows.into_iter().map(|(e,)| e.0).collect())
}

/// A page of one person's matters, newest first: `all`, `drafts`, `open` or `closed`.
pub async fn list_of_owner(tx: &mut Tx, owner: Uuid, view: &str, cursor: Cursor, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where owner_id = $1 and (updated_at < $2 or (updated_at = $2 and id > $3))
         and case $5 when 'drafts' then submitted_revision is null when 'open' then submitted_revision is not null and closed_at is null
                     when 'closed' then closed_at is not null else true end
         order by updated_at desc, id limit $4",
        owner,
        at,
        id,
        limit,
        view
    )
}

/// Matters of an owner that await the owner.
pub async fn list_waiting_for_owner(tx: &mut Tx, owner: Uuid) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where owner_id = $1 and turn = 'applicant' and closed_at is null order by updated_at desc, id limit 20",
        owner
    )
}

/// Submitted matters of an institution, newest first.
pub async fn list_of_institution(
    tx: &mut Tx,
    institution: Uuid,
    filter: &ListFilter,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where institution_id = $1 and submitted_at is not null and (updated_at < $2 or (updated_at = $2 and id > $3))
         and case $5 when 'open' then closed_at is null when 'closed' then closed_at is not null else true end and title like $6 escape '\\'
         order by updated_at desc, id limit $4",
        institution,
        at,
        id,
        limit,
        &filter.state,
        filter.title_pattern()
    )
}

/// Matters that await an institution, longest first.
pub async fn list_waiting_for_institution(tx: &mut Tx, institution: Uuid, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where institution_id = $1 and turn = 'institution' and closed_at is null order by submitted_at, id limit $2",
        institution,
        limit
    )
}

/// Matters that await a party, longest first, except those from which the account is excluded.
pub async fn list_waiting_for(tx: &mut Tx, turn: &str, account: Uuid, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where turn = $1 and closed_at is null and submitted_at is not null
         and not exists (select 1 from matter_apart a where a.matter_id = matter.id and a.account_id = $3)
         order by submitted_at, id limit $2",
        turn,
        limit,
        account
    )
}

/// Submitted matters, newest first, except those of the kinds in `without` (each between commas) and those from which the account is excluded.
pub async fn list_submitted(
    tx: &mut Tx,
    account: Uuid,
    without: &str,
    filter: &ListFilter,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where submitted_at is not null and (updated_at < $1 or (updated_at = $1 and id > $2))
         and case $4 when 'open' then closed_at is null when 'closed' then closed_at is not null else true end and title like $5 escape '\\'
         and $6 not like '%,' || kind || ',%'
         and not exists (select 1 from matter_apart a where a.matter_id = matter.id and a.account_id = $7)
         order by updated_at desc, id limit $3",
        at,
        id,
        limit,
        &filter.state,
        filter.title_pattern(),
        without,
        account
    )
}

/// Opens the task of a stage.
pub async fn insert_task(
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
pub async fn close_task(tx: &mut Tx, matter: Uuid, outcome: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
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
pub async fn list_finished_tasks(tx: &mut Tx, kind: &str, stage: &str, limit: i64) -> Result<Vec<FinishedTask>, DbError> {
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

/// Claims an idempotency key for an account; returns whether it was unused.
pub async fn claim_command(tx: &mut Tx, account: Uuid, key: Uuid, request_hash: &[u8], now: DateTime<Utc>) -> Result<bool, DbError> {
    let claimed = execute!(
        tx,
        "insert into command (account_id, key, request_hash, answer, at) values ($1, $2, $3, $4, $5) on conflict (account_id, key) do nothing",
        account,
        key,
        request_hash,
        Json(serde_json::Value::Null),
        now
    )?;
    Ok(claimed == 1)
}

/// Stores the outcome of a command.
pub async fn set_command_answer(tx: &mut Tx, account: Uuid, key: Uuid, answer: serde_json::Value) -> Result<u64, DbError> {
    execute!(tx, "update command set answer = $3 where account_id = $1 and key = $2", account, key, Json(answer))
}

/// Hash and outcome of a command.
pub async fn command_by_key(tx: &mut Tx, account: Uuid, key: Uuid) -> Result<Option<(Vec<u8>, serde_json::Value)>, DbError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>, Json<serde_json::Value>),
        "select request_hash, answer from command where account_id = $1 and key = $2",
        account,
        key
    )?;
    Ok(row.map(|(hash, answer)| (hash, answer.0)))
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
    /// Title of the matter.
    pub title: String,
    /// Owner of the matter.
    pub owner_id: Uuid,
    /// Institution of the matter.
    pub institution_id: Option<Uuid>,
}

/// Open tasks due until a day, longest overdue first, after the task of this day and id.
pub async fn list_due_tasks(tx: &mut Tx, from: NaiveDate, after: Uuid, until: NaiveDate, limit: i64) -> Result<Vec<DueTask>, DbError> {
    fetch_all!(
        tx,
        DueTask,
        "select t.id, t.matter_id, t.stage, t.due_on, m.kind, m.title, m.owner_id, m.institution_id from task t
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

/// Copies a matter with its history, for tests that need many.
#[cfg(test)]
pub async fn insert_copy(tx: &mut Tx, of: Uuid, id: Uuid) -> Result<(), DbError> {
    execute!(
        tx,
        "insert into matter (id, kind, owner_id, institution_id, title, stage, turn, due_on, revision, form_version, event_count, created_at, updated_at,
         submitted_revision, submitted_at)
         select $2, kind, owner_id, institution_id, title, stage, turn, due_on, revision, form_version, event_count, created_at, updated_at,
         submitted_revision, submitted_at from matter where id = $1",
        of,
        id
    )?;
    execute!(
        tx,
        "insert into matter_event (matter_id, seq, event, at) select $2, seq, event, at from matter_event where matter_id = $1",
        of,
        id
    )?;
    Ok(())
}
