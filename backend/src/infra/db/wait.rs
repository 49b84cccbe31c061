//! How long a request waits for a database that does not answer. A frozen server leaves its sockets open, so only a clock finds it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What one request waits for the database at most, over all its statements.
const REQUEST: Duration = Duration::from_millis(1800);
/// A wait up to this length is ordinary work and is not counted.
const ORDINARY: Duration = Duration::from_millis(250);
/// What a statement outside of requests waits at most: longer than the server's own limit of a statement.
const BACKGROUND: Duration = Duration::from_secs(8);

/// How long requests are refused at once after a wait without an answer, unless another one is answered.
const OUTAGE: Duration = Duration::from_secs(1);

tokio::task_local! {
    static BUDGET: Arc<Budget>;
}

/// The long waits of one request so far, in milliseconds.
#[derive(Default)]
struct Budget {
    spent: AtomicU64,
}

impl Budget {
    /// What is left; `None` if it is used up.
    fn left(&self) -> Option<Duration> {
        REQUEST.checked_sub(Duration::from_millis(self.spent.load(Ordering::Relaxed))).filter(|left| !left.is_zero())
    }

    fn spend(&self, waited: Duration) {
        if waited > ORDINARY {
            self.spent.fetch_add(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }
}

/// Runs a request: its calls to the database together wait no longer than [`REQUEST`] for answers that do not come.
pub async fn with_limit<T>(request: impl Future<Output = T>) -> T {
    BUDGET.scope(Arc::default(), request).await
}

/// Runs a future that goes on in a task of its own under the limit of the present request, if there is one.
pub(super) fn inherit<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> + Send + 'static {
    let budget = BUDGET.try_with(Arc::clone).ok();
    async move {
        match budget {
            Some(budget) => BUDGET.scope(budget, task).await,
            None => task.await,
        }
    }
}

/// Whether a database is known not to answer, so that those who queued behind a wait do not wait again.
#[derive(Default)]
pub(super) struct Outage {
    until: Mutex<Option<Instant>>,
}

impl Outage {
    fn begin(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + OUTAGE);
    }

    fn end(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn is_on(&self) -> bool {
        self.until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }

    /// The limit of the next wait of a request or a job; `None` if a request must not wait.
    pub(super) fn next_wait(&self) -> Option<Wait> {
        let is_request = BUDGET.try_with(|_| ()).is_ok();
        if is_request && self.is_on() { None } else { Wait::next() }
    }

    /// Notes whether a wait was answered.
    pub(super) fn note(&self, answered: bool) {
        if answered { self.end() } else { self.begin() }
    }
}

/// The limit of one wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait(Option<Duration>);

impl Wait {
    /// No limit.
    pub(crate) fn unlimited() -> Self {
        Self(None)
    }

    /// The limit of the next wait; `None` if the request has waited long enough.
    fn next() -> Option<Self> {
        let left = BUDGET.try_with(|budget| budget.left()).unwrap_or(Some(BACKGROUND));
        left.map(|left| Self(Some(left)))
    }

    /// Waits for an answer; `Err(None)` if there is none in time.
    pub(crate) async fn answer<T, E>(self, statement: impl Future<Output = Result<T, E>>) -> Result<T, Option<E>> {
        let Some(limit) = self.0 else { return statement.await.map_err(Some) };
        let begun = Instant::now();
        let answer = tokio::time::timeout(limit, statement).await;
        let _ = BUDGET.try_with(|budget| budget.spend(begun.elapsed()));
        answer.map_err(|_| None)?.map_err(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wait(time: Duration) -> Result<(), Option<()>> {
        let Some(wait) = Wait::next() else { return Err(None) };
        wait.answer(async {
            tokio::time::sleep(time).await;
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn long_waits_of_one_request_add_up_and_short_ones_do_not() {
        let begun = Instant::now();
        with_limit(async {
            for _ in 0..20 {
                assert!(wait(Duration::from_millis(1)).await.is_ok());
            }
            assert!(wait(Duration::from_millis(700)).await.is_ok());
            assert!(wait(Duration::from_secs(60)).await.is_err(), "the rest of the limit");
            for _ in 0..20 {
                assert!(wait(Duration::from_secs(60)).await.is_err(), "nothing is left");
            }
        })
        .await;
        assert!(begun.elapsed() < Duration::from_millis(2000), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_task_of_a_request_has_the_limit_of_the_request() {
        with_limit(async {
            assert!(wait(Duration::from_secs(60)).await.is_err());
            let task = tokio::spawn(inherit(async { Wait::next() }));
            assert_eq!(task.await.unwrap(), None);
            assert!(tokio::spawn(async { Wait::next() }).await.unwrap().is_some(), "a job has its own limit");
        })
        .await;
    }
}
