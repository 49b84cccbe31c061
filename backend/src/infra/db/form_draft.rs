//! SQL of form drafts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A form draft.
#[derive(Clone, sqlx::FromRow)]
pub struct FormDraftRow {
    /// Row id.
    pub id: Uuid,
    /// Its author.
    pub account_id: Uuid,
    /// Code of the form.
    pub form: String,
    /// Part of the form's code that its subject adds; may be empty.
    pub part: String,
    /// What the form is about.
    pub subject_id: Uuid,
    /// State of the subject in which it was typed.
    pub state: String,
    /// Names and values, sealed; none once the form was sent.
    pub values_sealed: Option<Vec<u8>>,
    /// Number of accepted saves.
    pub revision: i64,
    /// The page of the last save.
    pub page_id: Uuid,
    /// The number of the last save on its page.
    pub page_seq: i64,
    /// Time of the last save.
    pub saved_at: DateTime<Utc>,
    /// When the form was sent.
    pub ended_at: Option<DateTime<Utc>>,
    /// When its author first saw that it was not used.
    pub shown_at: Option<DateTime<Utc>>,
}

/// The drafts of an account about one subject, those of forms that were sent included.
pub async fn list_of_subject(tx: &mut Tx, account: Uuid, subject: Uuid) -> Result<Vec<FormDraftRow>, DbError> {
    fetch_all!(
        tx,
        FormDraftRow,
        "select * from form_draft where account_id = $1 and subject_id = $2 order by saved_at, id",
        account,
        subject
    )
}

/// The drafts of an account of one form, whatever they are about.
pub async fn list_of_form(tx: &mut Tx, account: Uuid, form: &str) -> Result<Vec<FormDraftRow>, DbError> {
    fetch_all!(tx, FormDraftRow, "select * from form_draft where account_id = $1 and form = $2 order by saved_at, id", account, form)
}

/// The drafts of an account with text, newest first.
pub async fn list_of_account(tx: &mut Tx, account: Uuid, limit: i64) -> Result<Vec<FormDraftRow>, DbError> {
    fetch_all!(
        tx,
        FormDraftRow,
        "select * from form_draft where account_id = $1 and values_sealed is not null order by saved_at desc, id limit $2",
        account,
        limit
    )
}

/// Number of drafts of an account with text.
pub async fn count(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), "select count(*) from form_draft where account_id = $1 and values_sealed is not null", account)?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Inserts a draft, or stores its text and revision anew.
pub async fn upsert(tx: &mut Tx, row: &FormDraftRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into form_draft (id, account_id, form, part, subject_id, state, values_sealed, revision, page_id, page_seq, saved_at, ended_at, shown_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (account_id, form, part, subject_id, state) do update set values_sealed = excluded.values_sealed,
         revision = excluded.revision, page_id = excluded.page_id, page_seq = excluded.page_seq, saved_at = excluded.saved_at,
         ended_at = excluded.ended_at, shown_at = excluded.shown_at",
        row.id,
        row.account_id,
        &row.form,
        &row.part,
        row.subject_id,
        &row.state,
        &row.values_sealed,
        row.revision,
        row.page_id,
        row.page_seq,
        row.saved_at,
        row.ended_at,
        row.shown_at
    )
}

/// Records that its author has seen that a draft was not used.
pub async fn set_shown(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update form_draft set shown_at = $2 where id = $1 and shown_at is null", id, now)
}

/// Deletes a draft of an account.
pub async fn delete(tx: &mut Tx, account: Uuid, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from form_draft where id = $1 and account_id = $2", id, account)
}

/// Deletes every draft of an account.
pub async fn delete_of_account(tx: &mut Tx, account: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from form_draft where account_id = $1", account)
}

/// Deletes what is left of forms sent before `ended`, and the drafts whose authors saw before `shown` that they were not used; at most
/// `limit` of them.
pub async fn delete_old(tx: &mut Tx, ended: DateTime<Utc>, shown: DateTime<Utc>, limit: u64) -> Result<u64, DbError> {
    execute!(
        tx,
        "delete from form_draft where id in
         (select id from form_draft where ended_at < $1 or (ended_at is null and shown_at < $2) order by id limit $3)",
        ended,
        shown,
        i64::try_from(limit).unwrap_or(i64::MAX)
    )
}
