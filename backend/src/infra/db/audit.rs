//! SQL of the audit trail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An audit entry that is not in the chain yet.
#[derive(Clone, sqlx::FromRow)]
pub struct PendingAuditRow {
    /// Id, ordered by time.
    pub id: Uuid,
    /// Time.
    pub at: DateTime<Utc>,
    /// Actor; `None` for the system.
    pub actor: Option<Uuid>,
    /// Action.
    pub action: String,
    /// Target.
    pub target: String,
    /// Keyed hash; `None` for entries of earlier releases.
    pub mac: Option<Vec<u8>>,
}

/// Inserts a pending entry.
pub async fn insert_pending(tx: &mut Tx, row: &PendingAuditRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into audit_waiting (id, at, actor, action, target, mac) values ($1, $2, $3, $4, $5, $6)",
        row.id,
        row.at,
        row.actor,
        &row.action,
        &row.target,
        row.mac.as_deref()
    )
}

/// Pending entries, oldest first.
pub async fn list_pending(tx: &mut Tx, limit: i64) -> Result<Vec<PendingAuditRow>, DbError> {
    fetch_all!(tx, PendingAuditRow, "select id, at, actor, action, target, mac from audit_waiting order by id limit $1", limit)
}

/// Deletes a pending entry.
pub async fn delete_pending(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from audit_waiting where id = $1", id)
}

/// The end of the chain.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct AuditChainEnd {
    /// Number of the last entry; 0 before the first.
    pub seq: i64,
    /// Hash of the last entry; empty before the first.
    pub hash: Vec<u8>,
}

/// The end of the chain; `None` before the first entry.
pub async fn last_entry(tx: &mut Tx) -> Result<Option<AuditChainEnd>, DbError> {
    fetch_optional!(tx, AuditChainEnd, "select seq, hash from audit order by seq desc limit 1")
}

/// Appends an entry: the entry itself, the hash of the one before, its own number and hash, and the id of the key of the hash.
pub async fn insert(tx: &mut Tx, row: &PendingAuditRow, previous: &[u8], end: &AuditChainEnd, key: i64) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into audit (seq, at, actor, action, target, previous_hash, hash, key_id) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        end.seq,
        row.at,
        row.actor,
        &row.action,
        &row.target,
        previous,
        &end.hash,
        key
    )
}

/// An entry of the chain.
#[derive(Clone, sqlx::FromRow)]
pub struct AuditRow {
    /// Number.
    pub seq: i64,
    /// Time.
    pub at: DateTime<Utc>,
    /// Actor; `None` for the system.
    pub actor: Option<Uuid>,
    /// Action.
    pub action: String,
    /// Target.
    pub target: String,
    /// Hash of the entry before.
    pub previous_hash: Vec<u8>,
    /// Hash.
    pub hash: Vec<u8>,
    /// Id of the key of the hash; `None` for entries of earlier releases.
    pub key_id: Option<i64>,
}

/// Entries after a number, in their order.
pub async fn list_after(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<AuditRow>, DbError> {
    fetch_all!(
        tx,
        AuditRow,
        "select seq, at, actor, action, target, previous_hash, hash, key_id from audit where seq > $1 order by seq limit $2",
        seq,
        limit
    )
}

/// Changes an entry as an insider would, with a hash of their own.
#[cfg(test)]
pub async fn forge(tx: &mut Tx, seq: i64, action: &str, hash: Option<&[u8]>) -> Result<u64, DbError> {
    execute!(tx, "update audit set action = $2, hash = coalesce($3, hash), key_id = null where seq = $1", seq, action, hash)
}

/// Removes the entries after a number.
#[cfg(test)]
pub async fn cut_off(tx: &mut Tx, seq: i64) -> Result<u64, DbError> {
    execute!(tx, "delete from audit where seq > $1", seq)
}

/// Changes the pending entries.
#[cfg(test)]
pub async fn forge_pending(tx: &mut Tx) -> Result<u64, DbError> {
    execute!(tx, "update audit_waiting set action = 'b'")
}

/// Removes what keeps entries from being changed, as an owner of the database can.
#[cfg(test)]
pub async fn remove_triggers(tx: &mut Tx) -> Result<(), DbError> {
    match tx {
        Tx::Sqlite(c) => {
            sqlx::raw_sql("drop trigger audit_is_not_updated; drop trigger audit_is_not_deleted").execute(&mut **c).await.map(|_| ())
        }
        Tx::Postgres(c) => sqlx::raw_sql("drop trigger audit_is_unchanged on audit").execute(&mut **c).await.map(|_| ()),
    }
    .map_err(DbError::from)
}
