//! Threads of a low priority for long computations, so that the system's scheduler runs the threads that answer requests first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// The `nice` value of the threads; requests have 0, and each step is about a tenth of the processor's time.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

type Computation = Box<dyn FnOnce() + Send>;

/// A fixed number of threads that run computations in the order in which they come. The threads end with the last clone.
#[derive(Clone)]
pub struct LowPriorityThreads {
    jobs: Sender<Computation>,
}

/// The computation panicked, or its thread could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the computation did not end")]
pub struct Interrupted;

impl LowPriorityThreads {
    /// Starts `count` threads with the given name. A thread that cannot be started is left out.
    pub fn start(name: &str, count: usize) -> Self {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..count {
            let queue = Arc::clone(&queue);
            let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || work_off(&queue));
            if let Err(error) = started {
                tracing::error!(%error, "a thread for computations cannot be started");
            }
        }
        Self { jobs }
    }

    /// Runs a computation. It goes on when the caller no longer waits.
    ///
    /// # Errors
    /// [`Interrupted`] if it panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Interrupted> {
        let (result, done) = oneshot::channel();
        let job: Computation = Box::new(move || {
            // Fails when the caller no longer waits.
            let _ = result.send(work());
        });
        self.jobs.send(job).map_err(|_| Interrupted)?;
        done.await.map_err(|_| Interrupted)
    }
}

fn work_off(queue: &Mutex<Receiver<Computation>>) {
    lower_priority();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // The panic itself is reported by the hook; the caller learns of it as its sender is dropped.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

/// Lowers the priority of the present thread. Elsewhere than on Linux a priority belongs to the whole process.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::warn!(%error, "computations run with the priority of requests");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_computation_that_panics_neither_ends_its_thread_nor_hangs_its_caller() {
        let threads = LowPriorityThreads::start("test", 1);
        assert_eq!(threads.run(|| panic!("of this test")).await.map(|(): ()| ()), Err(Interrupted));
        assert_eq!(threads.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn no_more_computations_run_at_once_than_there_are_threads() {
        let threads = LowPriorityThreads::start("test", 2);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let results = futures::future::join_all((0..20).map(|_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            threads.run(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
                running.fetch_sub(1, Ordering::SeqCst);
            })
        }));
        assert_eq!(results.await, vec![Ok(()); 20]);
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn computations_have_a_lower_priority_than_the_thread_that_asked() {
        let own = rustix::process::getpriority_process(None).unwrap();
        let threads = LowPriorityThreads::start("test", 1);
        let lowered = threads.run(|| rustix::process::getpriority_process(Some(rustix::thread::gettid()))).await.unwrap();
        assert_eq!(lowered, Ok(own.max(NICE)));
        assert_eq!(rustix::process::getpriority_process(None), Ok(own), "the others keep theirs");
    }
}
