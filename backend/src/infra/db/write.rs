//! Writes: one transaction for each command, durable before the result is returned.
//!
//! SQLite has one writer. It runs all waiting jobs, up to a limit, in one transaction with a savepoint each, commits at
//! full durability, and only then returns their results: the running flush is the batching window. PostgreSQL groups commits by
//! itself, so there a job runs in a transaction of its own.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Sqlite, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::infra::db::connection::{Connection, Purpose};
use crate::infra::db::error::DbError;
use crate::infra::db::readers::Readers;
use crate::infra::db::statements::Statements;
use crate::infra::db::tx::{Tx, acquire, execute};
use crate::infra::db::wait::{self, Outage};

/// A boxed future.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Capacity of the queue; senders wait when it is full.
const QUEUE: usize = 1024;
/// Pause before a connection that could not be opened is tried again.
const REOPEN: Duration = Duration::from_secs(1);
/// Maximum jobs in one commit.
const GROUP: usize = 256;

/// A job with erased types.
trait Job: Send {
    /// Runs the job; returns whether its changes are to be committed.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;
    /// Returns the result after the commit.
    fn settle(self: Box<Self>, committed: Result<(), DbError>);
}

struct Work<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Work<F, T, E>
where
    T: Send,
    E: From<DbError> + Send,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let done = AssertUnwindSafe(work(tx)).catch_unwind().await;
            let result = done.unwrap_or_else(|_| Err(E::from(DbError::Panicked)));
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn settle(self: Box<Self>, committed: Result<(), DbError>) {
        let answer = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(E::from(error)),
            (Ok(()), None) => Err(E::from(DbError::Panicked)),
        };
        // The caller may have been dropped; the commit stays.
        let _ = self.reply.send(answer);
    }
}

fn job<F, T, E>(work: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let work = Work { work: Some(work), result: None, reply };
    (Box::new(work), answer)
}

/// Handle of the SQLite writer.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<WriterRequest>);

enum WriterRequest {
    Job(Box<dyn Job>),
    Stop(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the writer on its connection, the only one of `writers`.
    pub(super) fn start(connection: PoolConnection<Sqlite>, writers: SqlitePool, readers: Readers, statements: Statements) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let tx = Tx::Sqlite(Connection::new(connection, Purpose::Write, None, statements.clone()));
        tokio::spawn(write_groups(tx, (writers, statements), readers, receiver));
        Self(sender)
    }

    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (job, answer) = job(work);
        self.0.send(WriterRequest::Job(job)).await.map_err(|_| E::from(DbError::Unavailable))?;
        answer.await.unwrap_or_else(|_| Err(E::from(DbError::Unavailable)))
    }

    /// Lets the writer finish its queue, and waits until it has closed its connection.
    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.0.send(WriterRequest::Stop(done)).await.is_ok() {
            let _ = stopped.await;
        }
    }
}

async fn write_groups(mut tx: Tx, writers: (SqlitePool, Statements), readers: Readers, mut queue: mpsc::Receiver<WriterRequest>) {
    while let Some(message) = queue.recv().await {
        let mut group = Vec::new();
        let mut stop = None;
        let mut next = Some(message);
        while let Some(message) = next {
            match message {
                WriterRequest::Job(job) => group.push(job),
                WriterRequest::Stop(done) => stop = Some(done),
            }
            next = if group.len() < GROUP && stop.is_none() { queue.try_recv().ok() } else { None };
        }
        if !group.is_empty() {
            write_group(&mut tx, group).await;
            // A connection that was opened on a read-only disk stays read-only when the disk is not any more. It can begin and commit.
            if tx.failure() == Some(&DbError::ReadOnly) {
                match reopened(tx, &writers, &readers).await {
                    Some(new) => tx = new,
                    None => return,
                }
            }
        }
        if let Some(done) = stop {
            drop(tx);
            let _ = done.send(());
            return;
        }
    }
}

