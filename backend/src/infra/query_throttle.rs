//! Queries to another service that anyone can cause: each object seldom, and few at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// Time between two queries about the same object.
const INTERVAL: TimeDelta = TimeDelta::seconds(10);
/// Queries at the same time.
const AT_ONCE: usize = 4;
/// Number of objects above which those that may be queried again are forgotten.
const PRUNE_ABOVE: usize = 1_000;

/// The queries of one server. Clones share them.
#[derive(Clone)]
pub struct QueryThrottle {
    permits: Arc<Semaphore>,
    last: Arc<Mutex<HashMap<Uuid, DateTime<Utc>>>>,
}

impl Default for QueryThrottle {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), last: Arc::default() }
    }
}

impl QueryThrottle {
    /// Permission to query about an object now; none if it was queried lately or too many queries run.
    pub fn begin(&self, id: Uuid, now: DateTime<Utc>) -> Option<OwnedSemaphorePermit> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.get(&id).is_some_and(|at| is_recent(*at, now)) {
            return None;
        }
        let permit = self.permits.clone().try_acquire_owned().ok()?;
        if last.len() > PRUNE_ABOVE {
            last.retain(|_, at| is_recent(*at, now));
        }
        last.insert(id, now);
        Some(permit)
    }
}

/// A time after `now` is that of a clock that was set back.
fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (TimeDelta::zero()..INTERVAL).contains(&(now - at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_queried_once_in_ten_seconds_and_few_are_at_a_time() {
        let throttle = QueryThrottle::default();
        let at = |seconds| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let id = Uuid::from_u128;
        assert!(throttle.begin(id(1), at(0)).is_some());
        assert!(throttle.begin(id(1), at(9)).is_none());
        assert!(throttle.begin(id(1), at(10)).is_some());
        assert!(throttle.begin(id(1), at(-60)).is_some(), "a clock set back blocks nothing");
        let running: Vec<_> = (2..7).map(|n| throttle.begin(id(n), at(20))).collect();
        assert_eq!(running.iter().flatten().count(), AT_ONCE);
        drop(running);
        assert!(throttle.begin(id(6), at(20)).is_some(), "a query that did not run does not count");
    }
}
