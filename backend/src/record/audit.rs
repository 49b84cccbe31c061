//! The audit trail: who did what to whom, each row sealed to the one before it.
//!
//! Whoever acts adds a row in the transaction of what it records and waits for nobody. One hand at a time takes the rows over in their
//! order and seals each to the one before: a chain that every writer had to lock would let one command through at a time.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db;
use crate::infra::db::message::Waiting;
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::sha256;
use crate::state::AppState;

/// Rows sealed in one transaction.
const BATCH: i64 = 500;

/// Adds a row. `target` names a thing by id, never a person by name.
pub async fn audit(tx: &mut Tx, actor: Option<Uuid>, action: &str, target: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = Waiting { id: Uuid::now_v7(), at: now, actor, action: action.to_owned(), target: target.to_owned() };
    db::message::wait_audit(tx, &row).await?;
    Ok(())
}

/// Seals the rows that wait; gives how many.
pub async fn seal_audit(app: &AppState) -> Result<usize, DbError> {
    let mut tx = app.db.read().await?;
    if db::message::waiting_audit(&mut tx, 1).await?.is_empty() {
        return Ok(0);
    }
    drop(tx);
    app.db.write(|tx| Box::pin(seal(tx))).await
}

async fn seal(tx: &mut Tx) -> Result<usize, DbError> {
    // The counter's row is the lock: a second hand waits for it, and then finds what is left.
    db::certificate::next(tx, "audit", 1).await?;
    let (mut last, mut previous) = db::message::last_audit(tx).await?.unwrap_or((0, Vec::new()));
    let rows = db::message::waiting_audit(tx, BATCH).await?;
    for row in &rows {
        last += 1;
        let hash = hash_of(last, &previous, row);
        db::message::insert_audit(tx, last, row.at, row.actor, &row.action, &row.target, &previous, &hash).await?;
        db::message::take_audit(tx, row.id).await?;
        previous = hash;
    }
    Ok(rows.len())
}

fn hash_of(seq: i64, previous: &[u8], row: &Waiting) -> Vec<u8> {
    let actor = row.actor.map_or_else(String::new, |a| a.to_string());
    let text = format!("{seq}\n{}\n{actor}\n{}\n{}\n", row.at.timestamp_micros(), row.action, row.target);
    let mut bytes = previous.to_vec();
    bytes.extend_from_slice(text.as_bytes());
    sha256(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::clock::Clock;
    use crate::infra::db::testing::both;

    #[test]
    fn many_who_act_at_once_wait_for_nobody_and_two_who_seal_make_one_chain() {
        both(|db| async move {
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
            let app = AppState::open(db, folder.path(), clock, false).await.unwrap();
            let now = app.now();
            let one = |n: usize| app.db.write(move |tx| Box::pin(async move { audit(tx, None, "a", &n.to_string(), now).await }));
            for done in futures::future::join_all((0..40).map(one)).await {
                done.unwrap();
            }
            let (a, b) = tokio::join!(seal_audit(&app), seal_audit(&app));
            assert_eq!(a.unwrap() + b.unwrap(), 40);
            let mut tx = app.db.read().await.unwrap();
            assert_eq!(db::message::last_audit(&mut tx).await.unwrap().unwrap().0, 40);
            assert!(db::message::waiting_audit(&mut tx, 1).await.unwrap().is_empty());
        });
    }
}
