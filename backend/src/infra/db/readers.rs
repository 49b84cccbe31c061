//! The connections of SQLite that only read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePool;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

/// How long reads in progress are waited for.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(5);

/// The readers. Clones share them.
#[derive(Clone)]
pub(super) struct Readers {
    pool: SqlitePool,
    /// Held for writing while no connection may be opened.
    gate: Arc<RwLock<()>>,
}

impl Readers {
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self { pool, gate: Arc::default() }
    }

    /// A connection to read with.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        let _open = self.gate.read().await;
        self.pool.acquire().await
    }

    /// Closes the connections, and opens none until the result is dropped. Reads in progress are waited for, but not for long.
    pub(super) async fn close_all(&self) -> OwnedRwLockWriteGuard<()> {
        let (guard, begun) = (Arc::clone(&self.gate).write_owned().await, Instant::now());
        while self.pool.size() > 0 && begun.elapsed() < PATIENCE {
            match self.pool.try_acquire() {
                Some(reader) => {
                    let _ = reader.close().await;
                }
                None => tokio::time::sleep(PAUSE).await,
            }
        }
        guard
    }

    /// Closes the pool.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
