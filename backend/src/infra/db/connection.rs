//! A connection of the pool, with what the statements that run on it share: the limit of waiting, and the first failure.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::Database;
use sqlx::pool::PoolConnection;

use crate::infra::db::error::DbError;
use crate::infra::db::statements::Statements;
use crate::infra::db::wait::{Outage, Wait};

/// What a connection was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reads: rows are not locked.
    Read,
    /// One write transaction: rows can be locked until its end.
    Write,
}

/// A connection of the pool.
pub struct Connection<D: Database> {
    inner: PoolConnection<D>,
    purpose: Purpose,
    /// The state of a database that can fail to answer; none for SQLite, which answers as long as the process runs.
    outage: Option<Arc<Outage>>,
    statements: Statements,
    lost: bool,
    failure: Option<DbError>,
}

impl<D: Database> Connection<D> {
    /// Wraps a connection. Its statements are given up after the limit of waiting if the database can fail to answer.
    pub(super) fn new(inner: PoolConnection<D>, purpose: Purpose, outage: Option<Arc<Outage>>, statements: Statements) -> Self {
        Self { inner, purpose, outage, statements, lost: false, failure: None }
    }

    /// Whether it is inside of a write transaction.
    pub(crate) fn writes(&self) -> bool {
        self.purpose == Purpose::Write
    }

    /// The first statement that failed: PostgreSQL refuses everything after it.
    pub(super) fn failure(&self) -> Option<&DbError> {
        self.failure.as_ref()
    }

    /// Closes the connection when it is dropped, instead of giving it back to the pool.
    pub(super) fn close_on_drop(&mut self) {
        self.inner.close_on_drop();
    }

    /// How long the next statement may wait for its answer.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if an earlier statement got none, or if the request has waited long enough.
    pub(crate) fn begin_statement(&mut self) -> Result<Wait, DbError> {
        if self.lost {
            return Err(DbError::Unavailable);
        }
        self.statements.note();
        let Some(outage) = &self.outage else { return Ok(Wait::unlimited()) };
        let wait = outage.next_wait();
        if wait.is_none() {
            self.lose();
        }
        wait.ok_or(DbError::Unavailable)
    }

    /// The result of a statement; `Err(None)` if there was no answer in time.
    pub(crate) fn end_statement<T>(&mut self, answer: Result<T, Option<sqlx::Error>>) -> Result<T, DbError> {
        if let Some(outage) = &self.outage {
            outage.note(!matches!(answer, Err(None)));
        }
        let error = match answer {
            Ok(value) => return Ok(value),
            Err(Some(error)) => DbError::from(error),
            Err(None) => {
                self.lose();
                DbError::Unavailable
            }
        };
        self.failure.get_or_insert(error.clone());
        Err(error)
    }

    /// Records a failure of the transaction that no statement reported.
    pub(super) fn fail(&mut self, error: DbError) -> DbError {
        self.failure.get_or_insert(error).clone()
    }

    /// Gives the connection up: what it would answer next belongs to the statement that was not waited for.
    fn lose(&mut self) {
        self.lost = true;
        self.inner.close_on_drop();
    }
}

impl<D: Database> Deref for Connection<D> {
    type Target = D::Connection;

    fn deref(&self) -> &D::Connection {
        &self.inner
    }
}

impl<D: Database> DerefMut for Connection<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        &mut self.inner
    }
}
