//! Accesses that are not in the database yet. Pages add to them without waiting; a job stores them in batches.

use std::sync::{Arc, Mutex, PoisonError};

use crate::infra::db::access::AccessEventRow;

/// The most accesses that wait; later ones are counted and dropped, so that a database that does not answer costs a bounded memory.
const MOST: usize = 10_000;
/// So many are stored at once, without waiting for the job.
const BATCH: usize = 200;

/// The accesses that wait to be stored. Clones share them.
#[derive(Clone, Default)]
pub struct AccessLog(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    rows: Vec<AccessEventRow>,
    dropped: u64,
}

impl AccessLog {
    /// Adds an access; returns whether there are enough to be stored.
    pub fn push(&self, row: AccessEventRow) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.rows.len() >= MOST {
            waiting.dropped += 1;
            return false;
        }
        waiting.rows.push(row);
        waiting.rows.len().is_multiple_of(BATCH)
    }

    /// Takes what waits, and how many were dropped since the last call.
    pub fn take(&self) -> (Vec<AccessEventRow>, u64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut *waiting);
        (waiting.rows, waiting.dropped)
    }

    /// Puts accesses back that could not be stored.
    pub fn put_back(&self, rows: Vec<AccessEventRow>) {
        for row in rows {
            self.push(row);
        }
    }
}
