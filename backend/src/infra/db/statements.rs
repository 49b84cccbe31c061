//! How many statements ran on a database, for tests that hold the number.

#[cfg(any(test, feature = "testing"))]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counts statements; clones share the number. Outside of tests it counts nothing.
#[derive(Clone, Default)]
pub(super) struct Statements {
    #[cfg(any(test, feature = "testing"))]
    count: Arc<AtomicU64>,
}

impl Statements {
    /// Notes that a statement begins.
    pub(super) fn note(&self) {
        #[cfg(any(test, feature = "testing"))]
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}
