//! Drafts of an account, and revisions of answers that are no longer needed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Number of devices whose last known revision is kept.
const DEVICES: i64 = 8;

/// The stored revisions of a matter with their sizes in bytes, newest first.
pub async fn list_sizes(tx: &mut Tx, matter: Uuid) -> Result<Vec<(i64, i64)>, DbError> {
    fetch_all!(
        tx,
        (i64, i64),
        "select revision, cast(length(answers_sealed) as bigint) from matter_answers where matter_id = $1 order by revision desc",
        matter
    )
}

/// The revisions that devices have known since their last patch, of those that sent one after `since`.
pub async fn list_of_devices(tx: &mut Tx, matter: Uuid, since: DateTime<Utc>) -> Result<Vec<i64>, DbError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "select revision from draft_patch p where matter_id = $1 and at > $2 and revision is not null
         and seq = (select max(seq) from draft_patch q where q.matter_id = p.matter_id and q.device = p.device)
         order by at desc limit $3",
        matter,
        since,
        DEVICES
    )?;
    Ok(rows.into_iter().map(|(revision,)| revision).collect())
}

/// Deletes one revision.
pub async fn delete(tx: &mut Tx, matter: Uuid, revision: i64) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_answers where matter_id = $1 and revision = $2", matter, revision)
}

/// Number of drafts that belong to a person or to an institution.
pub async fn count_drafts(tx: &mut Tx, person: Option<Uuid>, institution: Option<Uuid>) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from matter where ((owner_id = $1 and owner_institution_id is null) or owner_institution_id = $2)
         and submitted_revision is null and closed_at is null",
        person,
        institution
    )?;
    Ok(row.map_or(0, |(count,)| count))
}
