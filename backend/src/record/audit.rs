//! The audit trail: actor, action and target, as a hash chain.
//!
//! A command adds a pending row in its own transaction. A job appends the pending rows to the chain in their order. If every command
//! extended the chain itself, they would run one at a time.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::message::{AuditChainEnd, PendingAuditRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::sha256;
use crate::state::AppState;

/// Rows appended in one transaction.
const BATCH: i64 = 500;

/// Adds a pending row. `target` identifies its object by id, never a person by name.
pub async fn audit(tx: &mut Tx, actor: Option<Uuid>, action: &str, target: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = PendingAuditRow { id: Uuid::now_v7(), at: now, actor, action: action.to_owned(), target: target.to_owned() };
    db::message::insert_pending_audit(tx, &row).await?;
    Ok(())
}

/// Appends the pending rows to the chain; returns their number.
pub async fn extend_audit_chain(app: &AppState) -> Result<usize, DbError> {
    let mut tx = app.db.read().await?;
    if db::message::list_pending_audit(&mut tx, 1).await?.is_empty() {
        return Ok(0);
    }
    drop(tx);
    app.db.write(|tx| Box::pin(append_pending(tx))).await
}

async fn append_pending(tx: &mut Tx) -> Result<usize, DbError> {
    // The counter's row is the lock: a concurrent job waits for it and then finds the remaining rows.
    db::certificate::next_serial(tx, "audit", 1).await?;
    let mut end = db::message::last_audit_entry(tx).await?.unwrap_or_default();
    let rows = db::message::list_pending_audit(tx, BATCH).await?;
    for row in &rows {
        let seq = end.seq + 1;
        let next = AuditChainEnd { seq, hash: hash_of(seq, &end.hash, row) };
        db::message::insert_audit(tx, row, &end.hash, &next).await?;
        db::message::delete_pending_audit(tx, row.id).await?;
        end = next;
    }
    Ok(rows.len())
}

fn hash_of(seq: i64, previous: &[u8], row: &PendingAuditRow) -> Vec<u8> {
    let actor = row.actor.map_or_else(String::new, |a| a.to_string());
    let text = format!("{seq}\n{}\n{actor}\n{}\n{}\n", row.at.timestamp_micros(), row.action, row.target);
    let mut bytes = previous.to_vec();
    bytes.extend_from_slice(text.as_bytes());
    sha256(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database_test;
    use crate::infra::clock::Clock;

    database_test!(concurrent_actions_do_not_wait_for_each_other_and_two_jobs_make_one_chain, |db, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let app = AppState::open(db, folder.path(), clock, false).await.unwrap();
        let now = app.now();
        let one = |n: usize| app.db.write(move |tx| Box::pin(async move { audit(tx, None, "a", &n.to_string(), now).await }));
        for done in futures::future::join_all((0..40).map(one)).await {
            done.unwrap();
        }
        let (a, b) = tokio::join!(extend_audit_chain(&app), extend_audit_chain(&app));
        assert_eq!(a.unwrap() + b.unwrap(), 40);
        let mut tx = app.db.read().await.unwrap();
        assert_eq!(db::message::last_audit_entry(&mut tx).await.unwrap().unwrap().seq, 40);
        assert!(db::message::list_pending_audit(&mut tx, 1).await.unwrap().is_empty());
    });
}
