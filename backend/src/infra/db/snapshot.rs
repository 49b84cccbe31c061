//! Reads of one moment: every statement sees the database as it was at the first one.

use std::ops::{Deref, DerefMut};

use crate::infra::db::error::DbError;
use crate::infra::db::pool::Db;
use crate::infra::db::tx::{Tx, execute};

/// A connection in a read-only transaction. [`Snapshot::finish`] gives it back to the pool; without it the connection is closed.
pub struct Snapshot {
    tx: Tx,
    finished: bool,
}

impl Snapshot {
    async fn begin(mut tx: Tx) -> Result<Self, DbError> {
        match &mut tx {
            Tx::Sqlite(_) => execute!(&mut tx, "begin")?,
            Tx::Postgres(_) => execute!(&mut tx, "begin isolation level repeatable read read only")?,
        };
        Ok(Self { tx, finished: false })
    }

    /// Ends the transaction.
    pub async fn finish(mut self) -> Result<(), DbError> {
        execute!(&mut self.tx, "commit")?;
        self.finished = true;
        Ok(())
    }
}

impl Deref for Snapshot {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if !self.finished {
            // Another reader must not get a connection that is still inside of this transaction.
            self.tx.close_on_drop();
        }
    }
}

impl Db {
    /// A connection whose reads are all of one moment.
    pub async fn snapshot(&self) -> Result<Snapshot, DbError> {
        Snapshot::begin(self.read().await?).await
    }
}