/// Closes the connection and opens another one. `None` once the pool is closed. The connections of a process share the index of the
/// WAL, which stays read-only as long as any of them is open, so those of the readers are closed too.
async fn reopened(mut tx: Tx, (writers, statements): &(SqlitePool, Statements), readers: &Readers) -> Option<Tx> {
    tx.close_on_drop();
    drop(tx);
    let _closed = readers.close_all().await;
    loop {
        match writers.acquire().await {
            Ok(connection) => return Some(Tx::Sqlite(Connection::new(connection, Purpose::Write, None, statements.clone()))),
            Err(sqlx::Error::PoolClosed) => return None,
            Err(error) => {
                tracing::error!(error = %DbError::from(error), "the database cannot be opened again");
                tokio::time::sleep(REOPEN).await;
            }
        }
    }
}

async fn write_group(tx: &mut Tx, mut group: Vec<Box<dyn Job>>) {
    let committed = run_group(tx, &mut group).await;
    if let Err(error) = &committed {
        tracing::error!(%error, jobs = group.len(), "a group of writes was not committed");
        // SQLite may have rolled back by itself, so ignore a failure.
        let _ = execute!(tx, "rollback");
    }
    for job in group {
        job.settle(committed.clone());
    }
}

async fn run_group(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> Result<(), DbError> {
    execute!(tx, "begin immediate")?;
    for job in group.iter_mut() {
        execute!(tx, "savepoint job")?;
        if !job.run(tx).await {
            execute!(tx, "rollback to job")?;
        }
        execute!(tx, "release job")?;
    }
    execute!(tx, "commit")?;
    Ok(())
}

/// How often a write that loses a race is tried.
const ATTEMPTS: u32 = 5;
/// How often a write that violates a constraint is tried: the second time it sees the row that was in its way.
const CONSTRAINT_ATTEMPTS: u32 = 2;

/// Runs a write in a PostgreSQL transaction, in its own task, since a dropped caller must not leave the connection inside the transaction.
/// A write that loses a race is tried again.
pub(super) async fn in_transaction<T, E, F>(pool: PgPool, watch: (Arc<Outage>, Statements), work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
{
    let task = async move {
        let mut attempt = 1;
        loop {
            let (result, failure) = run_once(&pool, &watch, work.clone()).await;
            let attempts = match failure {
                Some(DbError::Serialization) => ATTEMPTS,
                Some(error) if error.is_race() => CONSTRAINT_ATTEMPTS,
                _ => 1,
            };
            if result.is_ok() || attempt >= attempts {
                return result;
            }
            tokio::time::sleep(pause(attempt)).await;
            attempt += 1;
        }
    };
    tokio::spawn(wait::inherit(task)).await.unwrap_or_else(|_| Err(E::from(DbError::Panicked)))
}

/// The pause before the next attempt: longer each time, and different for each of several losers.
fn pause(attempt: u32) -> Duration {
    let spread = Uuid::now_v7().as_u128() % 16;
    Duration::from_millis(u64::from(attempt * attempt) * 4 + u64::try_from(spread).unwrap_or(0))
}

/// One attempt: its result, and the statement that failed, if one did.
async fn run_once<T, E, F>(pool: &PgPool, (outage, statements): &(Arc<Outage>, Statements), work: F) -> (Result<T, E>, Option<DbError>)
where
    E: From<DbError>,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
{
    let mut tx = match acquire(pool, (outage, statements), Purpose::Write).await {
        Ok(tx) => tx,
        Err(error) => return (Err(E::from(error)), None),
    };
    let result = run_on(&mut tx, work).await;
    let failure = tx.failure().cloned();
    if result.is_err() && execute!(&mut tx, "rollback").is_err() {
        tx.close_on_drop();
    }
    (result, failure)
}

/// Begins a transaction, runs the work, and commits if it succeeded.
async fn run_on<T, E, F>(tx: &mut Tx, work: F) -> Result<T, E>
where
    E: From<DbError>,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
{
    execute!(tx, "begin")?;
    let done = AssertUnwindSafe(work(tx)).catch_unwind().await;
    let value = done.unwrap_or_else(|_| Err(E::from(DbError::Panicked)))?;
    // PostgreSQL answers a commit after a failed statement with a rollback, and reports no error.
    if let Some(failure) = tx.failure() {
        return Err(E::from(failure.clone()));
    }
    execute!(tx, "commit")?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Barrier;

    use super::*;
    use crate::database_test;
    use crate::infra::db::Db;

    /// Increments two counters in this sequence, and meets another transaction between them.
    async fn count_both(db: &Db, first: &'static str, second: &'static str, meeting: Arc<Barrier>) -> Result<(), DbError> {
        let attempts = Arc::new(AtomicUsize::new(0));
        db.write(move |tx| {
            let (meeting, attempts) = (meeting.clone(), attempts.clone());
            Box::pin(async move {
                let concurrent = matches!(tx, Tx::Postgres(_)) && attempts.fetch_add(1, Ordering::Relaxed) == 0;
                crate::infra::db::certificate::next_serial(tx, first, 1).await?;
                if concurrent {
                    meeting.wait().await;
                }
                crate::infra::db::certificate::next_serial(tx, second, 1).await?;
                Ok(())
            })
        })
        .await
    }

    database_test!(two_writes_that_wait_for_each_other_both_succeed, |db, _| async move {
        for name in ["a", "b"] {
            db.write(move |tx| Box::pin(async move { crate::infra::db::certificate::next_serial(tx, name, 0).await })).await.unwrap();
        }
        let meeting = Arc::new(Barrier::new(2));
        let (one, other) = tokio::join!(count_both(&db, "a", "b", meeting.clone()), count_both(&db, "b", "a", meeting));
        one.unwrap();
        other.unwrap();
        for name in ["a", "b"] {
            let next = db.write(move |tx| Box::pin(async move { crate::infra::db::certificate::next_serial(tx, name, 0).await }));
            assert_eq!(next.await.unwrap(), 3, "each counted once");
        }
    });

    database_test!(a_write_that_violates_a_key_says_so_and_is_tried_once_more, |db, _| async move {
        let insert = |number: i64| {
            db.write(move |tx| {
                Box::pin(async move {
                    execute!(tx, "insert into counter (name, value) values ($1, $2)", "one", number)?;
                    Ok::<_, DbError>(number)
                })
            })
        };
        let all = futures::future::join_all((0..20).map(insert)).await;
        assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 1);
        assert!(all.iter().filter_map(|r| r.as_ref().err()).all(DbError::is_conflict), "{all:?}");
    });

    database_test!(a_write_that_goes_on_after_a_failed_statement_is_not_taken_for_committed, |db, _| async move {
        let done = db
            .write(|tx| {
                Box::pin(async move {
                    let on_postgres = matches!(tx, Tx::Postgres(_));
                    execute!(tx, "insert into counter (name, value) values ($1, $2)", "kept", 1_i64)?;
                    let _ = execute!(tx, "insert into counter (name, value) values ($1, $2)", "kept", 2_i64);
                    Ok::<_, DbError>(on_postgres)
                })
            })
            .await;
        // SQLite undoes the statement, PostgreSQL the transaction.
        assert!(matches!(done, Ok(false) | Err(DbError::Unique(_))), "{done:?}");
    });

    database_test!(a_text_that_cannot_be_stored_is_the_callers_fault_and_not_the_servers, |db, _| async move {
        let found = db
            .write(|tx| {
                Box::pin(async move { crate::infra::db::fetch_optional!(tx, (i64,), "select value from counter where name = $1", "a\0b") })
            })
            .await;
        assert!(matches!(found, Ok(None) | Err(DbError::InvalidValue)), "{found:?}");
    });
}
