//! SQL of matters: index row and answers.

use chrono::{DateTime, NaiveDate, Utc};
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
    /// The institution that it belongs to; none if it belongs to the owner as a person.
    pub owner_institution_id: Option<Uuid>,
    /// Who saved the answers last; none for those of earlier releases.
    pub saved_by: Option<Uuid>,
    /// Institution of the matter.
    pub institution_id: Option<Uuid>,
    /// 业务编号; none before the first submission.
    pub number: Option<String>,
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
        "insert into matter (id, kind, owner_id, institution_id, title, stage, turn, due_on, revision, form_version, event_count, created_at, updated_at,
         owner_institution_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (id) do nothing",
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
        row.updated_at,
        row.owner_institution_id
    )?;
    Ok(added == 1)
}

/// One matter.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<MatterRow>, DbError> {
    fetch_optional!(tx, MatterRow, "select * from matter where id = $1", id)
}

/// One matter. On a connection that writes, its row stays locked until the end of the transaction, so that commands and edits of a matter
/// follow each other.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<MatterRow>, DbError> {
    if !tx.locks_rows() {
        return by_id(tx, id).await;
    }
    // Others may still insert rows that only refer to the matter.
    fetch_optional!(tx, MatterRow, "select * from matter where id = $1 for no key update", id)
}

/// A new revision of the answers of a matter.
pub struct RevisionUpdate<'a> {
    /// The matter.
    pub id: Uuid,
    /// The revision before.
    pub from: i64,
    /// Number of events: a save does not pass a command.
    pub event_count: i64,
    /// Version of the form.
    pub form_version: i64,
    /// Title in lists.
    pub title: &'a str,
    /// Institution of the matter.
    pub institution: Option<Uuid>,
    /// Who saves it; none for the platform.
    pub saved_by: Option<Uuid>,
    /// Current time.
    pub now: DateTime<Utc>,
}

/// Sets a new revision of the answers; returns false if the matter was saved or decided on meanwhile.
pub async fn set_revision(tx: &mut Tx, m: &RevisionUpdate<'_>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update matter set revision = revision + 1, title = $4, institution_id = $5, updated_at = $6, form_version = $7, saved_by = $8
         where id = $1 and revision = $2 and event_count = $3",
        m.id,
        m.from,
        m.event_count,
        m.title,
        m.institution,
        m.now,
        m.form_version,
        m.saved_by
    )?;
    Ok(changed == 1)
}

/// Sets title and institution of a matter, as its submitted answers name them.
pub async fn set_subject(tx: &mut Tx, id: Uuid, title: &str, institution: Option<Uuid>) -> Result<u64, DbError> {
    execute!(tx, "insert into matter_title (title) values ($1) on conflict do nothing", title)?;
    execute!(tx, "update matter set title = $2, institution_id = $3 where id = $1", id, title, institution)
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

/// Gives a matter its number, if it has none; returns whether it had none.
///
/// # Errors
/// [`DbError::Unique`] if another matter has the number.
pub async fn set_number(tx: &mut Tx, id: Uuid, number: &str) -> Result<bool, DbError> {
    Ok(execute!(tx, "update matter set number = $2 where id = $1 and number is null", id, number)? == 1)
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
    execute!(tx, "delete from matter_key where matter_id = $1 and exists (select 1 from matter where id = $1 and event_count = 0)", id)?;
    Ok(execute!(tx, "delete from matter where id = $1 and event_count = 0", id)? == 1)
}

/// Reads from one person's matters, without those filed for an institution that the person no longer acts for. The first argument is the
/// person.
macro_rules! matters_of_owner {
    ($tx:expr, $row:ty, $select:literal, $rest:literal, $($arg:expr),+) => {
        fetch_all!(
            $tx,
            $row,
            concat!(
                $select,
                " from matter where owner_id = $1 and (owner_institution_id is null or owner_institution_id in (
                 select u.institution_id from membership u join institution i on i.id = u.institution_id
                 where u.account_id = $1 and u.role = 'user' and u.status = 'active' and i.status <> 'closed')) ",
                $rest
            ),
            $($arg),+
        )
    };
}

/// A page of one person's matters, newest first: `all`, `drafts`, `open` or `closed`.
pub async fn list_of_owner(
    tx: &mut Tx,
    owner: Uuid,
    (view, kind): (&str, &str),
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    matters_of_owner!(
        tx,
        MatterRow,
        "select *",
        "and (updated_at < $2 or (updated_at = $2 and id > $3))
         and case $5 when 'drafts' then submitted_revision is null and closed_at is null when 'open' then submitted_revision is not null and closed_at is null
                     when 'closed' then closed_at is not null else true end
         and ($6 = '' or kind = $6)
         order by updated_at desc, id limit $4",
        owner,
        at,
        id,
        limit,
        view,
        kind
    )
}

/// Numbers of the matters of an owner of one kind.
#[derive(sqlx::FromRow)]
pub struct OwnCountRow {
    /// Code of the kind.
    pub kind: String,
    /// Those that were never submitted.
    pub drafts: i64,
    /// Those that are under way.
    pub open: i64,
    /// Those that are closed.
    pub closed: i64,
}

/// Numbers of the matters that [`list_of_owner`] lists, by kind.
pub async fn count_of_owner(tx: &mut Tx, owner: Uuid) -> Result<Vec<OwnCountRow>, DbError> {
    matters_of_owner!(
        tx,
        OwnCountRow,
        "select kind, count(case when submitted_revision is null and closed_at is null then 1 end) as drafts,
         count(case when submitted_revision is not null and closed_at is null then 1 end) as open, count(closed_at) as closed",
        "group by kind order by kind",
        owner
    )
}

/// The newest drafts that belong to a person.
pub async fn list_drafts(tx: &mut Tx, owner: Uuid, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where owner_id = $1 and owner_institution_id is null and submitted_revision is null and closed_at is null
         order by updated_at desc, id desc limit $2",
        owner,
        limit
    )
}

/// A page of the drafts that belong to an institution, newest first.
pub async fn list_drafts_of_institution(tx: &mut Tx, institution: Uuid, cursor: Cursor, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where owner_institution_id = $1 and submitted_revision is null and closed_at is null
         and (updated_at < $2 or (updated_at = $2 and id > $3)) order by updated_at desc, id limit $4",
        institution,
        at,
        id,
        limit
    )
}

/// Matters with a task of a person's own as a party, last changed first.
pub async fn list_tasks_of_person(tx: &mut Tx, account: Uuid, turn: &str, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select m.* from task t join matter m on m.id = t.matter_id where t.account_id = $1 and t.turn = $2 and t.done_at is null
         order by m.updated_at desc, m.id limit $3",
        account,
        turn,
        limit
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

/// Copies a matter with its history, for tests that need many.
#[cfg(test)]
pub async fn insert_copy(tx: &mut Tx, of: Uuid, id: Uuid) -> Result<(), DbError> {
    execute!(
        tx,
        "insert into matter (id, kind, owner_id, institution_id, title, stage, turn, due_on, revision, form_version, event_count, created_at, updated_at,
         submitted_revision, submitted_at, owner_institution_id)
         select $2, kind, owner_id, institution_id, title, stage, turn, due_on, revision, form_version, event_count, created_at, updated_at,
         submitted_revision, submitted_at, owner_institution_id from matter where id = $1",
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

/// Closes a matter without a decision, for tests that need it out of the way.
#[cfg(test)]
pub async fn close_for_test(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update matter set closed_at = $2 where id = $1", id, now)
}
