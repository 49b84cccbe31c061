//! SQL of deleted drafts: their ids are used up.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_optional};

/// Records that a draft was deleted.
pub async fn insert(tx: &mut Tx, matter: Uuid, owner: Uuid, institution: Option<Uuid>, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into discarded_draft (matter_id, owner_id, at, owner_institution_id) values ($1, $2, $3, $4) on conflict (matter_id) do nothing",
        matter,
        owner,
        now,
        institution
    )
}

/// Account and institution of the owner of a deleted draft; `None` if no draft of this id was deleted.
pub async fn owner_of(tx: &mut Tx, matter: Uuid) -> Result<Option<(Uuid, Option<Uuid>)>, DbError> {
    fetch_optional!(tx, (Uuid, Option<Uuid>), "select owner_id, owner_institution_id from discarded_draft where matter_id = $1", matter)
}
