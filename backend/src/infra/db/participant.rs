//! SQL of the records of the answers that name participants.

use domain::engine::form::Path;
use domain::matter::Participant;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// Replaces whom the submission of a matter names.
pub async fn replace(tx: &mut Tx, matter: Uuid, participants: &[Participant]) -> Result<(), DbError> {
    execute!(tx, "delete from participant_record where matter_id = $1", matter)?;
    for participant in participants {
        execute!(
            tx,
            "insert into participant_record (matter_id, path, account_id) values ($1, $2, $3)
             on conflict (matter_id, path) do update set account_id = excluded.account_id",
            matter,
            participant.path.to_string(),
            participant.account
        )?;
    }
    Ok(())
}

/// Whom the last submission of a matter named, each with the record.
pub async fn list(tx: &mut Tx, matter: Uuid) -> Result<Vec<(Uuid, Path)>, DbError> {
    let rows =
        fetch_all!(tx, (Uuid, String), "select account_id, path from participant_record where matter_id = $1 order by path", matter)?;
    Ok(rows.into_iter().filter_map(|(account, path)| Some((account, path.parse().ok()?))).collect())
}
