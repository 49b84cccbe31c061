//! Cache of the usual duration of stages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::engine::stage_duration::StageDuration;

/// Lifetime of a cached duration.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Code of a kind and of a stage.
pub(crate) type StageKey = (String, String);

/// A duration, `None` if too few tasks are finished, with the time it was computed.
type CachedDuration = (DateTime<Utc>, Option<StageDuration>);

/// Usual durations by stage. Clones share the entries.
#[derive(Clone, Default)]
pub(crate) struct StageDurations(Arc<Mutex<HashMap<StageKey, CachedDuration>>>);

impl StageDurations {
    /// The cached duration; `None` if there is none or it is too old.
    pub(crate) fn get(&self, key: &StageKey, now: DateTime<Utc>) -> Option<Option<StageDuration>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Entries from the future, after the clock was set back, do not count.
        entries.get(key).filter(|(at, _)| *at <= now && now - *at < LIFETIME).map(|(_, duration)| *duration)
    }

    /// Stores a duration computed now.
    pub(crate) fn insert(&self, key: StageKey, now: DateTime<Utc>, duration: Option<StageDuration>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (now, duration));
    }
}
