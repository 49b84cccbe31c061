//! The audit trail: actor, action and target, as a chain of keyed hashes.
//!
//! A command adds a pending row in its own transaction, with a keyed hash of it. A job appends the pending rows to the chain in their order.
//! If every command extended the chain itself, they would run one at a time. The hashes are made with the key file, so who can write the
//! database but does not have the keys cannot change, insert or remove an entry unnoticed; that the last entries were cut off shows when
//! [`verify_audit_chain`] is given a head that was exported earlier.

use uuid::Uuid;

use crate::infra::db::audit::{AuditChainEnd, AuditRow, PendingAuditRow};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, constant_time_eq, sha256};
use crate::state::AppState;

/// Rows appended in one transaction.
const BATCH: i64 = 500;
/// Entries verified in one read.
const PAGE: i64 = 1000;

/// The head of the chain, exported to a place outside the database: number and hash of the last entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry; 0 before the first.
    pub seq: i64,
    /// Its hash; empty before the first.
    pub hash: Vec<u8>,
}

/// A place where the chain was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// The entry of this number is missing.
    Missing(i64),
    /// The entry of this number, or one before it, is not what was recorded.
    Changed(i64),
    /// The entry of this number was made with a key that is not in the key file.
    UnknownKey(i64),
    /// The chain ends before an exported head, or has another entry in its place.
    HeadDiffers(i64),
    /// A pending entry is not what was recorded.
    PendingChanged(Uuid),
}

impl AuditFault {
    /// The fault in a sentence, for the operator.
    pub fn text(&self) -> String {
        match self {
            AuditFault::Missing(seq) => format!("entry {seq} is missing"),
            AuditFault::Changed(seq) => format!("entry {seq} was changed, or one before it was changed, inserted or removed"),
            AuditFault::UnknownKey(seq) => format!("entry {seq} was made with a key that is not in the key file"),
            AuditFault::HeadDiffers(seq) => format!("the chain does not have the exported entry {seq}"),
            AuditFault::PendingChanged(id) => format!("pending entry {id} was changed"),
        }
    }
}

/// Result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The head of the chain.
    pub head: AuditHead,
    /// Number of entries of earlier releases, whose hashes have no key: they prove nothing against who can write the database.
    pub unkeyed: i64,
    /// The first fault.
    pub fault: Option<AuditFault>,
}

/// Adds a pending row. `target` identifies its object by id, never a person by name.
pub async fn audit(tx: &mut Tx, app: &AppState, actor: Option<Uuid>, action: &str, target: &str) -> Result<(), DbError> {
    let mut row =
        PendingAuditRow { id: Uuid::now_v7(), at: app.now(), actor, action: action.to_owned(), target: target.to_owned(), mac: None };
    row.mac = Some(pending_mac(&app.keys, &row));
    db::audit::insert_pending(tx, &row).await?;
    Ok(())
}

/// Appends the pending rows to the chain; returns their number. The new head is logged, since a log leaves the machine and a database does
/// not.
pub async fn extend_audit_chain(app: &AppState) -> Result<usize, DbError> {
    {
        let mut tx = app.db.read().await?;
        if db::audit::list_pending(&mut tx, 1).await?.is_empty() {
            return Ok(0);
        }
    }
    let keys = app.keys.clone();
    let (count, head) = app.db.write(move |tx| Box::pin(async move { append_pending(tx, &keys).await })).await?;
    if count > 0 {
        tracing::info!(seq = head.seq, hash = %hex(&head.hash), "head of the audit trail");
    }
    Ok(count)
}

async fn append_pending(tx: &mut Tx, keys: &Keys) -> Result<(usize, AuditHead), DbError> {
    // The counter's row is the lock: a concurrent job waits for it and then finds the remaining rows.
    db::certificate::next_serial(tx, "audit", 1).await?;
    let mut end = db::audit::last_entry(tx).await?.unwrap_or_default();
    let rows = db::audit::list_pending(tx, BATCH).await?;
    for row in &rows {
        if row.mac.as_ref().is_some_and(|mac| !constant_time_eq(mac, &pending_mac(keys, row))) {
            tracing::error!(id = %row.id, "a pending entry of the audit trail was changed");
        }
        let seq = end.seq + 1;
        let next = AuditChainEnd { seq, hash: keyed_hash(keys, seq, &end.hash, row) };
        db::audit::insert(tx, row, &end.hash, &next, i64::from(keys.mac_id())).await?;
        db::audit::delete_pending(tx, row.id).await?;
        end = next;
    }
    Ok((rows.len(), AuditHead { seq: end.seq, hash: end.hash }))
}

/// The head of the chain, to be kept outside the database.
pub async fn audit_head(app: &AppState) -> Result<AuditHead, DbError> {
    let mut tx = app.db.read().await?;
    let end = db::audit::last_entry(&mut tx).await?.unwrap_or_default();
    Ok(AuditHead { seq: end.seq, hash: end.hash })
}

