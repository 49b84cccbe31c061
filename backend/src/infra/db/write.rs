//! Writes: one transaction for each command, durable before the result is returned.
//!
//! SQLite has one writer. It runs all waiting jobs, up to a limit, in one transaction with a savepoint each, commits at
//! full durability, and only then returns their results: the running flush is the batching window. PostgreSQL groups commits by
//! itself, so there a job runs in a transaction of its own.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures::FutureExt;
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use crate::infra::db::error::DbError;
use crate::infra::db::tx::{Tx, execute};

/// A boxed future.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Capacity of the queue; senders wait when it is full.
const QUEUE: usize = 1024;
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
    /// Starts the writer on its connection.
    pub(crate) fn start(tx: Tx) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(write_groups(tx, receiver));
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

async fn write_groups(mut tx: Tx, mut queue: mpsc::Receiver<WriterRequest>) {
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
        }
        if let Some(done) = stop {
            drop(tx);
            let _ = done.send(());
            return;
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

/// Runs a job in a PostgreSQL transaction, in its own task, since a dropped caller must not leave the connection inside the transaction.
pub(crate) async fn in_transaction<T, E, F>(pool: PgPool, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    let (mut job, answer) = job(work);
    tokio::spawn(async move {
        let committed = match pool.acquire().await {
            Ok(connection) => run_one(&mut Tx::Postgres(connection), job.as_mut()).await,
            Err(error) => Err(error.into()),
        };
        job.settle(committed);
    });
    answer.await.unwrap_or_else(|_| Err(E::from(DbError::Unavailable)))
}

async fn run_one(tx: &mut Tx, job: &mut dyn Job) -> Result<(), DbError> {
    execute!(tx, "begin")?;
    if job.run(tx).await {
        execute!(tx, "commit")?;
    } else {
        execute!(tx, "rollback")?;
    }
    Ok(())
}