/// Verifies the whole chain and the pending entries against the key file and, if one is given, against a head that was exported earlier.
pub async fn verify_audit_chain(app: &AppState, exported: Option<&AuditHead>) -> Result<AuditReport, DbError> {
    let mut tx = app.db.read().await?;
    let mut check = ChainCheck::new(&app.keys, exported);
    loop {
        let rows = db::audit::list_after(&mut tx, check.end.seq, PAGE).await?;
        let last = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in rows {
            if let Err(fault) = check.take(row) {
                return Ok(check.report(Some(fault)));
            }
        }
        if last {
            break;
        }
    }
    let beyond = exported.filter(|head| head.seq > check.end.seq).map(|head| AuditFault::HeadDiffers(head.seq));
    let pending = db::audit::list_pending(&mut tx, PAGE).await?;
    let changed = pending.iter().find(|row| row.mac.as_ref().is_some_and(|mac| !constant_time_eq(mac, &pending_mac(&app.keys, row))));
    let fault = beyond.or_else(|| changed.map(|row| AuditFault::PendingChanged(row.id)));
    Ok(check.report(fault))
}

/// A verification that has come as far as `end`.
struct ChainCheck<'a> {
    keys: &'a Keys,
    exported: Option<&'a AuditHead>,
    end: AuditChainEnd,
    unkeyed: i64,
}

impl<'a> ChainCheck<'a> {
    fn new(keys: &'a Keys, exported: Option<&'a AuditHead>) -> Self {
        Self { keys, exported, end: AuditChainEnd::default(), unkeyed: 0 }
    }

    /// Verifies the next entry.
    fn take(&mut self, row: AuditRow) -> Result<(), AuditFault> {
        let seq = self.end.seq + 1;
        if row.seq != seq {
            return Err(AuditFault::Missing(seq));
        }
        let entry = PendingAuditRow { id: Uuid::nil(), at: row.at, actor: row.actor, action: row.action, target: row.target, mac: None };
        let expected = match row.key_id {
            // Entries without a key stand only before those with one.
            None if self.unkeyed == self.end.seq => {
                self.unkeyed = seq;
                unkeyed_hash(seq, &self.end.hash, &entry)
            }
            None => return Err(AuditFault::Changed(seq)),
            Some(id) if id == i64::from(self.keys.mac_id()) => keyed_hash(self.keys, seq, &self.end.hash, &entry),
            Some(_) => return Err(AuditFault::UnknownKey(seq)),
        };
        if row.previous_hash != self.end.hash || !constant_time_eq(&row.hash, &expected) {
            return Err(AuditFault::Changed(seq));
        }
        if self.exported.is_some_and(|head| head.seq == seq && head.hash != row.hash) {
            return Err(AuditFault::HeadDiffers(seq));
        }
        self.end = AuditChainEnd { seq, hash: row.hash };
        Ok(())
    }

    fn report(self, fault: Option<AuditFault>) -> AuditReport {
        AuditReport { head: AuditHead { seq: self.end.seq, hash: self.end.hash }, unkeyed: self.unkeyed, fault }
    }
}

fn pending_mac(keys: &Keys, row: &PendingAuditRow) -> Vec<u8> {
    keys.mac(&[b"audit.pending", row.id.as_bytes(), &content(row)])
}

fn keyed_hash(keys: &Keys, seq: i64, previous: &[u8], row: &PendingAuditRow) -> Vec<u8> {
    keys.mac(&[b"audit", &seq.to_be_bytes(), previous, &content(row)])
}

/// The content of an entry, each part after its length.
fn content(row: &PendingAuditRow) -> Vec<u8> {
    let actor = row.actor.map_or_else(Vec::new, |actor| actor.as_bytes().to_vec());
    let mut bytes = row.at.timestamp_micros().to_be_bytes().to_vec();
    for part in [actor.as_slice(), row.action.as_bytes(), row.target.as_bytes()] {
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The hash of entries of earlier releases.
fn unkeyed_hash(seq: i64, previous: &[u8], row: &PendingAuditRow) -> Vec<u8> {
    let actor = row.actor.map_or_else(String::new, |a| a.to_string());
    let text = format!("{seq}\n{}\n{actor}\n{}\n{}\n", row.at.timestamp_micros(), row.action, row.target);
    let mut bytes = previous.to_vec();
    bytes.extend_from_slice(text.as_bytes());
    sha256(&bytes)
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl AuditHead {
    /// The head as text for an export: number and hash.
    pub fn text(&self) -> String {
        format!("{}:{}", self.seq, hex(&self.hash))
    }

    /// Reads an exported head; `None` for another text.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.trim().split_once(':')?;
        let pairs = hash.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        Some(Self { seq: seq.parse().ok()?, hash: pairs.collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests;
